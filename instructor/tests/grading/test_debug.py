"""`--debug`: whatever a submission raises is told, without a frame of the kit's."""

import os
import subprocess
import sys

import pytest

from grading.debug import debug
from grading.kit import KIT
from instructor.catalogue import REFERENCE

RAISED = {
    "a task that is cancelled": "import asyncio; raise asyncio.CancelledError('mine')",
    "the end of the program": "import sys; sys.exit('mine')",
    "what cannot be looked at": "raise type('E', (Exception,), {'__getattribute__': lambda *a: 1 / 0})",
    "what ends the program": "raise type('E', (Exception,), {'__getattribute__': lambda *a: exit()})",
}


def with_returns(tmp_path, body):
    """A submission with another get_returns."""
    path = tmp_path / "submitted.py"
    head = "def get_returns(rollout_buffer, discount_factor=0.95):"
    source = REFERENCE.read_text(encoding="utf-8")
    path.write_text(f"{source}\n\n{head}\n    {body}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("what", RAISED)
def test_whatever_is_raised_the_test_fails_with_a_sentence(tmp_path, capsys, what):
    assert not debug(with_returns(tmp_path, RAISED[what]), "returns_known_values")
    said = capsys.readouterr().out
    assert "The test fails." in said
    assert "It stopped with a" in said or "It ends the whole program" in said
    assert ("in get_returns" in said) == ("mine" in RAISED[what])
    assert "exercise.py" not in said


def test_the_user_can_stop_it(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        debug(with_returns(tmp_path, "raise KeyboardInterrupt"), "returns_known_values")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="there is no head")
def test_a_reader_that_has_read_enough_gets_no_traceback():
    command = f'"{sys.executable}" grade.py --trust --submission "{REFERENCE}" --debug'
    command += " returns_known_values"
    done = subprocess.run(["sh", "-c", f"{command} | head -n 1"], cwd=KIT, capture_output=True)
    assert done.stdout.startswith(b"returns_known_values: scenario `returns`")
    assert done.stderr == b""
