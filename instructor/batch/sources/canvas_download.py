"""Who handed in which files, in a download of submissions from Canvas."""

from __future__ import annotations

import re
from dataclasses import replace

from instructor.batch.entries import Student
from instructor.batch.sources.handed_in import HandedIn
from instructor.batch.sources.listing import Listing

NAMED = re.compile(r"(?P<name>.+?)(_LATE)?_(?P<id>\d+)_(?P<attachment>\d+)_(?P<file>.+)")
ANONYMOUS = re.compile(
    r"(?P<name>anon)_(?P<id>[A-Za-z0-9]+)(_LATE)?_(?P<attachment>\d+)_(?P<file>.+)"
)
TEXT_ENTRY = re.compile(r"(?P<name>.+?)(_LATE)?_(?P<id>\d+)_(?P<file>(text|link)\.html)")


def canvas(listing: Listing) -> list[HandedIn]:
    """The submissions of a Canvas download, in which there are no folders."""
    groups: dict[str, HandedIn] = {}
    for file in listing.top_files():
        match = _match(file.name)
        if match is None:
            continue
        name, number = match["name"], match["id"]
        wish = f"{name}_{number}"
        if name == "anon":
            student = Student(wish, ids={"canvas_anonymous": number})
        else:
            student = Student(wish, name, ids={"canvas": number})
        group = groups.setdefault(wish, HandedIn([student], [], resubmitted=True))
        group.files.append(replace(file, path=(match["file"],)))
    return list(groups.values())


def _match(name: str) -> re.Match[str] | None:
    for pattern in (ANONYMOUS, NAMED, TEXT_ENTRY):
        if match := pattern.fullmatch(name):
            return match
    return None


def student_in_canvas(top: str, is_folder: bool) -> str:
    """Whose a file is to which Canvas gave this name; empty if it did not, or if it is a folder."""
    match = None if is_folder else _match(top)
    return f"{match['name']}_{match['id']}" if match else ""
