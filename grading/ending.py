"""What ends a command from outside: whatever it is, the command cleans up, and nothing disturbs that."""

from __future__ import annotations

import atexit
import signal
from types import FrameType

# Ctrl-C, the system or an autograder, and a terminal that is closed. (Windows has no SIGHUP.)
ENDS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]

_ending = False


def interrupt_once() -> None:
    """Let the first signal that would end this process raise KeyboardInterrupt, and no later one.

    Several may come shortly after each other, such as SIGTERM and SIGHUP when a session is closed. The
    second one would end the clean-up that the first one has begun. What is ignored stays ignored, as
    SIGHUP is below nohup.
    """
    for number in ENDS:
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    global _ending
    if _ending:
        return  # it came before it was blocked below, or to another thread
    _ending = True
    # When Python ends, it gives up what has handlers to the system, and keeps ignored what is ignored.
    atexit.register(_ignore_all)
    # Not ignored but blocked: Python would complain of one that is on its way. Programs that are started
    # to clean up inherit it: what reaches all processes of a terminal does not end these.
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
    raise KeyboardInterrupt


def _ignore_all() -> None:
    for number in ENDS:
        signal.signal(number, signal.SIG_IGN)
