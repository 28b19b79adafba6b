"""The results file of the autograder platform (Gradescope's results.json), and how it is written."""

from __future__ import annotations

import json
import math
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grading.judge.scores import Grade, TestScore, complete_parts
from grading.parts import PARTS
from grading.report.feedback import feedback

VISIBILITIES = ("visible", "hidden", "after_due_date", "after_published")
PRINTED = "Your code printed:"  # stands above it in the output of a test
OUTPUT_LIMIT = 20_000  # characters of text in one test; the platform cuts at 100,000


@dataclass(frozen=True)
class Options:
    """What the instructor may choose. With the visibility "hidden" the platform hides the total too.

    shown_at_once: whether students see what is visible before they see what is hidden. Then nothing
        visible may depend on a hidden test.
    """

    hidden_visibility: str = "after_published"
    leaderboard: bool = False
    shown_at_once: bool = True

    @property
    def hides(self) -> bool:
        """Whether something is hidden from who sees the results."""
        return self.shown_at_once and self.hidden_visibility != "visible"


# For those who see visible and hidden tests at the same time: on their own machine, or of a whole class.
ALL_AT_ONCE = Options(shown_at_once=False)


def results(grade: Grade, options: Options | None = None) -> dict[str, Any]:
    """The results of a grading, in the platform's format."""
    options = options or Options()
    document = {
        "score": _number(grade.score),
        # Of the visible tests alone: how long a hidden one takes would tell something of its data.
        "execution_time": round(sum(test.seconds for test in grade.tests if not test.hidden), 1),
        "output": "\n\n".join(filter(None, [_summary(grade, options), grade.remark])),
        "output_format": "text",
        "test_output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": _tests(grade.tests, options),
        "extra_data": {
            "points_possible": grade.points,
            "environment": grade.versions,
            "warning": grade.warning,
            "tier": str(grade.tier),
            "layers": grade.layers,
            "mistakes": {t.name: [m.name for m in t.mistakes] for t in grade.tests if t.mistakes},
            **_unnamed(grade, options),
            "asked twice": {
                t.name: {"first": t.failed_first, "then": t.what or "Passed."}
                for t in grade.tests
                if t.failed_first
            },
        },
    }
    if options.leaderboard:
        counted = [t for t in grade.tests if not (options.hides and t.hidden)]
        earned = sum(_shown_score(test, options) for test in counted)
        document["leaderboard"] = [
            {"name": "Points", "value": _number(earned), "order": "desc"},
            {"name": "Parts complete", "value": complete_parts(counted), "order": "desc"},
        ]
    return document


def _unnamed(grade: Grade, options: Options) -> dict[str, Any]:
    """What was returned where no mistake explains it, as sketches, for who sees everything at once.

    A mistake that a probe tells explains little: somebody may still say what it is.
    """
    if options.shown_at_once:
        return {}
    failed = [
        test
        for test in grade.tests
        if not (test.passed or test.overshadowed)
        and all(mistake.telltale for mistake in test.mistakes)
    ]
    return {
        "unnamed": {
            t.name: [t.sketch.says, *t.sketch.numbers]
            for t in failed
            if t.sketch is not None and t.sketch.numbers
        }
    }


def _summary(grade: Grade, options: Options) -> str:
    """The points, as far as the student may see them at once."""
    if not options.hides:
        return f"{grade.score:g} of {grade.points:g} points."
    visible = [test for test in grade.tests if not test.hidden]
    earned = sum(_shown_score(test, options) for test in visible)
    return f"{earned:g} of {sum(t.points for t in visible):g} points in the visible tests."


def _shown_score(test: TestScore, options: Options) -> float:
    """The points to show. That a visible test does not count would tell that hidden ones fail."""
    return test.points if options.hides and test.withheld else test.score


WITHHELD = "It passes, but it counts only where a hidden test of this part passes, too."
WITHHOLDS = "Visible tests of this part pass, but they count only where a hidden one passes, too."


def failed_results(reason: str) -> dict[str, Any]:
    """The results if there is no grade: a zero, with the reason."""
    return {
        "score": 0.0,
        "output": reason,
        "output_format": "text",
        "stdout_visibility": "hidden",
        "tests": [],
    }


def _tests(tests: list[TestScore], options: Options) -> list[dict[str, Any]]:
    entries, printed = [], {""}
    withheld = {test.part for test in tests if test.withheld}
    for number, test in enumerate(tests, start=1):
        lines = ["Passed."] if test.passed else feedback(test)
        if test.withheld and not options.hides:
            lines = [WITHHELD]
        elif test.hidden and test.part in withheld and options.hides:
            lines += ["", WITHHOLDS]
        repeated = test.printed in printed
        entries.append(_test(number, test, lines, "" if repeated else test.printed, options))
        printed.add(test.printed)
    return entries


def _test(
    number: int, test: TestScore, lines: list[str], printed: str, options: Options
) -> dict[str, Any]:
    if printed.strip():
        lines += ["", PRINTED, printed]
    return {
        "number": str(number),
        "name": f"{PARTS[test.part].title}: {test.name}",
        "name_format": "text",
        "score": _number(_shown_score(test, options)),
        "max_score": _number(test.points),
        "status": "passed" if test.passed else "failed",
        "output": "\n".join(lines)[:OUTPUT_LIMIT].strip(),
        "output_format": "text",
        "visibility": options.hidden_visibility if test.hidden else "visible",
        "tags": [test.part],
    }


def _number(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError(f"a score of {value}")
    return float(value)


def write_results(path: Path, document: dict[str, Any]) -> None:
    """Write the document as JSON. Raises OSError."""
    text = json.dumps(document, indent=1, allow_nan=False, ensure_ascii=True)
    write_whole(path, f"{text}\n".encode())


def write_whole(path: Path, content: bytes) -> None:
    """Write a file as a whole or not at all. Raises OSError."""
    descriptor, name = tempfile.mkstemp(dir=path.resolve().parent, prefix=path.name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
