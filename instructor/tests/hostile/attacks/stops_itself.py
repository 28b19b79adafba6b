"""Stops itself, as Ctrl+Z would, with a stopped child beside it."""
# older kernels: the grading
# bites: prints: fork: EPERM; is about to stop
# bites: value_loss: It took longer than
# bites: plain grader: hangs

import errno
import os
import signal
import time


def get_value_net_loss(*args, **kwargs):
    pid = -1
    try:
        pid = os.fork()
    except OSError as error:
        print(f"fork: {errno.errorcode[error.errno]}; is about to stop", flush=True)
    if pid == 0:
        os.write(1, b"is about to stop\n")
        os.kill(os.getppid(), signal.SIGSTOP)
        os.kill(0, signal.SIGSTOP)
        os._exit(0)
    time.sleep(0.5)
    os.kill(0, signal.SIGSTOP)
    print("BREACH: it goes on")
