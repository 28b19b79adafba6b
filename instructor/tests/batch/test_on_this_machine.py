"""In which order a class is asked on one machine. The graders are threads that grade nothing."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from grading.judge.scores import Grade, TestScore
from grading.processes.tier import tier_of
from instructor.batch.on_this_machine import on_this_machine
from instructor.proof import sweep

CLASS = {name: name.encode() for name in ("ana", "bob", "eve", "joe", "mia")}


def grade_of(content, options, earlier, lost=False):
    """A grade with one test of each kind that was asked."""
    tests = list(earlier.tests) if earlier else []
    if not earlier:
        tests.append(TestScore("seen", "returns", 1.0, False, False, passed=True, lost=lost))
    if not options.visible_only:
        tests.append(TestScore("unseen", "returns", 1.0, True, False, passed=True))
    return Grade(Path(content.decode()), tests, (), {}, tier_of({}), {}, "", 0.0)


@pytest.fixture
def asked(monkeypatch):
    """Who was asked what, in order: "visible", "hidden" or "both"."""
    log = []

    def judge(content, options, earlier=None):
        name = content.decode()
        kind = "visible" if options.visible_only else "hidden" if earlier else "both"
        log.append((name, kind))
        if name == "joe" and log.count((name, kind)) == 1:
            raise BrokenProcessPool
        lost = name == "eve" and kind != "both"
        return sweep.Judged(grade_of(content, options, earlier, lost))

    @contextlib.contextmanager
    def pool(place):
        log.append(("pool", place.processes))
        with ThreadPoolExecutor(2) as executor:
            yield executor

    monkeypatch.setattr(sweep, "judge_bytes", judge)
    monkeypatch.setattr(sweep, "pool", pool)
    return log


def test_nobody_is_asked_a_hidden_test_before_everybodys_visible_answers(asked):
    results = {name: document for name, document, *_ in run()}
    assert set(results) == set(CLASS)
    kinds = [kind for name, kind in asked if name != "pool"]
    last_visible = len(kinds) - 1 - kinds[::-1].index("visible")
    assert "hidden" not in kinds[:last_visible]
    assert all(len(document["tests"]) == 2 for document in results.values())


def test_a_pool_that_broke_is_replaced_and_what_ran_out_of_memory_is_graded_alone(asked):
    reasons = {name: reason for name, _, reason, _ in run()}
    assert set(reasons.values()) == {""}
    pools = [processes for name, processes in asked if name == "pool"]
    assert pools == [None, None, None, 1]  # joe broke one in either round
    assert asked[-1] == ("eve", "both")


def run():
    return list(on_this_machine(CLASS, sweep.Options(), sweep.Place()))
