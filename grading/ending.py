"""What ends a command from outside: whatever it is, the command cleans up, and nothing disturbs that."""

from __future__ import annotations

import atexit
import signal
import sys
import threading
from types import FrameType

# Ctrl-C, the system or an autograder, and a terminal that is closed. (Windows has no SIGHUP.)
ENDS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]

AGAIN_AFTER = 0.1  # seconds after which a signal comes again of which Python has lost the exception

_ending = 0  # the signal that has raised KeyboardInterrupt


class Ended(KeyboardInterrupt):
    """A signal that ends this command has come.

    It has a class of its own because Python looks for KeyboardInterrupt itself. Where one has passed
    through `exec` of a text, as while a named tuple is made, `python -m` ends with status 130, even if
    it was caught.
    """


def interrupt_once() -> None:
    """Let the first signal that would end this process raise KeyboardInterrupt, and no later one.

    Several may come shortly after each other, such as SIGTERM and SIGHUP when a session is closed. The
    second one would end the clean-up that the first one has begun. What is ignored stays ignored, as
    SIGHUP is below nohup.
    """
    for number in ENDS:
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _interrupt)
    sys.unraisablehook = _come_again


def _interrupt(number: int, frame: FrameType | None) -> None:
    global _ending
    if _ending:
        return  # it came before it was blocked below, or to another thread
    _ending = number
    # When Python ends, it gives up what has handlers to the system, and keeps ignored what is ignored.
    atexit.register(_ignore_all)
    # Not ignored but blocked: Python would complain of one that is on its way. Programs that are started
    # to clean up inherit it: what reaches all processes of a terminal does not end these.
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
    raise Ended


def _come_again(lost: sys.UnraisableHookArgs) -> None:
    """Python drops what is raised while a destructor runs. Let the signal come again a moment later."""
    global _ending
    if not _ending or not issubclass(lost.exc_type, Ended):
        sys.__unraisablehook__(lost)
        return
    again = threading.Timer(AGAIN_AFTER, _send, [_ending])
    again.daemon = True
    again.start()
    # In this order: those that came meanwhile do nothing. They would be lost here, too.
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)
    _ending = 0


def _send(number: int) -> None:
    """Send a signal to the main thread, which may be waiting for something."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, number)
    else:
        signal.raise_signal(number)


def _ignore_all() -> None:
    for number in ENDS:
        signal.signal(number, signal.SIG_IGN)
