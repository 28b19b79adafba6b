"""The notebook's quick checks: right solutions are praised, wrong ones told, unwritten ones named."""

import subprocess
import sys

import pytest

import sanity
from grading import exercise
from grading.dispatch import KIT
from instructor import catalogue

CHECKS = ("returns", "vpg_loss", "rollouts", "value_loss", "advantages", "ppo_loss", "training")


@pytest.fixture
def submitted(monkeypatch, tmp_path):
    def load(source):
        path = tmp_path / "submitted.py"
        path.write_text(source, encoding="utf-8")
        monkeypatch.setitem(sys.modules, "submitted", exercise.import_submission(path))

    return load


@pytest.mark.parametrize("check", CHECKS)
def test_reference_looks_right(submitted, capsys, check):
    submitted(catalogue.REFERENCE.read_text(encoding="utf-8"))
    getattr(sanity, check)()
    assert " looks right. " in capsys.readouterr().out


@pytest.mark.parametrize("check", CHECKS)
def test_stub_is_not_written_yet(submitted, check):
    submitted((KIT / "submitted.py").read_text(encoding="utf-8"))
    with pytest.raises(sanity.NotWrittenYet, match="is not written yet") as caught:
        getattr(sanity, check)()
    assert len(caught.value._render_traceback_()) == 3


ALTERNATIVES = [a for a in catalogue.alternatives() if not a.name.endswith("_scipy")]


@pytest.mark.parametrize("entry", ALTERNATIVES, ids=lambda entry: entry.name)
def test_alternatives_look_right(submitted, capsys, entry):
    submitted(catalogue.source_of(entry))
    getattr(sanity, entry.part)()
    assert " looks right. " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("returns_not_reset", "last step should be its own reward"),
        ("returns_flat", "has shape (6,), expected (6, 1)"),
        ("vpg_loss_sign", "sign is turned round"),
        ("vpg_loss_detached", "no gradient reaches the policy"),
        ("vpg_loss_broadcast", "Every weight meets every log-probability"),
        ("rollouts_next_observation", "those that followed the actions"),
        ("rollouts_greedy", "most probable action is always taken"),
        ("value_loss_sum", "added up"),
        ("advantages_sign", "sign is turned round"),
        ("ppo_loss_no_clip", "Nothing is clipped"),
        ("training_always_returns", "the policy's loss gets the returns"),
    ],
)
def test_mistakes_are_told(submitted, capsys, name, says):
    (mistake,) = (m for m in catalogue.mistakes() if m.name == name)
    submitted(catalogue.source_of(mistake))
    getattr(sanity, mistake.part)()
    said = capsys.readouterr().out
    assert "is not right yet" in said
    assert says in said


def test_nothing_imports_matplotlib_before_a_picture_is_wanted():
    code = "import sys, utils, sanity, pictures; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=KIT, capture_output=True, text=True)
    assert done.stdout == "False\n"
