"""Ten attacks of the suite, for every day: as whoever runs the tests, in whatever jail there is."""

import os
import sys

import pytest

from grading.kit import KIT
from grading.report.results import results
from instructor.proof import sweep
from instructor.tests.hostile import suite

TEN = (
    "always_equal_object",
    "forged_frame_dtypes",
    "forged_frame_zeros",
    "import_reference_solution",
    "input_mutated",
    "os_exit_at_import",
    "patch_frames_encode",
    "read_key_beside_utils",
    "sys_exit_in_function",
    "tcp_to_localhost",
)
ATTACKS = {attack.name: attack for attack in suite.attacks() if attack.name in TEN}

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no jail")


@pytest.fixture(scope="module")
def documents(graders):
    sources = [("base", suite.base()), *((a.name, a.source) for a in ATTACKS.values())]
    grades = sweep.sweep(graders, sources, sweep.Options(time_limit=suite.TIME_LIMIT))
    return {name: results(grade) for name, grade in grades.items()}


def test_the_base_scores_as_it_should(documents):
    assert len(ATTACKS) == len(TEN) == 10
    assert documents["base"]["score"] == suite.BASE_SCORE


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_gains_nothing(documents, name):
    assert documents[name]["score"] == ATTACKS[name].score


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_bites(documents, name):
    tier = "A" if os.getuid() == 0 else "C"
    for proof in ATTACKS[name].jailed(tier):
        assert proof.holds_in(documents[name], KIT), proof
        assert not proof.holds_in(documents["base"], KIT), proof
