"""Who handed in which files, in what Gradescope, Canvas and Moodle let an instructor download."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from grading.submission import CannotGrade
from instructor.batch.listing import File, Listing, Unreadable, clean
from instructor.batch.records import Student

METADATA = "submission_metadata.yml"
METADATA_LIMIT = 2**28  # bytes; it holds everything that was printed in any submission
YAML_DEPTH = 100

CANVAS = re.compile(r"(?P<name>.+?)(_LATE)?_(?P<id>\d+)_(?P<attachment>\d+)_(?P<file>.+)")
CANVAS_ANONYMOUS = re.compile(
    r"(?P<name>anon)_(?P<id>[A-Za-z0-9]+)(_LATE)?_(?P<attachment>\d+)_(?P<file>.+)"
)
CANVAS_TEXT = re.compile(r"(?P<name>.+?)(_LATE)?_(?P<id>\d+)_(?P<file>(text|link)\.html)")
MOODLE = re.compile(r"(?P<name>.*)_(?P<id>\d+)_assignsubmission_[a-z]+(_(?P<file>.*))?", re.DOTALL)


@dataclass
class HandedIn:
    """What one student, or one group, handed in.

    students: their keys are wishes, not yet unique. files: with paths from the student's own folder.
    resubmitted: a name that ends in -1 may be a later version.
    """

    students: list[Student]
    files: list[File]
    resubmitted: bool = False


def gradescope(listing: Listing, source: str) -> list[HandedIn] | None:
    """The submissions of an export, if it is one. Raises CannotGrade where its list is broken."""
    found = [f for f in listing.top_files() if f.name == METADATA]
    if not found:
        return None
    try:
        records = _load_yaml(found[0].read(METADATA_LIMIT))
    except Unreadable as error:
        raise CannotGrade(f"{source} cannot be read as a Gradescope export: {error}") from None
    if not isinstance(records, dict):
        raise CannotGrade(
            f"{METADATA} in {source} does not list submissions. Export them again from Gradescope."
        )
    by_submission = {str(name).rstrip("/").split("/")[-1]: r for name, r in records.items()}
    folders = listing.by_folder()
    result = []
    for name in sorted({*by_submission, *folders}):
        students = _submitters(by_submission.get(name), name)
        result.append(HandedIn(students, folders.get(name, [])))
    return result


def _load_yaml(content: bytes) -> Any:
    try:
        import yaml
    except ImportError:
        raise CannotGrade(
            "Reading a Gradescope export needs the package pyyaml. "
            "Install it with: python -m pip install pyyaml"
        ) from None
    # Makes nothing but text, lists and mappings, whatever tags there are: less than safe_load, which
    # stops at Ruby's tags and takes a student id with a leading zero for an octal number.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        # The fast loader calls itself for what is nested, and would end the process if it were deep.
        depth = 0
        for event in yaml.parse(content, Loader=loader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > YAML_DEPTH:
                raise ValueError("nested too deeply")
        return yaml.load(content, Loader=loader)
    except (yaml.YAMLError, ValueError, RecursionError):
        raise CannotGrade(
            f"{METADATA} is not valid YAML. Export the submissions again from Gradescope."
        ) from None


def _submitters(record: Any, folder: str) -> list[Student]:
    listed = record.get(":submitters") if isinstance(record, dict) else None
    people = [p for p in listed if isinstance(p, dict)] if isinstance(listed, list) else []
    students = []
    for person in people:
        name, email, sid = (_value(person.get(f":{what}")) for what in ("name", "email", "sid"))
        wish = "_".join(filter(None, (name, sid or email.split("@")[0]))) or folder
        students.append(Student(wish, name, email=email, ids={"gradescope": sid} if sid else {}))
    return students or [Student(folder)]


def _value(value: Any) -> str:
    text = clean(value).strip() if isinstance(value, str) else ""
    return "" if text in ("~", "null") else text


def canvas(listing: Listing) -> list[HandedIn] | None:
    """The submissions of a Canvas download, if it is one."""
    files = listing.top_files()
    matches = [(f, _canvas_match(f.name)) for f in files]
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


def _canvas_match(name: str) -> re.Match[str] | None:
    for pattern in (CANVAS_ANONYMOUS, CANVAS, CANVAS_TEXT):
        if match := pattern.fullmatch(name):
            return match
    return None


def is_named_by_canvas(file: str) -> bool:
    """Whether Canvas gave a file this name."""
    return _canvas_match(file) is not None


def is_named_by_moodle(top: str) -> bool:
    """Whether Moodle gave a file or a folder this name."""
    return MOODLE.fullmatch(top) is not None


def moodle(listing: Listing) -> list[HandedIn] | None:
    """The submissions of a Moodle download, in folders or not, if it is one."""
    groups: dict[str, HandedIn] = {}
    tops: list[tuple[str, Sequence[File]]] = [*listing.by_folder().items()]
    tops += [(file.name, [file]) for file in listing.top_files()]
    for top, files in tops:
        match = MOODLE.fullmatch(top)
        if match is None:
            continue
        name, number = match["name"].strip(), match["id"]
        known = "" if name.casefold() == "participant" else name  # graded without names
        student = Student(f"{name}_{number}", known, ids={"moodle": number})
        group = groups.setdefault(student.key, HandedIn([student], []))
        if len(files) == 1 and files[0].path == (top,):
            files = [replace(files[0], path=(match["file"] or top,))]
        group.files.extend(files)
    return list(groups.values()) or None
