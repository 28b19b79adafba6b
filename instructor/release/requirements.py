"""The requirements files and the student's project, from the lists of packages in `pyproject.toml`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from grading.kit import KIT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # pytest brings it on Python 3.10

STUDENT = KIT / "requirements.txt"
DEVELOPER = KIT / "requirements-dev.txt"
AUTOGRADER = KIT / "instructor/release/gradescope/autograder/requirements.txt"
WRITTEN = """\
# Written by `python -m instructor requirements` from pyproject.toml: change the packages there.
"""
HEADS = {
    STUDENT: """\
# torch promises the same interface, not the same numbers, from release to release; the kit is tested on
# the versions below. Intel Macs have no newer wheel than 2.2.2, which needs NumPy 1.
""",
    DEVELOPER: "# For working on the kit itself.\n",
    AUTOGRADER: """\
# What grading an upload imports, and no more: setup.sh installs it in the autograder's image.
""",
}
# uv takes the newest Python there is; the kit is not tested on this one, nor on newer ones.
TOO_NEW = "3.14"
# What makes `uv run grade.py` work in a student's folder. The kit's own pyproject.toml would bring the
# instructor's packages, and settings of tools for folders that are not there.
STUDENTS_PROJECT = """\
# For `uv run grade.py`. The packages are those of requirements.txt.
[project]
name = "policy-gradients"
version = "{version}"
requires-python = "{python},<{too_new}"
dependencies = [
{packages}
]

[tool.uv]
package = false

# On Linux the torch of PyPI brings several GB of CUDA packages; this index has the small CPU build.
# Where it cannot be reached: uv run --no-sources grade.py
[tool.uv.sources]
torch = {{ index = "pytorch-cpu", marker = "sys_platform == 'linux'" }}

[[tool.uv.index]]
name = "pytorch-cpu"
url = "https://download.pytorch.org/whl/cpu"
explicit = true

[tool.pytest.ini_options]
testpaths = ["tests"]
"""


def _document() -> dict[str, Any]:
    return tomllib.loads((KIT / "pyproject.toml").read_text(encoding="utf-8"))


def students_project() -> str:
    """The pyproject.toml that a student gets."""
    project = _document()["project"]
    return STUDENTS_PROJECT.format(
        version=project["version"],
        python=project["requires-python"],
        too_new=TOO_NEW,
        packages="\n".join(f'    "{line}",' for line in project["dependencies"]),
    )


def requirements_texts() -> dict[Path, str]:
    """What each requirements file should hold, by path."""
    document = _document()
    project = document["project"]
    lines = {
        STUDENT: project["dependencies"],
        DEVELOPER: ["-r requirements.txt", *extra_requirements(project, "dev")],
        AUTOGRADER: document["dependency-groups"]["grading"],
    }
    return {path: head + WRITTEN + "\n".join(lines[path]) + "\n" for path, head in HEADS.items()}


def extra_requirements(project: dict[str, Any], extra: str) -> list[str]:
    """The packages of an extra, each once. Where it names other extras of the project, theirs too."""
    found: list[str] = []
    for line in project["optional-dependencies"][extra]:
        requirement = Requirement(line)
        if requirement.name == project["name"]:
            for other in sorted(requirement.extras):
                found += extra_requirements(project, other)
        else:
            found.append(line)
    return list(dict.fromkeys(found))


def outdated() -> list[str]:
    """The requirements files that do not hold what pyproject.toml says, by their paths in the kit."""
    return [
        path.relative_to(KIT).as_posix()
        for path, text in requirements_texts().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]


def main(check: bool) -> int:
    """Write the files, or say whether they are current; 1 if they are not."""
    if check:
        old = outdated()
        for name in old:
            print(f"{name} is not what pyproject.toml says: python -m instructor requirements")
        if not old:
            print("All requirements files are what pyproject.toml says.")
        return int(bool(old))
    for path, text in requirements_texts().items():
        path.write_text(text, encoding="utf-8", newline="\n")
        print(f"wrote {path.relative_to(KIT).as_posix()}")
    return 0
