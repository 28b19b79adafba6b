"""Grade one submission: run the graded tests with pytest and return what it earned."""

from __future__ import annotations

import contextlib
import functools
import io
import os
import platform
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import cast

import pytest

from grading.judge.diagnosis import diagnose
from grading.judge.keys import BadKey, Key, KnownMistake, made_with, read_key, read_named
from grading.judge.plugin import Check, GradingPlugin, KitError, TaskRunner
from grading.judge.scores import Grade, TestScore
from grading.judge.sketches import Sketches, read_sketches
from grading.kit import KIT, NAMED, VISIBLE, Source, sources
from grading.parts import PARTS
from grading.processes.tier import tier_of
from grading.processes.workers import Abandoned, CannotStart, Workers
from grading.submission import CannotGrade

# Plugins of pytest that are not needed. The last two collect garbage, which takes 0.1 seconds.
UNNEEDED = (
    "terminal",
    "cacheprovider",
    "faulthandler",
    "doctest",
    "junitxml",
    "logging",
    "warnings",
    "unittest",
    "unraisableexception",
    "threadexception",
)


@functools.lru_cache(maxsize=4)
def _read_key_once(path: Path, modified: int) -> Key:
    return read_key(path)  # once for a whole batch; `modified` differs if the file has changed


@functools.lru_cache(maxsize=1)
def _read_named_once(path: Path, modified: int) -> dict[str, KnownMistake]:
    return read_named(path)


@functools.lru_cache(maxsize=4)
def _read_sketches_once(path: Path, modified: int) -> Sketches:
    return read_sketches(path)


def _modified(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0


def read_keys(sources: list[Source]) -> Key:
    """The contents of several keys together. Raises CannotGrade."""
    together = Key()
    try:
        for source in sources:
            together.add(_read_key_once(source.key, _modified(source.key)))
            if not source.tests.exists():
                raise CannotGrade(
                    f"The tests {source.tests} are missing. Restore them from the original kit."
                )
        if NAMED.exists():
            together.mistakes |= _read_named_once(NAMED, _modified(NAMED))
    except BadKey as error:
        raise CannotGrade(str(error)) from None
    return together


def read_all_sketches(sources: list[Source]) -> Sketches:
    """The sketches that belong to several keys together. Raises CannotGrade."""
    together = Sketches()
    try:
        for source in sources:
            together.add(_read_sketches_once(source.sketches, _modified(source.sketches)))
    except BadKey as error:
        raise CannotGrade(str(error)) from None
    return together


def grade(
    submission: Path,
    workers: Workers,
    visible_only: bool = False,
    only: tuple[str, ...] = (),
    time_limit: float = 10.0,
    budget: float = 480.0,
    earlier: Grade | None = None,
    first: Collection[str] = (),
    told: Callable[[str, bool], None] | None = None,
) -> Grade:
    """Run the graded tests on a submission, within `budget` seconds. Raises CannotGrade or Abandoned.

    Tests for which the budget leaves no time are reported as not run.
    earlier: what the visible tests gave, with the same arguments. Then only hidden ones are run.
    first: the parts that are asked first.
    told: called with the name of each visible test and whether it passes, as soon as that is final.
    """
    before = earlier.tests if earlier else None
    seconds_before = earlier.seconds if earlier else 0.0
    started = time.monotonic()
    workers.deadline = started + budget - seconds_before
    used = sources(visible_only)
    key = read_keys(used)
    asked = [source for source in used if source.hidden or not earlier]
    path = submission.resolve()
    remark = earlier.remark if earlier else ""
    plugin = GradingPlugin(
        path, workers, asked, key.cases, time_limit, only, before, remark, first=first, told=told
    )
    try:
        run_pytest(plugin)
    finally:
        workers.cancel()
    versions = {"python": platform.python_version(), **workers.versions}
    tests = [*(before or ()), *plugin.scores.values()]
    with_sketch = any(test.sketch is not None for test in tests)
    _explain_failures(tests, key, read_all_sketches(used) if with_sketch else Sketches())
    tier = tier_of(workers.layers)
    warning = difference(made_with(VISIBLE.key), versions)
    seconds = time.monotonic() - started + seconds_before
    return Grade(
        submission, tests, only, versions, tier, workers.layers, warning, seconds, plugin.remark
    )


def difference(made: dict[str, str], here: dict[str, str]) -> str:
    """How this environment differs from the one the keys were made in: a sentence or an empty text."""
    pairs = [f"{n} {here[n]} (keys: {made[n]})" for n in made if here.get(n, made[n]) != made[n]]
    return (
        f"This environment is not the one the keys were made in: {', '.join(pairs)}."
        if pairs
        else ""
    )


def _explain_failures(tests: list[TestScore], key: Key, sketches: Sketches) -> None:
    """Say in every failed test what is to be put right first, or which known mistake it shows.

    What a visible test says may not depend on the hidden ones, because it is shown at once.
    """
    visible = [test for test in tests if not test.hidden]
    for told, known in ((visible, visible), ([test for test in tests if test.hidden], tests)):
        _put_first_things_first(told, known)
        looked_at = [test for test in known if not test.overshadowed]
        diagnose(looked_at, key.mistakes.values(), sketches, told)


def _put_first_things_first(tests: list[TestScore], known: list[TestScore]) -> None:
    """If a function fails its own tests, failing end-to-end tests only say to put that right first.

    The fault may also lie in a part that was not asked.
    tests: those that may say it. known: those whose failures are looked at.
    """
    failing = {test.part for test in known if not (test.passed or test.end_to_end)}
    left_out = PARTS.keys() - {test.part for test in known}
    if failing:
        what = f"It uses all your functions together. First put right: {_titles(failing)}."
    else:
        what = (
            f"It uses all your functions together. Grade these parts as well: {_titles(left_out)}."
        )
    for test in tests:
        if (failing or left_out) and test.end_to_end and not (test.passed or test.whole_file):
            test.overshadowed = True
            test.numbers = test.picture = test.where = test.printed = ""
            test.what = what


def _titles(parts: Collection[str]) -> str:
    return ", ".join(part.title for part in PARTS.values() if part.name in parts)


def list_tests(visible_only: bool = False, only: tuple[str, ...] = ()) -> list[TestScore]:
    """The graded tests with their points; runs nothing. Raises CannotGrade."""
    return list(_collect(visible_only, only).scores.values())


def checks() -> dict[str, Check]:
    """The test function of every case, by the case's name. Raises CannotGrade."""
    plugin = _collect()
    return {score.name: plugin.checks[nodeid] for nodeid, score in plugin.scores.items()}


def _collect(visible_only: bool = False, only: tuple[str, ...] = ()) -> GradingPlugin:
    nobody = cast(TaskRunner, None)
    plugin = GradingPlugin(KIT / "submitted.py", nobody, sources(visible_only), {}, only=only)
    run_pytest(plugin, "--collect-only")
    return plugin


def run_pytest(plugin: GradingPlugin, *options: str) -> None:
    """Run pytest on the plugin's tests only, without the user's configuration. Raises CannotGrade."""
    arguments = [
        *(str(source.tests.relative_to(KIT)) for source in plugin.sources),
        f"--config-file={Path('grading', 'judge', 'pytest.ini')}",
        "--rootdir=.",
        "--noconftest",
        "--import-mode=importlib",
        "--assert=plain",
        "--capture=no",
        *(word for name in UNNEEDED for word in ("-p", f"no:{name}")),
        *options,
    ]
    said = io.StringIO()
    with _quiet_environment(), contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
        status = pytest.main(arguments, plugins=[plugin])
    if plugin.interrupted:
        raise KeyboardInterrupt
    problem = plugin.problem
    if isinstance(problem, (CannotGrade, Abandoned)):
        raise problem
    if isinstance(problem, (BadKey, CannotStart, KitError)):
        explained = "No worker could be started: " if isinstance(problem, CannotStart) else ""
        raise CannotGrade(f"{explained}{problem}")
    if problem is not None:
        raise CannotGrade(f"The kit itself failed: {type(problem).__name__}: {problem}")
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise CannotGrade(
            f"The tests could not be run (pytest ended with {status!s}). {said.getvalue()}"
        )


@contextlib.contextmanager
def _quiet_environment() -> Iterator[None]:
    """Keep pytest from loading the plugins and options that environment variables name.

    It also works in the kit's folder, so that the tests' paths are short: in a path, pytest takes `[`
    and `::` for its own syntax.
    """
    saved = dict(os.environ)
    try:
        folder = os.getcwd()
    except OSError:
        folder = str(KIT)  # the folder has been removed
    os.chdir(KIT)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
        os.environ.pop(name, None)
    try:
        yield
    finally:
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(saved)
