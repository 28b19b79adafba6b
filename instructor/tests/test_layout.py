"""The folders show the wall: import contracts hold, and one bad import breaks them."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grading import kit
from grading.kit import KIT

ROOTS = ("grading", "tests", "handout", "instructor")
LINT = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on a copy of the kit."""
    command = [*LINT, "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_contracts_hold():
    done = lint(KIT)
    assert done.returncode == 0, done.stdout
    assert "4 kept, 0 broken" in done.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kit")
    for root in ROOTS:
        ignore = shutil.ignore_patterns("__pycache__", "hostile", "*.json", "recorded_runs")
        shutil.copytree(KIT / root, folder / root, ignore=ignore)
    shutil.copy(KIT / "pyproject.toml", folder)
    shutil.copy(KIT / "utils.py", folder)
    return folder


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("grading/worker/exercise.py", "from grading.judge import keys", "knows no answer"),
        ("tests/scenarios/parts.py", "import grading.judge.compare", "knows no answer"),
        ("grading/judge/compare.py", "import torch", "runs nothing of a submission's"),
        ("grading/judge/diagnosis.py", "import tests.scenarios.parts", "runs nothing"),
        ("grading/processes/forked.py", "from grading.worker import exercise", "runs nothing"),
        ("grading/kit.py", "from instructor import reference", "needs nothing of the instructor"),
        ("grading/wire.py", "from grading.report import results", "Layers of the engine"),
    ],
)
def test_a_bad_import_breaks_a_contract(copy, module, line, contract):
    path = copy / module
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\n{line}\n", encoding="utf-8")
    try:
        done = lint(copy)
    finally:
        path.write_text(text, encoding="utf-8")
    assert done.returncode == 1
    broken = [row for row in done.stdout.splitlines() if row.endswith("BROKEN")]
    assert any(contract in row for row in broken), done.stdout


def test_leaving_out_the_instructors_folder_is_the_whole_rule_for_handing_out():
    given = set(kit.student_files())
    assert not any(name.startswith(("instructor/", "explore/")) for name in given)
    kept = {"README.md", "requirements-dev.txt", "pyproject.toml", ".gitignore", ".ci/run"}
    kept |= {"CHANGELOG.md", "CONTRIBUTING.md", ".editorconfig", ".pre-commit-config.yaml"}
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=KIT, capture_output=True, text=True, check=False
    ).stdout.split()
    if not tracked:
        pytest.skip("this copy of the kit is no checkout")
    rest = {name for name in tracked if not name.startswith(("instructor/", "explore/"))} - kept
    assert rest == given


def test_every_file_that_runs_is_in_the_kits_hash():
    decide = set(kit.files_that_decide())
    for folder in ("grading", "tests"):
        for path in (KIT / folder).rglob("*.py"):
            assert path.relative_to(KIT).as_posix() in decide
    assert {"utils.py", "solution.json", "grading/judge/pytest.ini"} <= decide
    assert {path.relative_to(KIT).as_posix() for path in kit.HIDDEN} <= decide
