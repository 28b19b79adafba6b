"""The confusion matrix: which mistakes the tests catch and name, and what right solutions lose."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from grading.judge.scores import Grade
from grading.kit import KIT
from grading.parts import PARTS
from instructor import catalogue
from instructor.keys.known_mistakes import first_named
from instructor.proof import sweep, versions

MATRIX = KIT / "instructor" / "MATRIX.md"
# Written by hand: how solutions fared that are not in the catalogue.
WHAT_WAS_RUN = Path(__file__).resolve().parent / "what_was_run.md"
NAMED_AT_LEAST = 0.9

INTRODUCTION = """# The confusion matrix

Written by `python -m instructor matrix`, which grades every entry of `instructor/catalogue/` with the
real judge and workers.

- *Caught*: a mistake loses points of its own part in the visible tests, in the hidden ones, in both.
- *Elsewhere*: it loses points in another part too, the end-to-end tests (8 of 100 points) not counted.
- *Keep*: the share of their part's points that mistakes keep on average, end-to-end tests not counted.
- *Named*: the first misconception that the visible tests' report names is the right one. What an entry
  returns stands in the key, so this only says that no other one returns the same; how it fares with
  solutions that nobody catalogued stands below, under "What was run".
- *Right*: differently written right solutions, and how many of them lose a point anywhere.
"""
VERSIONS = """
## Other versions

`nox -f instructor/proof/noxfile.py` grades the reference, the stubs, every right solution and one
mistake in {every}, with the same keys, in other environments.
"""


@dataclass
class Row:
    """What became of one part's entries. The lists and sets hold their names."""

    title: str
    mistakes: list[str] = field(default_factory=list)
    visible: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)
    kept: float = 0.0  # the shares of points that mistakes keep, added up
    right: list[str] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)

    def cells(self) -> list[object]:
        """The row of the table."""
        count = len(self.mistakes)
        caught = (len(self.visible), len(self.hidden), len(self.visible & self.hidden))
        shares = (f"{self.kept / max(count, 1):.0%}", f"{len(self.named) / max(count, 1):.0%}")
        return [
            self.title,
            count,
            *caught,
            len(self.elsewhere),
            *shares,
            len(self.right),
            len(self.lost),
        ]

    def faults(self) -> list[str]:
        """Entries that are not as they must be."""
        uncaught = set(self.mistakes) - (self.visible & self.hidden)
        return sorted(uncaught | self.elsewhere | self.lost)


def caught(grade: Grade, part: str, hidden: bool) -> bool:
    """Whether a mistake in this part loses points of it in the visible or in the hidden tests."""
    return any(not t.passed for t in grade.tests if t.part == part and t.hidden == hidden)


def cascades(grade: Grade, part: str) -> list[str]:
    """Tests of other parts that a mistake in this part makes fail."""
    others = (t for t in grade.tests if t.part != part and not t.end_to_end)
    return [test.name for test in others if not test.passed]


def kept(grade: Grade, part: str) -> float:
    """The share of its own part's points that a mistake keeps, the end-to-end tests not counted."""
    own = [test for test in grade.tests if test.part == part and not test.end_to_end]
    return sum(test.score for test in own) / sum(test.points for test in own)


def rows(grades: dict[str, Grade]) -> list[Row]:
    """A row for each part."""
    found = {part.name: Row(part.title) for part in PARTS.values()}
    for mistake in (m for m in catalogue.all_mistakes() if m.name in grades):
        row, grade = found[mistake.part], grades[mistake.name]
        row.mistakes.append(mistake.name)
        row.kept += kept(grade, mistake.part)
        for names, true in (
            (row.visible, caught(grade, mistake.part, hidden=False)),
            (row.hidden, caught(grade, mistake.part, hidden=True)),
            (row.elsewhere, bool(cascades(grade, mistake.part))),
            (row.named, first_named(grade, mistake.part) == mistake.misconception),
        ):
            if true:
                names.add(mistake.name)
    for entry in (a for a in catalogue.all_alternatives() if a.name in grades):
        found[entry.part].right.append(entry.name)
        if grades[entry.name].score < grades[entry.name].points:
            found[entry.part].lost.add(entry.name)
    return list(found.values())


def table(of: list[Row]) -> str:
    """The matrix in Markdown, with sums."""
    sums = Row("all")
    for row in of:
        sums.kept += row.kept
        sums.mistakes += row.mistakes
        sums.right += row.right
        for names in ("visible", "hidden", "elsewhere", "named", "lost"):
            getattr(sums, names).update(getattr(row, names))
    lines = [
        "| part | mistakes | caught by visible | by hidden | by both | elsewhere | keep | named "
        "| right | lose |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [f"| {' | '.join(str(cell) for cell in row.cells())} |" for row in [*of, sums]]
    return "\n".join(lines)


def not_named(of: list[Row], grades: dict[str, Grade]) -> str:
    """The mistakes that are not named first, with what is said instead."""
    parts = {mistake.name: mistake.part for mistake in catalogue.all_mistakes()}
    lines = []
    for row in of:
        for name in (n for n in row.mistakes if n not in row.named):
            instead = first_named(grades[name], parts[name])
            said = f"named as: {instead}" if instead else "what differs is shown, nothing is named"
            lines.append(f"- `{name}`: {said}")
    return "\n".join(lines)


def main() -> int:
    """Grade the catalogue, write MATRIX.md and print the table; 1 if an entry is not as it should be."""
    started = time.monotonic()
    entries: list[catalogue.Entry] = [*catalogue.all_mistakes(), *catalogue.alternatives_here()]
    sources = [(entry.name, catalogue.source_of(entry)) for entry in entries]
    with sweep.pool() as executor:
        grades = sweep.sweep(executor, sources, sweep.Options())
    found = rows(grades)
    faults = [name for row in found for name in row.faults()]
    text = [INTRODUCTION, table(found), ""]
    if faults:
        text += ["Not as they should be: " + ", ".join(f"`{name}`" for name in faults) + ".", ""]
    if unnamed := not_named(found, grades):
        text += [
            "Not named, or not first, because other mistakes return the same:",
            "",
            unnamed,
            "",
        ]
    here = next(iter(grades.values())).versions
    text.append(f"Made with {', '.join(f'{name} {v}' for name, v in here.items())}.")
    text += ["", WHAT_WAS_RUN.read_text(encoding="utf-8").rstrip()]
    if records := versions.read_records():
        text += [VERSIONS.format(every=versions.EVERY), versions.table(records)]
    MATRIX.write_text("\n".join(text) + "\n", encoding="utf-8")
    seconds = time.monotonic() - started
    print(
        f"{table(found)}\n\n{len(entries)} entries graded in {seconds:.0f} s; wrote {MATRIX.name}"
    )
    return int(bool(faults))
