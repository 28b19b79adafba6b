"""The record of a batch: an SQLite file to which every result is added as soon as it is there.

A result belongs to the bytes of a submission and to the kit that graded them, not to a student. Two
students who hand in the same file share a result, and nothing is graded twice. A content's grade is the
newest of its results that is one, with whatever kit: no grade changes without a grading.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sqlite3
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from grading.kit import KIT, files_that_decide
from grading.submission import CannotGrade
from instructor.batch.entries import Entry, Graded, Student
from instructor.proof.sweep import Options

SCHEMA = """
CREATE TABLE IF NOT EXISTS results (
    content TEXT, kit TEXT, document TEXT, reason TEXT, seconds REAL, PRIMARY KEY (content, kit)
);
CREATE TABLE IF NOT EXISTS submissions (
    key TEXT PRIMARY KEY, name TEXT, login TEXT, email TEXT, ids TEXT, content TEXT, bytes BLOB,
    place TEXT, problem TEXT
);
CREATE TABLE IF NOT EXISTS regrade (kit TEXT);
CREATE TABLE IF NOT EXISTS known (key TEXT PRIMARY KEY);
"""
RECORD_FILE = "batch.sqlite"
PACKAGES = ("torch", "numpy", "gymnasium")


def kit_hash(options: Options) -> str:
    """A hash of all that a result depends on beside the submission: kit, packages, options."""
    total = hashlib.sha256(f"{platform.python_version()} {options}".encode())
    for name in PACKAGES:
        try:
            total.update(f"{name} {version(name)}".encode())
        except PackageNotFoundError:
            continue
    for name in files_that_decide():
        total.update(name.encode())
        total.update(hashlib.sha256((KIT / name).read_bytes()).digest())
    return total.hexdigest()


class Record:
    """The file `batch.sqlite` in a batch's folder. To be used in a `with` statement."""

    def __init__(self, path: Path) -> None:
        """Open or make it. Raises CannotGrade where the file is something else, or damaged: then also
        later, at the end of the `with` statement.
        """
        self.path = path
        try:
            self.connection = sqlite3.connect(path)
        except sqlite3.OperationalError as error:
            raise CannotGrade(f"{path} cannot be opened ({error}).") from None
        try:
            self.connection.executescript(SCHEMA)
            if os.name == "posix":
                path.chmod(0o600)  # it holds everybody's files
        except (sqlite3.Error, OSError) as error:
            self.connection.close()
            raise self._unusable(error) from None

    def __enter__(self) -> Record:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.connection.close()
        if isinstance(error, sqlite3.Error):
            raise self._unusable(error) from None

    def _unusable(self, error: Exception) -> CannotGrade:
        return CannotGrade(f"{self.path} cannot be used as the record of a batch ({error}).")

    @property
    def regrade_kit(self) -> str:
        """The kit of the last regrade, whether that has ended or not; empty if there was none."""
        (kit,) = self.connection.execute("SELECT kit FROM regrade").fetchone() or ("",)
        return str(kit)

    @regrade_kit.setter
    def regrade_kit(self, kit: str) -> None:
        with self.connection:
            self.connection.execute("DELETE FROM regrade")
            self.connection.execute("INSERT INTO regrade VALUES (?)", (kit,))

    def keys(self) -> set[str]:
        """The students about whom the batch's folder may have files.

        They are those of the last run, and of runs before it since the last one that ended. (An
        earlier kit has noted only those of the last run.)
        """
        keys = "SELECT key FROM submissions UNION SELECT key FROM known"
        return {key for (key,) in self.connection.execute(keys)}

    def forget_keys(self, keys: Iterable[str]) -> None:
        """Note that the folder has no files about these students any more."""
        with self.connection:
            self.connection.executemany("DELETE FROM known WHERE key = ?", [(k,) for k in keys])

    def set_entries(self, entries: Iterable[Entry]) -> None:
        """Replace the list of who handed in what.

        Who is no longer in the list stays among the `keys`: this run may be killed before it has taken
        their files out, and then the next one has to.
        """
        rows = [
            (
                *(e.student.key, e.student.name, e.student.login, e.student.email),
                *(json.dumps(e.student.ids), e.content_hash(), e.content, e.where, e.problem),
            )
            for e in entries
        ]
        with self.connection:
            self.connection.execute("INSERT OR IGNORE INTO known SELECT key FROM submissions")
            self.connection.execute("DELETE FROM submissions")
            self.connection.executemany(
                "INSERT INTO submissions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows
            )

    def add(self, content: str, kit: str, document: Any, reason: str, seconds: float) -> None:
        """Keep one result; it is on disk when this returns. document: None if there is no grade."""
        text = None if document is None else json.dumps(document)
        with self.connection:
            self.connection.execute(
                "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?)",
                (content, kit, text, reason, seconds),
            )

    def grade_anew(self, contents: Iterable[str], kit: str) -> None:
        """Note that this kit is to grade these contents, whatever it has made of them before.

        The grades that they have count until the new ones are there.
        """
        with self.connection:
            for content in contents:
                # Otherwise a new result would take the old one's place even if it is no grade.
                self.connection.execute(
                    "UPDATE OR REPLACE results SET kit = kit || ' before --again' "
                    "WHERE content = ? AND kit = ? AND document IS NOT NULL",
                    (content, kit),
                )
                self.connection.execute(
                    "INSERT OR REPLACE INTO results VALUES (?, ?, NULL, ?, 0)",
                    (content, kit, "It is still to be graded anew."),
                )

    def graded(self, kit: str) -> set[str]:
        """The content hashes whose grade is of this kit.

        If a content has no grade, the machine was the reason, and the next run tries again.
        """
        return {content for content, by in self._newest_grades() if by == kit}

    def failed(self, kit: str) -> dict[str, str]:
        """The content hashes that this kit was to grade and could not, and why.

        Not those that another kit has graded since.
        """
        rows = self.connection.execute(
            "SELECT content, reason FROM results AS failed WHERE kit = ? AND document IS NULL "
            "AND NOT EXISTS (SELECT 1 FROM results WHERE content = failed.content "
            "AND document IS NOT NULL AND rowid > failed.rowid)",
            (kit,),
        )
        return dict(rows.fetchall())

    def graded_with_any_kit(self) -> set[str]:
        """The content hashes that have a grade, with whatever kit."""
        return {content for content, _ in self._newest_grades()}

    def _newest_grades(self) -> list[tuple[str, str]]:
        """Every content hash that has a grade, and the kit whose it is."""
        rows = self.connection.execute(
            "SELECT content, kit, max(rowid) FROM results WHERE document IS NOT NULL "
            "GROUP BY content"
        )
        return [(content, kit) for content, kit, _ in rows]

    def all_results(self) -> list[Graded]:
        """What came of every submission, by student key.

        If the machine failed for one in a regrade, the grade from before is still its grade.
        """
        found = []
        rows = self.connection.execute(
            "SELECT key, name, login, email, ids, content, bytes, place, problem FROM submissions "
            "ORDER BY key"
        ).fetchall()
        for key, name, login, email, ids, content, data, place, problem in rows:
            student = Student(key, name, login, email, _loaded(ids))
            entry = Entry(student, data, place, problem)
            row = self.connection.execute(
                "SELECT document, reason, seconds FROM results WHERE content = ? "
                "ORDER BY document IS NULL, rowid DESC LIMIT 1",
                (content,),
            ).fetchone()
            if problem or row is None:
                found.append(Graded(entry, None, problem or "It has not been graded yet."))
            else:
                document, reason, seconds = row
                found.append(Graded(entry, document and _loaded(document), reason, seconds))
        return found


def _loaded(text: str) -> Any:
    """What stands in the record as JSON. Raises sqlite3.Error, as a damaged record does elsewhere."""
    try:
        return json.loads(text)
    except (TypeError, ValueError) as error:
        raise sqlite3.DataError(f"a text in it is damaged: {error}") from None
