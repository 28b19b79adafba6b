"""Whole reports, kept as files in `golden/` and compared to the letter.

`python -m pytest instructor/tests/grading/report/test_golden.py --rewrite-golden` writes the files anew;
`git diff` then shows what students will read that they have not read before.
"""

import dataclasses
import difflib
import json
from pathlib import Path

import pytest

from grading.kit import KIT
from grading.processes.tier import Tier
from grading.report.results import results, write_results
from instructor import catalogue
from instructor.batch.entries import Entry, Graded, Student
from instructor.batch.outputs.feedback_files import feedback_markdown
from instructor.catalogue.compose import compose
from instructor.proof import sweep
from instructor.tests.grading.report.printed import printed_report

GOLDEN = Path(__file__).parent / "golden"
FILES = ("terminal_80.txt", "terminal_40.txt", "results.json", "feedback.md")
REFERENCE = catalogue.REFERENCE.read_text(encoding="utf-8")
MISTAKES = {mistake.name: mistake for mistake in catalogue.all_mistakes()}
TIER = Tier("A", "isolated: user of its own, Landlock, seccomp")
VALUE_LOSS = "    return ((value_net(observation) - returns) ** 2).mean()\n"


def edited(old: str, new: str, source: str = REFERENCE) -> str:
    """The reference with one place changed."""
    assert source.count(old) == 1
    return source.replace(old, new)


def both(first: str, second: str) -> str:
    """The reference with two mistakes in one place."""
    source = compose(MISTAKES[first], MISTAKES[second])
    assert source is not None
    return source


def mistaken(*names: str) -> str:
    """The reference with these mistakes of the catalogue."""
    source = REFERENCE
    for name in names:
        source = MISTAKES[name].change.apply(source)
    return source


SOURCES = {
    # First, because the others are graded in another process meanwhile.
    "endless_loop": edited(
        VALUE_LOSS,
        "    import time\n    while returns.max() > 10:\n        time.sleep(0.1)\n" + VALUE_LOSS,
    ),
    "reference": REFERENCE,
    "stubs": (KIT / "submitted.py").read_text(encoding="utf-8"),
    "syntax_error": edited("ratio = torch.exp(", "ratio = = torch.exp("),
    "function_missing": edited("def get_value_net_loss", "def get_value_network_loss"),
    "mistake_in_returns": mistaken("returns_discount_from_buffer_start"),
    "mistake_in_the_value_loss": mistaken("value_loss_sum"),
    "mistake_in_the_PPO_loss": mistaken("ppo_loss_ratio_inverted"),
    "mistake_in_the_training_loop": mistaken("training_weights_flat"),
    "mistakes_in_two_parts": mistaken("advantages_sign", "rollouts_next_observation"),
    "two_mistakes_in_one_function": both("vpg_loss_sign", "vpg_loss_sum"),
    "mistake_that_nobody_knows": edited(
        "    return returns\n", "    returns[-1] *= 0.7\n    return returns\n"
    ),
    "crash": edited("    return returns\n", "    return returns[len(returns)]\n"),
    "prints": edited(
        VALUE_LOSS,
        "    print('returns', tuple(returns.shape))\n"
        "    for row in range(8):\n"
        "        print('row', row)\n"
        "    return ((value_net(observation) - returns) ** 2).sum()\n",
    ),
    "wrong_shape": edited("    return returns\n", "    return returns.squeeze(1)\n"),
    "wrong_type": edited("    return returns\n", "    return returns.double()\n"),
}
NOTHING_TO_GRADE = "no_file"


@pytest.fixture(scope="session")
def reports(graders, grade_py, tmp_path_factory):
    """By submission and file name: the whole text."""
    options = sweep.Options(time_limit=3.0)
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        for name, grade in sweep.sweep(graders, SOURCES.items(), options).items():
            found[name] = of_grade(patch, as_everywhere(grade), tmp_path_factory.mktemp(name))
    return {**found, NOTHING_TO_GRADE: of_no_file(grade_py, tmp_path_factory.mktemp("nothing"))}


def as_everywhere(grade):
    """The grade without what differs from run to run and from machine to machine."""
    return dataclasses.replace(
        grade,
        tests=[dataclasses.replace(test, seconds=0.0) for test in grade.tests],
        versions=dict.fromkeys(grade.versions, "VERSION"),
        tier=TIER,
        layers={},
        warning="",
        seconds=0.0,
    )


def of_grade(patch, grade, folder):
    """All that is told of a grade."""
    document = results(grade)
    write_results(folder / "results.json", document)
    return {
        "terminal_80.txt": printed_report(patch, grade),
        "terminal_40.txt": printed_report(patch, grade, width=40),
        "results.json": (folder / "results.json").read_text(encoding="utf-8"),
        "feedback.md": feedback_markdown(Graded(ENTRY, json.loads(json.dumps(document)))),
    }


def of_no_file(grade_py, folder):
    """All that is told where there is no file. A terminal breaks this sentence itself."""
    done = grade_py("--submission", "absent.py", "--json", "results.json", cwd=folder)
    said = json.loads((folder / "results.json").read_text(encoding="utf-8"))["output"]
    return {
        "terminal_80.txt": done.stdout + done.stderr,
        "results.json": (folder / "results.json").read_text(encoding="utf-8"),
        "feedback.md": feedback_markdown(Graded(ENTRY, None, said)),
    }


ENTRY = Entry(Student("doe_jane", "Jane Doe"), b"", "doe_jane/submitted.py")
KEPT = [(name, file) for name in SOURCES for file in FILES]
KEPT += [(NOTHING_TO_GRADE, file) for file in FILES if file != "terminal_40.txt"]


@pytest.mark.parametrize(("name", "file"), KEPT)
def test_report_is_the_one_that_was_read(reports, name, file, rewrite_golden):
    path, now = GOLDEN / name / file, reports[name][file]
    if rewrite_golden:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(now, encoding="utf-8", newline="\n")
    kept = path.read_text(encoding="utf-8") if path.exists() else ""
    before, after = (text.splitlines(keepends=True) for text in (kept, now))
    difference = "".join(difflib.unified_diff(before, after, fromfile="kept", tofile="now"))
    if difference:
        pytest.fail(f"{name}/{file} has changed; --rewrite-golden keeps it.\n{difference}", False)


def test_nothing_else_is_kept():
    kept = {path.relative_to(GOLDEN).as_posix() for path in GOLDEN.rglob("*") if path.is_file()}
    assert kept == {f"{name}/{file}" for name, file in KEPT}
