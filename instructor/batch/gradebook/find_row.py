"""Which row of a gradebook is a student's: by number, by login, by name, and never by guessing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from instructor.batch.entries import Student
from instructor.batch.gradebook.csv_cells import Cell


@dataclass(frozen=True)
class Row:
    """A student's row. ident: the platform's own number. sid: the school's. doubt: why not to fill."""

    number: int
    name: str
    ident: str
    sid: str
    logins: tuple[str, ...]
    cell: Cell | None
    doubt: str = ""


class Found(NamedTuple):
    """The numbers of the rows that may be meant, and the doubt; no doubt is an empty text.

    by_id: whether a number says so, which nobody chooses for themselves as they may a name.
    """

    rows: list[int]
    doubt: str = ""
    by_id: bool = False


def find_row(
    platform: str, students: Iterable[Student], rows: Sequence[Row]
) -> dict[Student, Found]:
    """Each student's row: one, none, or several that it may be, together with the doubt."""
    by_ident = _index((row.ident, row) for row in rows)
    by_sid = _index((row.sid, row) for row in rows)
    by_login = _index((_folded(login), row) for row in rows for login in row.logins)
    by_name = _index((same_name(row.name), row) for row in rows)

    def find(student: Student) -> Found:
        ident = student.ids.get(platform, "")
        logins = _logins(student)
        # A file that is only named jdoe says not whether that is a login.
        tried = logins or {_folded(student.name)}
        tries: list[tuple[str, list[Row]]] = [
            ("id", by_ident.get(ident, []) if ident else []),
            # Gradescope has no number of its own for a student: it knows the school's.
            ("id", by_sid.get(student.ids.get("gradescope", ""), [])),
            ("login", _unique(r for login in sorted(tried) for r in by_login.get(login, []))),
            ("name", by_name.get(same_name(student.name), [])),
        ]
        for kind, hits in tries:
            numbers = [row.number for row in hits]
            if len(hits) > 1:
                return Found(numbers, f"{len(hits)} rows have this {kind}")
            if hits:
                if student.doubt:
                    return Found(numbers, student.doubt)
                # Newer versions of Moodle name what a group handed in by the group's number.
                from_moodle = platform == "moodle" and kind == "id" and hits[0].ident == ident
                if from_moodle and _has_another_name(student, hits[0]):
                    return Found(numbers, f"{hits[0].name} has this id; it may be a group's")
                doubt = _conflict(hits[0], ident, logins if kind == "name" else set())
                return Found(numbers, doubt, kind == "id")
        return Found([])

    return {student: find(student) for student in students}


def same_name(name: str) -> str:
    """The same for "Doe, Jane" and "jane doe"; empty for no name. Accents count."""
    return " ".join(sorted(re.findall(r"[^\s,;_]+", _folded(name))))


def _has_another_name(student: Student, row: Row) -> bool:
    """Whether no word of a row's name is in the student's."""
    words = same_name(row.name).split()
    name = _folded(student.name)
    return bool(name and words) and not any(word in name for word in words)


def _conflict(row: Row, ident: str, logins: set[str]) -> str:
    """What is known of a student that speaks against this row being theirs."""
    if ident and row.ident and ident != row.ident:
        return "the row that fits has another id"
    for is_address in (True, False):  # an address says nothing against a login of another form
        ours = {login for login in logins if ("@" in login) == is_address}
        theirs = {_folded(t) for t in row.logins if t and ("@" in t) == is_address}
        if ours and theirs and not ours & theirs:
            return "the row that fits by name has another login or address"
    return ""


def _logins(student: Student) -> set[str]:
    return {_folded(text) for text in (student.login, student.email) if text.strip()}


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFC", text.strip()).casefold()
    return unicodedata.normalize("NFC", folded)


def _index(pairs: Iterable[tuple[str, Row]]) -> dict[str, list[Row]]:
    """The rows by a text of theirs, without those where it is empty."""
    index: dict[str, list[Row]] = {}
    for text, row in pairs:
        if text and row not in index.setdefault(text, []):
            index[text].append(row)
    return index


def _unique(rows: Iterable[Row]) -> list[Row]:
    return list(dict.fromkeys(rows))
