"""Raises SystemExit, KeyboardInterrupt and GeneratorExit in the midst of tests."""
# bites: value_loss: It ends the whole program instead of returning a result
# bites: advantages: It ends the whole program
# bites: ppo_loss: It stopped with a GeneratorExit
# bites: plain grader: gives no result

import sys

get_value_net_loss = lambda *a, **k: sys.exit(0)


def get_advantages(*args, **kwargs):
    raise KeyboardInterrupt


def get_PPO_policy_gradient_loss(*args, **kwargs):
    raise GeneratorExit
