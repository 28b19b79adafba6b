"""What a batch asks of a cluster, and what is left there. The cluster grades nothing."""

import contextlib
import sys
from concurrent.futures import Future, as_completed
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from grading.submission import CannotGrade, NotIsolated
from instructor.batch import on_dask
from instructor.batch.record import kit_hash
from instructor.proof import sweep
from instructor.tests.batch.test_on_this_machine import CLASS, grade_of

OPTIONS = sweep.Options()
PLACE = sweep.Place(closed=(Path("/class"), Path("/grades.csv")), must_isolate=True)


@pytest.fixture
def asked(monkeypatch):
    """What happened, in order: workers that were started or closed, and who was asked what."""
    log: list[tuple[Any, ...]] = []

    class Workers:
        def __init__(self, submission, **how):
            log.append(("start", how))

        def close(self):
            log.append(("close",))

    def judge(workers, content, options, earlier):
        name = content.decode()
        kind = "visible" if options.visible_only else "hidden" if earlier else "both"
        log.append((name, kind))
        first = log.count((name, kind)) == 1
        if name == "mia" and first and kind == "visible":
            raise OSError  # as if its worker had ended
        # Bob's tests always run out of memory; those of Eve and Joe do while others are graded.
        disturbed = {"eve": ("visible", "hidden"), "joe": ("hidden",)}.get(name, ())
        lost = (first and kind in disturbed) or name == "bob"
        return sweep.Judged(grade_of(content, options, earlier, lost))

    class Client(contextlib.nullcontext):
        keys: set[str] = set()

        def submit(self, function, *arguments, retries, key):
            assert key not in self.keys  # Dask would not run it again
            self.keys.add(key)
            done: Future[sweep.Judged] = Future()
            try:
                done.set_result(function(*arguments))
            except OSError as error:
                done.set_exception(error)
            return done

    fake = SimpleNamespace(Client=lambda address, timeout: Client(), as_completed=as_completed)
    monkeypatch.setitem(sys.modules, "distributed", fake)
    monkeypatch.setattr(on_dask, "start_workers", Workers)
    monkeypatch.setattr(sweep, "judge_with", judge)
    yield log
    on_dask._close_workers()


def run(work=CLASS):
    grade = on_dask.runner_at("tcp://nowhere", kit_hash(OPTIONS))
    return {name: document for name, document, *_ in grade(work, OPTIONS, PLACE)}


def test_who_was_disturbed_is_asked_again_alone_and_visible_tests_first(asked):
    documents = run()
    assert all(len(documents[name]["tests"]) == 2 for name in CLASS)
    order = [entry for entry in asked if entry[0] in CLASS]
    visible, hidden = ([(name, kind) for name in CLASS] for kind in ("visible", "hidden"))
    again = [(name, "visible") for name in ("bob", "eve", "mia")]
    assert order[:8] == [*visible, *again]
    assert sorted(order[8:13]) == sorted(hidden)
    # Bob was alone already; Eve may have been disturbed a second time.
    assert sorted(order[13:]) == [("eve", "hidden"), ("joe", "hidden")]


def test_each_batch_has_workers_that_tried_what_must_stay_closed(asked):
    one = {"ana": CLASS["ana"]}
    run(one)
    run(one)
    changes = [entry for entry in asked if entry[0] in ("start", "close")]
    start = ("start", {"closed": PLACE.closed, "must_isolate": True})
    assert changes == [start, ("close",), start]


def test_where_nothing_may_be_graded_the_batch_stops_and_closes_the_workers(asked, monkeypatch):
    def refused(workers, content, options, earlier):
        raise NotIsolated("A submission could read /class.")

    monkeypatch.setattr(sweep, "judge_with", refused)
    with pytest.raises(CannotGrade, match="Nothing more was graded: A submission could read"):
        run({"ana": CLASS["ana"]})
    assert [kind for kind, *_ in asked] == ["start", "close"]


def test_workers_that_gave_no_grade_are_replaced(asked, monkeypatch):
    """Otherwise a dead process costs everybody the grade whom the same worker of Dask is given."""
    starts = ("start", {"closed": PLACE.closed, "must_isolate": True})
    judge = sweep.judge_with

    def dying(workers, content, options, earlier):
        judged = judge(workers, content, options, earlier)
        dead = content == b"ana" and asked.count(("ana", "visible")) == 1
        return sweep.Judged(None, "No worker could be started: it has gone") if dead else judged

    monkeypatch.setattr(sweep, "judge_with", dying)
    documents = run({name: CLASS[name] for name in ("ana", "joe")})
    assert all(documents.values())
    assert asked[:5] == [starts, ("ana", "visible"), ("close",), starts, ("joe", "visible")]


def test_a_worker_with_another_kit_refuses(asked):
    grade = on_dask.runner_at("tcp://nowhere", "another")
    with pytest.raises(CannotGrade, match="another version of the kit"):
        list(grade(CLASS, OPTIONS, PLACE))
    assert asked == []


def test_workers_are_closed_when_the_process_ends(asked):
    run({"ana": CLASS["ana"]})
    assert on_dask._started is not None
    assert on_dask._started.close.still_active()
    on_dask._started.close()
    assert asked[-1] == ("close",)
