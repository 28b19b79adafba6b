"""What the kit's own tests share: a pool of graders, the reference with changes, the command."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from grading.kit import KIT
from instructor.batch.entries import Graded
from instructor.proof import sweep
from instructor.tests.batch.outputs.example_class import grade_class


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Say which tests stay together where two processes share them: `-n 2 --dist loadgroup`.

    Whatever grades with the pool of graders stays in one process: so there is one pool, and no class is
    graded twice. The rest goes file by file, with the fixtures of its module.
    """
    if not config.pluginmanager.hasplugin("xdist"):
        return
    for item in items:
        pooled = "graders" in getattr(item, "fixturenames", ())
        item.add_marker(pytest.mark.xdist_group("graders" if pooled else str(item.path)))


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
