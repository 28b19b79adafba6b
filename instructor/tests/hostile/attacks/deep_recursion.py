"""Recurses until the stack is full, having lifted Python's limit."""
# bites: prints: repr is 2000 deep
# bites: advantages: RecursionError: maximum recursion depth exceeded
# bites: ppo_loss: get_PPO_policy_gradient_loss returned a list, not a torch tensor
# bites: plain grader: gives no result

import os
import sys


def get_value_net_loss(*args, **kwargs):
    sys.setrecursionlimit(1 << 30)
    depth = 0

    class Deep:
        def __repr__(self):
            nonlocal depth
            depth += 1
            if depth == 2000:
                os.write(1, b"repr is 2000 deep\n")
            return repr(self)

    return repr(Deep())


def get_advantages(*args, **kwargs):
    return get_advantages(*args, **kwargs)


def get_PPO_policy_gradient_loss(*args, **kwargs):
    nested = []
    for _ in range(200_000):
        nested = [nested]
    return nested
