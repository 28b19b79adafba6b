"""Keys of students: unique in a batch, fit for file names, the same for the same source."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import replace

from instructor.batch.entries import Entry

KEY_LENGTH = 80
# Letters that no decomposition turns into ASCII.
LETTERS = str.maketrans(
    {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ı": "i"}
    | {"ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "þ": "th", "ð": "d"}
)
# Names that a file cannot have on Windows, whatever comes after the dot.
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def with_unique_keys(entries: Sequence[Entry]) -> list[Entry]:
    """The entries sorted by key. Where keys collide, each gets a number, and nobody the plain key.

    Somebody may have chosen a classmate's name. What had the plain key would pass for the
    classmate's.
    """
    shared = _shared(_safe(e.student.key) for e in entries)
    wishes = sorted(
        ((_wish(e, shared), e) for e in entries),
        key=lambda pair: (pair[0], pair[1].where, pair[1].student.email),
    )
    shared = _shared(wish for wish, _ in wishes)
    taken = {wish.casefold() for wish, _ in wishes}
    numbers: dict[str, int] = {}
    result = []
    for wish, entry in wishes:
        key, number = wish, numbers.get(wish, 0)
        # A number must not make another student's key.
        while wish.casefold() in shared and key.casefold() in taken:
            number += 1
            key = f"{wish[: KEY_LENGTH - 7]}-{number}"
        numbers[wish] = number
        taken.add(key.casefold())
        result.append(replace(entry, student=replace(entry.student, key=key)))
    return sorted(result, key=lambda e: e.student.key)


def _shared(keys: Iterable[str]) -> set[str]:
    """The keys that there are more than once. Some file systems take A and a for the same."""
    return {key for key, count in Counter(key.casefold() for key in keys).items() if count > 1}


def _wish(entry: Entry, shared: Container[str]) -> str:
    """The key to give; one that others wish, too, with the number of the submission, if it has one."""
    wish = _safe(entry.student.key)
    if wish.casefold() not in shared or not entry.student.submission:
        return wish
    return _safe(f"{entry.student.key}-{entry.student.submission}")


def _safe(wish: str) -> str:
    """A file name of ASCII letters, digits and . _ -, the same for the same wish.

    If letters are lost, for want of a counterpart in ASCII or of room, a few digits stand for them.
    """
    plain = unicodedata.normalize("NFKD", wish.translate(LETTERS))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    key = re.sub(r"[^A-Za-z0-9._-]+", "_", plain).strip("._-")
    lost = any(c.isalnum() and not c.isascii() for c in plain)
    if lost or not key or len(key) > KEY_LENGTH:
        digits = hashlib.sha256(wish.encode("utf-8", "replace")).hexdigest()[:8]
        key = f"{key[: KEY_LENGTH - 9].rstrip('._-') or 'student'}-{digits}"
    if RESERVED.fullmatch(key):
        name, dot, rest = key.partition(".")
        key = f"{name}_{dot}{rest}"[:KEY_LENGTH]
    return key
