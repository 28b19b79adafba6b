"""The notebook's quick checks: right solutions are praised, wrong ones told, unwritten ones named."""

import pathlib
import subprocess
import sys

import pytest

from grading.kit import KIT
from grading.worker import exercise
from handout import sanity
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


ALTERNATIVES = [a for a in catalogue.all_alternatives() if not a.name.endswith("_scipy")]


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
        ("ppo_loss_min_before_product", "The smaller ratio is taken first"),
        ("training_always_returns", "the policy's loss gets the returns"),
    ],
)
def test_mistakes_are_told(submitted, capsys, name, says):
    (mistake,) = (m for m in catalogue.all_mistakes() if m.name == name)
    submitted(catalogue.source_of(mistake))
    getattr(sanity, mistake.part)()
    said = capsys.readouterr().out
    assert "is not right yet" in said
    assert says in said


OTHERS = [
    (
        "training",
        "start : start + minibatch_size]",
        "start : start + minibatch_size] * 0 + np.arange(len(indices))[start : start + minibatch_size]",
        "The steps come in the order they were played in",
    ),
    (
        "training",
        "return_or_advantage = returns if advantages is None else advantages",
        "return_or_advantage = advantages",
        "It stopped with TypeError",
    ),
    ("rollouts", "(logits, seed=seed)", "(logits.exp(), seed=seed)", "not those that the sampler"),
    (
        "vpg_loss",
        "    return -(log_probability * return_or_advantage).mean()",
        "    loss = -(log_probability * return_or_advantage).mean()\n"
        "    loss.backward(retain_graph=True)\n    return loss",
        "calling backward is left to the training loop",
    ),
    (
        "advantages",
        "        advantages = returns -",
        "        returns -= 1\n        advantages = returns -",
        "The returns were changed",
    ),
    ("advantages", " + EPSILON", "", "Where all advantages are equal"),
]


@pytest.mark.parametrize(("check", "right", "wrong", "says"), OTHERS)
def test_other_slips_are_told(submitted, capsys, check, right, wrong, says):
    source = catalogue.REFERENCE.read_text(encoding="utf-8")
    assert source.count(right) == 1
    submitted(source.replace(right, wrong))
    getattr(sanity, check)()
    assert says in capsys.readouterr().out


def test_a_file_that_is_no_python_is_not_praised(submitted, capsys):
    submitted(catalogue.REFERENCE.read_text(encoding="utf-8"))
    path = pathlib.Path(str(sys.modules["submitted"].__file__))
    path.write_text("def get_returns(:\n", encoding="utf-8")
    sanity.returns()
    said = capsys.readouterr().out
    assert "Python cannot read submitted.py, line 1" in said
    assert "looks right" not in said


def test_nothing_imports_matplotlib_before_a_picture_is_wanted():
    code = "import sys, utils; from handout import sanity, pictures; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=KIT, capture_output=True, text=True)
    assert done.stdout == "False\n"
