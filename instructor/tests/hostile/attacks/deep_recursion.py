"""Recurses until the stack is full, having lifted Python's limit."""

import sys
import threading


def get_value_net_loss(*args, **kwargs):
    sys.setrecursionlimit(1 << 30)

    class Deep:
        def __repr__(self):
            return repr(self)

    return repr(Deep())


def get_advantages(*args, **kwargs):
    return get_advantages(*args, **kwargs)


def get_PPO_policy_gradient_loss(*args, **kwargs):
    nested = []
    for _ in range(1_000_000):
        nested = [nested]
    return nested
