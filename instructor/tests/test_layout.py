"""The import contracts hold, and every module, file and folder that the prose names is there."""

import ast
import io
import re
import shutil
import subprocess
import sys
import tokenize
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
    assert "5 kept, 0 broken" in done.stdout


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
    kept |= {"uv.lock", ".github/workflows/test.yml", "docs/report.svg", "docs/watch.svg"}
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
    assert {
        path.relative_to(KIT).as_posix() for path in (kit.HIDDEN.tests, kit.HIDDEN.key)
    } <= decide


# -- What comments, docstrings and Markdown files name --

PACKAGES = ("grading", "tests", "handout", "instructor", "explore")
SUFFIXES = ("py", "json", "md", "ini", "toml", "ipynb", "txt", "png", "sh", "css", "js", "pt")
DOTTED_NAME = re.compile(rf"(?<![\w./-])(?:{'|'.join(PACKAGES)}|utils)(?:\.[A-Za-z_]\w*)+")
# A file by its suffix or a folder by the slash behind it, after any number of folders. No match begins
# behind a slash, so that addresses and absolute paths are left out.
PATH = re.compile(
    r"(?<![\w./~<>{}*-])(?:[\w.-]+/)*"
    rf"(?:[\w-]+\.(?:{'|'.join(SUFFIXES)})\b|[a-z_]{{2,}}/(?!\w))"
)
# A word in capitals stands for any name, as in DIR/before-regrade.sqlite.
PLACEHOLDER = re.compile(r"(?<![A-Za-z])(?:DIR|ENDING|FILE|KEY|NAME|PART|ROOT)(?![A-Za-z])")
# What a run writes, the platform's names, and examples.
NOT_IN_THE_KIT = {
    "instructor/hidden/named.json",
    "results.json",
    "explore/out/",
    "dist/",
    "setup.sh",
    "ana.py",
    "absent.py",
    "submitted-2.py",
    "instructor/tests/hostile/attacks/twenty_open_files.py",
}


def prose_of(path: Path) -> str:
    """The comments and docstrings of a Python file; the whole text of any other file."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return text
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    parts = [token.string for token in tokens if token.type == tokenize.COMMENT]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            parts.append(ast.get_docstring(node) or "")
    return "\n".join(parts)


def names_in(body: list[ast.stmt]) -> dict[str, list[ast.stmt]]:
    """The names that statements define or import; a class or function comes with its own body."""
    found: dict[str, list[ast.stmt]] = {}
    for statement in body:
        if isinstance(statement, (ast.ClassDef, ast.FunctionDef)):
            found[statement.name] = statement.body
        elif isinstance(statement, (ast.Import, ast.ImportFrom)):
            found |= {alias.asname or alias.name: [] for alias in statement.names}
        elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            for node in (node for target in targets for node in ast.walk(target)):
                if isinstance(node, ast.Name):
                    found[node.id] = []
    return found


def is_defined(dotted_name: str) -> bool:
    """Whether the kit has a package, a module, or something in a module of this name.

    The module is read and not imported: no torch is needed.
    """
    words, place = dotted_name.split("."), KIT
    while words and (place / words[0]).is_dir():
        place = place / words.pop(0)
    if words and (place / f"{words[0]}.py").is_file():
        place = place / f"{words.pop(0)}.py"
    module = place / "__init__.py" if place.is_dir() else place
    body = ast.parse(module.read_text(encoding="utf-8")).body if module.is_file() else []
    for word in words:
        names = names_in(body)
        if word not in names:
            return False
        body = names[word]
    return True


def is_there(name: str, path: Path) -> bool:
    """Whether a file or folder of this name is there, for the file `path` that names it.

    A Python file names it from its own folder or from one above. A Markdown file may leave out the
    first folders, because its sentence or its table has named them.
    """
    folders = [folder for folder in path.parents if folder.is_relative_to(KIT)]
    if any((folder / name).exists() for folder in folders):
        return True
    return path.suffix == ".md" and any(any((KIT / package).rglob(name)) for package in PACKAGES)


def wrong_names(prose: str, path: Path) -> list[str]:
    """The names in the prose of a file that nothing in the kit has."""
    dotted = [n for n in DOTTED_NAME.findall(prose) if n.rpartition(".")[2] not in SUFFIXES]
    wrong = [name for name in dotted if not is_defined(name)]
    wrong += [name for name in PATH.findall(prose) if not is_there(name, path)]
    return [n for n in wrong if n not in NOT_IN_THE_KIT and not PLACEHOLDER.search(n)]


def test_what_comments_docstrings_and_markdown_name_is_there():
    files = [path for path in KIT.iterdir() if path.suffix in (".py", ".md")]
    for package in PACKAGES:
        files += [p for p in (KIT / package).rglob("*") if p.suffix in (".py", ".md")]
    wrong = {p.relative_to(KIT).as_posix(): wrong_names(prose_of(p), p) for p in files}
    assert {file: names for file, names in wrong.items() if names} == {}


@pytest.mark.parametrize(
    ("prose", "wrong"),
    [
        ("see grading.wire.Outcome.tidy and grading.kit.KIT", []),
        ("see grading.dispatch", ["grading.dispatch"]),
        ("see grading.wire.Outcome.forget", ["grading.wire.Outcome.forget"]),
        ("in grading/kit.py, sanity.py, utils.py and instructor/keys/.", []),
        ("in instructor/noxfile.py and grading/jail/", ["instructor/noxfile.py", "grading/jail/"]),
        ("in kit.py, which another folder has", ["kit.py"]),
        ("DIR/report.json, NAME.json, https://example.org/page.md", []),
    ],
)
def test_a_wrong_name_is_found(prose, wrong):
    assert wrong_names(prose, KIT / "handout" / "pictures.py") == wrong


def test_a_markdown_file_may_leave_out_the_first_folders():
    assert wrong_names("in `worker/jail/` and `kit.py`", KIT / "README.md") == []
    assert wrong_names("in `jail/worker/`", KIT / "README.md") == ["jail/worker/"]
