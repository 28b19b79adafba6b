"""Stops the clocks that a time limit is measured with, then takes its time."""
# bites: prints: the clocks stand still
# bites: value_loss: It took longer than
# bites: plain grader: hangs

import signal
import time

_before = time.monotonic()
for _name in ("time", "monotonic", "perf_counter", "process_time"):
    setattr(time, _name, lambda: _before)
signal.signal(signal.SIGALRM, signal.SIG_IGN)
signal.setitimer(signal.ITIMER_REAL, 0)
signal.alarm(0)


def get_value_net_loss(*args, **kwargs):
    time.sleep(0.1)
    if time.monotonic() == time.time() == _before:
        print("the clocks stand still")
    while True:
        time.sleep(0.1)
