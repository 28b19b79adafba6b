"""No attack gains a point, leaks, or leaves anything behind: with all layers, and as the same user."""

import json
import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor

import jsonschema
import pytest

from grading.kit import KIT
from grading.parts import PARTS
from instructor import catalogue
from instructor.release.check import hidden_in
from instructor.tests.hostile import suite
from instructor.tests.release.test_platform import SCHEMA

ATTACKS = {attack.name: attack for attack in suite.attacks()}
BASE_SCORE = 14
KNOWN_SENTENCES = [text for m in catalogue.all_mistakes() for text in (m.misconception, m.look)]
KNOWN_SENTENCES += [part.section for part in PARTS.values()]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform != "linux" or os.getuid() != 0, reason="needs root on Linux, to change users"
    ),
]
needs_another_user = pytest.mark.skipif(
    suite.python_for_everyone() is None, reason="no interpreter that every user may run"
)


def sources():
    return {"base": suite.base(), **{name: attack.source for name, attack in ATTACKS.items()}}


class Traces:
    """What the machine looked like before."""

    def __init__(self):
        self.files = suite.shared_files()
        self.kit = suite.fingerprint(KIT)


@pytest.fixture(scope="module")
def traces():
    return Traces()


@pytest.fixture(scope="module")
def both(traces):
    """Everything graded twice, side by side: as root in the full jail, and as another user."""
    with ThreadPoolExecutor(2) as threads:
        as_root = threads.submit(suite.grade_all, sources())
        as_a_user = threads.submit(grade_as_another_user)
        return as_root.result(), as_a_user.result()


def grade_as_another_user():
    """Results of a user who grades on an account of their own; None where none can be made."""
    if suite.python_for_everyone() is None:
        return None
    with suite.another_user() as user:
        documents = suite.grade_all(sources(), user)
        alive = suite.processes_of(range(user.uid, user.uid + 1))
        return {"documents": documents, "alive": alive}


@pytest.fixture(scope="module")
def jailed(both):
    return both[0]


@pytest.fixture(scope="module")
def same_user(both):
    return both[1]


def check(results, attack):
    """The results of an attack: no gain, a valid file, and nothing hidden in it."""
    jsonschema.validate(results, SCHEMA)
    if attack.loses == "nothing":
        assert results["score"] == BASE_SCORE
    else:
        assert results["score"] == {"returns": 0, "everything": 0}[attack.loses]
    assert "BREACH" not in json.dumps(results)  # what attacks print when they get through
    hidden = [test["output"] for test in results["tests"] if "hidden_" in test["name"]]
    text = "\n".join([results["output"], *hidden])
    assert "the hidden key" not in hidden_in(text).values()
    visible = {test["output"] for test in results["tests"] if "hidden_" not in test["name"]}
    for said in hidden:
        output = said
        # What a visible test says too cannot come from a hidden one. Other sentences for hidden
        # tests hold no numbers but the kit's own.
        for sentence in ("2 seconds", *KNOWN_SENTENCES):
            output = output.replace(sentence, "")
        if said not in visible:
            assert not re.search(r"\d", output)


def test_there_are_as_many_as_the_documentation_says():
    text = (KIT / "instructor" / "MEASUREMENTS.md").read_text(encoding="utf-8")
    assert f"Of the {len(ATTACKS)} hostile submissions none gains a point" in text


BITING = [name for name in ATTACKS if ATTACKS[name].bites]


def test_every_forged_frame_says_where_it_is_refused():
    assert {name for name in ATTACKS if name.startswith("forged_frame")} <= set(BITING)


@pytest.mark.parametrize("name", BITING)
def test_attack_gets_as_far_as_it_means_to(jailed, name):
    for part, says in ATTACKS[name].bites:
        outputs = [
            test["output"]
            for test in jailed[name]["tests"]
            if part in test["tags"] and "hidden_" not in test["name"]
        ]
        assert any(says in output for output in outputs), (part, outputs)


def test_base_scores_as_it_should(jailed):
    assert jailed["base"]["score"] == BASE_SCORE
    assert jailed["base"]["extra_data"]["tier"].startswith("tier A")


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_gains_nothing(jailed, name):
    check(jailed[name], ATTACKS[name])


def test_nothing_is_left(jailed, traces):
    assert suite.processes_of(suite.JAIL_USERS) == []
    assert [file for file in suite.shared_files() - traces.files if suite.is_ours(file)] == []
    assert suite.fingerprint(KIT) == traces.kit


@needs_another_user
def test_same_user_is_tier_c(same_user):
    assert same_user["documents"]["base"]["extra_data"]["tier"].startswith("tier C")
    assert same_user["documents"]["base"]["score"] == BASE_SCORE
    assert same_user["alive"] == []


@needs_another_user
@pytest.mark.parametrize("name", ATTACKS)
def test_attack_gains_nothing_as_the_same_user(same_user, name):
    check(same_user["documents"][name], ATTACKS[name])


@needs_another_user
def test_attacks_are_real(jailed, capsys):
    """Many of them gain points from a plain grader: the suite can fail."""
    plain = suite.plain_scores(sources())
    base = plain["base"]
    rows, gained = [], 0
    for name in ATTACKS:
        score = plain[name]
        gains = not score.startswith("no") and float(score) > float(base)
        gained += gains
        here = f"{jailed[name]['score']:g}"
        rows.append(f"{name:38} {score:>18} {'gains' if gains else '':6} {here:>5}")
    with capsys.disabled():
        print(
            f"\n{'attack':38} {'plain grader':>18} {'':6} {'here':>5}   (base: {base} and {BASE_SCORE})"
        )
        print("\n".join(rows))
        print(f"{gained} of {len(rows)} gain points from the plain grader, none here.")
    assert gained >= 10
