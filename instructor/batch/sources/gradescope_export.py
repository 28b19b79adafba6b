"""Who handed in which files, in an export of submissions from Gradescope."""

from __future__ import annotations

import re
from typing import Any

from grading.submission import CannotGrade
from instructor.batch.entries import Student
from instructor.batch.sources.handed_in import HandedIn
from instructor.batch.sources.listing import NAME_LENGTH, File, Listing, Unreadable, clean

METADATA = "submission_metadata.yml"
METADATA_LIMIT = 2**28  # bytes; it holds everything that was printed in any submission
FOLDER = re.compile(r"submission_\d+")
YAML_DEPTH = 100


def gradescope(listing: Listing, source: str) -> list[HandedIn]:
    """The submissions of an export, which has a list. Raises CannotGrade where that is broken."""
    (file, *_) = (f for f in listing.top_files() if f.name == METADATA)
    records = _records(file, source)
    by_submission = {str(name).rstrip("/").split("/")[-1]: r for name, r in records.items()}
    folders = listing.by_folder()
    result = []
    for name in sorted({*by_submission, *folders}):
        students = _submitters(by_submission.get(name), name)
        result.append(HandedIn(students, folders.get(name, [])))
    return result


def submission_in_gradescope(top: str, is_folder: bool) -> str:
    """Which submission a folder is, or the list of all; empty if the name is not Gradescope's."""
    return top if (FOLDER.fullmatch(top) if is_folder else top == METADATA) else ""


def _records(file: File, source: str) -> dict[Any, Any]:
    try:
        records = _load_yaml(file.read(METADATA_LIMIT))
    except Unreadable as error:
        raise CannotGrade(f"{source} cannot be read as a Gradescope export: {error}") from None
    if not isinstance(records, dict):
        raise CannotGrade(
            f"{METADATA} in {source} does not list submissions. Export them again from Gradescope."
        )
    return records


def _load_yaml(content: bytes) -> Any:
    try:
        import yaml
    except ImportError:
        raise CannotGrade(
            "Reading a Gradescope export needs the package pyyaml. "
            "Install it with: python -m pip install pyyaml"
        ) from None
    # This loader makes only texts, lists and mappings, whatever tags there are. (safe_load stops at
    # Ruby's tags, and takes a student id with a leading zero for an octal number.)
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        # The fast loader is recursive, and deep nesting would crash it.
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
    students, number = [], folder.rpartition("_")[2]
    for person in people:
        name, email, sid = (_value(person.get(f":{what}")) for what in ("name", "email", "sid"))
        wish = "_".join(filter(None, (name, sid or email.split("@")[0]))) or folder
        ids = {"gradescope": sid} if sid else {}
        students.append(Student(wish, name, email=email, ids=ids, submission=number))
    return students or [Student(folder)]


def _value(value: Any) -> str:
    text = clean(value).strip() if isinstance(value, str) else ""
    # Nobody is called by a longer text, and a part of one may be another's.
    return "" if text in ("~", "null") or len(text) > NAME_LENGTH else text
