"""What `python grade.py` does, from parsed arguments to exit status."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from grading.ending import interrupt_once
from grading.kit import KIT
from grading.parts import PARTS
from grading.processes.start import start_workers
from grading.streams import heard_or_not, open_streams
from grading.submission import (
    CannotGrade,
    check_kit,
    check_seconds,
    check_submission,
    check_trust,
)

FULL_MARKS, POINTS_MISSING, NO_GRADE = 0, 1, 2


def main(options: argparse.Namespace) -> int:
    """Run the command; returns the exit status."""
    open_streams()
    # A debugger lets somebody go on after Ctrl-C, and with --debug there is nothing to clean up.
    if not options.debug:
        interrupt_once()
    try:
        return _run(options)
    except KeyboardInterrupt:
        _complain("\nStopped; nothing was graded.")
        return NO_GRADE


def _run(options: argparse.Namespace) -> int:
    try:
        only = [word for words in options.only for word in words.split(",") if word]
        options.only = [_part(word) for word in only]
        if options.hint:
            return _hint(*options.hint)
        check_seconds("--time-limit", options.time_limit)
        check_seconds("--budget", options.budget)
        if options.list:
            return _list(options)
        check_kit(KIT)
        if options.watch:
            return _watch(options)
        check_submission(options.submission)
        return _debug(options) if options.debug else _grade(options)
    except CannotGrade as error:
        return _no_grade(str(error), options.json)


def _part(word: str) -> str:
    """The name of a part, given that or its function's. Raises CannotGrade."""
    part = {part.function: part.name for part in PARTS.values()}.get(word, word)
    if part not in PARTS:
        raise CannotGrade(f"There is no part {word}. The parts are: {', '.join(PARTS)}.")
    return part


def _hint(word: str, step: str = "1", *more: str) -> int:
    from grading.report.hints import STEPS, hint
    from grading.report.terminal import new_console

    part = _part(word)
    if more or step not in map(str, range(1, len(STEPS) + 1)):
        raise CannotGrade(f"Give a part and a step from 1 to {len(STEPS)}: --hint {part} 2.")
    with heard_or_not():
        console = new_console()
        console.print(hint(part, int(step)), markup=False)
        if int(step) < len(STEPS):
            console.print(f"\nThe next one: python grade.py --hint {part} {int(step) + 1}")
    return FULL_MARKS


def _watch(options: argparse.Namespace) -> int:
    try:
        from grading.watch.session import Session
    except ModuleNotFoundError as error:
        if error.name != "watchfiles":
            raise
        raise CannotGrade(
            "--watch needs the package watchfiles: python -m pip install watchfiles"
        ) from None
    path = options.submission
    if path.exists() or not path.resolve().parent.is_dir():
        check_submission(path)  # one that is not there yet may come
    session = Session(options)
    try:
        session.run()
    except KeyboardInterrupt:  # this is how one ends it
        with heard_or_not():
            print()
    result = session.result
    if result is None:
        return NO_GRADE
    return FULL_MARKS if result.score == result.points else POINTS_MISSING


def _grade(options: argparse.Namespace) -> int:
    # Meanwhile the other process imports torch, which takes longer than the imports below.
    with start_workers(options.submission) as workers:
        from grading.judge.grade import grade
        from grading.report.results import ALL_AT_ONCE, results
        from grading.report.terminal import print_report, waiting

        only, limits = tuple(options.only), (options.time_limit, options.budget)
        with waiting("Testing ..."):
            result = grade(options.submission, workers, options.visible, only, *limits)
    # The results are written when no worker is left that could change them, and before anything is
    # printed, for that may fail.
    problem = _write(options.json, results(result, ALL_AT_ONCE)) if options.json else ""
    with heard_or_not():
        print_report(result)
    if problem:
        _complain(problem)
        return NO_GRADE
    return FULL_MARKS if result.score == result.points else POINTS_MISSING


def _debug(options: argparse.Namespace) -> int:
    check_trust(options.trust)
    from grading.debug import debug

    passes = False
    with heard_or_not():
        passes = debug(options.submission.resolve(), options.debug)
    return FULL_MARKS if passes else POINTS_MISSING


def _list(options: argparse.Namespace) -> int:
    from grading.judge.grade import list_tests

    tests = list_tests(options.visible, tuple(options.only))
    with heard_or_not():
        for part in PARTS.values():
            own = [test for test in tests if test.part == part.name]
            if own:
                print(f"{part.name}: {part.function}, {sum(t.points for t in own):g} points")
            for test in own:
                print(
                    f"    {test.name} ({test.points:g}{', end to end' if test.end_to_end else ''})"
                )
    return FULL_MARKS


def _no_grade(reason: str, json_file: Path | None) -> int:
    from grading.report.results import failed_results

    problem = _write(json_file, failed_results(reason)) if json_file else ""
    _complain(f"Could not grade: {reason}")
    if problem:
        _complain(problem)
    return NO_GRADE


def _complain(text: str) -> None:
    with heard_or_not():
        print(text, file=sys.stderr)


def _write(path: Path, document: dict[str, object]) -> str:
    """Write the results; what went wrong, or an empty string."""
    from grading.report.results import write_results

    try:
        write_results(path, document)
    except OSError as error:
        return f"Could not write {path}: {error.strerror}."
    return ""
