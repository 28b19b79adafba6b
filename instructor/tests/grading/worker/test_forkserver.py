"""What a child leaves behind is ended and removed, with the rights of its own user."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from grading import removal
from grading.worker import forkserver
from grading.worker.jail import Jail, users

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the jail is Linux's"),
    pytest.mark.skipif(
        sys.platform != "linux" or os.getuid() != 0, reason="needs root, to act as other users"
    ),
]


@pytest.fixture
def user():
    return users.Users().take()


@pytest.fixture
def server(user):
    """A server of forks without a judge, whose children have a user but no other layer."""
    made = forkserver.ForkServer.__new__(forkserver.ForkServer)
    made.jail = Jail("/nonexistent", [])
    made.jail.layers = {"user": "yes"}
    made.users = users.Users()
    return made


@pytest.fixture
def reaping():
    """Let orphans of this process's children become its own children for a while."""
    forkserver.kernel.prctl(forkserver.kernel.PR_SET_CHILD_SUBREAPER, 1)
    yield
    forkserver.kernel.prctl(forkserver.kernel.PR_SET_CHILD_SUBREAPER, 0)


def leave_behind(user, what):
    """Run something as the user in a child that then ends."""
    pid = os.fork()
    if pid == 0:
        try:
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
            what()
        finally:
            os._exit(0)
    os.waitpid(pid, 0)


def processes_of(user):
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            state = (process / "stat").read_text().rpartition(")")[2].split()[0]
            if process.stat().st_uid == user and state != "Z":
                found.append(process.name)
        except OSError:
            continue
    return found


def test_orphans_are_ended_stopped_ones_too(server, user, reaping, tmp_path):
    def orphans():
        for number in range(3):
            if os.fork() == 0:
                os.setsid()
                if number == 2:
                    os.kill(os.getpid(), signal.SIGSTOP)
                time.sleep(60)

    before = forkserver.own_children()
    leave_behind(user, orphans)
    assert len(processes_of(user)) >= 3
    server.bury(before, forkserver.Child("1", user, str(tmp_path)))
    assert processes_of(user) == []
    assert server.users.free == [user]


def test_what_it_left_in_folders_for_everybody_is_removed(server, user, tmp_path):
    folder = Path("/tmp") / f"left-{user}"

    def leave():
        folder.mkdir()
        os.chdir(folder)
        for _ in range(40):  # deeper than the longest path
            os.mkdir("d" * 200)
            os.chdir("d" * 200)
        Path("file").write_text("hidden inputs")

    leave_behind(user, leave)
    assert folder.exists()
    server.bury(forkserver.own_children(), forkserver.Child("1", user, str(tmp_path)))
    assert not folder.exists()


def test_a_link_in_the_way_leads_to_nothing_of_roots(user, open_tmp_path, monkeypatch):
    """As if the submission had put a link in a folder's place between the look and the removal."""
    precious = open_tmp_path / "roots" / "precious"
    precious.parent.mkdir()
    precious.write_text("root's")
    place = open_tmp_path / "for everybody"
    place.mkdir()
    place.chmod(0o1777)
    leave_behind(user, lambda: (place / "folder").mkdir())
    os.rmdir(place / "folder")
    os.symlink(precious.parent, place / "folder")

    def remove():
        removal.remove_tree(place / "folder" / "precious")
        precious.unlink()

    forkserver.as_user(user, remove, 5.0)
    assert precious.read_text() == "root's"


def test_a_helper_that_is_stopped_holds_nobody_up(user):
    started = time.monotonic()
    forkserver.as_user(user, lambda: os.kill(os.getpid(), signal.SIGSTOP), 0.3)
    assert time.monotonic() - started < 5
    assert processes_of(user) == []
