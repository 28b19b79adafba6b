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


def canvas(listing: Listing) -> list[HandedIn] | None:
    """The submissions of a Canvas download, if most names are Canvas's."""
    files = listing.top_files()
    matches = [(f, _match(f.name)) for f in files]
    groups: dict[str, HandedIn] = {}
    for file, match in matches:
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
    matched = sum(match is not None for _, match in matches)
    return list(groups.values()) if 2 * matched > len(files) else None


def _match(name: str) -> re.Match[str] | None:
    for pattern in (ANONYMOUS, NAMED, TEXT_ENTRY):
        if match := pattern.fullmatch(name):
            return match
    return None


def is_named_by_canvas(file: str) -> bool:
    """Whether Canvas gave a file this name."""
    return _match(file) is not None
