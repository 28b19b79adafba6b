"""The checks before an upload: keys, scores, zips and platform."""

from __future__ import annotations

import functools
import re
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from grading.judge.grade import grade
from grading.kit import HIDDEN, KIT, VISIBLE
from grading.processes.start import start_workers
from instructor.catalogue import REFERENCE
from instructor.release.package import Settings, package
from instructor.release.requirements import outdated, requirements_texts


class CheckFailed(Exception):
    """A check failed; the message says what was found."""


def keys_are_current() -> str:
    """Both keys hold what the generator would write."""
    from instructor.keys.write import check_keys

    problems = check_keys()
    if problems:
        raise CheckFailed("; ".join(problems))
    return f"{VISIBLE.key.stat().st_size / 1000:.0f} and {HIDDEN.key.stat().st_size / 1000:.0f} kB"


def requirements_are_current() -> str:
    """The requirements files hold what pyproject.toml says."""
    if names := outdated():
        raise CheckFailed(f"{', '.join(names)}: python -m instructor requirements")
    return f"{len(requirements_texts())} files"


def score_of(submission: Path, expected: float) -> str:
    """A submission's score, which must be the expected one, and the tier it was graded in."""
    with start_workers(submission) as workers:
        result = grade(submission, workers)
    if (result.score, result.points) != (expected, 100):
        raise CheckFailed(f"{result.score:g} of {result.points:g} points, not {expected:g} of 100")
    return f"{result.score:g} / {result.points:g} in {result.seconds:.1f} s, {result.tier}"


NUMBER = re.compile(r"-?\d+\.\d{5,}")


@functools.cache
def hidden_material() -> dict[str, str]:
    """Texts that only hidden material contains, each with where it comes from.

    Long numbers of the hidden key, and lines of the reference that the stubs do not have.
    """
    visible, hidden = (
        set(NUMBER.findall(source.key.read_text(encoding="utf-8"))) for source in (VISIBLE, HIDDEN)
    )
    needles = dict.fromkeys(hidden - visible, "the hidden key")
    stubs = (KIT / "submitted.py").read_text(encoding="utf-8")
    for line in REFERENCE.read_text(encoding="utf-8").splitlines():
        if len(line.strip()) > 30 and line.strip() not in stubs:
            needles[line.strip()] = "the reference"
    catalogue = dict.fromkeys(("MISTAKES", "ALTERNATIVES"), "the catalogue")
    return needles | {"def test_hidden_": "the hidden tests"} | catalogue


def hidden_in(text: str) -> dict[str, str]:
    """The hidden material that a text holds, each piece with where it comes from."""
    numbers = set(NUMBER.findall(text))
    return {
        needle: origin
        for needle, origin in hidden_material().items()
        if needle in (numbers if is_short_number(needle) else text)
    }


def is_short_number(needle: str) -> bool:
    """Whether it is a number of so few digits that a longer one may begin with them by chance."""
    digits = needle.replace(".", "").lstrip("-0")
    return NUMBER.fullmatch(needle) is not None and len(digits) < 7


def zip_holds_nothing_hidden(path: Path) -> str:
    """No file in the student's zip holds hidden material, whatever the file's name."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        for name in names:
            for needle, origin in hidden_in(archive.read(name).decode(errors="replace")).items():
                raise CheckFailed(f"{name} in {path.name} holds a piece of {origin}: {needle!r}")
    return f"{len(names)} files searched for {len(hidden_material())} pieces of hidden material"


def platform_grades(autograder_zip: Path) -> str:
    """On the emulated platform the autograder's zip gives the reference full marks, the stubs none."""
    from instructor.release.gradescope.emulated import MEMORY_BYTES, Platform

    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        platform = Platform(Path(folder), autograder_zip)
        reference = platform.grade({"submitted.py": REFERENCE.read_bytes()})
        stubs = platform.grade({"submitted.py": (KIT / "submitted.py").read_bytes()})
    scores = (reference.results["score"], stubs.results["score"])
    if scores != (100, 0):
        raise CheckFailed(f"scores {scores} for reference and stubs: {reference.results['output']}")
    tier = reference.results["extra_data"]["tier"]
    megabytes = MEMORY_BYTES / 2**20
    return f"100 and 0 in {reference.seconds:.1f} s, within {megabytes:.0f} MB if root, {tier}"


def main(folder: Path, settings: Settings) -> int:
    """Run all checks, a line for each; 1 if any failed."""
    failed = False

    def run(name: str, check: Callable[..., str], *arguments: object) -> None:
        nonlocal failed
        started = time.monotonic()
        try:
            verdict, figure = "ok", check(*arguments)
        except Exception as error:
            verdict, figure, failed = "FAILED", f"{error}", True
        print(f"{verdict:6}  {name:28} {time.monotonic() - started:5.1f} s  {figure}", flush=True)

    run("keys are current", keys_are_current)
    run("requirements are current", requirements_are_current)
    run("reference has full marks", score_of, REFERENCE, 100)
    run("stubs have none", score_of, KIT / "submitted.py", 0)
    student, autograder, _ = package(folder, settings)
    run("nothing hidden is given out", zip_holds_nothing_hidden, student)
    run("the platform grades", platform_grades, autograder)
    print("Ready to upload." if not failed else "Not ready: see above.")
    return int(failed)
