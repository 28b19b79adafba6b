"""Which of a student's files is the one to grade."""

from __future__ import annotations

import re
from collections.abc import Sequence

from instructor.batch.sources.handed_in import HandedIn
from instructor.batch.sources.listing import File, Unreadable

SUBMISSION = "submitted.py"
PACKED = (".zip", ".tar", ".gz", ".tgz", ".7z", ".rar")


def choose_file(handed_in: HandedIn) -> File:
    """The file to grade. Raises Unreadable if there is none, or if several may be meant."""
    files = handed_in.files
    for file in files:
        if file.for_all:
            return file
    python = [f for f in files if f.name.lower().endswith(".py")]
    if not python:
        raise Unreadable(_no_python(files))
    named = [f for f in python if f.name.lower() == SUBMISSION]
    if handed_in.resubmitted:
        versions = [f for f in python if _version(f.name.lower())[0] == SUBMISSION]
        one_file = {_version(f.name.lower())[0] for f in python}
        candidates = versions or (python if len(one_file) == 1 else [])
        highest = max((_version(f.name.lower())[1] for f in candidates), default=0)
        named = [f for f in candidates if _version(f.name.lower())[1] == highest]
    if named:
        depth = min(len(f.path) for f in named)
        named = [f for f in named if len(f.path) == depth]
    chosen = named or python
    if len(chosen) == 1:
        return chosen[0]
    names = _some(["/".join(f.path) for f in chosen])
    if named:
        raise Unreadable(f"There is more than one {chosen[0].name}: {names}.")
    raise Unreadable(f"There are {len(chosen)} Python files and none is {SUBMISSION}: {names}.")


def _version(name: str) -> tuple[str, int]:
    """ "submitted-2.py" is the second later version of "submitted.py"."""
    match = re.fullmatch(r"(.+)-(\d{1,6})\.py", name)
    return (f"{match[1]}.py", int(match[2])) if match else (name, 0)


def _no_python(files: Sequence[File]) -> str:
    if not files:
        return f"Nothing was handed in. {SUBMISSION} is needed."
    for file in files:
        if file.name.lower().endswith(".ipynb"):
            return f"{file.name} is a notebook; the functions belong in {SUBMISSION}."
    for file in files:
        if file.name.lower().endswith(PACKED):
            return f"{file.name} is packed. Unpack it and take {SUBMISSION} from it."
    return f"There is no Python file, only {_some([f.name for f in files])}."


def _some(names: Sequence[str]) -> str:
    names = sorted(names)
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
