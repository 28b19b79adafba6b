"""What lets the notebook run with a `submitted.py` that is still being written.

It follows saved changes, stops readably at a stub, and says when the file is no valid Python.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grading.parts import PARTS

SECTIONS = {part.function: part.section for part in PARTS.values()}


class NotWrittenYet(Exception):
    """A function of submitted.py that is still a stub was called. Jupyter shows the message only."""

    def __init__(self, function: str, line: int) -> None:
        super().__init__(
            f"{function} is not written yet (submitted.py, line {line}).\n"
            f'The section "{SECTIONS.get(function, "on it")}" of this notebook explains it.\n'
            "Next: write the function, save the file, and run this cell again."
        )

    def _render_traceback_(self) -> list[str]:
        # IPython asks an exception for this before it prints a traceback of its own.
        return str(self).splitlines()


@contextlib.contextmanager
def needs_submission() -> Iterator[None]:
    """Around a cell's code: an unwritten function stops the cell with one readable message."""
    try:
        yield
    except NotImplementedError as error:
        frame = frame_of_submission(error)
        if frame is None or not str(error).endswith("not written yet"):
            raise
        raise NotWrittenYet(str(error).split()[0], frame.lineno or 0) from None


def frame_of_submission(error: BaseException) -> traceback.FrameSummary | None:
    """The innermost line of submitted.py that the error came through."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((f for f in reversed(frames) if f.filename.endswith("submitted.py")), None)


def follow_saved_files() -> None:
    """Turn on autoreload: from now on every cell uses the modules as they are saved.

    With `--full` a whole module is loaded anew. Newer versions of IPython would otherwise replace only
    the functions that changed, and then name wrong lines where an error is in them.
    """
    shell = importlib.import_module("IPython").get_ipython()
    shell.run_line_magic("load_ext", "autoreload")
    known = shell.find_line_magic("autoreload").__doc__ or ""
    shell.run_line_magic("autoreload", "2 --full" if "--full" in known else "2")


def unreadable(submission: Any) -> str:
    """A sentence if the saved file is no valid Python, else an empty text.

    Autoreload then keeps the version that was saved before.
    """
    try:
        ast.parse(Path(submission.__file__).read_bytes())
    except SyntaxError as error:
        return (
            f"Python cannot read submitted.py, line {error.lineno}: {error.msg}.\n"
            "Until it can, this notebook goes on with the version that was saved before."
        )
    return ""
