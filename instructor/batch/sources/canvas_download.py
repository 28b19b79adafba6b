"""Who handed in which files, in a download of submissions from Canvas."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from instructor.batch.entries import Student
from instructor.batch.sources.handed_in import HandedIn
from instructor.batch.sources.listing import File, Listing

NAMED = re.compile(r"(?P<name>.+?)(_LATE)?_(?P<id>\d+)_(?P<attachment>\d+)_(?P<file>.+)")
ANONYMOUS = re.compile(
    r"(?P<name>anon)_(?P<id>[A-Za-z0-9]+)(_LATE)?_(?P<attachment>\d+)_(?P<file>.+)"
)
TEXT_ENTRY = re.compile(r"(?P<name>.+?)(_LATE)?_(?P<id>\d+)_(?P<file>(text|link)\.html)")
# A file may be called 7_work, and a student's name may end in _7: Canvas leaves that number in it. So
# where this follows, the number that was found may be a part of the name, and the true one the next.
ANOTHER_NUMBER = re.compile(r"\d+_.+|(text|link)\.html")


def canvas(listing: Listing) -> list[HandedIn]:
    """The submissions of a Canvas download. It has no folders but those that a backslash makes.

    Whose number can be read in two ways is told apart from who surely has it, and is nobody known.
    """
    groups: dict[str, HandedIn] = {}
    tops: list[tuple[str, bool, Sequence[File]]] = [
        *((folder, True, files) for folder, files in listing.by_folder().items()),
        *((file.name, False, [file]) for file in listing.top_files()),
    ]
    for top, is_folder, files in tops:
        match = _match(top)
        if match is None:
            continue
        name, number = match["name"], match["id"]
        student = Student(f"{name}_{number}", name, ids={"canvas": number})
        if _is_unsure(match):
            student = Student(student.key)
        elif name == "anon":
            student = Student(student.key, ids={"canvas_anonymous": number})
        whose = student_in_canvas(top, is_folder)
        group = groups.setdefault(whose, HandedIn([student], [], resubmitted=True))
        if not is_folder:
            files = [replace(file, path=(match["file"],)) for file in files]
        group.files.extend(files)
    return list(groups.values())


def _match(name: str) -> re.Match[str] | None:
    for pattern in (ANONYMOUS, NAMED, TEXT_ENTRY):
        if match := pattern.fullmatch(name):
            return match
    return None


def _is_unsure(match: re.Match[str]) -> bool:
    return match.re is NAMED and ANOTHER_NUMBER.fullmatch(match["file"]) is not None


def student_in_canvas(top: str, is_folder: bool) -> str:
    """Whose a file or a folder is to which Canvas gave this name; empty if it did not."""
    match = _match(top)
    return f"{match['name']}_{match['id']}{'?' * _is_unsure(match)}" if match else ""
