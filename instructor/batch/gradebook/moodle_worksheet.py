"""Scores into the column Grade of a grading worksheet from Moodle."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from instructor.batch.entries import Student
from instructor.batch.gradebook.csv_cells import read_table
from instructor.batch.gradebook.fill_rows import Columns, Filled, fill_rows, other_points_possible
from instructor.batch.gradebook.find_row import Row


def fill_moodle(export: Path, scores: Mapping[Student, float | None], out: Path) -> Filled:
    """Fill the column Grade of a Moodle grading worksheet. Raises CannotGrade."""
    table = read_table(export)
    columns = Columns(table, export, "a grading worksheet from Moodle, in English", ("Grade",))
    if not columns.has("Identifier") and not columns.has("Email address"):
        columns.need("Identifier")
    rows = []
    for number, cells in enumerate(table.rows[1:], start=1):
        participant = re.search(r"\d+\s*$", columns.text(cells, "Identifier"))
        name = columns.text(cells, "Full name")
        if not name:
            parts = (columns.text(cells, n) for n in ("First name", "Last name", "Surname"))
            name = " ".join(filter(None, parts))
        logins = tuple(columns.text(cells, n) for n in ("Email address", "Username"))
        if not participant and not name and not any(logins):
            continue
        rows.append(
            Row(
                number,
                name or columns.text(cells, "Identifier"),
                participant[0].strip() if participant else "",
                columns.text(cells, "ID number"),
                logins,
                columns.cell(cells, "Grade"),
                "locked" if columns.text(cells, "Grade can be changed") == "No" else "",
            )
        )
    filled = fill_rows("moodle", table, rows, scores, export, out)
    filled.possible = other_points_possible(
        columns.text(cells, "Maximum Grade") for cells in table.rows[1:]
    )
    return filled
