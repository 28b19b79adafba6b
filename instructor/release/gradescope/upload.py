"""Grade an upload on the autograder platform: `python -m instructor.release.gradescope.upload ROOT`.

The platform makes the folders in ROOT: ROOT/source/ is this kit, ROOT/submission/ the upload, and
ROOT/results/ takes the results. The whole upload comes from a stranger. One regular file of it is
read, and no other.
"""

from __future__ import annotations

import json
import os
import stat
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grading.processes.start import start_workers
from grading.report.results import Options, failed_results, write_results
from grading.streams import heard_or_not, open_streams
from grading.submission import CannotGrade, NotIsolated
from grading.wire import printable

if TYPE_CHECKING:
    from grading.judge.scores import Grade

NAME = "submitted.py"
MAX_BYTES = 1_000_000
MAX_ENTRIES = 5_000
SETTINGS = "autograder.json"
METADATA = "submission_metadata.json"  # which the platform writes


def main(root: Path) -> int:
    """Grade the upload and write ROOT/results/results.json, whatever happens."""
    open_streams()
    results_file = root / "results" / "results.json"
    results_file.parent.mkdir(exist_ok=True)
    # If everything else fails, this zero is left, and says so.
    write_results(
        results_file, failed_results("The grading did not finish. Please tell your instructor.")
    )
    for folder in ("source", "submission", "results"):
        (root / folder).chmod(0o700)
    # It tells the results of earlier uploads, those of hidden tests as well.
    metadata = root / METADATA
    if metadata.exists():
        metadata.chmod(0o600)
    grade: Grade | None = None
    try:
        grade, document = grade_upload(root)
        said = grade.warning
    except NotIsolated as error:
        document = failed_results(f"Please tell your instructor: {error}")
        said = f"Could not grade: {error}"
    except CannotGrade as error:
        reason = printable(str(error))
        document = failed_results(reason)
        said = f"Could not grade: {reason}"
    write_results(results_file, document)
    with heard_or_not():
        if grade:
            from grading.report.terminal import print_report

            print_report(grade)
        print(said)
    return 0


def grade_upload(root: Path) -> tuple[Grade, dict[str, Any]]:
    """What came of the upload, and its results. Raises CannotGrade."""
    settings = json.loads((root / "source" / SETTINGS).read_text(encoding="utf-8"))
    source, note = take_submission(root / "submission")
    with tempfile.TemporaryDirectory() as folder:
        submission = Path(folder) / NAME
        submission.write_bytes(source)
        closed = tuple(
            path for name in ("submission", "results", METADATA) if (path := root / name).exists()
        )
        must_isolate = not settings["accept_tier_d"]
        with start_workers(submission, closed=closed, must_isolate=must_isolate) as workers:
            from grading.judge.grade import grade
            from grading.report.results import results

            result = grade(submission, workers, budget=settings["budget"])
    if settings["visible_needs_hidden"]:
        result.withhold_unconfirmed()
    options = Options(settings["hidden_visibility"], settings["leaderboard"])
    document = results(result, options)
    if note:
        document["output"] = printable(f"{note}\n{document['output']}")
    return result, document


def take_submission(folder: Path) -> tuple[bytes, str]:
    """The bytes of the file to grade, and a note if it is not where it belongs. Raises CannotGrade."""
    candidates = [path for path in python_files(folder) if path.name == NAME]
    note = ""
    if not candidates:
        candidates = python_files(folder)
        if len(candidates) > 1:
            names = ", ".join(sorted(path.name for path in candidates)[:5])
            raise CannotGrade(f"There is no {NAME} in the upload, but several others: {names}.")
        if not candidates:
            raise CannotGrade(f"There is no {NAME} in the upload. Please upload that file.")
        note = f"The upload has no {NAME}; {candidates[0].name} was graded in its place."
    chosen = min(candidates, key=lambda path: (len(path.parts), str(path)))
    if len(chosen.relative_to(folder).parts) > 1 and not note:
        note = (
            f"{chosen.relative_to(folder)} was graded. Please upload the file itself, not a folder."
        )
    return read_regular_file(chosen), note


def python_files(folder: Path) -> list[Path]:
    """Regular Python files up to two folders down. Links are never followed."""
    found: list[Path] = []
    folders, seen = [folder], 0
    for current in folders:
        with os.scandir(current) as entries:
            for entry in entries:
                seen += 1
                if seen > MAX_ENTRIES:
                    raise CannotGrade(f"The upload holds more than {MAX_ENTRIES} files.")
                path = current / entry.name
                if entry.is_dir(follow_symlinks=False):
                    shallow = len(path.relative_to(folder).parts) <= 2
                    if shallow and not entry.name.startswith(("__MACOSX", ".")):
                        folders.append(path)
                elif entry.is_file(follow_symlinks=False) and entry.name.endswith(".py"):
                    found.append(path)
    return found


def read_regular_file(path: Path) -> bytes:
    """The content of a file that is neither a link nor too large. Raises CannotGrade."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise CannotGrade(f"{path.name} cannot be opened ({error.strerror}).") from None
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise CannotGrade(f"{path.name} is not a regular file.")
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise CannotGrade(f"{path.name} is larger than {MAX_BYTES // 1000} kB.")
    return content


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
