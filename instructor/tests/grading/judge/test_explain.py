"""What is said of a submission that gave no result to compare."""

import time

import pytest

from grading.judge.explain import NOT_ALLOWED, explain, explain_import, without_torch_sources
from grading.processes.workers import OUTPUT_LIMIT
from grading.wire import Outcome, Result, ScenarioError
from grading.worker import exercise


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


@pytest.mark.parametrize("stage", ["import", "call"])
def test_a_file_in_a_folder_that_cannot_be_written_says_where_files_belong(stage):
    said = "[Errno 30] Read-only file system: '/tmp/log'"
    assert explained(stage, "OSError", said, hidden=False).what.endswith(NOT_ALLOWED)
    assert NOT_ALLOWED not in explained(stage, "OSError", "[Errno 28] full", hidden=False).what


@pytest.mark.parametrize(
    "source", ["NAME = 'caf\xe9'\n", "# caf\xe9\ndef f():\n    return '\xe9a'\n"]
)
def test_a_file_in_another_encoding_says_how_to_save_it(tmp_path, source):
    path = tmp_path / "submitted.py"
    path.write_text(source, encoding="latin-1")
    outcome = Outcome("done", exercise.run(path, None, {}))
    found = explain_import(outcome, 10.0)
    assert found is not None
    assert "Save it as UTF-8" in found.what


def test_other_errors_stand_alone():
    assert (
        explained("call", "ValueError", "no", hidden=False).what
        == "It stopped with a ValueError: no"
    )


def test_places_in_torchs_own_source_are_left_out():
    text = "A warning. \n (Triggered internally at /a/b.cpp:3.)\n x(Triggered internally at c)y"
    assert without_torch_sources(text) == "A warning.\n xy"


@pytest.mark.parametrize("printed", ["\n", " ", "(Triggered internally at "])
def test_whatever_is_printed_is_looked_through_at_once(printed):
    """It happens in the judge, where no time limit holds, and once for each test."""
    text = (printed * OUTPUT_LIMIT)[:OUTPUT_LIMIT]
    started = time.monotonic()
    assert without_torch_sources(text) == text
    assert time.monotonic() - started < 1
