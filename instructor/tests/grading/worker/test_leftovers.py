"""Where a child can write outside its box: all it leaves is removed, or nobody else gets its user."""

import os
import sys
import tempfile
import time
from pathlib import Path

import pytest

from grading import removal
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
    yield forkserver.Child("1", user, str(tmp_path))
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
        server.bury(forkserver.own_children(), forkserver.Child("1", user, str(tmp_path)))
        assert os.listdir(lower) == []


def make(folder, mode):
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(mode)
    return folder


def test_folders_for_everybody_are_found(tmp_path):
    found = {
        str(make(tmp_path / name, 0o1777)) for name in ("scratch", "srv/pool", "scratch/lower")
    }
    for name in ("srv/closed", "srv", "home/ana"):
        make(tmp_path / name, 0o755)
    for name in ("srv/pool/too_deep", "proc", "proc/lower"):
        make(tmp_path / name, 0o1777)
    (tmp_path / "link").symlink_to(tmp_path / "scratch")
    assert set(removal.other_shared_folders(str(tmp_path))) == found
    assert not set(removal.other_shared_folders()) & set(removal.WRITABLE_BY_ALL)


@pytest.mark.parametrize("mode", [0o1777, 0o1733])
def test_files_in_other_folders_for_everybody_are_removed(server, mode):
    """As in /scratch of a server; the account that grades can be kept from nothing there."""
    user = server.users.take()
    with tempfile.TemporaryDirectory(dir="/") as name:
        shared = Path(name)
        server.shared = [str(make(shared, mode)), str(make(shared / "lower", mode))]

        def leave():
            os.umask(0)
            for folder in (shared, shared / "lower"):
                (folder / "note").touch()
                (folder / "mine").mkdir()
                (folder / "mine" / "note").touch()

        assert forkserver.as_user(user, leave, 5.0)
        server.bury(forkserver.own_children(), forkserver.Child("1", user, name))
        assert os.listdir(shared) == ["lower"]
        assert os.listdir(shared / "lower") == []


def test_other_shared_folders_are_looked_for_where_landlock_bounds_nothing(server, monkeypatch):
    monkeypatch.setattr(forkserver, "other_shared_folders", lambda: ["/scratch"])
    monkeypatch.setattr(forkserver.landlock, "abi", lambda: 0)
    read_only: list[str] = []
    monkeypatch.setattr(forkserver.mounts, "enter_namespace", read_only.extend)
    monkeypatch.setattr(forkserver.mounts, "mount_box", lambda *_: None)
    monkeypatch.setattr(forkserver.mounts, "unmount_box", lambda *_: None)
    monkeypatch.setattr(forkserver.os, "makedirs", lambda *_, **__: None)
    monkeypatch.setattr(server.jail, "trial", lambda *_: {})
    server.try_jail()
    assert read_only == server.shared == ["/scratch"]


def test_no_submission_gets_the_id_of_somebody_with_files_there(server, tmp_path, monkeypatch):
    """Of somebody whom this machine does not know: they would be removed."""
    monkeypatch.setattr(users, "RANGE", range(61_020, 61_023))
    lower = make(make(tmp_path / "scratch", 0o1777) / "lower", 0o1777)
    for number, folder in ((61_020, lower.parent), (61_021, lower)):
        (folder / "precious").touch()
        os.chown(folder / "precious", number, number)
    server.users.owners = removal.owners_in([str(lower.parent)])
    assert server.users.take() == 61_022
