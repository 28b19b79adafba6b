"""`python -m instructor name`: say what is wrong with a group of submissions that nothing explains.

The sentence joins the mistakes that the report can name, with what the group returns. No code of a
student is kept.
"""

from __future__ import annotations

import os
from pathlib import Path

from grading.judge.keys import BadKey, KnownMistake, read_named
from grading.kit import NAMED
from grading.report.results import write_whole
from grading.submission import CannotGrade
from instructor.batch.outputs.unnamed import groups, same
from instructor.batch.record import RECORD_FILE, Record
from instructor.keys.text import named_text


def main(out: Path, group_id: str, misconception: str, look: str) -> int:
    """Add a group of a batch to the named mistakes. Raises CannotGrade."""
    if not os.path.exists(out / RECORD_FILE):
        raise CannotGrade(f"{out} is no folder of a batch: it has no {RECORD_FILE}.")
    for text, what in ((misconception, "misconception"), (look, "what to look at")):
        if not text.strip():
            raise CannotGrade(f"The sentence on the {what} is empty.")
        try:
            text.encode()
        except UnicodeEncodeError:
            raise CannotGrade(f"The sentence on the {what} is not UTF-8.") from None
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
    # Two groups of different batches may be called alike. What was said of the other one stays.
    while name in named and not same(named[name].sketches, group.sketches):
        name += "_"
    named[name] = KnownMistake(name, group.part, misconception, look, group.sketches)
    try:
        write_whole(NAMED, named_text(named.values()).encode())
    except OSError as error:
        raise CannotGrade(f"{NAMED} cannot be written ({error.strerror}).") from None
    tests = len(group.sketches)
    print(
        f"{name}: told to {len(group.rows)} of this class, in {tests} test{'s' * (tests != 1)}, "
        f"when it is graded again: batch ... --regrade"
    )
    return 0
