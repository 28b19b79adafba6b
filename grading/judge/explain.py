"""Sentences for submissions that gave no result to compare: what happened and where to look.

A hidden test gets a sentence without anything that the submission chose, for example without the message
of an exception: a submission could put a hidden input into it.
"""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass

from grading.parts import PARTS
from grading.wire import Outcome, ScenarioError

# Only a few: by choosing one of many errors, a submission could tell what a hidden input is.
COMMON_ERRORS = (
    "AttributeError",
    "BdbQuit",
    "EOFError",
    "IndexError",
    "KeyError",
    "ModuleNotFoundError",
    "NameError",
    "PermissionError",
    "RecursionError",
    "RuntimeError",
    "SystemExit",
    "TypeError",
    "ValueError",
    "ZeroDivisionError",
)
FUNCTIONS = {part.function for part in PARTS.values()}
NOT_ALLOWED = (
    "While it is graded, your code can start no other program, use no network, and open files only "
    "in its own folder."
)
NOT_UTF_8 = "The file has another encoding. Save it as UTF-8: your editor can do that."
READ_ONLY = "Read-only file system"  # what Python says of folders outside a submission's own
ONLY_THIS = (
    "Only submitted.py is graded. It may import torch, numpy, matplotlib, gymnasium, tqdm and what "
    "comes with Python."
)


@dataclass
class Explanation:
    """what: one sentence. where: a place in the submission. unwritten: the stub is still there."""

    what: str
    where: str = ""
    unwritten: bool = False


def explain(outcome: Outcome, function: str, time_limit: float, hidden: bool) -> Explanation | None:
    """Why there is nothing to compare, or None when there is."""
    if outcome.ended == "timeout":
        what = f"It took longer than {time_limit:g} seconds and was stopped."
        if function == PARTS["rollouts"].function:
            what += " Does your loop notice that an episode has ended?"
        # A submission could choose the line, and tell a hidden input by that.
        where = f"submitted.py, line {outcome.line}" if outcome.line and not hidden else ""
        return Explanation(what, where)
    if outcome.ended == "put off":
        what = "It was not waited for: a function that it uses took too long in other tests."
        return Explanation(what)
    if outcome.ended == "budget":
        return Explanation("It was not run: the grading as a whole had used up its time.")
    if outcome.ended == "disk":
        return Explanation("It wrote more files than a solution needs and was stopped.")
    if outcome.ended == "crashed":
        how = "" if hidden else f" ({_signal_name(outcome.status)})"
        return Explanation(f"Python crashed while it ran{how}.")
    if outcome.ended == "stopped":
        return Explanation("It ended the whole program instead of returning a result.")
    if outcome.ended == "garbled":
        return Explanation(f"Its result cannot be used: {outcome.message}.")
    assert outcome.result is not None
    error = outcome.result.error
    return _explain_error(error, function, hidden) if error else None


# What is said beside a grade where the file was imported without its last lines.
LEFT_OUT = (
    "Importing submitted.py took too long, so code below its functions was left out, such as a "
    'training. Put it under `if __name__ == "__main__":`.'
)


def explain_import(outcome: Outcome, time_limit: float) -> Explanation | None:
    """Why the submission could not even be imported, or None when it could."""
    explanation = explain(outcome, "submitted.py", time_limit, hidden=False)
    if explanation and (outcome.ended != "done"):
        explanation.what = "While submitted.py was imported: " + (
            explanation.what[0].lower() + explanation.what[1:]
        )
    return explanation


def _explain_error(error: ScenarioError, function: str, hidden: bool) -> Explanation:
    if hidden:
        error = without_own_words(error)
    where = place(error)
    if error.stage == "unwritten":
        return Explanation(
            f"{error.function or function} is not written yet.", where, unwritten=True
        )
    if error.stage == "missing":
        similar = f" There is one named {error.detail}." if error.detail else ""
        return Explanation(f"submitted.py has no function {error.function}.{similar}")
    if error.stage == "import":
        return Explanation(_explain_import_error(error), where)
    if error.type == "ModuleNotFoundError":
        return Explanation(_missing_package(error), where)
    if error.type == "EOFError":
        return Explanation("It asks for keyboard input, and in grading nobody can answer.", where)
    if error.type == "BdbQuit":
        what = "It stopped at a breakpoint(), which only `--debug` can wait at."
        return Explanation(what, where)
    if error.type in ("SystemExit", "KeyboardInterrupt"):
        return Explanation("It ends the whole program instead of returning a result.", where)
    if error.stage == "arguments":
        what = _one_line(error.message)
        return Explanation(
            what or "A loss is called with other arguments than the docstring lists.", where
        )
    if error.stage == "signature":
        said = f" Python says: {_one_line(error.message)}." if error.message else ""
        return Explanation(f"{function} cannot be called the way its docstring says.{said}")
    said = f": {_one_line(error.message)}" if error.message else "."
    what = f"It stopped with {_article(error.type or 'error')}{said}"
    if _is_refused(error):
        what = f"{what.rstrip('.')}. {NOT_ALLOWED}"
    return Explanation(what, where)


def without_own_words(error: ScenarioError) -> ScenarioError:
    """The error without everything that a submission can choose freely.

    A submission could hide an input in the name of its own exception, in a line of source that it has
    rewritten, and even in a line number.
    """
    return ScenarioError(
        stage=error.stage,
        type=error.type if error.type in COMMON_ERRORS else "error",
        function=error.function if error.function in FUNCTIONS else "",
    )


def _explain_import_error(error: ScenarioError) -> str:
    if error.type == "SyntaxError" and "utf-8" in error.message.lower():
        return f"Python cannot read submitted.py: {_one_line(error.message)}. {NOT_UTF_8}"
    if error.type in ("SyntaxError", "IndentationError", "TabError") and error.line:
        return f"Python cannot read submitted.py: {_one_line(error.message)}."
    if error.type in ("SyntaxError", "UnicodeDecodeError", "ValueError") and not error.line:
        return f"Python cannot read submitted.py: {_one_line(error.message)}."
    if error.type == "ModuleNotFoundError":
        return _missing_package(error)
    if error.type == "EOFError":
        return "submitted.py asks for keyboard input while it is imported; nobody can answer."
    if error.type in ("SystemExit", "KeyboardInterrupt"):
        return "submitted.py ends the program while it is imported (sys.exit or the like)."
    said = f": {_one_line(error.message)}" if error.message else "."
    what = f"submitted.py stops with {_article(error.type)} while it is imported{said}"
    return f"{what.rstrip('.')}. {NOT_ALLOWED}" if _is_refused(error) else what


def _is_refused(error: ScenarioError) -> bool:
    """Whether the submission tried what it may not do while it is graded."""
    return error.type == "PermissionError" or READ_ONLY in error.message


def _missing_package(error: ScenarioError) -> str:
    return (
        f"submitted.py imports {error.detail or 'a package'}, which is not available. {ONLY_THIS}"
    )


def place(error: ScenarioError) -> str:
    """Line and source text, where they are known; for a syntax error with a caret under the place."""
    if not error.line:
        return ""
    where = f"submitted.py, line {error.line}"
    if error.type in ("SyntaxError", "IndentationError", "TabError") and error.text:
        return f"{where}:\n    {error.text}\n    {error.detail}"
    return f"{where}: {error.text}" if error.text else where


def _one_line(message: str) -> str:
    # StandIns is the class of the losses that the training loop is tested with.
    message = without_torch_sources(message.replace("StandIns.", ""))
    line = " ".join(message.split())
    return line if len(line) <= 300 else line[:300] + " ..."


def without_torch_sources(text: str) -> str:
    """The text without the places in torch's own source that its warnings and errors name."""
    # From the first blank of several only: a search from each takes seconds over a page of blanks.
    return re.sub(r"(?<!\s)\s*\(Triggered internally at [^)]*\)", "", text)


def _article(name: str) -> str:
    return ("an " if name[:1] in "AEIOUaeiou" else "a ") + name


def _signal_name(status: int) -> str:
    if status >= 0:
        return f"exit code {status:#x}"
    try:
        return f"{signal.Signals(-status).name}: {signal.strsignal(-status)}"
    except (ValueError, AttributeError):
        return f"signal {-status}"
