"""The judge's pytest plugin: which tests are hidden, and how often an answer is compared."""

from collections import Counter

import pytest

from grading.judge import grade as judge
from grading.judge.compare import Answer
from grading.kit import HIDDEN, VISIBLE
from grading.processes.start import start_workers
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


def grade(path, **options):
    with start_workers(path) as workers:
        return judge.grade(path, workers, only=("returns",), **options)


def test_an_answer_that_is_right_at_once_is_compared_once(compared):
    assert grade(REFERENCE).score == 14
    assert set(compared.values()) == {1}
    assert len(compared) == 5


def test_an_answer_that_is_wrong_twice_is_compared_twice(compared, tmp_path):
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
def test_the_source_list_says_what_is_hidden(monkeypatch, hidden):
    source = VISIBLE._replace(hidden=hidden)
    monkeypatch.setattr(judge, "sources", lambda visible_only=False: [source])
    assert {test.hidden for test in grade(REFERENCE).tests} == {hidden}


def test_checks_are_those_of_the_test_files():
    checks = judge.checks()
    assert len(checks) == len(judge.list_tests())
    files = {check.__code__.co_filename for check in checks.values()}
    assert files == {str(VISIBLE.tests), str(HIDDEN.tests)}
