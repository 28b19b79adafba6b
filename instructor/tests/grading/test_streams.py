"""Where nobody takes what a command prints, it still does all that it has to do."""

import argparse
import contextlib
import json
import sys
from pathlib import Path

import pytest

from grading import command
from grading.judge.scores import Grade, TestScore
from grading.parts import PARTS, TOTAL_POINTS
from grading.processes.tier import tier_of
from grading.streams import heard_or_not, open_streams
from instructor import __main__ as instructor
from instructor.release.gradescope import upload
from instructor.release.package import Settings
from instructor.tests.streams import without_a_reader


@pytest.fixture
def full_marks(monkeypatch):
    """Workers that do nothing, and a judge that gives full marks."""
    test = TestScore("seen", next(iter(PARTS)), TOTAL_POINTS, False, False, passed=True)
    grade = Grade(Path("submitted.py"), [test], (), {}, tier_of({}), {}, "", 0.0)
    for module in (command, upload):
        monkeypatch.setattr(module, "start_workers", lambda *_, **__: contextlib.nullcontext())
    monkeypatch.setattr("grading.judge.grade.grade", lambda *_, **__: grade)
    monkeypatch.setattr(command, "interrupt_once", lambda: None)


def options_of(submission, results):
    names = ("debug", "hint", "list", "visible", "watch")
    parser_gives = dict.fromkeys(names) | {"only": [], "time_limit": 10.0, "budget": 480.0}
    return argparse.Namespace(submission=submission, json=results, **parser_gives)


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_what_finds_no_reader_is_lost_and_no_more(name):
    with without_a_reader(name) as printed:
        for length in (100_000, 1, 100_000):  # what is short is written when the stream is flushed
            with heard_or_not():
                print("x" * length, file=getattr(sys, name))
    assert printed.lost


@contextlib.contextmanager
def closed_streams():
    """As with `>&- 2>&-`."""
    before = sys.stdout, sys.stderr
    for name in ("stdout", "stderr"):
        setattr(sys, name, None)
    try:
        yield
        sys.stdout.close()
        sys.stderr.close()
    finally:
        sys.stdout, sys.stderr = before


def test_a_closed_stream_leads_nowhere():
    with closed_streams():
        open_streams()
        print("\ud800")
        print("\ud800", file=sys.stderr)


def test_commands_need_no_open_stream(full_marks, monkeypatch, tmp_path):
    given = options_of(command.KIT / "submitted.py", tmp_path / "results.json")
    with closed_streams():
        assert command.main(given) == command.FULL_MARKS
    monkeypatch.setattr(instructor, "interrupt_once", lambda: None)
    monkeypatch.setattr(sys, "argv", ["", "diff", str(tmp_path), str(tmp_path)])
    with closed_streams():
        assert instructor.main() == 2


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_grade_writes_its_results(full_marks, tmp_path, name):
    given = options_of(command.KIT / "submitted.py", tmp_path / "results.json")
    with without_a_reader(name) as printed:
        assert command.main(given) == command.FULL_MARKS
    assert printed.lost == (name == "stdout")
    assert json.loads((tmp_path / "results.json").read_text())["score"] == TOTAL_POINTS


def test_grade_writes_why_there_is_no_grade(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "interrupt_once", lambda: None)
    with without_a_reader("stderr") as printed:
        given = options_of(tmp_path / "nowhere.py", tmp_path / "results.json")
        assert command.main(given) == command.NO_GRADE
    assert printed.lost
    assert "nowhere.py" in json.loads((tmp_path / "results.json").read_text())["output"]


def test_an_upload_has_its_points(full_marks, tmp_path):
    for name in ("source", "submission"):
        (tmp_path / name).mkdir()
    (tmp_path / "source" / upload.SETTINGS).write_text(json.dumps(vars(Settings())))
    (tmp_path / "submission" / upload.NAME).write_text("")
    with without_a_reader("stdout") as printed:
        assert upload.main(tmp_path) == 0
    assert printed.lost
    results = json.loads((tmp_path / "results" / "results.json").read_text())
    assert results["score"] == TOTAL_POINTS
