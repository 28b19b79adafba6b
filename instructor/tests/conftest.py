"""The fixtures that the kit's own tests share: a pool of graders, a graded class, the command."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from grading.kit import KIT
from instructor.batch.entries import Graded
from instructor.proof import sweep
from instructor.tests.batch.outputs import chromium
from instructor.tests.batch.outputs.example_class import grade_class

GRADED_ONCE = ("batch/outputs",)

# As in a worker: the arrays are tiny, and threads that share them take five times as much processor
# time, most of it to wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# When jsonschema is imported, by nbformat too, it compiles a grammar of web addresses where that package
# is installed: more than a second in every process of pytest. No schema here has a text of that form.
sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]  # so it counts as not installed


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


# The jail is Linux's, and Windows lacks a module that these tests import.
collect_ignore = ["grading/worker/test_jail.py", "hostile"] if sys.platform == "win32" else []

# Fuzzing: the same few examples in every run, or, with `--hypothesis-profile=thorough`, other ones
# and many. Without a deadline, because other processes may take the machine meanwhile.
settings.register_profile("quick", max_examples=200, derandomize=True, deadline=None)
settings.register_profile("thorough", max_examples=1000, deadline=None)
settings.load_profile("quick")


def pytest_addoption(parser: pytest.Parser) -> None:
    """An option for the reports that are kept as files."""
    about = "keep the reports as they are now, see instructor/tests/grading/report/test_golden.py"
    parser.addoption("--rewrite-golden", action="store_true", help=about)


@pytest.fixture(scope="module")
def browser() -> Iterator[chromium.Browser]:
    """A page of a headless Chromium; its tests are skipped where there is none."""
    if chromium.PROGRAM is None:
        pytest.skip("there is no Chromium on this machine")
    with chromium.browser() as page:
        yield page


@pytest.fixture(scope="session")
def rewrite_golden(request: pytest.FixtureRequest) -> bool:
    """Whether kept reports are to be written anew."""
    return bool(request.config.getoption("--rewrite-golden"))


@pytest.fixture(scope="session")
def graders() -> Iterator[ProcessPoolExecutor]:
    """Processes that grade, with workers that have imported torch."""
    with sweep.pool() as executor:
        yield executor


@pytest.fixture(scope="session")
def graded(graders: ProcessPoolExecutor) -> list[Graded]:
    """A small class, graded."""
    return grade_class(graders)


@pytest.fixture
def open_tmp_path(tmp_path: Path) -> Path:
    """A folder that every user can reach. Pytest's own, and those above it, are closed to others."""
    for folder in (tmp_path, *tmp_path.parents):
        mode = stat.S_IMODE(folder.stat().st_mode)
        if mode & 0o055 != 0o055:
            folder.chmod(mode | 0o055)
    return tmp_path


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
