"""Where everything lies and which files make the kit: said here and nowhere else."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

KIT = Path(__file__).resolve().parent.parent


class Source(NamedTuple):
    """A file of graded tests, its answer key, and the sketches of mistakes that belong to the key.

    hidden: whether students may see neither the tests' data nor anything that reveals it.
    """

    tests: Path
    key: Path
    sketches: Path
    hidden: bool


VISIBLE = Source(
    KIT / "tests" / "test_visible.py",
    KIT / "solution.json",
    KIT / "tests" / "sketches.npz",
    hidden=False,
)
HIDDEN = Source(
    KIT / "instructor" / "hidden" / "test_hidden.py",
    KIT / "instructor" / "hidden" / "solution_hidden.json",
    KIT / "instructor" / "hidden" / "sketches_hidden.npz",
    hidden=True,
)

# What an instructor has said of groups of submissions that no mistake of the catalogue explains.
NAMED = KIT / "instructor" / "hidden" / "named.json"

# The files that run beside a submission. Without them there is no grading.
BESIDE_A_SUBMISSION = (
    "utils.py",
    "tests/__init__.py",
    "tests/scenarios/__init__.py",
    *(f"tests/scenarios/{name}.py" for name in ("parts", "probes", "stand_ins", "telltales")),
)
ENGINE = ("grading", "tests")  # folders of the engine and of what it asks
ENGINE_SUFFIXES = (".py", ".ini", ".npz")
# The files that grade an upload on a platform.
UPLOAD = (
    "instructor/__init__.py",
    "instructor/release/__init__.py",
    "instructor/release/gradescope/__init__.py",
    "instructor/release/gradescope/upload.py",
)
GIVEN = ("utils.py", "grade.py", "submitted.py", "solution.json", "requirements.txt")


def sources(visible_only: bool = False) -> list[Source]:
    """The graded tests of this copy of the kit. A student's copy has no hidden ones."""
    with_hidden = not visible_only and (HIDDEN.tests.exists() or HIDDEN.key.exists())
    return [VISIBLE, HIDDEN] if with_hidden else [VISIBLE]


def must_stay_closed() -> list[Path]:
    """What no submission may be able to read: the whole of this copy, if it holds answers."""
    if not (KIT / "instructor").is_dir():
        return []  # a student's copy, which holds no secret
    histories = [folder / ".git" for folder in KIT.parents]
    return [*_closed_parts(), *(path for path in histories if path.exists())]


def _closed_parts() -> list[Path]:
    interpreter = Path(sys.prefix)
    if not interpreter.is_relative_to(KIT):
        return [KIT]
    # Every submission needs the interpreter, so not all can be closed. What students get anyway is open.
    handed_out = {Path(name).parts[0] for name in student_files()}
    parts = (path for path in KIT.iterdir() if not interpreter.is_relative_to(path))
    return [path for path in parts if path.name not in handed_out]


def engine_files() -> list[str]:
    """Every file of the engine and of the tests, by its path within the kit, subfolders included."""
    found = [path for folder in ENGINE for path in (KIT / folder).rglob("*")]
    kept = (path for path in found if path.suffix in ENGINE_SUFFIXES and path.is_file())
    return sorted(path.relative_to(KIT).as_posix() for path in kept)


def files_that_decide() -> list[str]:
    """Every file that a score depends on, apart from the submission."""
    hidden = {name for name in (*_files_of(HIDDEN), *_named()) if (KIT / name).exists()}
    return sorted({*engine_files(), *hidden, "utils.py", "solution.json"})


def student_files() -> list[str]:
    """Every file that is handed out: the kit without `instructor/` and `explore/`."""
    handout = [*_python_files("handout"), "handout/reference_curves.json"]
    return [*GIVEN, "LICENSE", "mp_notebook.ipynb", *handout, *engine_files()]


def autograder_files() -> list[str]:
    """Every file of the kit that an autograder needs."""
    return [*GIVEN, *engine_files(), *_files_of(HIDDEN), *_named(), *UPLOAD]


def _files_of(source: Source) -> list[str]:
    return [path.relative_to(KIT).as_posix() for path in source[:3]]


def _named() -> list[str]:
    return [NAMED.relative_to(KIT).as_posix()] if NAMED.exists() else []


def _python_files(folder: str) -> list[str]:
    return sorted(path.relative_to(KIT).as_posix() for path in (KIT / folder).glob("*.py"))
