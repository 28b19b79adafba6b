"""A class's submissions, whatever they come as: read_source."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath

from grading.submission import CannotGrade
from instructor.batch.entries import Entry, Student
from instructor.batch.sources.canvas_download import canvas, is_named_by_canvas
from instructor.batch.sources.choose_file import PACKED, SUBMISSION, choose_file
from instructor.batch.sources.gradescope_export import gradescope
from instructor.batch.sources.handed_in import HandedIn
from instructor.batch.sources.listing import SIZE_LIMIT, File, Listing, Unreadable, opened
from instructor.batch.sources.moodle_download import is_named_by_moodle, moodle
from instructor.batch.sources.student_keys import with_unique_keys

TOTAL_LIMIT = 2**29  # bytes of all submissions together, which are held in memory


def read_source(source: Path) -> list[Entry]:
    """Every student's submission, sorted by key.

    source: a folder or a zip: files, folders, or a download from Gradescope, Canvas or Moodle.
    A student whose file cannot be graded is there too, with the reason. Raises CannotGrade where
    the source as a whole cannot be understood.
    """
    entries: list[Entry] = []
    total = 0
    with opened(source) as listing:
        for handed_in in _handed_in(listing, str(source)):
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


def _handed_in(listing: Listing, source: str) -> list[HandedIn]:
    """Who handed in what. A single folder around everything is looked into."""
    tops = listing.top_folders()
    around = listing.below(tops[0]) if len(tops) == 1 and not listing.top_files() else None
    for candidate in (listing, around):
        if candidate is not None:
            if exported := gradescope(candidate, source):
                return exported + _plain(Listing(candidate.top_files()))
            if found := moodle(candidate):
                return found + _plain(_others(candidate, is_named_by_moodle, is_named_by_moodle))
            if found := canvas(candidate):
                return found + _plain(_others(candidate, is_named_by_canvas, lambda _: False))
    if around is not None and _is_class(around):
        return _plain(around)
    return _plain(listing)


def _others(
    listing: Listing, is_taken_file: Callable[[str], bool], is_taken_folder: Callable[[str], bool]
) -> Listing:
    """The files and folders whose names are not the platform's: somebody has put them beside it."""

    def is_taken(file: File) -> bool:
        return (is_taken_folder if file.path[1:] else is_taken_file)(file.path[0])

    return Listing(
        [f for f in listing.files if not is_taken(f)],
        {f for f in listing.folders if not is_taken_folder(f[0])},
        listing.is_zip,
    )


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
