"""The table of grades: a row per student, a column per part."""

from __future__ import annotations

import csv
import io
import re
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
            reason = unspoilt(f"not graded: {one.reason}")
            table.writerow([*who, "", *[""] * len(PARTS), reason])
            continue
        earned = [f"{points.earned:g}" for points in points_of_parts(one.document).values()]
        table.writerow([*who, f"{one.score:g}", *earned, "graded"])
    return text.getvalue()


# What a formula begins with, at the beginning of a cell. In many countries a semicolon separates cells.
# Some read the wide characters of East Asian keyboards as the narrow ones.
FORMULA = re.compile(r"(^|[;\t\r\n])(\s*)(?=[=+\-@\t\r＝＋－＠])")


def unspoilt(cell: str) -> str:
    """A text in which no spreadsheet finds a formula, or the end of a row."""
    cell = cell.replace("\r", "\n")  # older versions of csv quote only the second
    return FORMULA.sub(r"\1\2'", cell)
