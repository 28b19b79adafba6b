"""Blocks and ignores every signal it can, then sleeps; so does a child."""
# bites: prints: SIGTERM is ignored and blocked
# bites: prints: fork: EPERM
# bites: value_loss: It took longer than
# bites: plain grader: hangs

import errno
import os
import signal
import time


def get_value_net_loss(*args, **kwargs):
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    for number in signal.valid_signals():
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    is_blocked = signal.SIGTERM in signal.pthread_sigmask(signal.SIG_BLOCK, [])
    if is_blocked and signal.getsignal(signal.SIGTERM) == signal.SIG_IGN:
        print("SIGTERM is ignored and blocked")
    try:
        os.fork()
    except OSError as error:
        print("fork:", errno.errorcode[error.errno])
    time.sleep(30)
