"""A class's submissions, whatever they come as: read_source."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from grading.submission import CannotGrade
from instructor.batch.entries import Entry, Student
from instructor.batch.sources.canvas_download import canvas, student_in_canvas
from instructor.batch.sources.choose_file import PACKED, SUBMISSION, choose_file
from instructor.batch.sources.gradescope_export import (
    METADATA,
    gradescope,
    submission_in_gradescope,
)
from instructor.batch.sources.handed_in import HandedIn
from instructor.batch.sources.listing import SIZE_LIMIT, Listing, Unreadable, Whose, opened
from instructor.batch.sources.moodle_download import moodle, student_in_moodle
from instructor.batch.sources.student_keys import with_unique_keys

GRADESCOPE_EXPORT = re.compile(r"assignment_\d+_export")
TOTAL_LIMIT = 2**29  # bytes of all submissions together, which are held in memory


def read_source(source: Path) -> list[Entry]:
    """Every student's submission, sorted by key.

    source: a folder or a zip: files, folders, or a download from Gradescope, Canvas or Moodle.
    A student whose file cannot be graded is there too, with the reason. Raises CannotGrade where
    the source as a whole cannot be understood.
    """
    entries: list[Entry] = []
    total = 0
    with opened(source, _whose) as listing:
        for handed_in in _handed_in(listing, source):
            content, where, problem = _content(handed_in)
            total += len(content or b"")
            if content is not None and total > TOTAL_LIMIT:
                content = None
                problem = f"The submissions are larger than {TOTAL_LIMIT // 2**20} MB together."
            entries += [Entry(s, content, where, problem) for s in handed_in.students]
    if not entries:
        raise CannotGrade(
            f"{source} has no submissions in it: no Python files, and no folders of students."
        )
    return with_unique_keys(entries)


@dataclass(frozen=True)
class Platform:
    """A platform whose downloads can be read.

    whose: who handed in what is called so; empty where the platform does not name anything so.
    read: takes what has the platform's names, and the source's name for messages.
    list_file: a file without which it is no download of this platform.
    """

    whose: Whose
    read: Callable[[Listing, str], list[HandedIn]]
    list_file: str = ""


PLATFORMS = (
    Platform(submission_in_gradescope, gradescope, METADATA),
    Platform(student_in_moodle, lambda listing, _: moodle(listing)),
    Platform(student_in_canvas, lambda listing, _: canvas(listing)),
)


def _whose(top: str, is_folder: bool) -> str:
    """Whose a file or a folder is, as far as its name tells."""
    for number, platform in enumerate(PLATFORMS):
        if student := platform.whose(top, is_folder):
            return f"{number}/{student}"  # no name has a slash, so this is no name of another
    return top


def _handed_in(listing: Listing, source: Path) -> list[HandedIn]:
    """Who handed in what. A single folder around everything is looked into."""
    tops = listing.top_folders()
    around = listing.below(tops[0]) if len(tops) == 1 and not listing.top_files() else None
    if (found := _from_platform(listing, source)) is not None:
        return found
    if around is None:
        return _plain(listing)
    found = _from_platform(around, source)
    if found is None and _is_class(around):
        found = _plain(around)
    if found is None:
        return _plain(listing)
    return found if _is_packed_as(tops[0], source) else _doubted(found, tops[0])


def _from_platform(listing: Listing, source: Path) -> list[HandedIn] | None:
    """What a platform's download has, and what lies beside it; None if it is no download."""
    platform = _platform(listing)
    if platform is None:
        return None
    named, others = _parted(listing, platform.whose)
    return platform.read(named, str(source)) + _plain(others)


def _is_packed_as(folder: str, source: Path) -> bool:
    """Whether packing or unpacking gave a single folder its name, and no student."""
    path = Path(os.path.abspath(source))
    stem = re.sub(r" ?\(\d+\)$", "", path.stem)  # browsers number what is downloaded again
    return folder in (path.name, path.stem, stem) or bool(GRADESCOPE_EXPORT.fullmatch(folder))


def _doubted(found: list[HandedIn], folder: str) -> list[HandedIn]:
    """What is in a folder that may be one student's, who then chose all these names."""
    doubt = f"named inside {folder}, the only folder"
    return [
        replace(one, students=[replace(student, doubt=doubt) for student in one.students])
        for one in found
    ]


def _platform(listing: Listing) -> Platform | None:
    """The platform that gave most names, and more than there are other submissions beside them.

    Most: a student may call many files as another platform would. All names in a download are its own's.
    """
    tops = [(folder, True) for folder in listing.top_folders()]
    tops += [(file.name, False) for file in listing.top_files()]
    named: dict[Platform, int] = {}
    for platform in PLATFORMS:
        others = [top for top in tops if not platform.whose(*top)]
        submissions = [top for top in others if top[1] or _stem_of_submission(top[0])]
        is_complete = not platform.list_file or (platform.list_file, False) in tops
        if is_complete and len(tops) - len(others) > len(submissions):
            named[platform] = len(tops) - len(others)
    return max(named, key=lambda platform: named[platform], default=None)


def _parted(listing: Listing, whose: Whose) -> tuple[Listing, Listing]:
    """What has a platform's names, and what somebody has put beside it."""
    named, others = Listing(is_zip=listing.is_zip), Listing(is_zip=listing.is_zip)
    folders = {f: (named if whose(f, True) else others) for f in listing.top_folders()}
    for file in listing.files:
        if len(file.path) > 1:
            folders[file.path[0]].files.append(file)
        else:
            (named if whose(file.name, False) else others).files.append(file)
    for folder in listing.folders:
        folders[folder[0]].folders.add(folder)
    return named, others


def _is_class(listing: Listing) -> bool:
    """Whether a single folder holds a class, and not the files of one student."""
    files, folders = listing.top_files(), listing.top_folders()
    if len(files) + len(folders) < 2 or any(f.name.lower() == SUBMISSION for f in files):
        return False
    return listing.is_zip or not files


def _plain(listing: Listing) -> list[HandedIn]:
    """A file or a folder for each student, named after the student."""
    result = [
        HandedIn([Student(stem, stem)], [file])
        for file in listing.top_files()
        if (stem := _stem_of_submission(file.name))
    ]
    for name, files in listing.by_folder().items():
        result.append(HandedIn([Student(name, name)], files))
    return result


def _stem_of_submission(name: str) -> str:
    """The student's part of a file name; empty if the file is no submission, such as a list."""
    stem, dot, rest = name.partition(".py")
    if stem and dot and (not rest or rest[0] == "."):  # also ana.py.txt: Ana handed in something
        return stem
    path = PurePosixPath(name)
    return path.stem if path.suffix.lower() in (".py", ".ipynb", *PACKED) else ""


def _content(handed_in: HandedIn) -> tuple[bytes | None, str, str]:
    """The content, where it was, and what is wrong with it."""
    try:
        file = choose_file(handed_in)
    except Unreadable as error:
        where = handed_in.files[0].where if len(handed_in.files) == 1 else ""
        return None, where, str(error)
    try:
        return file.read(SIZE_LIMIT), file.where, ""
    except Unreadable as error:
        return None, file.where, str(error)
