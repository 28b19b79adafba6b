"""Which submissions are nearly the same: a hint for a person who then reads both, not a verdict."""

from __future__ import annotations

import ast
import contextlib
import io
import multiprocessing
import os
import re
import time
import tokenize
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any, NamedTuple

import numpy as np

from grading.kit import KIT
from instructor.batch.entries import Entry

try:
    from rapidfuzz import process
    from rapidfuzz.distance import Indel
except ImportError:  # it is not among the packages that grading needs
    AVAILABLE = False
else:
    AVAILABLE = True

STUB = KIT / "submitted.py"
TIME_LIMIT = 120.0  # seconds for reading a class, and for comparing it; a thousand take about ten
FILE_TIME_LIMIT = 5.0  # seconds for reading one submission, which takes some hundredths
MEMORY_LIMIT = 4 * 2**30  # bytes
Pair = tuple[str, str, float]  # two keys, and the share of code that is the same
LEAST = 0.9  # share of code, from which on two are nearly the same
OWN_TOKENS = 40  # with less code of their own, everybody's is the same
MOST_TOKENS = 20_000  # a solution has some two thousand
WORD = re.compile(r"\w+|[^\w\s]")
FIRST_CHARACTER, VARIETY = (
    0x10000,
    0x100000,
)  # beyond the surrogates, which a string should not hold
LAYOUT = (
    *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENCODING),
    *(tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER),
)


class Alike(NamedTuple):
    """Pairs that are nearly the same, and the keys of those who were not compared with anybody."""

    pairs: list[Pair]
    not_compared: list[str]


def near_duplicates_apart(entries: Sequence[Entry]) -> Alike | None:
    """The result of near_duplicates, from a process of its own; None if that crashed or took too long.

    What somebody hands in can make Python's own parser crash or run for ever. That leaves out this one
    submission, and no other.
    """
    if not AVAILABLE:
        return Alike([], [])
    contents = {e.content_hash(): e.content for e in entries if e.content}
    texts: dict[str, str] = {}
    characters: dict[str, str] = {}
    deadline = time.monotonic() + TIME_LIMIT
    with _Apart() as apart:
        # The smallest first: what takes long is large as a rule, and then keeps few others out.
        for content, data in sorted(contents.items(), key=lambda item: (len(item[1]), item[0])):
            if time.monotonic() < deadline:
                with contextlib.suppress(_NoAnswer):
                    tokens = apart.ask(FILE_TIME_LIMIT, own_tokens, data)
                    texts[content] = as_characters(tokens, characters)
        groups = groups_by_content(entries, texts)
        try:
            shares = apart.ask(TIME_LIMIT, shares_of_code, [texts[c] for c in groups], LEAST)
        except _NoAnswer:
            return None
    not_compared = [e.student.key for e in entries if e.content and e.content_hash() not in texts]
    return Alike(pairs_of(groups, shares), not_compared)


class _NoAnswer(Exception):
    """The process apart crashed or took too long."""


class _Apart:
    """A process that runs functions of this module. It is replaced where it gives no answer."""

    def __init__(self) -> None:
        self.process: SpawnProcess | None = None

    def __enter__(self) -> _Apart:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def ask(self, seconds: float, function: Callable[..., Any], *arguments: object) -> Any:
        """What the function returns. Raises _NoAnswer."""
        try:
            if self.process is None:
                self._start()
            self.connection.send((function, arguments))
            return self._answer(seconds)
        except (OSError, EOFError):  # it has crashed
            self._stop()
            raise _NoAnswer from None

    def _answer(self, seconds: float) -> Any:
        if not self.connection.poll(seconds):
            raise TimeoutError
        return self.connection.recv()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        process = context.Process(target=_answer_all, args=(theirs,), daemon=True)
        with theirs:
            process.start()
        self.process = process  # not before: only what has started can be killed
        self._answer(TIME_LIMIT)  # it has imported what it needs

    def _stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.join()
            self.connection.close()
            self.process = None


def _answer_all(connection: Connection) -> None:
    if os.name == "posix":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    connection.send("ready")
    with contextlib.suppress(EOFError):  # nothing more is asked
        while True:
            function, arguments = connection.recv()
            connection.send(function(*arguments))


def near_duplicates(entries: Sequence[Entry], least: float = LEAST) -> list[Pair]:
    """Pairs of students whose own code is alike: two keys and the share of it that is the same.

    The most alike come first. Lines of the assignment's own file, comments and docstrings do not count.
    Students with hardly any code of their own are left out. Empty without rapidfuzz.
    """
    if not AVAILABLE:
        return []
    characters: dict[str, str] = {}
    contents = {e.content_hash(): e.content for e in entries if e.content}
    texts = {c: as_characters(own_tokens(data), characters) for c, data in contents.items()}
    groups = groups_by_content(entries, texts)
    return pairs_of(groups, shares_of_code([texts[c] for c in groups], least))


def groups_by_content(entries: Sequence[Entry], texts: Mapping[str, str]) -> dict[str, list[str]]:
    """The keys of those who have code of their own, by content. texts: see as_characters."""
    with_code = [e for e in entries if len(texts.get(e.content_hash(), "")) >= OWN_TOKENS]
    # A group that handed in one file together counts as one student.
    partners = {
        (e.content_hash(), e.where or e.student.key): e.student.key for e in with_code[::-1]
    }
    groups: dict[str, list[str]] = {}
    for (content, _), key in sorted(partners.items(), key=lambda item: item[1]):
        groups.setdefault(content, []).append(key)
    return groups


def shares_of_code(texts: Sequence[str], least: float) -> list[tuple[int, int, float]]:
    """Which two of the texts have at least this share in common, and how much."""
    if len(texts) < 2:
        return []
    shares = process.cdist(
        texts,
        texts,
        scorer=Indel.normalized_similarity,
        score_cutoff=least,
        dtype=np.float64,
    )
    found = np.argwhere(np.triu(shares >= max(least, 1e-9), 1))
    return [(int(row), int(column), float(shares[row, column])) for row, column in found]


def pairs_of(
    groups: Mapping[str, Sequence[str]], shares: Sequence[tuple[int, int, float]]
) -> list[Pair]:
    """Pairs of students, the most alike first. shares: of the groups by their places, from 0."""
    keys = list(groups.values())
    pairs = [
        (first, second, 1.0)
        for group in keys
        for n, first in enumerate(group)
        for second in group[n + 1 :]
    ]
    for row, column, share in shares:
        pairs += [(a, b, share) for a in keys[row] for b in keys[column]]
    ordered = [(min(a, b), max(a, b), share) for a, b, share in pairs]
    return sorted(ordered, key=lambda pair: (-pair[2], pair[0], pair[1]))


@cache
def stub_lines() -> frozenset[tuple[str, ...]]:
    """The tokens of the lines of the assignment's own file."""
    return frozenset(token_lines(STUB.read_text(encoding="utf-8")) if STUB.exists() else ())


def own_tokens(content: bytes) -> list[str]:
    """The tokens of a submission, without the lines that stand in the stub."""
    lines, stub = token_lines(decoded(content)), stub_lines()
    return [token for line in lines if line not in stub for token in line][:MOST_TOKENS]


def decoded(content: bytes) -> str:
    """A source in the encoding that it declares, as Python reads it."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        text = content.decode(encoding, errors="replace")
    except (SyntaxError, LookupError, ValueError):
        text = content.decode("utf-8", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def token_lines(source: str) -> list[tuple[str, ...]]:
    """The tokens of every line that has any, without comments, docstrings and layout."""
    lines: dict[int, list[str]] = {}
    try:
        docstrings = docstring_lines(source)
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            alone = token.type == tokenize.STRING and token.start[0] in docstrings
            if token.type not in LAYOUT and not alone:
                lines.setdefault(token.start[0], []).append(token.string)
    except (SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError):
        # This is no Python that can be read, but its words still show what it was copied from.
        plain = (WORD.findall(line.partition("#")[0]) for line in source.splitlines())
        lines = dict(enumerate(plain))
    return [tuple(line) for line in lines.values() if line]


def docstring_lines(source: str) -> set[int]:
    """The lines on which a string begins that is a statement by itself."""
    return {
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }


def as_characters(tokens: Sequence[str], characters: dict[str, str]) -> str:
    """A string in which every token is one character, the same in each: what compares fastest.

    characters: those of the tokens so far; new ones are added.
    """
    return "".join(
        characters.setdefault(token, chr(FIRST_CHARACTER + len(characters) % VARIETY))
        for token in tokens
    )
