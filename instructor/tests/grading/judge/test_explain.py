"""What is said of a submission that gave no result to compare."""

import pytest

from grading.judge.explain import NOT_ALLOWED, explain
from grading.wire import Outcome, Result, ScenarioError


def explained(stage, kind, message, hidden):
    error = ScenarioError(stage, kind, message, line=3, text="secret = 1")
    outcome = Outcome("done", Result(error=error))
    found = explain(outcome, "get_returns", 10.0, hidden)
    assert found is not None
    return found


@pytest.mark.parametrize("hidden", [True, False])
def test_what_grading_does_not_allow_is_said(hidden):
    found = explained("call", "PermissionError", "[Errno 1] no: 'secret'", hidden)
    assert NOT_ALLOWED in found.what
    assert ("secret" in found.what + found.where) == (not hidden)


def test_at_import_as_well():
    what = explained("import", "PermissionError", "[Errno 13] no.", hidden=False).what
    assert what.startswith(
        "submitted.py stops with a PermissionError while it is imported: [Errno 13]"
    )
    assert what.endswith(f"no. {NOT_ALLOWED}")


def test_other_errors_stand_alone():
    assert (
        explained("call", "ValueError", "no", hidden=False).what
        == "It stopped with a ValueError: no"
    )
