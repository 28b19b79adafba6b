"""Leaving out who a student is: labels for names, and texts without words of the student's own."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from grading.judge.explain import COMMON_ERRORS
from grading.kit import GIVEN
from grading.report.results import PRINTED
from instructor.batch.entries import Graded

LEFT_OUT = "[left out]"
# Where words of a submission enter the kit's sentences, and what stands there without them.
OWN_WORDS = (
    (r" Python says: .*", ""),
    (r" There is one named .*", ""),
    (r"(Python cannot read submitted\.py):.*", r"\1."),
    (r"(submitted\.py imports) .*(?=, which is not available)", r"\1 a package"),
    (r"(Its result cannot be used):.*", r"\1."),
)
STOPPED = re.compile(r"((?:It stopped|submitted\.py stops) with) (an?) (\w+).*")
SOURCE_LINE = re.compile(r"(submitted\.py, line \d+):.*", re.DOTALL)  # this line and all below it
FILE_OR_PATH = re.compile(r"[^\s\"'()]*[/\\][^\s\"'()]*|[^\s\"'()]+\.[A-Za-z]\w{0,5}\b")
OF_THE_KIT = {*GIVEN}
WORD = re.compile(r"[^\W_]{2,}")
TOKEN = re.compile(r"\w+|\W")
DOTS_OF_I = str.maketrans("İı", "ii")  # re.IGNORECASE takes them for i, and casefold does not
GAP = "\0"  # in a sentence, for what is left out: no name is found in it


def labels(graded: Sequence[Graded]) -> dict[str, str]:
    """What stands for the names, by key: "Student 1" and so on.

    The order is the same whenever the same files are graded. It depends on what everybody handed in,
    so a list of the class is not enough to find it out.
    """
    contents = sorted(one.entry.content_hash() for one in graded)
    secret = hashlib.sha256("".join(contents).encode()).hexdigest()

    def place(key: str) -> str:
        return hashlib.sha256(f"{secret} {key}".encode()).hexdigest()

    keys = sorted((one.entry.student.key for one in graded), key=place)
    return {key: f"Student {n}" for n, key in enumerate(keys, start=1)}


def without_own_text(output: str) -> str:
    """A test's output without what the submission printed, its source, and its exceptions' words."""
    kept = SOURCE_LINE.sub(r"\1", output.partition(PRINTED)[0].strip())
    kept = STOPPED.sub(known_error, kept)
    for pattern, plain in OWN_WORDS:
        kept = re.sub(pattern, plain, kept)
    return kept.strip()


def known_error(match: re.Match[str]) -> str:
    """The kind of an exception, unless it is one that the submission may have named itself."""
    said, article, kind = match.groups()
    return f"{said} {article} {kind}." if kind in COMMON_ERRORS else f"{said} an error."


class Identities:
    """Texts that tell who somebody is, to be found in a sentence without trying all of them."""

    def __init__(self, known: Iterable[str]) -> None:
        tokens = {text: _tokens(text) for text in known}
        frequency = Counter(token for found in tokens.values() for token in found)
        self._by_token: dict[str, list[str]] = {}
        for text, found in tokens.items():
            # Where the text stands, all of its tokens do. The rarest leads to the fewest other texts.
            rarest = min(sorted(found), key=lambda token: frequency[token])
            self._by_token.setdefault(rarest, []).append(text)

    def that_may_be_in(self, sentence: str) -> list[str]:
        """The texts that can be in the sentence, the longest first; all others cannot."""
        found = {text for t in _tokens(sentence) for text in self._by_token.get(t, ())}
        return sorted(found, key=lambda text: (-len(text), text))


def identities(graded: Iterable[Graded]) -> Identities:
    """All that tells who somebody is: names, logins, addresses, keys, files, and the names' words."""
    found: set[str] = set()
    for one in graded:
        student, where = one.entry.student, PurePosixPath(one.entry.where.replace("\\", "/"))
        named = {student.name, student.login, student.email, student.key, one.entry.where}
        named |= {student.email.partition("@")[0], *student.ids.values()}
        for part in where.parts:
            named |= {part, PurePosixPath(part).stem} if part not in OF_THE_KIT else set()
        found |= named | set(WORD.findall(student.name))
    return Identities(text for text in found if text.strip() and text not in OF_THE_KIT)


def redacted(text: str, known: Identities) -> str:
    """A sentence about a submission without names of persons and files."""
    text = text.replace(GAP, " ")
    for one in known.that_may_be_in(text):
        text = re.sub(rf"(?<!\w){re.escape(one)}(?!\w)", GAP, text, flags=re.IGNORECASE)
    text = FILE_OR_PATH.sub(lambda match: match[0] if match[0] in OF_THE_KIT else GAP, text)
    return text.replace(GAP, LEFT_OUT)


def _tokens(text: str) -> set[str]:
    """Its words and the characters between them, alike for texts that differ only in case."""
    return {token.translate(DOTS_OF_I).casefold() for token in TOKEN.findall(text)}
