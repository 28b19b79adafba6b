"""Recurses until the stack is full, having lifted Python's limit."""
# bites: prints: repr is 2000 deep
# bites: prints: get_advantages is 2000 deep
# bites: ppo_loss: get_PPO_policy_gradient_loss returned a list, not a torch tensor

import os
import sys

sys.setrecursionlimit(1 << 30)
_depth = 0


def _deeper(name):
    global _depth
    _depth += 1
    if _depth == 2000:
        os.write(1, f"{name} is 2000 deep\n".encode())


def get_value_net_loss(*args, **kwargs):
    class Deep:
        def __repr__(self):
            _deeper("repr")
            return repr(self)

    return repr(Deep())


def get_advantages(*args, **kwargs):
    _deeper("get_advantages")
    return get_advantages(*args, **kwargs)


def get_PPO_policy_gradient_loss(*args, **kwargs):
    nested = []
    for _ in range(1_000_000):
        nested = [nested]
    return nested
