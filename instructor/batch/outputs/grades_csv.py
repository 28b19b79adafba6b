"""The table of grades: a row per student, a column per part."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from grading.parts import PARTS
from instructor.batch.entries import Graded
from instructor.batch.outputs.points import points_of_parts


def grades_csv(graded: Sequence[Graded]) -> str:
    """One row per student, a column per part; empty cells, not zeros, where there is no grade."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["key", "name", "login", "email", "id", "score", *PARTS, "status"])
    for one in graded:
        student = one.entry.student
        ids = " ".join(student.ids.values())
        known = (student.key, student.name, student.login, student.email, ids)
        who = [unspoilt(text) for text in known]
        if one.document is None:
            table.writerow([*who, "", *[""] * len(PARTS), f"not graded: {one.reason}"])
            continue
        earned = [f"{points.earned:g}" for points in points_of_parts(one.document).values()]
        table.writerow([*who, f"{one.score:g}", *earned, "graded"])
    return text.getvalue()


def unspoilt(cell: str) -> str:
    """A name that a spreadsheet cannot take for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
