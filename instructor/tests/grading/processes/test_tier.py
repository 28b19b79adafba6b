"""What the layers of a jail amount to, and what is said of it."""

import os
import sys

import pytest

from grading.processes.start import Share, start_workers
from grading.processes.tier import how_to_isolate, tier_of
from grading.submission import NotIsolated

FULL = {"user": "yes", "landlock": 7, "seccomp": True, "no_new_privs": True, "open": []}
SAME_USER = {**FULL, "user": False}
OPEN = ["/srv/kit/instructor"]


@pytest.mark.parametrize(
    ("layers", "letter", "says"),
    [
        (FULL, "A", "isolated: user of its own, Landlock, seccomp"),
        ({**FULL, "landlock": 6}, "A", "isolated"),
        ({**FULL, "landlock": 5}, "B", "Landlock 5 here bounds no signals"),
        ({**FULL, "landlock": 1}, "B", "Landlock 1 here bounds no signals"),
        ({**FULL, "landlock": False}, "B", "no Landlock here"),
        (SAME_USER, "C", "isolated: Landlock, seccomp; same user"),
        ({**SAME_USER, "landlock": 5}, "D", "not isolated: same user, Landlock 5 here bounds no"),
        ({**SAME_USER, "landlock": False}, "D", "not isolated: same user, no Landlock here"),
        ({**FULL, "seccomp": False}, "D", "not isolated"),
        ({**FULL, "no_new_privs": False}, "D", "not isolated"),
        ({**FULL, "open": OPEN}, "D", "not isolated: submissions can read instructor"),
        ({**FULL, "landlock": False, "open": OPEN}, "D", "submissions can read instructor"),
        ({}, "D", "not isolated"),
    ],
)
def test_tiers(layers, letter, says):
    tier = tier_of(layers)
    assert tier.letter == letter
    assert says in str(tier)
    # Only what bounds files, signals and sockets alike is called isolated.
    isolated = "isolated" in str(tier).replace("not isolated", "")
    assert isolated == (letter in "AC")


def test_what_to_do_is_said():
    assert "chmod -R go= /srv/kit/instructor" in how_to_isolate({**FULL, "open": OPEN})
    assert "Grade as root on Linux" in how_to_isolate({})


def test_where_nothing_is_isolated_nothing_runs_that_must_be(tmp_path):
    with pytest.raises(NotIsolated, match="cannot be kept away from the answers"):
        start_workers(tmp_path / "submitted.py", fresh=True, must_isolate=True)


def test_slots_share_the_processors():
    cores = [Share(number, 2).cores() for number in range(2)]
    if sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1:
        assert not set(cores[0]) & set(cores[1])
        assert sorted(cores[0] + cores[1]) == sorted(os.sched_getaffinity(0))
    assert Share().cores() == []
