"""Raises SystemExit, KeyboardInterrupt and GeneratorExit in the midst of tests."""

import sys

get_value_net_loss = lambda *a, **k: sys.exit(0)


def get_advantages(*args, **kwargs):
    raise KeyboardInterrupt


def get_PPO_policy_gradient_loss(*args, **kwargs):
    raise GeneratorExit
