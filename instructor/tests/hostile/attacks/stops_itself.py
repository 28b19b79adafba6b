"""Stops itself, as Ctrl+Z would, with a stopped child beside it."""

import os
import signal


def get_value_net_loss(*args, **kwargs):
    if os.fork() == 0:
        os.kill(os.getppid(), signal.SIGSTOP)
    os.kill(os.getpid(), signal.SIGSTOP)
    os.kill(0, signal.SIGSTOP)
