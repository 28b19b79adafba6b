"""The lists of packages: every file is current, and every list covers what is imported."""

import ast
import importlib.metadata
import re
import shutil
import subprocess
import sys

import pytest
from packaging.requirements import Requirement

from grading import kit
from grading.judge.explain import ONLY_THIS
from grading.kit import KIT
from instructor.release import requirements
from instructor.release.requirements import (
    extra_requirements,
    outdated,
    requirements_texts,
    students_project,
    tomllib,
)

DOCUMENT = tomllib.loads((KIT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT, GRADING = DOCUMENT["project"], DOCUMENT["dependency-groups"]["grading"]
OWN = {path.stem for path in KIT.iterdir() if path.suffix == ".py" or path.is_dir()}
# Modules that a listed package brings along: what they are imported as, and who brings them.
BROUGHT = {"IPython": "jupyter", "tomli": "pytest"}
NEEDED_BY_NAME = re.compile(r'need\("[\w.]+", "([\w-]+)"\)')  # how explore/ asks for an extra
DASK, NOX = "instructor/batch/on_dask.py", "instructor/proof/noxfile.py"


def names(lines: list[str]) -> set[str]:
    """The names of packages."""
    return {Requirement(line).name for line in lines}


def python_files(folder: str, *without: str) -> list[str]:
    """The Python files beneath a folder but for some folders or files, by their paths in the kit."""
    paths = (path.relative_to(KIT).as_posix() for path in (KIT / folder).rglob("*.py"))
    return sorted(
        path for path in paths if not path.startswith(without) and "/attacks/" not in path
    )


def imported(paths: list[str]) -> set[str]:
    """The packages from elsewhere that these files import."""
    modules, packages = set(), set()
    for path in paths:
        text = (KIT / path).read_text(encoding="utf-8")
        packages |= set(NEEDED_BY_NAME.findall(text))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                modules.add(str(node.module).partition(".")[0])
    installed = importlib.metadata.packages_distributions()
    for module in modules - OWN - sys.stdlib_module_names:
        package = BROUGHT.get(module) or installed.get(module, [module])[0]
        packages.add(package.lower().replace("_", "-"))
    return packages


def test_the_requirements_files_are_current():
    assert outdated() == []


def test_a_change_in_pyproject_makes_them_outdated(monkeypatch, tmp_path):
    changed = (KIT / "pyproject.toml").read_text(encoding="utf-8").replace("rich>=13.7", "rich>=14")
    for path in requirements_texts():
        copy = tmp_path / path.relative_to(KIT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    heads = {tmp_path / path.relative_to(KIT): head for path, head in requirements.HEADS.items()}
    for name in ("STUDENT", "DEVELOPER", "AUTOGRADER"):
        path = getattr(requirements, name)
        monkeypatch.setattr(requirements, name, tmp_path / path.relative_to(KIT))
    monkeypatch.setattr(requirements, "HEADS", heads)
    monkeypatch.setattr(requirements, "KIT", tmp_path)
    (tmp_path / "pyproject.toml").write_text(changed, encoding="utf-8")
    assert outdated() == [
        "requirements.txt",
        requirements.AUTOGRADER.relative_to(tmp_path).as_posix(),
    ]
    assert requirements.main(check=True) == 1
    assert requirements.main(check=False) == 0
    assert "rich>=14\n" in (tmp_path / "requirements.txt").read_text(encoding="utf-8")
    assert requirements.main(check=True) == 0


# A submission may import it where it was written beside a notebook: it comes with Jupyter.
BESIDE_A_NOTEBOOK = "ipython"


WATCH = "grading/watch/"  # an upload is graded once


def test_grading_installs_what_it_imports_and_nothing_else():
    files = [n for n in kit.autograder_files() if n.endswith(".py") and not n.startswith(WATCH)]
    assert names(GRADING) - {BESIDE_A_NOTEBOOK} == imported(files)


def test_grading_takes_the_versions_that_students_have():
    def pinned(lines):
        return {(r.name, str(r.specifier), str(r.marker)) for r in map(Requirement, lines)}

    of_grading = {entry for entry in pinned(GRADING) if entry[0] != BESIDE_A_NOTEBOOK}
    assert of_grading <= pinned(PROJECT["dependencies"])


def test_the_report_names_what_a_submission_may_import():
    of_the_judge = {"pytest", "rich", BESIDE_A_NOTEBOOK}
    assert names(GRADING) - of_the_judge <= set(re.findall(r"\w+", ONLY_THIS))


@pytest.mark.parametrize(
    ("files", "extras"),
    [
        pytest.param(
            [n for folder in ("handout", "tests", "grading") for n in python_files(folder)],
            [],
            id="student",
        ),
        pytest.param(
            python_files("instructor", "instructor/tests/", "instructor/bench/", DASK, NOX),
            ["instructor"],
            id="instructor",
        ),
        pytest.param(python_files("explore"), ["explore"], id="explore"),
        pytest.param([DASK], ["cluster"], id="cluster"),
        pytest.param(python_files("instructor") + python_files("explore"), ["dev"], id="dev"),
    ],
)
def test_the_extras_cover_what_is_imported(files, extras):
    listed = PROJECT["dependencies"] + [r for e in extras for r in extra_requirements(PROJECT, e)]
    assert imported(files) - names(listed) == set()


def test_a_students_project_has_the_packages_of_the_requirements():
    document = tomllib.loads(students_project())
    assert document["project"]["dependencies"] == PROJECT["dependencies"]
    assert document["project"]["requires-python"] == ">=3.10,<3.14"
    assert "Python 3.10 to 3.13" in (KIT / "README.md").read_text(encoding="utf-8")
    assert "optional-dependencies" not in document["project"]


@pytest.mark.skipif(shutil.which("uv") is None, reason="uv is not installed here")
def test_uv_understands_a_students_project(tmp_path):
    """It locks the project without the packages, which would need a network."""
    text = re.sub(r"^    \".*\n", "", students_project(), flags=re.MULTILINE)
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    command = ["uv", "lock", "--offline", "--no-cache", "--python", sys.executable]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr


def test_the_version_is_that_of_the_changelog():
    changelog = (KIT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## \[([\d.]+)\]", changelog, re.MULTILINE)[0] == PROJECT["version"]


@pytest.mark.skipif(shutil.which("uv") is None, reason="uv is not installed here")
def test_uv_lock_is_current():
    command = ["uv", "lock", "--check", "--offline", "--no-cache", "--no-config"]
    done = subprocess.run(
        [*command, "--python", sys.executable], cwd=KIT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"run `uv lock`:\n{done.stderr}"


def test_uv_lock_names_the_public_index_only():
    text = (KIT / "uv.lock").read_text(encoding="utf-8")
    assert set(re.findall(r"https?://([^/\"]+)", text)) == {"pypi.org", "files.pythonhosted.org"}
