"""What the layers of a jail amount to, and what is said of it."""

import pytest

from grading.processes.tier import how_to_isolate, tier_of

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
