"""What lets the notebook run with a `submitted.py` that is still being written.

It follows saved changes, goes on readably past a stub, and says when the file is no valid Python.
"""

from __future__ import annotations

import ast
import importlib
import traceback
import types
from pathlib import Path
from typing import Any

from grading.parts import PARTS

SECTIONS = {part.function: part.section for part in PARTS.values()}


class needs_submission:  # it reads as a phrase: with needs_submission(...)
    """Around a cell's code: where an unwritten function is called, the rest is left out.

    A notice stands in its place, and the reference curves of `runs`, if the cell trains any. The
    notebook goes on with the next cell. Every other error is raised as it is.
    """

    def __init__(self, *runs: str) -> None:
        self.runs = runs

    def __enter__(self) -> None:
        """Nothing is prepared."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: types.TracebackType | None,
    ) -> bool:
        if not isinstance(error, NotImplementedError):
            return False
        frame = frame_of_submission(error)
        if frame is None or not str(error).endswith("not written yet"):
            return False
        function = str(error).split()[0]
        print(
            f"{function} is not written yet (submitted.py, line {frame.lineno}).\n"
            f'The section "{SECTIONS.get(function, "on it")}" explains it. When it is written and '
            "saved, run this cell again."
        )
        if self.runs:
            importlib.import_module("handout.pictures").plot_training({}, reference=self.runs)
            importlib.import_module("matplotlib.pyplot").show()
        return True


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
