"""No attack gains a point, leaks, or leaves anything behind; and every attack is one.

Graded as root, in the full jail (tier A), and on the account of a user who is not root (tier C). Run by
somebody who is not root, the latter account is theirs, and what needs root is skipped.
"""

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
from instructor.tests.hostile import jailed, suite, undefended
from instructor.tests.hostile.accounts import FIRST_USER, account, python_for_everyone
from instructor.tests.release.test_platform import SCHEMA

ATTACKS = {attack.name: attack for attack in suite.attacks()}
# Made once: `jsonschema.validate` would check the schema itself before each of the documents.
VALIDATOR = jsonschema.validators.validator_for(SCHEMA)(SCHEMA)
KNOWN_SENTENCES = [text for m in catalogue.all_mistakes() for text in (m.misconception, m.look)]
KNOWN_SENTENCES += [part.section for part in PARTS.values()]
KNOWN_SENTENCES += [f"{n:g} seconds" for n in (suite.TIME_LIMIT, suite.SHORT_TIME_LIMIT)]
IS_ROOT = sys.platform == "linux" and os.getuid() == 0

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no jail"),
]
TIERS = {
    "A": [pytest.mark.skipif(not IS_ROOT, reason="tier A needs root, to change users")],
    "C": [
        pytest.mark.skipif(
            IS_ROOT and python_for_everyone() is None,
            reason="no interpreter that every user may run",
        )
    ],
}
both_tiers = pytest.mark.parametrize(
    "tier", [pytest.param(tier, marks=marks) for tier, marks in TIERS.items()]
)
needs_nothing_to_lose = [
    pytest.mark.skipif(not IS_ROOT, reason="without a jail, attacks need a user made for them"),
    *TIERS["C"],
]


class Everything:
    """All gradings and runs, made once and side by side, because many attacks only wait."""

    def __init__(self):
        self.files, kit = jailed.shared_files(), jailed.fingerprint(KIT)
        can_change_user = IS_ROOT and python_for_everyone() is not None
        users = {"A": 0} if IS_ROOT else {"C": os.getuid()}
        if can_change_user:
            users["C"] = FIRST_USER
        with ThreadPoolExecutor() as threads:
            graded = {tier: threads.submit(self.grade, uid) for tier, uid in users.items()}
            runs = threads.submit(self.run_undefended) if can_change_user else None
            self.graded = {tier: future.result() for tier, future in graded.items()}
            self.plain, self.pytest = runs.result() if runs else ({}, {})
        self.kit_is_unchanged = jailed.fingerprint(KIT) == kit
        self.left = [f for f in jailed.shared_files() - self.files if jailed.is_ours(f)]

    def grade(self, uid):
        with account(uid) as user:
            return jailed.grade_all(list(ATTACKS.values()), user)

    def run_undefended(self):
        sources = {"base": suite.base(), **{name: a.source for name, a in ATTACKS.items()}}
        with_pytest = [name for name in ATTACKS if ATTACKS[name].undefended(suite.PYTEST)]
        return undefended.run_all(sources, ["base", *with_pytest])


@pytest.fixture(scope="module")
def everything():
    return Everything()


# -- in the jail --


@both_tiers
def test_base_scores_as_it_should(everything, tier):
    document = everything.graded[tier].documents["base"]
    assert document["score"] == suite.BASE_SCORE
    assert document["extra_data"]["tier"].startswith(f"tier {tier}")


@both_tiers
@pytest.mark.parametrize("name", ATTACKS)
def test_attack_gains_nothing(everything, name, tier):
    """No gain, a valid file, and nothing hidden in it."""
    results = everything.graded[tier].documents[name]
    VALIDATOR.validate(results)
    assert results["score"] == ATTACKS[name].score
    assert "BREACH" not in json.dumps(results)  # what attacks print when they get through
    hidden = [test["output"] for test in results["tests"] if "hidden_" in test["name"]]
    text = "\n".join([results["output"], *hidden])
    assert "the hidden key" not in hidden_in(text).values()
    visible = {test["output"] for test in results["tests"] if "hidden_" not in test["name"]}
    for said in hidden:
        output = said
        # What a visible test says too cannot come from a hidden one. Other sentences for hidden
        # tests hold no numbers but the kit's own.
        for sentence in KNOWN_SENTENCES:
            output = output.replace(sentence, "")
        if said not in visible:
            assert not re.search(r"\d", output)


@both_tiers
def test_nothing_is_left(everything, tier):
    assert everything.graded[tier].left == set()
    assert everything.graded[tier].kit_is_unchanged
    assert everything.kit_is_unchanged
    assert everything.left == []


# -- the attacks are attacks --


def test_every_attack_says_what_shows_that_it_bites():
    assert [name for name, attack in ATTACKS.items() if not attack.proofs] == []


@both_tiers
@pytest.mark.parametrize(
    "name", [name for name in ATTACKS if ATTACKS[name].jailed("A") or ATTACKS[name].jailed("C")]
)
def test_attack_bites(everything, name, tier):
    graded = everything.graded[tier]
    shown = [test["output"] for test in graded.documents[name]["tests"]]
    for proof in ATTACKS[name].jailed(tier):
        assert proof.holds_in(graded.documents[name], graded.kit), (proof, shown)


@both_tiers
@pytest.mark.parametrize(
    "name", [name for name in ATTACKS if ATTACKS[name].jailed("A") or ATTACKS[name].jailed("C")]
)
def test_nothing_would_show_that_an_empty_attack_bites(everything, name, tier):
    graded = everything.graded[tier]
    for proof in ATTACKS[name].jailed(tier):
        assert not proof.holds_in(graded.documents["base"], graded.kit), proof


def undefended_attacks():
    return [
        pytest.param(name, where, marks=needs_nothing_to_lose)
        for name in ATTACKS
        for where in suite.OUTCOMES
        if ATTACKS[name].undefended(where)
    ]


@pytest.mark.parametrize(("name", "where"), undefended_attacks())
def test_attack_bites_where_nothing_is_isolated(everything, name, where):
    runs = everything.plain if where == suite.PLAIN else everything.pytest
    for proof in ATTACKS[name].undefended(where):
        assert proof.holds_undefended(runs[name], runs["base"]), (proof, runs[name])
        assert not proof.holds_undefended(runs["base"], runs["base"]), proof


DOCUMENTED = {
    "Of the {} hostile submissions none gains a point": lambda: len(ATTACKS),
    "the plain importing grader {} gain points": lambda: len(declared("gains points")),
    "and {} more leave it without a result": lambda: len(declared("gives no result", "hangs")),
}


def declared(*outcomes):
    """The attacks that say that the plain grader does one of these."""
    proofs = {name: ATTACKS[name].undefended(suite.PLAIN) for name in ATTACKS}
    return {name for name in ATTACKS if any(proof.says in outcomes for proof in proofs[name])}


@pytest.mark.parametrize("sentence", DOCUMENTED)
def test_as_many_as_the_documentation_says(sentence):
    text = (KIT / "instructor" / "MEASUREMENTS.md").read_text(encoding="utf-8")
    assert sentence.format(DOCUMENTED[sentence]()) in " ".join(text.split())


@pytest.mark.parametrize("where", [pytest.param(suite.PLAIN, marks=needs_nothing_to_lose)])
def test_as_many_gain_as_say_so(everything, where, capsys):
    """Every attack that gains from the plain grader says so, and the documentation counts them."""
    base = everything.plain["base"].score
    scores = {name: everything.plain[name].score or 0 for name in ATTACKS}
    gains = {name for name in ATTACKS if scores[name] > base}
    with capsys.disabled():
        print(f"\n{'attack':38} {where:>18}   (without an attack: {base:g})")
        for name in ATTACKS:
            print(f"{name:38} {everything.plain[name]!s:>18} {'gains' if name in gains else ''}")
    assert gains == declared("gains points")
    full = sum(score == 100 for score in scores.values())
    text = (KIT / "instructor" / "MEASUREMENTS.md").read_text(encoding="utf-8")
    assert f"gain points, {full} of them full marks," in " ".join(text.split())
