"""Wrong solutions and differently written right ones, each an edit of the reference solution.

The catalogue is the kit's own test (every mistake must cost points, no alternative may), and the
source of feedback. A module per part holds MISTAKES; `alternatives*` modules hold ALTERNATIVES.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import pkgutil
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REFERENCE = Path(__file__).resolve().parent.parent / "reference.py"


@dataclass(frozen=True)
class Change:
    """A change of the reference solution.

    edits: pairs (old, new); each old text must stand exactly once in the reference.
    functions: complete sources of functions that replace the reference's of the same name, dedented.
        Other definitions and imports among them are placed before the first of these functions.
    """

    edits: tuple[tuple[str, str], ...] = ()
    functions: str = ""

    def apply(self, source: str) -> str:
        """The changed source. Raises ValueError where an edit does not fit."""
        for old, new in self.edits:
            if source.count(old) != 1:
                raise ValueError(f"stands {source.count(old)} times in the reference: {old!r}")
            source = source.replace(old, new)
        return (
            replace_functions(source, textwrap.dedent(self.functions)) if self.functions else source
        )


@dataclass(frozen=True)
class Mistake:
    """A wrong solution.

    name: unique among all entries. part: a key of grading.parts.PARTS.
    misconception: one plain sentence to the student, what they have misunderstood.
    look: one sentence, what to look at (never the fix).
    """

    name: str
    part: str
    misconception: str
    look: str
    change: Change


def edited(part: str, name: str, misconception: str, look: str, *edits: tuple[str, str]) -> Mistake:
    """A mistake made by edits of the reference; its name begins with the part's."""
    return Mistake(f"{part}_{name}", part, misconception, look, Change(edits=edits))


@dataclass(frozen=True)
class Alternative:
    """A right solution written differently."""

    name: str
    part: str
    change: Change


def replace_functions(source: str, replacement: str) -> str:
    """Replace top-level functions of `source` by those of the same name in `replacement`."""
    lines = source.splitlines(keepends=True)
    spans = {name: (start, end) for name, start, end in _definitions(source)}
    new_lines = replacement.splitlines(keepends=True)
    placed, before, first = {}, "", len(lines)
    position = 0
    for name, start, end in _definitions(replacement):
        before += "".join(new_lines[position:start])
        text = "".join(new_lines[start:end])
        if name in spans:
            placed[name] = text
            first = min(first, spans[name][0])
        else:
            before += text + "\n\n"
        position = end
    before += "".join(new_lines[position:])
    out = []
    cursor = 0
    for name, (start, end) in sorted(spans.items(), key=lambda item: item[1]):
        if start == first:
            out += lines[cursor:start]
            out.append(before.strip("\n") + "\n\n\n" if before.strip() else "")
            cursor = start
        if name in placed:
            out += [*lines[cursor:start], placed[name].rstrip("\n") + "\n"]
            cursor = end
    return "".join(out + lines[cursor:])


def _definitions(source: str) -> list[tuple[str, int, int]]:
    """Name, first line (from 0) and line after the last of every top-level function and class."""
    found = []
    for node in ast.parse(source).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            start = min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1
            assert node.end_lineno is not None
            found.append((node.name, start, node.end_lineno))
    return found


def _entries(attribute: str) -> list[Any]:
    found: list[Any] = []
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
        found += getattr(importlib.import_module(f"{__name__}.{module}"), attribute, [])
    return found


def mistakes() -> list[Mistake]:
    """All wrong solutions."""
    return _entries("MISTAKES")


def alternatives() -> list[Alternative]:
    """All differently written right solutions."""
    return _entries("ALTERNATIVES")


def alternatives_here() -> list[Alternative]:
    """The alternatives that can run here: some import SciPy, which the kit does not ask for."""
    scipy = importlib.util.find_spec("scipy") is not None
    return [entry for entry in alternatives() if scipy or not entry.name.endswith("_scipy")]


Entry = Mistake | Alternative


def source_of(entry: Entry) -> str:
    """The complete submission of an entry."""
    try:
        return entry.change.apply(REFERENCE.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{entry.name}: {error}") from None
