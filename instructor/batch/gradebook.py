"""Scores into the gradebook that an instructor exported: only cells change, and only sure ones."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grading.parts import TOTAL_POINTS
from grading.report.results import write_whole
from grading.submission import CannotGrade
from instructor.batch.cells import Cell, Table, read_table
from instructor.batch.records import Student
from instructor.batch.roster import Row, find_row

ASSIGNMENT = re.compile(r"(?P<title>.*\S)\s*\((?P<id>\d+)\)\s*", re.DOTALL)
NAMES_SHOWN = 20


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
    filled = _fill("canvas", table, rows, scores, export, out)
    filled.possible = _other_possible(possible)
    return filled


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
    filled = _fill("moodle", table, rows, scores, export, out)
    filled.possible = _other_possible(
        columns.text(cells, "Maximum Grade") for cells in table.rows[1:]
    )
    return filled


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


def _fill(
    platform: str,
    table: Table,
    rows: Sequence[Row],
    scores: Mapping[Student, float | None],
    export: Path,
    out: Path,
) -> Filled:
    if out.exists() and out.samefile(export):
        raise CannotGrade(f"{export} would be overwritten. Name another file for the filled one.")
    filled = Filled()
    claims: dict[int, list[Student]] = {}
    concerned: set[int] = set()
    by_number = {row.number: row for row in rows}
    for student, (found, doubt) in find_row(platform, list(scores), rows).items():
        concerned.update(found)
        if doubt:
            filled.ambiguous.append(f"{_label(student)} ({doubt})")
        elif not found:
            filled.unmatched_students.append(_label(student))
        else:
            claims.setdefault(found[0], []).append(student)
    values: dict[Cell, str] = {}
    for number, students in claims.items():
        row = by_number[number]
        score = scores[students[0]]
        doubt = row.doubt if row.cell else "its row has too few cells"
        if len(students) > 1:
            labels = ", ".join(_label(s) for s in students)
            filled.ambiguous.append(f"{row.name} ({len(students)} submissions fit: {labels})")
        elif score is None or not math.isfinite(score):
            filled.ungraded.append(_label(students[0]))
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


def _label(student: Student) -> str:
    return student.name or student.key


def _as_number(text: str) -> float | None:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None


def _other_possible(texts: Iterable[str]) -> str:
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
