"""Who handed in which files, in a download of submissions from Canvas."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from instructor.batch.entries import Student
from instructor.batch.sources.handed_in import HandedIn
from instructor.batch.sources.listing import File, Listing

ANONYMOUS = re.compile(
    r"(LATE_)?(?P<name>anon)_(?P<id>[A-Za-z0-9]+)(_LATE)?_\d+_(?P<file>.+)", re.DOTALL
)
# What follows a student's name: the student's number, and the number of the file or what was typed.
NUMBERED = re.compile(r"_(?P<id>\d+)_(\d+_(?P<file>.+)|(?P<text>(text|link)\.html))", re.DOTALL)


class Reading(NamedTuple):
    """One way to read a name that Canvas gave. file: what the student called it."""

    name: str
    number: str
    file: str


def canvas(listing: Listing) -> list[HandedIn]:
    """The submissions of a Canvas download. It has no folders but those that a backslash makes.

    Canvas leaves numbers in the names of students and files. Whose number can be read in two ways is
    told apart from who surely has one of them, and is nobody known.
    """
    groups: dict[str, HandedIn] = {}
    tops: list[tuple[str, bool, Sequence[File]]] = [
        *((folder, True, files) for folder, files in listing.by_folder().items()),
        *((file.name, False, [file]) for file in listing.top_files()),
    ]
    for top, is_folder, files in tops:
        readings = _readings(top)
        if not readings:
            continue
        key = student_in_canvas(top, is_folder)
        name, number, file = readings[0]
        student = Student(key)
        if len(readings) == 1:
            is_anonymous = ANONYMOUS.fullmatch(top) is not None
            kind = "canvas_anonymous" if is_anonymous else "canvas"
            student = Student(key, "" if is_anonymous else name, ids={kind: number})
        group = groups.setdefault(key, HandedIn([student], [], resubmitted=True))
        if not is_folder:
            files = [replace(one, path=(file,)) for one in files]
        group.files.extend(files)
    return list(groups.values())


def _readings(top: str) -> list[Reading]:
    """All ways to read a name; none if Canvas did not give it."""
    if match := ANONYMOUS.fullmatch(top):
        return [Reading(match["name"], match["id"], match["file"])]
    found = []
    for place, character in enumerate(top):
        if character == "_" and (match := NUMBERED.fullmatch(top, place)):
            name = top[:place].removesuffix("_LATE")
            found.append(Reading(name, match["id"], match["file"] or match["text"]))
    return found


def student_in_canvas(top: str, is_folder: bool) -> str:
    """Whose a file or a folder is to which Canvas gave this name; empty if it did not.

    It names every number that may be the student's: files that share some of them only may be two
    students'.
    """
    readings = _readings(top)
    numbers = "_or_".join(reading.number for reading in readings)
    return f"{readings[0].name}_{numbers}" if readings else ""
