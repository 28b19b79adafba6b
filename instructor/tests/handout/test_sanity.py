"""The notebook's checks say what the tests say: points, what is left, what is missing or wrong."""

import subprocess
import sys

import pytest

from grading.kit import KIT
from grading.parts import PARTS
from grading.worker import exercise
from handout import cards, sanity
from instructor import catalogue

REFERENCE = catalogue.REFERENCE.read_text(encoding="utf-8")
STUBS = (KIT / "submitted.py").read_text(encoding="utf-8")


@pytest.fixture
def submitted(monkeypatch, tmp_path):
    """Saves a source as the submission; every test begins without knowing anything."""
    monkeypatch.setattr(sanity, "_tests", {})

    def save(source):
        path = tmp_path / "submitted.py"
        path.write_text(source, encoding="utf-8")
        monkeypatch.setitem(sys.modules, "submitted", exercise.import_submission(path))
        return path

    return save


QUICK = ("returns", "training")  # the others are as quick, but add up
EVERY_PART = [pytest.param(p, marks=[] if p in QUICK else [pytest.mark.slow]) for p in PARTS]


@pytest.mark.parametrize("part", EVERY_PART)
def test_reference_is_all_right(submitted, capsys, part):
    submitted(REFERENCE)
    getattr(sanity, part)()
    assert f"{PARTS[part].title}: all right. " in (said := capsys.readouterr().out)
    assert "all parts are right" in said


@pytest.mark.parametrize("part", EVERY_PART)
def test_stub_is_not_written_yet(submitted, capsys, part):
    submitted(STUBS)
    getattr(sanity, part)()
    said = capsys.readouterr().out
    assert f"{PARTS[part].title}: not written yet (submitted.py, line" in said
    assert "7 parts to go" in said
    assert f'The section "{PARTS[part].section}" explains it.' in said


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("returns_undiscounted", "Later rewards count as much as the first one"),
        ("returns_flat", "shape"),
        ("rollouts_next_observation", "The observation after the step is recorded"),
        ("training_always_returns", "given the returns even when there are advantages"),
    ],
)
def test_mistakes_are_told_in_the_words_of_the_tests(submitted, capsys, name, says):
    (mistake,) = (m for m in catalogue.all_mistakes() if m.name == name)
    submitted(catalogue.source_of(mistake))
    getattr(sanity, mistake.part)()
    said = capsys.readouterr().out
    assert " tests fail" in said
    assert says in said


def test_what_is_left_is_counted_anew_when_something_changes(submitted, capsys):
    submitted(STUBS)
    sanity.progress()
    assert capsys.readouterr().out.count("not written yet") == 7
    submitted(REFERENCE)
    sanity.returns()
    assert "7 of 7 visible points; all parts are right." in capsys.readouterr().out


def test_a_file_that_is_no_python_is_not_praised(submitted, capsys):
    path = submitted(REFERENCE)
    path.write_text("def get_returns(:\n", encoding="utf-8")
    sanity.returns()
    assert capsys.readouterr().out.startswith("Python cannot read submitted.py, line 1:")


def test_hints_come_in_steps(capsys):
    for step in (1, 2, 3, 4, 1):
        sanity.hint("get_returns")
        assert f"Returns, hint {step} of 4" in capsys.readouterr().out
    sanity.hint("returns", 3)
    assert "Returns, hint 3 of 4" in capsys.readouterr().out
    sanity.hint("returns", 9)
    assert capsys.readouterr().out == "There are hints 1 to 4.\n"
    sanity.hint("retruns")
    assert capsys.readouterr().out.startswith("There is no part 'retruns'. The parts are: returns,")


def test_an_unwritten_function_ends_its_block_and_nothing_else(submitted, capsys):
    submitted(STUBS)
    reached = []
    with sanity.needs_submission():
        sys.modules["submitted"].get_returns(sanity.whole_buffer([1], [True]))
        reached.append("after the call")
    assert reached == []
    said = capsys.readouterr().out
    assert said.startswith("get_returns is not written yet (submitted.py, line ")
    assert 'The section "Part 1: Returns" explains it.' in said


@pytest.mark.parametrize("error", [ValueError("a"), NotImplementedError("for 'Half'")])
def test_other_errors_are_raised(error):
    with pytest.raises(type(error)), sanity.needs_submission():
        raise error


def test_a_card_shows_text_as_text():
    card = cards._card("a < b", ["<script>", "  step 0  <-"], 1, "#888888")
    assert "<script>" not in card
    assert "a &lt; b" in card
    assert "<pre" in card


@pytest.mark.slow
def test_checks_work_in_a_students_folder_without_jupyter(tmp_path):
    """A process of its own ends, too, though workers stay ready in it."""
    (tmp_path / "submitted.py").write_text(STUBS, encoding="utf-8")
    code = "from handout import sanity; sanity.returns()"
    path = f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(KIT)!r}]; {code}"
    done = subprocess.run([sys.executable, "-c", path], capture_output=True, text=True, timeout=120)
    assert "Returns: not written yet" in done.stdout
    assert (done.returncode, done.stderr) == (0, "")
