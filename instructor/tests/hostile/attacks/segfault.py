"""Crashes the interpreter by reading address zero."""
# bites: value_loss: Python crashed while it ran (SIGSEGV
# bites: ppo_loss: Python crashed while it ran (SIGABRT
# bites: plain grader: gives no result

import ctypes


def get_value_net_loss(*args, **kwargs):
    ctypes.string_at(0)


def get_advantages(*args, **kwargs):
    ctypes.memset(id(None), 0, 64)


def get_PPO_policy_gradient_loss(*args, **kwargs):
    ctypes.CDLL(None).abort()
