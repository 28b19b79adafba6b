"""What CONTRIBUTING.md shows works as it stands there: its snippets are applied to a copy and run."""

import json
import re
import shutil
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from grading.judge.sketches import as_bytes
from grading.kit import HIDDEN, KIT, VISIBLE
from instructor import catalogue
from instructor.catalogue.mistakes import edited
from instructor.proof import sweep
from instructor.proof.matrix import cascades, caught

TEXT = (KIT / "CONTRIBUTING.md").read_text(encoding="utf-8")
# "In `FILE`, before `THIS`:" or "instead of `THIS`:", some words before the colon, then the lines.
EDIT = re.compile(
    r"In `([\w/.]+)`,\s(before|instead\sof)\s`([^`]+)`[^`\n]*:\n\n```python\n(.*?)```",
    re.DOTALL,
)
ONE_PAIR_IN = 20
NEW_FILE = re.compile(r"A\snew\sfile\s`([\w/.]+)`:\n\n```python\n(.*?)```", re.DOTALL)


def section(title: str) -> str:
    """The text under a heading."""
    return TEXT.split(f"## {title}\n")[1].split("\n## ")[0]


def code_blocks(text: str) -> list[str]:
    """The blocks of Python code in a text."""
    return re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)


@dataclass
class Copy:
    """A copy of the kit that is changed as the document says."""

    folder: Path

    def apply_edits(self, text: str) -> int:
        """Make the edits that a text describes; returns how many there are."""
        edits = EDIT.findall(text)
        for name, how, mark, lines in edits:
            path = self.folder / name
            before = path.read_text(encoding="utf-8").splitlines(keepends=True)
            place = next(number for number, line in enumerate(before) if mark in line)
            indentation = before[place][: -len(before[place].lstrip())]
            lines = textwrap.indent(lines, indentation)
            if how == "before" and not indentation:
                lines += "\n\n"  # between functions
            after = place + (how != "before")
            path.write_text("".join([*before[:place], lines, *before[after:]]), encoding="utf-8")
        return len(edits)

    def forget_most_pairs(self) -> None:
        """Keep one in so many pairs of mistakes: to run all those of a part takes half a minute."""
        for source in (VISIBLE, HIDDEN):
            path = self.folder / source.sketches.relative_to(KIT)
            with np.load(path) as file:
                arrays = dict(file)
            kept = arrays["pair rows"][:, 1] % ONE_PAIR_IN == 0
            rows = arrays["pair rows"][kept]
            rows[:, 1] //= ONE_PAIR_IN
            arrays |= {"pair rows": rows, "pair numbers": arrays["pair numbers"][kept]}
            arrays["pairs"] = arrays["pairs"][::ONE_PAIR_IN]
            path.write_bytes(as_bytes(arrays))

    def pairs_in(self, case: str) -> int:
        """Of how many pairs the copy holds what they return in a case."""
        with np.load(self.folder / VISIBLE.sketches.relative_to(KIT)) as file:
            number = file["cases"].tolist().index(case)
            return int((file["pair rows"][:, 0] == number).sum())

    def run(self, *arguments: object) -> str:
        """Run Python in the copy; returns what it prints. Fails where it ends with an error."""
        done = subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in (0, 1), done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout

    def grade(self, source: str, *options: str) -> dict:
        """The results document for a submission."""
        submission, results = self.folder / "tried.py", self.folder / "tried.json"
        submission.write_text(source, encoding="utf-8")
        self.run("grade.py", "--submission", submission, "--json", results, *options)
        return json.loads(results.read_text(encoding="utf-8"))


@pytest.fixture
def copy(tmp_path):
    ignore = shutil.ignore_patterns(".*", "__pycache__", "dist", "figures", "*.pt", "*.ipynb")
    return Copy(Path(shutil.copytree(KIT, tmp_path / "kit", ignore=ignore)))


def test_the_mistake_of_the_example_costs_points_of_its_part_and_no_others(graders):
    (code,) = code_blocks(section("Adding a mistake"))
    mistake = eval(code, {"edited": edited})
    source = catalogue.source_of(mistake)
    grade = sweep.sweep(graders, [("example", source)], sweep.Options())["example"]
    assert caught(grade, mistake.part, hidden=False)
    assert caught(grade, mistake.part, hidden=True)
    assert cascades(grade, mistake.part) == []


@pytest.mark.slow
def test_the_test_of_the_example_catches_what_passed_before(copy):
    copy.forget_most_pairs()
    text = section("Adding a test")
    reference = catalogue.REFERENCE.read_text(encoding="utf-8")
    wrong = f"{reference}\n\n{code_blocks(text)[0]}"
    assert copy.grade(wrong, "--visible")["score"] == 50
    assert copy.apply_edits(text) == 3
    *commands, last = re.findall(r"^python (.*?)(?: +#.*)?$", text, flags=re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        copy.run(*command.split())
    assert copy.pairs_in("value_loss_long_batch") > 20
    assert "50 / 50" in copy.run(*last.split())
    results = copy.grade(wrong, "--visible")
    assert results["score"] == 49
    lost = [test["name"] for test in results["tests"] if test["score"] < test["max_score"]]
    assert len(lost) == 1
    assert "value_loss_long_batch" in lost[0]


@pytest.mark.skipif(sys.platform != "linux", reason="the jail is Linux's")
def test_the_attack_of_the_example_bites_until_the_jail_has_its_rule(copy):
    from instructor.tests.hostile import suite  # Windows cannot import it

    text = section("Changing the jail")
    ((name, attack),) = NEW_FILE.findall(text)
    (copy.folder / name).write_text(attack, encoding="utf-8")
    ((part, says),) = re.findall(r"^# bites: (\w+): (.+)$", attack, flags=re.MULTILINE)
    source = f"{suite.base()}\n\n{attack}"
    without = copy.grade(source, "--visible", "--only", part)
    assert "BREACH" in json.dumps(without)
    assert copy.apply_edits(text) == 1
    with_rule = copy.grade(source, "--visible", "--only", part)
    assert "BREACH" not in json.dumps(with_rule)
    assert any(says in test["output"] for test in with_rule["tests"])


def test_the_files_and_commands_it_names_exist():
    new = {name for name, _ in NEW_FILE.findall(TEXT)}
    for name in set(re.findall(r"`([A-Za-z_/]+(?:\.py|\.md|/))`", TEXT)) - new:
        assert (KIT / name).exists(), name
    commands = (KIT / "instructor" / "__main__.py").read_text(encoding="utf-8")
    for command in re.findall(r"^python -m instructor (\w+)", TEXT, flags=re.MULTILINE):
        assert re.search(rf'add_parser\(\s*"{command}"', commands), command
