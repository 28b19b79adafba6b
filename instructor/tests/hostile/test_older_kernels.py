"""Attacks are graded as on older kernels, where other layers must do what Landlock and mounts do.

As root, each submission is another user there (tier B). An ordinary user's grading is not isolated there
(tier D): files are open to it, but the filter of system calls still keeps it from other processes.
"""

import contextlib
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grading.worker.jail import landlock as this_kernels
from instructor.tests.hostile import jailed, suite
from instructor.tests.hostile.accounts import (
    FIRST_USER,
    account,
    closed_account,
    python_for_everyone,
)

IS_ROOT = sys.platform == "linux" and os.getuid() == 0
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no jail"),
    pytest.mark.skipif(
        IS_ROOT and python_for_everyone() is None,
        reason="no interpreter that every user may run",
    ),
]

ATTACKS = [attack for attack in suite.attacks() if attack.after]
VERSIONS = (0, 1, 5)  # of Landlock: none, the first, the last that bounds no signals
KNOWN_HERE = this_kernels.abi() if sys.platform == "linux" else 0
# What an attack may be after to be graded there. In tier D files are not kept from it.
TIERS = {"B": suite.AFTER, "D": (suite.SOCKETS, suite.GRADING)}
ASKED = ("returns", "value_loss")  # what earns points without a cheat, and what earns them with one
BUDGET = 2.0  # seconds for a grading that has to end for want of time
STOPS = "stops_itself"


def attacks_on(tier, landlock):
    """The attacks that are graded in a tier on a kernel with this version of Landlock, by name."""
    after = set(TIERS[tier])
    if not landlock:
        # Open to all: other copies of the kit on this machine, such as the one that is tested.
        after -= {suite.ANY_FILES}
    return {attack.name: attack for attack in ATTACKS if attack.after in after}


class Everything:
    """All gradings, made once and side by side."""

    def __init__(self):
        self.bystanders = {}
        files = jailed.shared_files()
        with contextlib.ExitStack() as stack:
            users = {"D": stack.enter_context(account(FIRST_USER if IS_ROOT else os.getuid()))}
            if IS_ROOT:
                users["B"] = stack.enter_context(closed_account())
            self.kits = {tier: user.kit for tier, user in users.items()}
            processes = {tier: jailed.processes_about(user) for tier, user in users.items()}
            kits = {tier: jailed.fingerprint(kit) for tier, kit in self.kits.items()}
            with ThreadPoolExecutor(len(users) * len(VERSIONS)) as threads:
                self.gradings = {
                    (tier, landlock): threads.submit(self.grade, user, tier, landlock)
                    for tier, user in users.items()
                    for landlock in VERSIONS
                    if landlock <= KNOWN_HERE
                }
            left = {tier: jailed.left_by(user, processes[tier]) for tier, user in users.items()}
            self.changed = [t for t in users if jailed.fingerprint(self.kits[t]) != kits[t]]
        self.left = {line for lines in left.values() for line in lines}
        # Not the folders of other gradings, which may run on this machine now.
        self.left |= {f for f in jailed.shared_files() - files if jailed.is_a_submissions(f)}

    def grade(self, user, tier, landlock):
        attacks = attacks_on(tier, landlock)
        usual = {"only": ASKED, "time_limit": suite.TIME_LIMIT}
        request = [
            [a.name, a.source, usual | {"time_limit": a.time_limit}] for a in attacks.values()
        ]
        request.append(["no time", attacks[STOPS].source, usual | {"budget": BUDGET}])
        request.append(["base", suite.base(), usual])
        bystander = subprocess.Popen(["sleep", "600"], preexec_fn=user.become)
        try:
            return jailed.grade_in_turn(user, request, landlock)
        finally:
            self.bystanders[tier, landlock] = state_of(bystander)
            bystander.kill()
            bystander.wait()

    def documents(self, tier, landlock):
        """The results by name; raises what kept the grading from giving any."""
        return self.gradings[tier, landlock].result()


def state_of(process):
    """What the kernel says that a process does, such as "sleeping", or how it has ended."""
    if process.poll() is not None:
        return f"ended with {process.returncode}"
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    (state,) = re.findall(r"^State:\s+\w \((.+)\)$", status, flags=re.MULTILINE)
    return state


@pytest.fixture(scope="module")
def everything():
    return Everything()


def on_every_kernel(names=None):
    """Parameters: the tiers with the versions of Landlock, and with the attacks that `names` gives."""
    return [
        pytest.param(
            *(tier, landlock, *more),
            marks=[
                pytest.mark.skipif(tier == "B" and not IS_ROOT, reason="tier B needs root"),
                pytest.mark.skipif(landlock > KNOWN_HERE, reason="this kernel is older itself"),
            ],
        )
        for tier in TIERS
        for landlock in VERSIONS
        for more in ([(name,) for name in names(tier, landlock)] if names else [()])
    ]


each_kernel = pytest.mark.parametrize(("tier", "landlock"), on_every_kernel())
each_attack = pytest.mark.parametrize(("tier", "landlock", "name"), on_every_kernel(attacks_on))


@each_kernel
def test_after_all_attacks_the_base_scores_as_it_should(everything, tier, landlock):
    document = everything.documents(tier, landlock)["base"]
    assert document["score"] == suite.BASE_SCORE
    assert document["extra_data"]["tier"].startswith(f"tier {tier}")
    assert document["extra_data"]["layers"]["landlock"] == landlock
    assert not document["extra_data"]["layers"]["mounts"]


@each_attack
def test_attack_gains_nothing(everything, tier, landlock, name):
    document = everything.documents(tier, landlock)[name]
    assert document["score"] == attacks_on(tier, landlock)[name].score
    assert "BREACH" not in json.dumps(document)  # what attacks print when they get through


@each_attack
def test_attack_bites(everything, tier, landlock, name):
    documents, kit = everything.documents(tier, landlock), everything.kits[tier]
    shown = [test["output"] for test in documents[name]["tests"]]
    proofs = attacks_on(tier, landlock)[name].jailed(tier)
    assert proofs, f"nothing says what shows it in tier {tier}"
    for proof in proofs:
        assert proof.holds_in(documents[name], kit), (proof, shown)
        assert not proof.holds_in(documents["base"], kit), proof


@each_kernel
def test_a_process_that_stops_itself_does_not_outlast_the_grading(everything, tier, landlock):
    document = everything.documents(tier, landlock)["no time"]
    assert "the grading as a whole had used up its time" in json.dumps(document)
    assert document["extra_data"]["seconds"] < suite.TIME_LIMIT


@each_kernel
def test_no_signal_reaches_a_bystander(everything, tier, landlock):
    assert everything.bystanders[tier, landlock] == "sleeping"


def test_nothing_is_left(everything):
    assert everything.left == set()
    assert everything.changed == []
