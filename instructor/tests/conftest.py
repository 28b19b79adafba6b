"""What the kit's own tests share: a pool of graders, the reference with changes, the command."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from grading.kit import KIT
from instructor.batch.entries import Graded
from instructor.proof import sweep
from instructor.tests.batch.outputs.example_class import grade_class

GRADED_ONCE = ("batch/outputs",)


@pytest.hookimpl(optionalhook=True)  # pytest-xdist's
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Where `-n 2` shares the tests among processes, each takes one file after the other.

    A folder whose tests share a class that was graded stays together: nothing is graded twice.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return next((folder for folder in GRADED_ONCE if folder in file), file)

    return ByFile(config, log)


@pytest.fixture(scope="session")
def graders() -> Iterator[ProcessPoolExecutor]:
    """Processes that grade with warm workers."""
    with sweep.pool() as executor:
        yield executor


@pytest.fixture(scope="session")
def graded(graders: ProcessPoolExecutor) -> list[Graded]:
    """A small class, graded."""
    return grade_class(graders)


@pytest.fixture(scope="session")
def grade_py() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `python grade.py` as a user would."""

    def run(*arguments: object, kit: Path = KIT, cwd: Path = KIT, **env: str):
        return subprocess.run(
            [sys.executable, str(kit / "grade.py"), *(str(argument) for argument in arguments)],
            cwd=cwd,
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run
