"""What of the kit no submission may be able to read."""

import sys

import pytest

from grading import kit


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of an instructor's kit, in a folder that is under version control."""
    folder = tmp_path / "course" / "kit"
    for name in ("instructor", "grading", "dist", ".venv/lib", "handout", ".git"):
        (folder / name).mkdir(parents=True)
    for file in ("solution.json", "grading/parts.py"):
        (folder / file).touch()
    (tmp_path / "course" / ".git").mkdir()
    monkeypatch.setattr(kit, "KIT", folder)
    return folder


def test_an_instructors_kit_is_closed_as_a_whole(copy):
    """Whatever is in it: an upload made of it, for example, in which the hidden key lies."""
    closed = kit.must_stay_closed()
    assert copy in closed
    assert copy.parent / ".git" in closed  # the answers are in its history


def test_an_interpreter_in_the_kit_is_left_open(copy, monkeypatch):
    monkeypatch.setattr(sys, "prefix", str(copy / ".venv"))
    closed = set(kit.must_stay_closed())
    assert {copy / name for name in ("instructor", "dist", ".git")} <= closed
    assert not closed & {copy, copy / ".venv", copy / "grading", copy / "solution.json"}


def test_a_students_kit_holds_no_secret(copy):
    (copy / "instructor").rmdir()
    assert kit.must_stay_closed() == []
