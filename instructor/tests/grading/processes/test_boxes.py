"""When a box holds too much: many files, large ones, deep ones, and what cannot be looked at."""

import os
import sys

import pytest

from grading.processes import forked
from grading.processes.forked import holds_too_much

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks workers")


def test_little_is_not_too_much(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_bytes(bytes(1_000_000))
    assert not holds_too_much(tmp_path)
    assert not holds_too_much(tmp_path / "there is none")


def test_many_files_are_too_much(tmp_path, monkeypatch):
    monkeypatch.setattr(forked, "MAX_BOX_FILES", 10)
    for number in range(10):
        (tmp_path / str(number)).touch()
    assert not holds_too_much(tmp_path)
    (tmp_path / "another").touch()
    assert holds_too_much(tmp_path)


def test_a_large_file_below_is_too_much(tmp_path, monkeypatch):
    monkeypatch.setattr(forked, "MAX_BOX_BYTES", 1_000_000)
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").write_bytes(bytes(1_100_000))
    assert holds_too_much(tmp_path)


def test_deep_folders_are_too_much(tmp_path):
    folder = tmp_path.joinpath(*["d"] * forked.MAX_BOX_DEPTH)
    folder.mkdir(parents=True)
    assert not holds_too_much(tmp_path)
    (folder / "d").mkdir()
    assert holds_too_much(tmp_path)


def test_links_are_not_followed(tmp_path, monkeypatch):
    monkeypatch.setattr(forked, "MAX_BOX_FILES", 10)
    box, elsewhere = tmp_path / "box", tmp_path / "elsewhere"
    for folder in (box, elsewhere):
        folder.mkdir()
    for number in range(20):
        (elsewhere / str(number)).touch()
    (box / "link").symlink_to(elsewhere)
    assert not holds_too_much(box)
    assert not forked._measure("link", os.open(box, os.O_RDONLY), 0, [10, 10**6])


@pytest.mark.skipif(os.getuid() == 0, reason="to root no folder is closed")
def test_a_closed_folder_is_too_much(tmp_path):
    (tmp_path / "closed").mkdir(mode=0)
    assert holds_too_much(tmp_path)
