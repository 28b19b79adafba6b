"""`python -m instructor name`: say what is wrong with a group of submissions that nothing explains.

The sentence joins the mistakes that the report can name, with what the group returns. No code of a
student is kept.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from grading.judge.keys import BadKey, KnownMistake, read_named
from grading.kit import HIDDEN, NAMED
from grading.submission import CannotGrade
from instructor.batch.outputs.unnamed import groups
from instructor.batch.record import RECORD_FILE, Record
from instructor.keys.text import named_text


def main(out: Path, group_id: str, misconception: str, look: str) -> int:
    """Add a group of a batch to the named mistakes. Raises CannotGrade."""
    if not (out / RECORD_FILE).exists():
        raise CannotGrade(f"{out} is no folder of a batch: it has no {RECORD_FILE}.")
    for text, what in ((misconception, "misconception"), (look, "what to look at")):
        if not text.strip():
            raise CannotGrade(f"The sentence on the {what} is empty.")
    with Record(out / RECORD_FILE) as record:
        found = groups(record.all_results())
    group = next((group for group in found if group.id == group_id), None)
    if group is None:
        known = ", ".join(group.id for group in found) or "there is none"
        raise CannotGrade(f"{out} has no group {group_id}; its groups: {known}.")
    try:
        named = read_named(NAMED) if NAMED.exists() else {}
    except BadKey as error:
        raise CannotGrade(str(error)) from None
    name = f"named_{group.id}"
    named[name] = KnownMistake(name, group.part, misconception, look, group.sketches)
    _replace(NAMED, named_text(named.values()))
    tests = len(group.sketches)
    print(
        f"{name}: told to {len(group.rows)} of this class, in {tests} test{'s' * (tests != 1)}, "
        f"when it is graded again: batch ... --regrade"
    )
    return 0


def _replace(path: Path, text: str) -> None:
    """Write a file at once: whoever reads it meanwhile finds the old one or the new one."""
    handle, temporary = tempfile.mkstemp(dir=HIDDEN.key.parent)
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    json.loads(text)  # it can be read again
    os.replace(temporary, path)
