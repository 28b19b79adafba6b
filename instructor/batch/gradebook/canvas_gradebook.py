"""Scores into one assignment's column of a gradebook that was exported from Canvas."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from grading.submission import CannotGrade
from instructor.batch.entries import Student
from instructor.batch.gradebook.csv_cells import read_table
from instructor.batch.gradebook.fill_rows import Columns, Filled, fill_rows, other_points_possible
from instructor.batch.gradebook.find_row import Row

ASSIGNMENT = re.compile(r"(?P<title>.*\S)\s*\((?P<id>\d+)\)\s*", re.DOTALL)
NAMES_SHOWN = 20


def fill_canvas(
    export: Path, scores: Mapping[Student, float | None], out: Path, title: str | None = None
) -> Filled:
    """Fill one assignment's column of a Canvas gradebook export. Raises CannotGrade.

    title: the assignment's, with or without its number; not needed where there is one assignment.
    """
    table = read_table(export)
    columns = Columns(table, export, "a Canvas gradebook: Grades, Export", ("Student", "ID"))
    target = _assignment_column([cell.text for cell in table.rows[0]], title, export)
    rows, possible = [], []
    for number, cells in enumerate(table.rows[1:], start=1):
        ident = columns.text(cells, "ID")
        login = columns.text(cells, "SIS Login ID")
        if not ident and not login:  # points possible, and other rows that are not a student's
            if columns.text(cells, "Student").startswith("Points Possible") and target < len(cells):
                possible.append(cells[target].text)
            continue
        cell = cells[target] if target < len(cells) else None
        doubt = "excused" if cell and cell.text.strip().upper() == "EX" else ""
        name = columns.text(cells, "Student")
        sid = columns.text(cells, "SIS User ID")
        rows.append(Row(number, name, ident, sid, (login,), cell, doubt))
    filled = fill_rows("canvas", table, rows, scores, export, out)
    filled.possible = other_points_possible(possible)
    return filled


def _assignment_column(header: Sequence[str], title: str | None, export: Path) -> int:
    titles = {n: match["title"] for n, t in enumerate(header) if (match := ASSIGNMENT.fullmatch(t))}
    if title is None:
        found = list(titles)
        fault = f"{export} has {len(titles) or 'no'} assignments"
    else:
        wanted = title.strip()
        found = [n for n in titles if header[n].strip() == wanted]
        found = found or [n for n, text in titles.items() if text.strip() == wanted]
        number = f"{len(found)} assignments" if found else "no assignment"
        fault = f"{export} has {number} titled {wanted}"
    if len(found) == 1:
        return found[0]
    shown = [header[n].strip() for n in (found if found else titles)]
    more = f" and {len(shown) - NAMES_SHOWN} more" if len(shown) > NAMES_SHOWN else ""
    if not shown:
        raise CannotGrade(f"{fault}. Make the assignment in Canvas and export the gradebook again.")
    raise CannotGrade(f"{fault}. Say which with --title: {'; '.join(shown[:NAMES_SHOWN])}{more}.")
