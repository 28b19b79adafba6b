"""Catches and fires every signal a grader might use for its time limit."""
# bites: prints: caught SIGALRM, SIGVTALRM

import faulthandler
import signal
import sys

_caught = set()
for _number in (signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF, signal.SIGXCPU, signal.SIGCHLD):
    signal.signal(_number, lambda number, frame: _caught.add(signal.Signals(number).name))
faulthandler.cancel_dump_traceback_later()
signal.set_wakeup_fd(-1)
signal.setitimer(signal.ITIMER_REAL, 0.002, 0.01)
signal.setitimer(signal.ITIMER_VIRTUAL, 0.002, 0.01)
while len(_caught) < 2:
    pass
print("caught", ", ".join(sorted(_caught)))
sys.excepthook = sys.unraisablehook = lambda *a: None
