"""Who handed in which files, in a download of submissions from Moodle."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from instructor.batch.entries import Student
from instructor.batch.sources.handed_in import HandedIn
from instructor.batch.sources.listing import File, Listing

# The first number counts: Moodle writes spaces for the underscores in a student's name, and what stands
# behind the number may be the student's own. That is so in a folder's name, too: a backslash in a file's
# name makes a folder of what stands before it.
NAMED = re.compile(r"(?P<name>.*?)_(?P<id>\d+)_assignsubmission_[a-z]+(_(?P<file>.*))?", re.DOTALL)


def moodle(listing: Listing) -> list[HandedIn]:
    """The submissions of a Moodle download, in folders or not."""
    groups: dict[str, HandedIn] = {}
    tops: list[tuple[str, bool, Sequence[File]]] = [
        *((folder, True, files) for folder, files in listing.by_folder().items()),
        *((file.name, False, [file]) for file in listing.top_files()),
    ]
    for top, is_folder, files in tops:
        match = NAMED.fullmatch(top)
        if match is None:
            continue
        name, number = match["name"].strip(), match["id"]
        known = "" if name.casefold() == "participant" else name  # graded without names
        student = Student(f"{name}_{number}", known, ids={"moodle": number})
        group = groups.setdefault(student.key, HandedIn([student], []))
        if not is_folder:
            files = [replace(file, path=(match["file"] or top,)) for file in files]
        group.files.extend(files)
    return list(groups.values())


def student_in_moodle(top: str, is_folder: bool) -> str:
    """Whose a file or a folder is to which Moodle gave this name; empty if it did not."""
    match = NAMED.fullmatch(top)
    return f"{match['name'].strip()}_{match['id']}" if match else ""
