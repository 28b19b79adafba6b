"""Crashes the interpreter by reading address zero."""

import ctypes


def get_value_net_loss(*args, **kwargs):
    ctypes.string_at(0)


def get_advantages(*args, **kwargs):
    ctypes.memset(id(None), 0, 64)


def get_PPO_policy_gradient_loss(*args, **kwargs):
    ctypes.CDLL(None).abort()
