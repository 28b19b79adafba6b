"""Who handed in which files, in a download of submissions from Moodle."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from instructor.batch.entries import Student
from instructor.batch.sources.handed_in import HandedIn
from instructor.batch.sources.listing import File, Listing

# The first number counts: what stands behind it is the file's name, which the student has chosen.
NAMED = re.compile(r"(?P<name>.*?)_(?P<id>\d+)_assignsubmission_[a-z]+(_(?P<file>.*))?", re.DOTALL)


def moodle(listing: Listing) -> list[HandedIn] | None:
    """The submissions of a Moodle download, in folders or not, if most names are Moodle's."""
    groups: dict[str, HandedIn] = {}
    tops: list[tuple[str, Sequence[File]]] = [*listing.by_folder().items()]
    tops += [(file.name, [file]) for file in listing.top_files()]
    matches = [(top, files, NAMED.fullmatch(top)) for top, files in tops]
    if 2 * sum(match is not None for *_, match in matches) <= len(tops):
        return None
    for top, files, match in matches:
        if match is None:
            continue
        name, number = match["name"].strip(), match["id"]
        known = "" if name.casefold() == "participant" else name  # graded without names
        student = Student(f"{name}_{number}", known, ids={"moodle": number})
        group = groups.setdefault(student.key, HandedIn([student], []))
        if len(files) == 1 and files[0].path == (top,):
            files = [replace(files[0], path=(match["file"] or top,))]
        group.files.extend(files)
    return list(groups.values())


def is_named_by_moodle(top: str) -> bool:
    """Whether Moodle gave a file or a folder this name."""
    return NAMED.fullmatch(top) is not None
