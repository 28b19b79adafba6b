"""What an entry of the catalogue is: a name, and a change that makes a submission of the reference."""

from __future__ import annotations

import ast
import textwrap
from dataclasses import dataclass
from pathlib import Path

from grading.parts import PARTS

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


# The first word of a part's name is enough to tell it, and the names of alternatives have no more.
PARTS_BY_FIRST_WORD = {part.split("_")[0]: part for part in PARTS}


@dataclass(frozen=True)
class Entry:
    """A solution that differs from the reference.

    name: unique among all entries. It says the part: `vpg_loss_sign` is a mistake and
        `alternative_vpg_loop` an alternative of the part `vpg_loss`.
    """

    name: str
    change: Change

    @property
    def part(self) -> str:
        """A key of grading.parts.PARTS. Raises ValueError where the name says none."""
        first_word = self.name.removeprefix("alternative_").split("_")[0]
        if first_word not in PARTS_BY_FIRST_WORD:
            raise ValueError(f"{self.name}: the name of an entry begins with its part's")
        return PARTS_BY_FIRST_WORD[first_word]


def source_of(entry: Entry) -> str:
    """The complete submission of an entry."""
    try:
        return entry.change.apply(REFERENCE.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{entry.name}: {error}") from None


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
