"""Blocks and ignores every signal it can, then sleeps; so does a child."""

import os
import signal
import time


def get_value_net_loss(*args, **kwargs):
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, signal.NSIG))
    for number in range(1, signal.NSIG):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    os.fork()
    time.sleep(30)
