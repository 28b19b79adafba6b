"""User ids for submissions: free ones, drawn at random, and never the same one twice at a time."""

import os
import pwd
import sys

import pytest

from grading.worker.jail import users

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the jail is Linux's")


def test_ids_are_drawn_at_random():
    assert len({users.Users().take() for _ in range(5)}) > 1


def test_what_one_has_taken_no_other_gets(monkeypatch):
    monkeypatch.setattr(users, "RANGE", range(61_000, 61_003))
    first, second = users.Users(), users.Users()
    assert {first.take(), second.take(), first.take()} == {61_000, 61_001, 61_002}
    with pytest.raises(OSError, match="in use"):
        users.reserve(61_001)


def test_a_free_id_is_given_again():
    ids = users.Users()
    user = ids.take()
    assert ids.take() != user
    ids.give_back(user)
    assert ids.take() == user


def test_accounts_and_running_processes_keep_theirs(monkeypatch):
    assert os.getuid() in users.users_there_are()
    assert {entry.pw_uid for entry in pwd.getpwall()} <= users.users_there_are()
    monkeypatch.setattr(users, "RANGE", range(61_010, 61_012))
    monkeypatch.setattr(users, "users_there_are", lambda: {61_010})
    assert users.Users().take() == 61_011
