"""Streams that nobody reads, for tests that run a command in their own process."""

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass
class Printed:
    """lost: whether something was printed that nobody could read."""

    lost: bool = False


@contextlib.contextmanager
def without_a_reader(name: str) -> Iterator[Printed]:
    """In this context, whoever read sys.NAME has gone, as behind `| true`. At last it is flushed."""
    read, write = os.pipe()
    os.close(read)
    before, printed = getattr(sys, name), Printed()
    pipe = os.fstat(write)
    with open(write, "w", encoding="utf-8") as stream:
        setattr(sys, name, stream)
        try:
            yield printed
        finally:
            setattr(sys, name, before)
        stream.flush()
        printed.lost = os.fstat(write) != pipe
