"""Scores into the rows of an exported gradebook: only cells change, and only sure ones."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grading.parts import TOTAL_POINTS
from grading.report.results import write_whole
from grading.submission import CannotGrade
from instructor.batch.entries import Student
from instructor.batch.gradebook.csv_cells import Cell, Table
from instructor.batch.gradebook.find_row import KINDS, Row, find_row


@dataclass
class Filled:
    """What was filled in, and what was not.

    matched: how many cells. unmatched_rows: names of rows without a submission. unmatched_students:
    students without a row. ambiguous: students or rows that were left because there was a doubt, which
    is said in parentheses. ungraded: students without a grade, whose cells stayed as they were.
    overwritten: rows that had another grade. possible: a sentence where the gradebook has other points
    possible than the assignment.
    """

    matched: int = 0
    unmatched_rows: list[str] = field(default_factory=list)
    unmatched_students: list[str] = field(default_factory=list)
    ambiguous: list[str] = field(default_factory=list)
    ungraded: list[str] = field(default_factory=list)
    overwritten: list[str] = field(default_factory=list)
    possible: str = ""


class Columns:
    """The columns of a table by name."""

    def __init__(self, table: Table, export: Path, what: str, needed: Iterable[str]) -> None:
        self.number: dict[str, int] = {}
        for number, cell in enumerate(table.rows[0]):
            self.number.setdefault(cell.text.strip(), number)
        self.export, self.what = export, what
        for name in needed:
            self.need(name)

    def has(self, name: str) -> bool:
        """Whether there is a column of that name."""
        return name in self.number

    def need(self, name: str) -> None:
        """Raise CannotGrade where there is no column of that name."""
        if name not in self.number:
            raise CannotGrade(f"{self.export} has no column {name}. Give {self.what}, unedited.")

    def cell(self, cells: Sequence[Cell], name: str) -> Cell | None:
        """A row's cell, or None where the row is too short or there is no such column."""
        number = self.number.get(name, len(cells))
        return cells[number] if number < len(cells) else None

    def text(self, cells: Sequence[Cell], name: str) -> str:
        """A row's text, without spaces around it; empty where there is none."""
        cell = self.cell(cells, name)
        return cell.text.strip() if cell else ""


def fill_rows(
    platform: str,
    table: Table,
    rows: Sequence[Row],
    scores: Mapping[Student, float | None],
    export: Path,
    out: Path,
) -> Filled:
    """Write a copy in which the cells of `rows` have these scores. Raises CannotGrade.

    platform: whose numbers the rows have, see Student.ids.
    """
    if out.exists() and out.samefile(export):
        raise CannotGrade(f"{export} would be overwritten. Name another file for the filled one.")
    filled = Filled()
    claims: dict[int, list[Student]] = {}
    concerned: set[int] = set()
    by_number = {row.number: row for row in rows}
    all_found = find_row(platform, list(scores), rows)
    surest: dict[int, str] = {}  # of all who claim a row
    for kind in reversed(KINDS):
        sure = (f for f in all_found.values() if f.kind == kind and not f.doubt)
        surest |= {found.rows[0]: kind for found in sure}
    for student, found in all_found.items():
        concerned.update(found.rows)
        if found.doubt:
            filled.ambiguous.append(f"{student.display_name} ({found.doubt})")
        elif not found.rows:
            filled.unmatched_students.append(student.display_name)
        elif found.kind != (kind := surest[found.rows[0]]):
            filled.ambiguous.append(
                f"{student.display_name} (the row that fits has another's {kind})"
            )
        else:
            claims.setdefault(found.rows[0], []).append(student)
    values: dict[Cell, str] = {}
    for number, students in claims.items():
        row = by_number[number]
        score = scores[students[0]]
        doubt = row.doubt if row.cell else "its row has too few cells"
        if len(students) > 1:
            labels = ", ".join(s.display_name for s in students)
            filled.ambiguous.append(f"{row.name} ({len(students)} submissions fit: {labels})")
        elif score is None or not math.isfinite(score):
            filled.ungraded.append(students[0].display_name)
        elif doubt or row.cell is None:
            filled.ambiguous.append(f"{row.name} ({doubt})")
        else:
            values[row.cell] = _number(score)
            before = _as_number(row.cell.text)
            if before is not None and not math.isclose(before, score):
                filled.overwritten.append(f"{row.name} ({row.cell.text.strip()})")
    filled.matched = len(values)
    filled.unmatched_rows = [row.name for row in rows if row.number not in concerned]
    _write(out, table.filled(values))
    return filled


def _as_number(text: str) -> float | None:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None


def other_points_possible(texts: Iterable[str]) -> str:
    """A sentence where the gradebook says that other points are possible."""
    for text in texts:
        possible = _as_number(text)
        if possible is not None and not math.isclose(possible, TOTAL_POINTS):
            return (
                f"{possible:g} points are possible there and {TOTAL_POINTS:g} here: the points were "
                "written as they are."
            )
    return ""


def _number(score: float) -> str:
    text = f"{score:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _write(out: Path, data: bytes) -> None:
    try:
        write_whole(out, data)
    except OSError as error:
        raise CannotGrade(f"{out} cannot be written ({error.strerror}).") from None
