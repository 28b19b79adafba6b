"""In which order a class is asked. The graders are threads, or a cluster, that grade nothing."""

import contextlib
import errno
import multiprocessing
import os
import sys
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from grading.judge.scores import Grade, TestScore
from grading.processes.tier import tier_of
from instructor.batch.on_dask import runner_at
from instructor.batch.on_this_machine import by_imports, on_this_machine
from instructor.proof import sweep

CLASS = {name: name.encode() for name in ("ana", "bob", "eve", "joe", "mia")}


def grade_of(content, options, earlier, lost=False):
    """A grade with one test of each kind that was asked; `lost` is the last one."""
    tests = list(earlier.tests) if earlier else []
    if not earlier:
        tests.append(TestScore("seen", "returns", 1.0, False, False, passed=True))
    if not options.visible_only:
        tests.append(TestScore("unseen", "returns", 1.0, True, False, passed=True))
    tests[-1].lost = lost
    return Grade(Path(content.decode()), tests, (), {}, tier_of({}), {}, "", 0.0)


@pytest.fixture
def asked(monkeypatch):
    """Who was asked what, in order: "visible", "hidden" or "both"."""
    log: list[tuple[str, Any]] = []

    def judge(content, options, earlier=None):
        name = content.decode()
        kind = "visible" if options.visible_only else "hidden" if earlier else "both"
        log.append((name, kind))
        if name == "joe" and log.count((name, kind)) == 1:
            raise BrokenProcessPool
        if name == "mia" and ("pool", 1) not in log:
            return sweep.Judged(None, "No worker could be started.")
        # When others are graded, memory runs out in eve's tests. The visible ones of bob always do.
        lost = (name == "eve" and log.count((name, kind)) == 1) or (
            name == "bob" and kind == "visible"
        )
        return sweep.Judged(grade_of(content, options, earlier, lost))

    @contextlib.contextmanager
    def pool(place):
        log.append(("pool", place.processes))
        with ThreadPoolExecutor(2) as executor:
            yield executor

    monkeypatch.setattr(sweep, "judge_bytes", judge)
    monkeypatch.setattr(sweep, "pool", pool)
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    return log


def test_nobody_is_asked_a_hidden_test_before_everybodys_visible_answers(asked):
    """Not even where visible tests are asked again, because memory ran out or a grader ended."""
    results = {name: document for name, document, *_ in run()}
    assert set(results) == set(CLASS)
    kinds = [kind for name, kind in asked if name != "pool"]
    assert sorted(kinds, reverse=True) == kinds
    assert set(kinds) == {"visible", "hidden"}
    assert all(len(document["tests"]) == 2 for document in results.values())


def test_a_pool_that_broke_is_replaced_and_what_ran_out_of_memory_is_asked_again_alone(asked):
    reasons = {name: reason for name, _, reason, _ in run()}
    assert set(reasons.values()) == {""}
    pools = [processes for name, processes in asked if name == "pool"]
    assert pools == [None, None, 1, None, None, 1]  # joe broke one in either round
    alone = [at for at, entry in enumerate(asked) if entry == ("pool", 1)]
    assert sorted(asked[alone[0] + 1 : alone[0] + 4]) == [
        (n, "visible") for n in ("bob", "eve", "mia")
    ]
    assert asked[alone[1] + 1 :] == [("eve", "hidden")]


@pytest.mark.parametrize(("names", "pools"), [("", []), ("ana", [1]), ("ana eve", [2, 1, 2, 1])])
def test_no_process_is_started_for_which_there_is_no_submission(asked, names, pools):
    work = {name: CLASS[name] for name in names.split()}
    assert {name for name, *_ in on_this_machine(work, sweep.Options(), sweep.Place())} == set(work)
    assert [processes for name, processes in asked if name == "pool"] == pools


def test_who_never_has_visible_answers_is_asked_nothing_else(asked, monkeypatch):
    def judge(content, options, earlier=None):
        asked.append((content.decode(), options.visible_only))
        return sweep.Judged(None, "No worker could be started.")

    monkeypatch.setattr(sweep, "judge_bytes", judge)
    assert [reason for _, _, reason, _ in run()] == ["No worker could be started."] * len(CLASS)
    assert {visible_only for name, visible_only in asked if name != "pool"} == {True}


def test_workers_have_imported_what_one_submission_imports_and_nothing_else(tmp_path, monkeypatch):
    started: list[str] = []

    class Workers:
        def __init__(self, preload_from, **_):
            self.source = preload_from.read_text()
            started.append(self.source)

        def close(self):
            started.append("closed")

    monkeypatch.setattr(sweep, "start_workers", Workers)
    monkeypatch.setattr(
        sweep, "judge_with", lambda workers, *_: sweep.Judged(workers, workers.source)
    )
    for name in ("_workers", "_preloaded", "_place", "_share"):
        monkeypatch.setattr(sweep, name, getattr(sweep, name))
    monkeypatch.setattr(sweep.signal, "signal", lambda *_: None)
    monkeypatch.setattr(sweep.multiprocessing.util, "Finalize", lambda *_, **__: None)
    monkeypatch.setattr(sweep.kernel, "try_prctl", lambda *_: None)
    first = tmp_path / "imports.py"
    first.write_text("import numpy")
    sweep._start(sweep.Place(preload_from=first), multiprocessing.Value("i"), 1)
    sources = ("import torch", "import matplotlib", "import gymnasium", "import gymnasium  # twice")
    used = [sweep.judge_bytes(text.encode(), sweep.Options()).reason for text in sources]
    assert used == ["import numpy", "import numpy", "import gymnasium", "import gymnasium"]
    assert started == ["import numpy", "closed", "import gymnasium"]


@pytest.mark.parametrize("full", ["when workers are started", "while it is judged"])
def test_a_full_disk_costs_one_grade_and_the_next_has_other_workers(monkeypatch, full):
    """Another submission may have filled it; that ends neither the batch nor what comes after it."""
    log: list[str] = []

    def fail(at):
        if at == full and "failed" not in log:
            log.append("failed")
            raise OSError(errno.ENOSPC, "No space left on device")

    class Workers:
        def __init__(self, *_, **__):
            fail("when workers are started")
            log.append("start")

        def close(self):
            log.append("close")

    def grade(workers, content, options, earlier):
        fail("while it is judged")
        return grade_of(content, options, earlier)

    monkeypatch.setattr(sweep, "start_workers", Workers)
    monkeypatch.setattr(sweep, "_grade", grade)
    monkeypatch.setattr(sweep, "_workers", None)
    monkeypatch.setattr(sweep, "_preloaded", [])
    first, second, third = (sweep.judge_bytes(b"", sweep.Options()) for _ in range(3))
    assert first.grade is None
    assert first.reason == "The grader could not go on (No space left on device)."
    assert second.grade
    assert third.grade
    if full == "while it is judged":
        assert log == ["start", "failed", "close", "start"]
    else:
        assert log == ["failed", "start"]


def test_those_that_import_the_same_are_graded_one_after_the_other():
    gym, plot = "import gymnasium", "import matplotlib.pyplot"
    sources = (gym, "# gymnasium", plot, "from gymnasium import Env", "import tqdm")
    work = {source: source.encode() for source in sources}
    in_order = ["# gymnasium", "import tqdm", gym, "from gymnasium import Env", plot]
    assert list(by_imports(work)) == in_order


def test_who_has_no_visible_answers_is_asked_nothing_else_on_a_cluster(monkeypatch):
    asked = []

    class Client(contextlib.nullcontext):
        def submit(self, function, content, kit, options, place, batch, visible_only, earlier, **_):
            name = content.decode()
            asked.append((name, visible_only))
            done: Future[sweep.Judged] = Future()
            judged = sweep.Judged(None, "There is no space.")
            if name != "eve":
                made = grade_of(content, sweep.Options(visible_only=visible_only), earlier)
                judged = sweep.Judged(made)
            done.set_result(judged)
            return done

    fake = SimpleNamespace(Client=lambda address, timeout: Client(), as_completed=as_completed)
    monkeypatch.setitem(sys.modules, "distributed", fake)
    results = list(runner_at("tcp://nowhere", "kit")(CLASS, sweep.Options(), sweep.Place()))
    assert [name for name, visible_only in asked if not visible_only] == [
        "ana",
        "bob",
        "joe",
        "mia",
    ]
    assert {name: reason for name, _, reason, _ in results if reason} == {
        "eve": "There is no space."
    }
    assert len(results) == len(CLASS)


def run():
    return list(on_this_machine(CLASS, sweep.Options(), sweep.Place()))
