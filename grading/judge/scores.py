"""The records of one graded test and of a whole grading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grading.judge.keys import KnownMistake, Sketch
from grading.parts import PARTS
from grading.processes.tier import Tier


@dataclass
class TestScore:
    """One graded test. Until it reports, it counts as failed.

    numbers, picture and printed stay empty in a hidden test, because they could reveal its data.
    """

    __test__ = False  # because of its name pytest would take this for a class of tests

    name: str
    part: str
    points: float
    hidden: bool
    end_to_end: bool
    passed: bool = False
    unwritten: bool = False
    whole_file: bool = False  # submitted.py as a whole has failed, not this part
    overshadowed: bool = False  # an end-to-end test whose functions fail their own tests
    what: str = "The test did not report."
    numbers: str = ""
    picture: str = ""
    where: str = ""
    sketch: Sketch | None = None  # of the outputs, if the test failed
    mistakes: tuple[KnownMistake, ...] = ()  # what `grading.judge.diagnosis` finds in it
    printed: str = ""
    withheld: bool = False  # it passes, but counts only where a hidden test of its part passes
    lost: bool = False  # whether something else than the judge has killed its process
    failed_first: str = ""  # why it failed the first time, where it was asked a second time
    seconds: float = 0.0

    @property
    def score(self) -> float:
        """Points earned: all or none."""
        return self.points if self.passed and not self.withheld else 0.0


@dataclass
class Grade:
    """What one submission earned."""

    submission: Path
    tests: list[TestScore]
    only: tuple[str, ...]
    versions: dict[str, str]
    tier: Tier
    layers: dict[str, object]
    warning: str
    seconds: float
    remark: str = ""  # a sentence about the file as a whole

    @property
    def score(self) -> float:
        """Points earned."""
        return sum(test.score for test in self.tests)

    def withhold_unconfirmed(self) -> None:
        """Let a visible test count only where a hidden test of its part passes.

        Its answers can be copied from the key that students have; those of a hidden test cannot.
        """
        hidden = [test for test in self.tests if test.hidden]
        unconfirmed = {t.part for t in hidden} - {t.part for t in hidden if t.passed}
        for test in self.tests:
            test.withheld = test.passed and not test.hidden and test.part in unconfirmed

    @property
    def disturbed(self) -> bool:
        """Whether something outside the submission may have cost it points: it ran out of memory."""
        return any(test.lost for test in self.tests)

    @property
    def points(self) -> float:
        """Points possible in the tests that were run."""
        return sum(test.points for test in self.tests)


def complete_parts(tests: Sequence[TestScore]) -> int:
    """In how many parts all of these tests pass."""
    return sum(all(t.passed for t in tests if t.part == part) for part in PARTS)
