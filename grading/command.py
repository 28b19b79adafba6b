"""What `python grade.py` does, from parsed arguments to exit status."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from grading.dispatch import start_workers
from grading.parts import PARTS

FULL_MARKS, POINTS_MISSING, NO_GRADE = 0, 1, 2


def main(options: argparse.Namespace) -> int:
    """Run the command; returns the exit status."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        return _run(options)
    except KeyboardInterrupt:
        print("\nStopped; nothing was graded.", file=sys.stderr)
        return NO_GRADE


def _run(options: argparse.Namespace) -> int:
    unknown = [part for part in options.only if part not in PARTS]
    if unknown:
        return _no_grade(f"There is no part {unknown[0]}. The parts are: {', '.join(PARTS)}.", None)
    if options.list:
        return _list(options)
    if options.debug:
        return _debug(options)
    # Torch's import, in the other process, takes longer than all that is imported here meanwhile.
    workers = start_workers(options.submission)
    try:
        from grading.judge import CannotGrade, check_submission, grade

        try:
            check_submission(options.submission)
            only, limit = tuple(options.only), options.time_limit
            result = grade(options.submission, workers, options.visible, only, limit)
        except CannotGrade as error:
            return _no_grade(str(error), options.json)
        from grading.report import print_report
        from grading.results import results

        if options.json and not _write(options.json, results(result)):
            return NO_GRADE
        print_report(result)
        return FULL_MARKS if result.score == result.points else POINTS_MISSING
    finally:
        workers.close()


def _no_grade(reason: str, json_file: Path | None) -> int:
    from grading.results import failed_results

    print(f"Could not grade: {reason}", file=sys.stderr)
    if json_file:
        _write(json_file, failed_results(reason))
    return NO_GRADE


def _write(path: Path, document: dict[str, object]) -> bool:
    from grading.results import write_results

    try:
        write_results(path, document)
    except OSError as error:
        print(f"Could not write {path}: {error.strerror}.", file=sys.stderr)
        return False
    return True


def _debug(options: argparse.Namespace) -> int:
    from grading.inprocess import debug
    from grading.judge import CannotGrade, check_submission

    try:
        check_submission(options.submission)
        return FULL_MARKS if debug(options.submission.resolve(), options.debug) else POINTS_MISSING
    except CannotGrade as error:
        return _no_grade(str(error), None)


def _list(options: argparse.Namespace) -> int:
    from grading.judge import CannotGrade, list_tests

    try:
        tests = list_tests(options.visible, tuple(options.only))
    except CannotGrade as error:
        return _no_grade(str(error), None)
    for part in PARTS.values():
        own = [test for test in tests if test.part == part.name]
        if own:
            print(f"{part.name}: {part.function}, {sum(t.points for t in own):g} points")
        for test in own:
            print(f"    {test.name} ({test.points:g}{', end to end' if test.end_to_end else ''})")
    return 0
