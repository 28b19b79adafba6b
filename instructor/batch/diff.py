"""`python -m instructor diff OLD NEW`: whose score changed between two batches, where, and why."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from grading.streams import heard_or_not
from grading.submission import CannotGrade
from instructor.batch.entries import Graded
from instructor.batch.record import RECORD_FILE, Record


def main(old: Path, new: Path) -> int:
    """Print every change; 1 if there is one. OLD and NEW: folders of a batch, or their databases."""
    before, after = (read(path) for path in (old, new))
    changes = [line for key in sorted({*before, *after}) for line in changed(key, before, after)]
    with heard_or_not():
        print("\n".join(changes) or "No score has changed.")
    return int(bool(changes))


def read(path: Path) -> dict[str, Graded]:
    """The results in a batch's folder or database, by student key. Raises CannotGrade."""
    file = path / RECORD_FILE if os.path.isdir(path) else path
    if not os.path.exists(file):
        raise CannotGrade(f"There is no batch in {path}. Give the folder that --out named.")
    with Record(file) as record:
        return {g.entry.student.key: g for g in record.all_results()}


def changed(key: str, before: dict[str, Graded], after: dict[str, Graded]) -> list[str]:
    """Lines about one student. There are none if nothing has changed."""
    if key not in before or key not in after:
        return [f"{key}: only in the {'new' if key in after else 'old'} batch"]
    old, new = before[key], after[key]
    why = [] if same_file(old, new) else ["another file was handed in"]
    if old.document is None or new.document is None:
        if (old.document is None) == (new.document is None) and old.reason == new.reason:
            return []
        return [f"{key}: {standing(old)} -> {standing(new)}", *(f"    {w}" for w in why)]
    tests_before, tests_after = (tests_of(g.document) for g in (old, new))
    lines = []
    for name in dict.fromkeys([*tests_before, *tests_after]):
        was, now = tests_before.get(name), tests_after.get(name)
        if was is None or now is None:
            lines.append(f"    {name}: {'new' if was is None else 'no longer there'}")
        elif (was["score"], was["max_score"]) != (now["score"], now["max_score"]):
            points = [f"{t['score']:g} / {t['max_score']:g}" for t in (was, now)]
            # Why it fails now, or what was said while it failed.
            failing, when = (now, "now") if now["status"] == "failed" else (was, "before")
            reason = failing["output"].splitlines()[0] if failing["output"] else ""
            said = f"; {when}: {reason}" if reason else ""
            lines.append(f"    {name}: {points[0]} -> {points[1]}{said}")
    if not lines:
        return []
    return [f"{key}: {standing(old)} -> {standing(new)}", *(f"    {w}" for w in why), *lines]


def same_file(old: Graded, new: Graded) -> bool:
    """Whether both results are of the same bytes."""
    return old.entry.content_hash() == new.entry.content_hash()


def standing(graded: Graded) -> str:
    """A score, or why there is none."""
    return f"not graded ({graded.reason})" if graded.score is None else f"{graded.score:g}"


def tests_of(document: dict[str, Any] | None) -> dict[str, dict[str, Any]]:
    """The tests of a results document by name."""
    return {test["name"]: test for test in (document or {"tests": []})["tests"]}
