"""Who handed in what, and what came of it: what the parts of a batch hand to each other."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

# Work: contents to grade, by their hash. Result: the hash; the document, or None and the reason why
# there is none; and the seconds it took.
Work = dict[str, bytes]
Result = tuple[str, dict[str, Any] | None, str, float]


@dataclass(frozen=True)
class Student:
    """Who handed something in. What the source does not tell is empty.

    key: unique in the batch, fit for a file name. ids: by platform ("canvas", "gradescope", "moodle").
    doubt: why all of this may be said by a student about somebody else; empty where it cannot be.
    submission: the platform's number of what was handed in, where names alone may be somebody else's.
    """

    key: str
    name: str = ""
    login: str = ""
    email: str = ""
    ids: dict[str, str] = field(default_factory=dict, hash=False)
    doubt: str = ""
    submission: str = ""

    @property
    def display_name(self) -> str:
        """The name; where there is none, the login, the address or the key."""
        return self.name or self.login or self.email or self.key


@dataclass(frozen=True)
class Entry:
    """One student's submission: its bytes, or a sentence on why there is nothing to grade.

    where: the file, as a person would name it; inside a zip, behind the zip's name.
    """

    student: Student
    content: bytes | None
    where: str = ""
    problem: str = ""

    def content_hash(self) -> str:
        """SHA-256 of the content, hexadecimal. Where there is no content, that of no bytes."""
        return hashlib.sha256(self.content or b"").hexdigest()


@dataclass(frozen=True)
class Graded:
    """What came of an entry.

    document: the results.json of a grading (see grading.report.results), or None where there is no
    grade; then `reason` says why. No grade is not zero points.
    """

    entry: Entry
    document: dict[str, Any] | None
    reason: str = ""
    seconds: float = 0.0

    @property
    def score(self) -> float | None:
        """Points, or None where there is no grade."""
        return None if self.document is None else sum(t["score"] for t in self.document["tests"])
