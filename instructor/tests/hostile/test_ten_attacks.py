"""Ten attacks of the suite, for every day: as whoever runs the tests, in whatever jail there is."""

import sys

import pytest

from instructor.proof import sweep
from instructor.tests.hostile import suite

TEN = (
    *("always_equal_object", "atexit_late_writer", "forged_frame_dtypes", "forged_frame_zeros"),
    *("import_reference_solution", "input_mutated", "os_exit_at_import", "patch_builtins"),
    *("patch_numpy_comparisons", "read_key_beside_utils", "sys_exit_in_function"),
)
ATTACKS = {attack.name: attack for attack in suite.attacks() if attack.name in TEN}
BASE_SCORE = 14

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no jail")


@pytest.fixture(scope="module")
def grades(graders):
    sources = [("base", suite.base()), *((a.name, a.source) for a in ATTACKS.values())]
    return sweep.sweep(graders, sources, sweep.Options(time_limit=2.0))


def test_the_base_scores_as_it_should(grades):
    assert len(ATTACKS) >= 10
    assert grades["base"].score == BASE_SCORE


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_gains_nothing(grades, name):
    expected = BASE_SCORE if ATTACKS[name].loses == "nothing" else 0
    assert grades[name].score == expected
    for part, says in ATTACKS[name].bites:
        told = [t.what for t in grades[name].tests if t.part == part and not t.hidden]
        assert any(says in what for what in told)
