"""Standard output and standard error: a command does all it has to do, whoever takes what it prints."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator


def open_streams() -> None:
    """Let both streams take any text. One that is closed, as by `>&-`, is opened and leads nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            # On most systems this takes the closed number, too, which another file would get otherwise.
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        getattr(sys, name).reconfigure(errors="replace")


@contextlib.contextmanager
def heard_or_not() -> Iterator[None]:
    """Print in this context what may find no reader, or a full disk: then it is lost, and no more.

    To be used when everything else is done, for an error ends what is done in the context.
    """
    # SystemExit: rich ends the program where a reader is gone.
    with contextlib.suppress(OSError, SystemExit):
        yield
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            _lead_nowhere(stream.fileno())


def _lead_nowhere(descriptor: int) -> None:
    """Otherwise Python would try again at its end, and complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
