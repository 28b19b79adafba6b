"""Submissions that no known mistake explains, grouped by what they return.

Whoever made the same mistake returns the same, case by case, however it is written. So an instructor
who reads one of a group has read all, and what they then say of it (`python -m instructor name`) is told
to everybody in the group.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from grading.judge.diagnosis import alike
from grading.judge.keys import Sketch
from grading.parts import PARTS
from instructor.batch.entries import Graded

CODE_LINES = 60  # of an example's function
CODE_LENGTH = 100 * CODE_LINES  # characters; a line can be as long as a submission


@dataclass
class Group:
    """Submissions that return the same in every test of a part that they fail without a name.

    id: what `python -m instructor name` calls it. It is the same in every order of the students,
    and as a rule in the next class.
    rows: who is in it, as numbers of `graded`; the first one is the example.
    """

    id: str
    part: str
    sketches: dict[str, Sketch]
    rows: list[int]


def groups(graded: Sequence[Graded]) -> list[Group]:
    """All groups, the largest first."""
    returned = [
        (part, sketches, row)
        for row, one in enumerate(graded)
        for part, sketches in unnamed_of(one).items()
    ]
    # Who is alike to whom depends on whom a group begins with. So that does not depend on the students'
    # order, which is another one in an anonymous report.
    returned.sort(
        key=lambda one: (one[0], [(t, s.says, s.numbers) for t, s in sorted(one[1].items())])
    )
    found: list[Group] = []
    names: Counter[str] = Counter()
    for part, sketches, row in returned:
        group = next((g for g in found if g.part == part and same(g.sketches, sketches)), None)
        if group is None:
            name = _name(part, sketches)
            names[name] += 1
            again = f"_{names[name]}" if names[name] > 1 else ""
            group = Group(name + again, part, sketches, [])
            found.append(group)
        group.rows.append(row)
    for group in found:
        group.rows.sort()
    return sorted(found, key=lambda group: (-len(group.rows), group.id))


def unnamed_of(one: Graded) -> dict[str, dict[str, Sketch]]:
    """By part and test, what a submission returns where no mistake is named; see `results`."""
    document = one.document or {"tests": []}
    parts = {t["name"].rpartition(": ")[2]: t["tags"][0] for t in document["tests"]}
    found: dict[str, dict[str, Sketch]] = {}
    for name, values in document.get("extra_data", {}).get("unnamed", {}).items():
        says, *numbers = values
        found.setdefault(parts[name], {})[name] = Sketch(says, tuple(numbers))
    return found


def same(first: dict[str, Sketch], second: dict[str, Sketch]) -> bool:
    """Whether two submissions return the same in the same tests."""
    return first.keys() == second.keys() and all(alike(first[t], second[t]) for t in first)


def _name(part: str, sketches: dict[str, Sketch]) -> str:
    """A short name that follows from the part and from what is returned, rounded to two digits."""
    told = [(t, s.says, [f"{n:.1e}" for n in s.numbers]) for t, s in sorted(sketches.items())]
    return f"{part}_{zlib.crc32(repr(told).encode()):08x}"


def example(one: Graded, part: str) -> str:
    """The lines of the function in a submission, or as much of its beginning as is shown."""
    # Python's own parser is not used: what somebody hands in can make it crash.
    text = (one.entry.content or b"").decode("utf-8", "replace")
    lines = text.splitlines()
    begins = re.compile(rf"(async\s+)?def\s+{PARTS[part].function}\s*\(")
    start = next((n for n, line in enumerate(lines) if begins.match(line)), 0)
    ends = (
        n for n in range(start + 1, len(lines)) if re.match(r"(def|class|async|@|if)\b", lines[n])
    )
    end = next(ends, len(lines))
    while end > start and not lines[end - 1].strip():
        end -= 1
    code = "\n".join(lines[start:end])
    shown = "\n".join(lines[start : min(end, start + CODE_LINES)])[:CODE_LENGTH]
    return shown if shown == code else f"{shown}\n..."
