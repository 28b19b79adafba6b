"""Grade right and wrong solutions in this environment and note the scores in versions.json.

`nox -f instructor/proof/noxfile.py` runs this in every supported environment; the keys stay the
same. The scores of all environments must be equal; `python -m instructor matrix` shows them side by
side.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from grading.kit import KIT
from instructor import catalogue
from instructor.keys.known_mistakes import first_named
from instructor.proof import sweep

COMPAT = Path(__file__).resolve().parent / "versions.json"
EVERY = 4  # one mistake in EVERY is graded

Record = dict[str, Any]


def record(every: int = EVERY) -> Record:
    """Versions, and the scores of reference, stubs, alternatives and a sample of mistakes."""
    mistakes = catalogue.all_mistakes()[::every]
    alternatives = catalogue.alternatives_here()
    given = {"reference": catalogue.REFERENCE, "stubs": KIT / "submitted.py"}
    items = [(name, path.read_text(encoding="utf-8")) for name, path in given.items()]
    entries: list[catalogue.Entry] = [*alternatives, *mistakes]
    items += [(entry.name, catalogue.source_of(entry)) for entry in entries]
    with sweep.pool() as executor:
        grades = sweep.sweep(executor, items, sweep.Options())
    return {
        "versions": grades["reference"].versions,
        "reference": grades["reference"].score,
        "stubs": grades["stubs"].score,
        "alternatives": {entry.name: grades[entry.name].score for entry in alternatives},
        "mistakes": {mistake.name: grades[mistake.name].score for mistake in mistakes},
        "named": [
            m.name for m in mistakes if first_named(grades[m.name], m.part) == m.misconception
        ],
    }


def table(records: list[Record]) -> str:
    """The scores of all environments in Markdown."""
    lines = [
        "| Python | torch | NumPy | reference | stubs | right solutions with full marks "
        "| mistakes with the same score everywhere | named |",
        "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for entry in records:
        full = sum(score == entry["reference"] for score in entry["alternatives"].values())
        same = sum(
            all(other["mistakes"].get(name, score) == score for other in records)
            for name, score in entry["mistakes"].items()
        )
        versions = entry["versions"]
        cells = [versions["python"], versions["torch"], versions["numpy"]]
        cells += [f"{entry['reference']:g}", f"{entry['stubs']:g}"]
        cells += [f"{full} of {len(entry['alternatives'])}"]
        cells += [f"{same} of {len(entry['mistakes'])}"]
        cells += [f"{len(entry['named'])} of {len(entry['mistakes'])}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def read_records() -> list[Record]:
    """The records of all environments, in the order of torch's and Python's versions."""
    if not COMPAT.exists():
        return []
    records: list[Record] = json.loads(COMPAT.read_text(encoding="utf-8"))
    return sorted(records, key=lambda r: [_numbers(r["versions"][n]) for n in ("torch", "python")])


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.partition("+")[0].split(".")]


def main(every: int) -> int:
    """Grade, and add this environment to versions.json; 1 if a right solution loses a point."""
    here = record(every)
    others = [entry for entry in read_records() if entry["versions"] != here["versions"]]
    COMPAT.write_text(json.dumps([*others, here], indent=1) + "\n", encoding="utf-8")
    print(table([here]))
    right = [here["reference"], *here["alternatives"].values()]
    return int(here["stubs"] != 0 or any(score != 100 for score in right))
