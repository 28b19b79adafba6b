"""Which submissions are nearly the same: a hint for a person who then reads both, not a verdict."""

from __future__ import annotations

import ast
import io
import multiprocessing
import os
import re
import tokenize
from collections.abc import Iterable, Sequence
from multiprocessing.connection import Connection

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
TIME_LIMIT = 120.0  # seconds for the whole class; a thousand submissions take about ten
MEMORY_LIMIT = 4 * 2**30  # bytes
Pair = tuple[str, str, float]  # two keys, and the share of code that is the same
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


def near_duplicates_apart(entries: Sequence[Entry]) -> list[Pair] | None:
    """The result of near_duplicates, from a process of its own; None if that crashed or took too long.

    What somebody hands in can make Python's own parser crash or run for ever.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(
        target=_send_near_duplicates, args=(theirs, list(entries)), daemon=True
    )
    process.start()
    theirs.close()
    try:
        return ours.recv() if ours.poll(TIME_LIMIT) else None
    except EOFError:  # it has crashed
        return None
    finally:
        process.kill()
        process.join()


def _send_near_duplicates(connection: Connection, entries: list[Entry]) -> None:
    if os.name == "posix":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    connection.send(near_duplicates(entries))


def near_duplicates(entries: Sequence[Entry], least: float = 0.9) -> list[Pair]:
    """Pairs of students whose own code is alike: two keys and the share of it that is the same.

    The most alike come first. Lines of the assignment's own file, comments and docstrings do not count.
    Students with hardly any code of their own are left out. Empty without rapidfuzz.
    """
    if not AVAILABLE:
        return []
    stub = set(token_lines(STUB.read_text(encoding="utf-8"))) if STUB.exists() else set()
    handed_in = [entry for entry in entries if entry.content]
    own = {e.content_hash(): own_tokens(e.content or b"", stub) for e in handed_in}
    with_code = [e for e in handed_in if len(own[e.content_hash()]) >= OWN_TOKENS]
    # A group that handed in one file together counts as one student.
    partners = {
        (e.content_hash(), e.where or e.student.key): e.student.key for e in with_code[::-1]
    }
    groups: dict[str, list[str]] = {}
    for (content, _), key in sorted(partners.items(), key=lambda item: item[1]):
        groups.setdefault(content, []).append(key)
    hashes = list(groups)
    pairs = [
        (first, second, 1.0)
        for keys in groups.values()
        for n, first in enumerate(keys)
        for second in keys[n + 1 :]
    ]
    if len(hashes) > 1:
        texts = as_characters([own[content] for content in hashes])
        shares = process.cdist(
            texts,
            texts,
            scorer=Indel.normalized_similarity,
            score_cutoff=least,
            dtype=np.float64,
        )
        for row, column in np.argwhere(np.triu(shares >= max(least, 1e-9), 1)):
            share = float(shares[row, column])
            pairs += [(a, b, share) for a in groups[hashes[row]] for b in groups[hashes[column]]]
    ordered = [(min(a, b), max(a, b), share) for a, b, share in pairs]
    return sorted(ordered, key=lambda pair: (-pair[2], pair[0], pair[1]))


def own_tokens(content: bytes, stub: set[tuple[str, ...]]) -> list[str]:
    """The tokens of a submission, without the lines that stand in the stub."""
    lines = token_lines(content.decode("utf-8", errors="replace"))
    return [token for line in lines if line not in stub for token in line][:MOST_TOKENS]


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


def as_characters(sequences: Iterable[Sequence[str]]) -> list[str]:
    """The sequences as strings in which every token is one character: what compares fastest."""
    characters: dict[str, str] = {}
    return [
        "".join(
            characters.setdefault(token, chr(FIRST_CHARACTER + len(characters) % VARIETY))
            for token in tokens
        )
        for tokens in sequences
    ]
