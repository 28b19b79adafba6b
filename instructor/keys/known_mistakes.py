"""The mistakes that the report can name: those of the catalogue, with sketches of what they return."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Iterable

from grading.judge.compare import Answer, Mismatch
from grading.judge.diagnosis import diagnose, sketch
from grading.judge.grade import checks, read_all_sketches, read_keys
from grading.judge.keys import Case, KnownMistake, Sketch
from grading.judge.plugin import Check
from grading.judge.scores import Grade
from grading.kit import VISIBLE
from grading.parts import PARTS
from grading.wire import Outcome
from instructor import catalogue
from instructor.keys.sweep_cases import sweep_cases


def known_mistakes(cases: dict[str, Case]) -> dict[str, KnownMistake]:
    """Every mistake and its sketches in the cases of its part, the simplest first.

    If several mistakes return the same, the report names the first.
    """
    mistakes = sorted(catalogue.all_mistakes(), key=size_of_change)
    wanted = {m.name: [c for c in cases.values() if c.scenario == m.part] for m in mistakes}
    observed = sweep_cases({m.name: catalogue.source_of(m) for m in mistakes}, wanted)
    known = {}
    for mistake in mistakes:
        sketches = {
            case.name: found
            for case in wanted[mistake.name]
            if (found := sketch_of_failure(case, observed[mistake.name][case.name])) is not None
        }
        known[mistake.name] = KnownMistake(
            mistake.name,
            mistake.part,
            mistake.misconception,
            mistake.look,
            sketches,
            mistake.telltale,
        )
    return known


def sketch_of_failure(case: Case, outcome: Outcome) -> Sketch | None:
    """The sketch of an outcome that fails the case's test, or None if it passes."""
    if outcome.result is None or outcome.result.error is not None:
        return sketch(case, outcome, None)
    answer = Answer(case, outcome.result.outputs, PARTS[case.scenario].function)
    try:
        _checks()[case.name](answer)
    except Mismatch as mismatch:
        return sketch(case, outcome, mismatch)
    return None


@functools.cache
def _checks() -> dict[str, Check]:
    return checks()


def size_of_change(mistake: catalogue.Mistake) -> int:
    """How many words and signs of the reference a mistake takes away or adds."""
    before = catalogue.REFERENCE.read_text(encoding="utf-8").splitlines()
    after = catalogue.source_of(mistake).splitlines()
    changes = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return sum(
        _changed_words(before[i:j], after[k:m]) for tag, i, j, k, m in changes if tag != "equal"
    )


def _changed_words(before: Iterable[str], after: Iterable[str]) -> int:
    old, new = (re.findall(r"\w+|\S", "\n".join(lines)) for lines in (before, after))
    changes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return sum(max(j - i, m - k) for tag, i, j, k, m in changes if tag != "equal")


def first_named(grade: Grade, part: str) -> str:
    """The first misconception that a report of the visible tests names in a part, or no text."""
    visible = [t for t in grade.tests if not t.hidden and not t.overshadowed]
    diagnose(visible, _given_out().values(), read_all_sketches([VISIBLE]))
    failed = [test for test in visible if test.part == part and not test.passed]
    return failed[0].mistakes[0].misconception if failed and failed[0].mistakes else ""


@functools.cache
def _given_out() -> dict[str, KnownMistake]:
    return read_keys([VISIBLE]).mistakes
