"""The judge's pytest plugin: which tests are hidden, and how often an answer is compared."""

import json
from collections import Counter

import pytest

from grading.debug import InProcess
from grading.judge import grade as judge
from grading.judge.compare import Answer
from grading.judge.keys import read_key
from grading.judge.plugin import GradingPlugin
from grading.kit import HIDDEN, VISIBLE
from grading.processes.start import start_workers
from grading.wire import Outcome
from instructor.catalogue import REFERENCE


@pytest.fixture
def compared(monkeypatch):
    """How often each case's returns were compared."""
    counted: Counter[str] = Counter()
    exactly = Answer.exactly

    def counting(self, name, otherwise):
        counted[self.case.name] += name == "the buffer is unchanged"
        exactly(self, name, otherwise)

    monkeypatch.setattr(Answer, "exactly", counting)
    return counted


@pytest.fixture(scope="module")
def workers():
    """They have run nothing: every submission runs in children of theirs, as in a batch."""
    with start_workers(REFERENCE) as started:
        yield started


@pytest.fixture
def grade(workers):
    """Grade a submission's returns."""

    def grade(path, **options):
        return judge.grade(path, workers, only=("returns",), **options)

    return grade


def test_an_answer_that_is_right_at_once_is_compared_once(grade, compared):
    assert grade(REFERENCE).score == 14
    assert set(compared.values()) == {1}
    assert len(compared) == 5


def test_an_answer_that_is_wrong_twice_is_compared_twice(grade, compared, tmp_path):
    source = REFERENCE.read_text(encoding="utf-8")
    wrong = tmp_path / "submitted.py"
    wrong.write_text(source + "\n\nget_returns_right = get_returns\n\n\n"
        "def get_returns(rollout_buffer, *args, **kwargs):\n"
        "    result = get_returns_right(rollout_buffer, *args, **kwargs)\n"
        "    rollout_buffer.rewards += 1\n"
        "    return result\n", encoding="utf-8")  # fmt: skip
    assert grade(wrong, visible_only=True).score == 0
    # They are asked again in a process that only their part uses, and only that answer counts.
    assert sorted(compared.values()) == [2, 2, 2]


@pytest.mark.parametrize("hidden", [True, False])
def test_the_source_list_says_what_is_hidden(grade, monkeypatch, hidden):
    source = VISIBLE._replace(hidden=hidden)
    monkeypatch.setattr(judge, "sources", lambda visible_only=False: [source])
    assert {test.hidden for test in grade(REFERENCE).tests} == {hidden}


def test_checks_are_those_of_the_test_files():
    checks = judge.checks()
    assert len(checks) == len(judge.list_tests())
    files = {check.__code__.co_filename for check in checks.values()}
    assert files == {str(VISIBLE.tests), str(HIDDEN.tests)}


def test_a_wrong_answer_to_a_hidden_test_is_final(grade, compared, tmp_path):
    source = REFERENCE.read_text(encoding="utf-8")
    wrong = tmp_path / "submitted.py"
    wrong.write_text(
        source.replace("    return returns\n", "    return -returns\n"), encoding="utf-8"
    )
    asked: Counter[bool] = Counter()

    class Counting(judge.GradingPlugin):
        def _answer(self, nodeid, outcome):
            asked[self.scores[nodeid].hidden] += 1
            return super()._answer(nodeid, outcome)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judge, "GradingPlugin", Counting)
        made = grade(wrong)
    assert made.score == 0
    tests = Counter(test.hidden for test in made.tests)
    # Once in the loop that judges, once more by the fixture that hands it to pytest.
    assert asked[True] == 2 * tests[True]
    assert asked[False] == 3 * tests[False]
    assert all(bool(test.failed_first) != test.hidden for test in made.tests)


def test_no_hidden_input_is_in_a_worker_before_the_last_visible_answer(workers, tmp_path):
    """Not even where visible tests are asked again."""
    source = REFERENCE.read_text(encoding="utf-8")
    wrong = tmp_path / "submitted.py"
    wrong.write_text(
        source.replace("    return returns\n", "    return -returns\n"), encoding="utf-8"
    )
    hidden = {json.dumps(case.inputs) for case in read_key(HIDDEN.key).cases.values()}
    series: list[bool] = []
    waiting: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        submit, collect = workers.submit_series, workers.collect

        def note(tasks):
            is_hidden = {json.dumps(task.inputs) in hidden for task in tasks}
            assert len(is_hidden) == 1
            series.append(is_hidden.pop())
            assert not (series[-1] and waiting), "a visible answer is still to come"
            numbers = submit(tasks)
            if not series[-1]:
                waiting.extend(numbers)
            return numbers

        def noted(number):
            if number in waiting:
                waiting.remove(number)
            return collect(number)

        patch.setattr(workers, "submit_series", note)
        patch.setattr(workers, "collect", noted)
        judge.grade(wrong, workers, only=("returns", "vpg_loss"))
    assert series == sorted(series)
    assert series.count(False) >= 2
    assert series.count(True) >= 1


class KilledWhileImported(InProcess):
    """A task runner whose processes are all ended by somebody else."""

    in_series = True

    def collect(self, number):
        return Outcome("crashed", lost=True)


def test_every_test_is_lost_where_somebody_else_ends_the_import():
    sources = [VISIBLE]
    cases = judge.read_keys(sources).cases
    plugin = GradingPlugin(REFERENCE, KilledWhileImported(), sources, cases, only=("returns",))
    judge.run_pytest(plugin)
    assert [test.whole_file and test.lost for test in plugin.scores.values()] == [True] * 3


SEES_WHAT_IS_HIDDEN = """
import inspect

get_returns_right = get_returns
get_returns_asked = []


def get_returns(rollout_buffer, *args, **kwargs):
    visible = len(rollout_buffer.rewards) in LENGTHS
    if FAILS_VISIBLE if visible else FAILS_HIDDEN:
        return get_returns_right(rollout_buffer, 1.0)  # a known mistake: nothing is discounted
    return get_returns_right(rollout_buffer, *args, **kwargs)


def train_policy_gradient(*args, **kwargs):
    raise ValueError
"""


@pytest.mark.parametrize("fails_visible", [True, False])
def test_what_a_visible_test_says_does_not_depend_on_hidden_ones(workers, tmp_path, fails_visible):
    """Neither which mistake is named nor what an end-to-end test says is to be put right first."""
    cases = read_key(VISIBLE.key).cases.values()
    lengths = [len(c.inputs["rewards"]) for c in cases if "rewards" in c.inputs]
    said, scores = [], []
    for fails in (True, False):
        path = tmp_path / f"{fails}.py"
        source = REFERENCE.read_text(encoding="utf-8") + SEES_WHAT_IS_HIDDEN
        values = (lengths, fails_visible, fails)
        path.write_text(
            f"{source}\nLENGTHS, FAILS_VISIBLE, FAILS_HIDDEN = {values}\n", encoding="utf-8"
        )
        made = judge.grade(path, workers)
        visible = [t for t in made.tests if not t.hidden]
        said.append([(t.name, t.passed, t.what, t.mistakes) for t in visible])
        scores.append(made.score)
    assert said[0] == said[1]
    assert scores[0] < scores[1]


SPOILS_WHAT_FOLLOWS = """
import sys

get_value_net_loss_right, get_advantages_right = get_value_net_loss, get_advantages


def get_value_net_loss(*args, **kwargs):
    sys.spoilt = True
    return get_value_net_loss_right(*args, **kwargs)


def get_advantages(*args, **kwargs):
    return get_advantages_right(*args, **kwargs) + hasattr(sys, "spoilt")
"""


def test_hidden_tests_can_be_asked_later(workers, tmp_path):
    """One after the other gives the same as both at once: also where tests disturb each other."""
    path = tmp_path / "submitted.py"
    source = REFERENCE.read_text(encoding="utf-8") + SPOILS_WHAT_FOLLOWS
    path.write_text(source.replace("\ndef get_returns", "\ndef renamed"), encoding="utf-8")

    def said(made):
        return [(t.name, t.passed, t.what, t.mistakes) for t in made.tests]

    both = judge.grade(path, workers)
    visible = judge.grade(path, workers, visible_only=True)
    later = judge.grade(path, workers, earlier=visible)
    assert any(test.failed_first and test.passed for test in visible.tests)
    assert all(test.passed for test in later.tests if test.part == "advantages")
    assert said(later) == said(both)
    assert later.seconds > visible.seconds


SAYS_WHAT_IT_SAW = """
import os, sys

frame = sys._getframe()
while "series" not in frame.f_locals:
    frame = frame.f_back
asked = frame.f_locals["series"]["tasks"]
raise RuntimeError(f"{os.urandom(8).hex()} {len(asked)}")
"""


def test_an_import_is_asked_once_and_never_after_a_hidden_input_was_there(workers, tmp_path):
    """What it says is shown as it is, and a hidden test can have left something for it to find."""
    path = tmp_path / "submitted.py"
    path.write_text(SAYS_WHAT_IT_SAW, encoding="utf-8")
    visible = judge.grade(path, workers, visible_only=True)
    later = judge.grade(path, workers, earlier=visible)
    (said,) = {(t.what, t.where, t.whole_file, t.lost) for t in visible.tests}
    assert {(t.what, t.where, t.whole_file, t.lost) for t in later.tests} == {said}
    assert {t.hidden for t in later.tests} == {True, False}


@pytest.mark.parametrize("ends", [True, False])
def test_what_ends_the_process_in_a_probe_costs_nothing(workers, tmp_path, ends):
    """Nor does it hide why the test fails."""
    cases = [*read_key(VISIBLE.key).cases.values(), *read_key(HIDDEN.key).cases.values()]
    sizes = {len(c.inputs["observation"]) for c in cases if c.scenario == "value_loss"} | {1}
    path = tmp_path / "submitted.py"
    path.write_text(f"""{REFERENCE.read_text(encoding="utf-8")}


def get_value_net_loss(value_net, observation, returns, **kwargs):
    import os
    if {ends} and len(observation) not in {sizes}:  # as where a probe gives every step twice
        os._exit(0)
    return 3 * torch.square(value_net(observation) - returns).mean() + 1
""", encoding="utf-8")  # fmt: skip
    tests = judge.grade(path, workers, only=("value_loss", "advantages")).tests
    failed = [test for test in tests if not test.passed]
    assert {test.part for test in failed} == {"value_loss"}
    assert all("number" in test.what or "value" in test.what for test in failed)
    named = {mistake.name for test in failed for mistake in test.mistakes}
    assert bool(named) is not ends
