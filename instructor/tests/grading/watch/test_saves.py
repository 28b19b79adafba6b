"""A save is noticed whichever way an editor writes, and nothing else is."""

import os
from unittest import mock

import pytest

from grading.watch import saves
from grading.watch.saves import Saves

LIMIT = 10.0  # seconds


def in_place(path):
    path.write_text("2")


def by_rename(path):
    other = path.with_name(".submitted.py.swp")
    other.write_text("2")
    os.replace(other, path)


def removed_first(path):
    path.unlink()
    path.write_text("2")


OTHERS = [pytest.param(save, marks=pytest.mark.slow) for save in (in_place, removed_first)]


@pytest.mark.parametrize("save", [by_rename, *OTHERS])
def test_a_save_is_noticed(tmp_path, save):
    path = tmp_path / "submitted.py"
    path.write_text("1")
    with Saves(path) as watched:
        assert settled(watched, path)
        save(path)
        assert watched.came.wait(LIMIT)


def settled(watched, path):
    """Wait until the folder is watched: from then on each save is noticed."""
    for _ in range(100):
        path.write_text("0")
        if watched.came.wait(0.1):
            break
    quiet = False
    while not quiet:
        watched.came.clear()
        quiet = not watched.came.wait(0.5)
    return quiet


def test_another_file_is_no_save(tmp_path):
    path = tmp_path / "submitted.py"
    path.write_text("1")
    with Saves(path) as watched:
        assert settled(watched, path)
        (tmp_path / "utils.py").write_text("2")
        assert not watched.came.wait(0.5)


def test_where_the_system_watches_no_more_the_file_is_looked_at_instead(tmp_path):
    path = tmp_path / "submitted.py"
    path.write_text("1")
    polled = []

    def watch(*arguments, force_polling, **options):
        polled.append(force_polling)
        if not force_polling:
            raise OSError("the limit of watches is reached")
        yield {("modified", str(path))}

    with mock.patch.object(saves, "watch", watch), Saves(path) as watched:
        assert watched.came.wait(LIMIT)
    assert polled == [None, True]
