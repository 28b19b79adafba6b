"""Keys that are pressed while something else goes on, one by one, on every platform."""

from __future__ import annotations

import os
import select
import signal
import sys
from types import TracebackType
from typing import Any

if sys.platform == "win32":
    import msvcrt
else:
    import termios
    import tty

ENTER = "\n"


class Keyboard:
    """The terminal's keys, without waiting for Enter. Use it in a `with` statement.

    Where standard input is no terminal there are none. Ctrl-C remains the signal it is.
    """

    def __init__(self) -> None:
        self.is_there = bool(sys.stdin) and sys.stdin.isatty()
        self._before: list[Any] | None = None

    def __enter__(self) -> Keyboard:
        if sys.platform != "win32" and self.is_there:
            self._before = termios.tcgetattr(sys.stdin)
            self._read_single_keys()
            # A shell restores its own settings when it stops a program.
            signal.signal(signal.SIGCONT, lambda *_: self._read_single_keys())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if sys.platform != "win32" and self._before is not None:
            signal.signal(signal.SIGCONT, signal.SIG_DFL)
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._before)

    def pressed(self) -> list[str]:
        """The keys pressed since the last call, as characters in lower case; does not wait."""
        if not self.is_there:
            return []
        keys = self._arrived()
        if keys.startswith("\x1b"):  # an arrow, for example, is sent as several characters
            return []
        return list(keys.replace("\r", ENTER).lower())

    if sys.platform == "win32":

        def _arrived(self) -> str:
            keys = ""
            while msvcrt.kbhit():
                key = msvcrt.getwch()
                if key in ("\0", "\xe0"):  # the first half of an arrow or the like
                    msvcrt.getwch()
                elif key == "\x03":
                    raise KeyboardInterrupt
                else:
                    keys += key
            return keys

    else:

        def _read_single_keys(self) -> None:
            tty.setcbreak(sys.stdin, termios.TCSADRAIN)

        def _arrived(self) -> str:
            if not select.select([sys.stdin], [], [], 0)[0]:
                return ""
            data = os.read(sys.stdin.fileno(), 64)
            if not data:  # the terminal has been closed
                self.is_there = False
            return data.decode(errors="ignore")
