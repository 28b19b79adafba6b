"""The confusion matrix: which mistakes the tests catch, and what right solutions lose."""

from __future__ import annotations

import importlib.util
import time
from pathlib import Path

from grading.judge import Grade
from grading.parts import PARTS
from instructor import catalogue, sweep

MATRIX = Path(__file__).resolve().parent / "MATRIX.md"

INTRODUCTION = """# The confusion matrix

Written by `python -m instructor matrix`, which grades every entry of `instructor/catalogue/` with the
real judge and workers. A mistake is caught by the visible tests if it loses points of its own part in
them, by the hidden tests likewise. A cascade is a point lost in another part, the end-to-end tests not
counted. What is kept is the share of the part's points, the end-to-end tests not counted.
"""


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


def table(grades: dict[str, Grade]) -> tuple[str, int]:
    """The matrix in Markdown, and how many entries are not as they should be."""
    lines = [
        "| part | mistakes | caught by visible | by hidden | by both | cascades | keep on average "
        "| right solutions | that lose a point |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    faults: list[str] = []
    for part in PARTS.values():
        mistakes = [m for m in catalogue.mistakes() if m.part == part.name and m.name in grades]
        right = [a for a in catalogue.alternatives() if a.part == part.name and a.name in grades]
        visible = {m.name for m in mistakes if caught(grades[m.name], part.name, hidden=False)}
        hidden = {m.name for m in mistakes if caught(grades[m.name], part.name, hidden=True)}
        spread = [m.name for m in mistakes if cascades(grades[m.name], part.name)]
        lost = [a.name for a in right if grades[a.name].score < grades[a.name].points]
        share = sum(kept(grades[m.name], part.name) for m in mistakes) / max(len(mistakes), 1)
        numbers = (len(mistakes), len(visible), len(hidden), len(visible & hidden), len(spread))
        cells = [part.title, *numbers, f"{share:.0%}", len(right), len(lost)]
        lines.append(f"| {' | '.join(str(cell) for cell in cells)} |")
        faults += sorted({m.name for m in mistakes} - (visible & hidden)) + spread + lost
    if faults:
        lines += ["", "Not as they should be: " + ", ".join(f"`{name}`" for name in faults) + "."]
    return "\n".join(lines), len(faults)


def main() -> int:
    """Grade the catalogue, write MATRIX.md and print the table; 1 if an entry is not as it should be."""
    started = time.monotonic()
    entries: list[catalogue.Entry] = [*catalogue.mistakes(), *catalogue.alternatives()]
    if importlib.util.find_spec("scipy") is None:
        entries = [entry for entry in entries if not entry.name.endswith("_scipy")]
    sources = [(entry.name, catalogue.source_of(entry)) for entry in entries]
    with sweep.pool() as executor:
        grades = sweep.sweep(executor, sources, sweep.Options())
    text, faults = table(grades)
    versions = next(iter(grades.values())).versions
    made = ", ".join(f"{name} {version}" for name, version in versions.items())
    MATRIX.write_text(f"{INTRODUCTION}\n{text}\n\nMade with {made}.\n", encoding="utf-8")
    seconds = time.monotonic() - started
    print(f"{text}\n\n{len(entries)} entries graded in {seconds:.0f} s; wrote {MATRIX}")
    return int(faults > 0)
