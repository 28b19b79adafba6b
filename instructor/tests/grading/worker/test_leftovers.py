"""Where a child can write outside its box: all it leaves is removed, or nobody else gets its user."""

import os
import sys
import tempfile
import time
from pathlib import Path

import pytest

from grading.worker import forkserver
from grading.worker.jail import Jail, users

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.getuid() != 0, reason="needs root, to act as other users"
)
MANY = 40_000


@pytest.fixture
def server():
    """A server of forks without a judge, whose children have a user but no other layer."""
    made = forkserver.ForkServer.__new__(forkserver.ForkServer)
    made.jail = Jail("/nonexistent", [])
    made.jail.layers = {"user": "yes"}
    made.users = users.Users()
    return made


@pytest.fixture
def child(server, tmp_path):
    """A child that has ended, and left more files than can be removed at once."""
    user = server.users.take()
    folder = Path("/dev/shm") / f"left-{user}"

    def leave():
        for number in range(MANY):
            if number % 1000 == 0:
                (folder / str(number)).mkdir(parents=True)
            os.close(os.open(folder / str(number // 1000 * 1000) / f"{number}", os.O_CREAT))

    assert forkserver.as_user(user, leave, 60.0)
    yield forkserver.Child(1, user, str(tmp_path))
    forkserver.remove_files_of(user)


def test_very_many_files_are_removed(server, child, monkeypatch):
    monkeypatch.setattr(forkserver, "BURIAL_LIMIT", 0.05)
    server.bury(forkserver.own_children(), child)
    assert not (Path("/dev/shm") / f"left-{child.user}").exists()
    assert server.users.free == [child.user]


def test_a_user_of_whom_files_are_left_is_nobody_elses(server, child, monkeypatch):
    monkeypatch.setattr(forkserver, "REMOVAL_LIMIT", 0.05)
    server.bury(forkserver.own_children(), child)
    assert (Path("/dev/shm") / f"left-{child.user}").exists()
    assert server.users.free == []
    assert server.users.take() != child.user


def test_whether_a_helper_came_to_its_end_is_said(server):
    user = server.users.take()
    assert forkserver.as_user(user, lambda: None, 5.0)
    assert not forkserver.as_user(user, lambda: time.sleep(5), 0.1)
    assert not forkserver.as_user(user, lambda: os.kill(os.getppid(), 9), 5.0)


@pytest.mark.parametrize("mode", [0o711, 0o755])
def test_files_in_a_folder_below_one_that_is_not_for_everybody_are_removed(server, tmp_path, mode):
    """Who may enter the upper one, and knows a name in it, can write to the lower one."""
    user = server.users.take()
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        lower = Path(name) / "lower"
        lower.mkdir()
        lower.chmod(0o1777)
        lower.parent.chmod(mode)
        assert forkserver.as_user(user, (lower / "left").touch, 5.0)
        assert (lower / "left").exists()
        server.bury(forkserver.own_children(), forkserver.Child(1, user, str(tmp_path)))
        assert os.listdir(lower) == []
