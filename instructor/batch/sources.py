"""A class's submissions, from whatever they come as: read_source."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from grading.submission import CannotGrade
from instructor.batch.listing import SIZE_LIMIT, File, Listing, Unreadable, opened
from instructor.batch.platforms import (
    HandedIn,
    canvas,
    gradescope,
    is_named_by_canvas,
    is_named_by_moodle,
    moodle,
)
from instructor.batch.records import Entry, Student

SUBMISSION = "submitted.py"
TOTAL_LIMIT = 2**29  # bytes of all submissions together, which are held in memory
KEY_LENGTH = 80
PACKED = (".zip", ".tar", ".gz", ".tgz", ".7z", ".rar")
# Letters that no decomposition turns into ASCII.
LETTERS = str.maketrans(
    {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ı": "i"}
    | {"ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "þ": "th", "ð": "d"}
)
# Names that a file cannot have on Windows, whatever comes after the dot.
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


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
    return _with_unique_keys(entries)


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
    """What was put beside the files and folders that were taken for a platform's, by their names."""

    def is_taken(file: File) -> bool:
        return (is_taken_folder if file.path[1:] else is_taken_file)(file.path[0])

    return Listing(
        [f for f in listing.files if not is_taken(f)],
        {f for f in listing.folders if not is_taken_folder(f[0])},
        listing.is_zip,
    )


def _is_class(listing: Listing) -> bool:
    """Whether a single folder holds a class, not one student's files."""
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
    """The student's part of a file name; empty where the file is something else, such as a list."""
    stem, dot, rest = name.partition(".py")
    if stem and dot and (not rest or rest[0] == "."):  # also ana.py.txt: Ana handed in something
        return stem
    path = PurePosixPath(name)
    return path.stem if path.suffix.lower() in (".py", ".ipynb", *PACKED) else ""


# One student -----------------------------------------------------------------------------------


def _content(handed_in: HandedIn) -> tuple[bytes | None, str, str]:
    """The content, where it was, and what is wrong with it."""
    try:
        file = _choose(handed_in)
    except Unreadable as error:
        where = handed_in.files[0].where if len(handed_in.files) == 1 else ""
        return None, where, str(error)
    try:
        return file.read(SIZE_LIMIT), file.where, ""
    except Unreadable as error:
        return None, file.where, str(error)


def _choose(handed_in: HandedIn) -> File:
    """The file to grade. Raises Unreadable where there is none, or no telling which."""
    files = handed_in.files
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


# Keys ------------------------------------------------------------------------------------------


def _with_unique_keys(entries: Sequence[Entry]) -> list[Entry]:
    """The entries sorted by key; of keys that collide the later ones get a number."""
    wishes = sorted(
        ((_safe(e.student.key), e) for e in entries),
        key=lambda pair: (pair[0], pair[1].where, pair[1].student.email),
    )
    taken = {key.casefold() for key, _ in wishes}
    given: set[str] = set()
    numbers: dict[str, int] = {}
    result = []
    for wish, entry in wishes:
        key, number = wish, numbers.get(wish, 1)
        # Without regard to case, as some file systems have it. A number avoids others' wishes too.
        while key.casefold() in given or (number > 1 and key.casefold() in taken):
            number += 1
            key = f"{wish[: KEY_LENGTH - 7]}-{number}"
        numbers[wish] = number
        given.add(key.casefold())
        result.append(replace(entry, student=replace(entry.student, key=key)))
    return sorted(result, key=lambda e: e.student.key)


def _safe(wish: str) -> str:
    """A file name of ASCII letters, digits and . _ -, the same for the same wish.

    What is lost, of scripts without a counterpart in ASCII or of a long name, a few digits stand for.
    """
    plain = unicodedata.normalize("NFKD", wish.translate(LETTERS))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    key = re.sub(r"[^A-Za-z0-9._-]+", "_", plain).strip("._-")
    lost = any(c.isalnum() and not c.isascii() for c in plain)
    if lost or not key or len(key) > KEY_LENGTH:
        digits = hashlib.sha256(wish.encode("utf-8", "replace")).hexdigest()[:8]
        key = f"{key[: KEY_LENGTH - 9].rstrip('._-') or 'student'}-{digits}"
    if RESERVED.fullmatch(key):
        name, dot, rest = key.partition(".")
        key = f"{name}_{dot}{rest}"[:KEY_LENGTH]
    return key
