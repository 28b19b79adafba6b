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


# What can say whose a row is, the surest first. A number or an address is not chosen as a name is.
KINDS = ("id", "login", "name")


class Found(NamedTuple):
    """The numbers of the rows that may be meant, and the doubt; no doubt is an empty text.

    kind: what says so, one of KINDS; empty where nothing does.
    """

    rows: list[int]
    doubt: str = ""
    kind: str = ""


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
        of_logins = _unique(r for login in sorted(logins) for r in by_login.get(login, []))
        # A file that is only named jdoe says not whether that is a login. Who is called like another's
        # login has two rows then, and a doubt.
        as_login = [] if logins else by_login.get(_folded(student.name), [])
        tries: list[tuple[str, list[Row]]] = [
            ("id", by_ident.get(ident, []) if ident else []),
            # Gradescope has no number of its own for a student: it knows the school's.
            ("id", by_sid.get(student.ids.get("gradescope", ""), [])),
            ("login", of_logins),
            ("name", _unique([*by_name.get(same_name(student.name), []), *as_login])),
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
                return Found(numbers, doubt, kind)
        return Found([])

    return {student: find(student) for student in students}


def same_name(name: str) -> str:
    """The same for "Doe, Jane" and "jane doe"; empty for no name. Accents count."""
    return " ".join(sorted(re.findall(r"[^\s,;_]+", _folded(name))))


def _has_another_name(student: Student, row: Row) -> bool:
    """Whether a word of a row's name is not among the student's, which may have a group's around it."""
    ours, theirs = _words(student.name), _words(row.name)
    return bool(ours and theirs) and not theirs <= ours


def _words(name: str) -> set[str]:
    """The words of a name, without what Moodle leaves out in the names of files."""
    parts = re.split(r"[\s,;_-]+", _folded(name))
    return {word for part in parts if (word := re.sub(r"\W", "", part))}


def _conflict(row: Row, ident: str, logins: set[str]) -> str:
    """What is known of a student that speaks against this row being theirs."""
    if ident and row.ident and ident != row.ident:
        return "the row that fits has another id"
    if _are_anothers(logins, {_folded(text) for text in row.logins if text.strip()}):
        return "the row that fits by name has another login or address"
    return ""


def _are_anothers(ours: set[str], theirs: set[str]) -> bool:
    """Whether logins and addresses speak against two names being one person's.

    Where one has logins and the other only addresses, an address has to begin with a login.
    """
    if not ours or not theirs or ours & theirs:
        return False
    if {"@" in text for text in ours} & {"@" in text for text in theirs}:
        return True
    return not {t.partition("@")[0] for t in ours} & {t.partition("@")[0] for t in theirs}


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
