"""`python -m instructor COMMAND`: the instructor's tools."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from grading.ending import interrupt_once
from grading.report.results import VISIBILITIES
from grading.streams import heard_or_not, open_streams
from grading.submission import CannotGrade, check_seconds
from grading.wire import printable
from instructor.bench import BENCHMARKS
from instructor.keys.tolerances import KeyRefused

TIER_D = "grade even where submissions cannot be kept away from the answers and each other"
NEEDS_HIDDEN = "a visible test counts only where a hidden test of its part passes"


def main() -> int:
    """Run one command; the exit status is 1 when a check fails."""
    open_streams()
    parser = argparse.ArgumentParser(
        prog="python -m instructor", description="The instructor's tools."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    key = commands.add_parser("key", help="write both answer keys from the reference solution")
    key.add_argument("--check", action="store_true", help="only say whether the keys are current")
    calibrate = commands.add_parser("calibrate", help="measure what the tolerances are made from")
    add_python = calibrate.add_argument
    add_python("--python", action="append", default=[], help="another interpreter to measure with")
    for command in (key, calibrate):
        command.add_argument(
            "--case",
            action="append",
            default=[],
            metavar="NAME",
            help="make only this case anew (may be repeated); the others stay as they are",
        )
    commands.add_parser("matrix", help="grade the whole catalogue and write MATRIX.md")
    compat = commands.add_parser("compat", help="grade solutions here, for the table of versions")
    compat.add_argument("--every", type=int, default=4, help="one mistake in so many (default 4)")
    commands.add_parser("ten-seeds", help="the handout's training runs over ten seeds")
    commands.add_parser("notebook", help="execute the handout and keep its outputs")
    bench = commands.add_parser("bench", help="measure speed and memory")
    bench.add_argument("name", choices=BENCHMARKS, help="what to measure")
    bench.add_argument("--rounds", type=int, default=9, help="runs of each command (default 9)")
    bench.add_argument("--write", action="store_true", help="keep the table in MEASUREMENTS.md")
    requirements = commands.add_parser(
        "requirements", help="write the requirements files from pyproject.toml"
    )
    requirements.add_argument(
        "--check", action="store_true", help="only say whether they are current"
    )
    pictures = commands.add_parser("pictures", help="draw the README's pictures")
    pictures.add_argument("--check", action="store_true", help="only say whether they are current")
    package = commands.add_parser("package", help="make the student's and the autograder's zip")
    check = commands.add_parser("check", help="make both zips and check all before an upload")
    for command in (package, check):
        add = command.add_argument
        add("--out", type=Path, default=Path("dist"), help="folder (default dist)")
        add("--hidden-visibility", choices=VISIBILITIES, default="after_published")
        add("--leaderboard", action="store_true", help="show points to the class")
        add("--budget", type=float, default=480.0, help="seconds for one upload (480)")
        add("--accept-tier-d", action="store_true", help=TIER_D)
        add("--visible-needs-hidden", action="store_true", help=NEEDS_HIDDEN)
    add_explore = package.add_argument
    add_explore(
        "--with-explore", action="store_true", help="also zip explore/, for after the deadline"
    )
    syscalls = commands.add_parser("syscalls", help="write the table of Linux's system calls")
    syscalls.add_argument("--record", action="store_true", help="record those of right solutions")
    add_batch(commands.add_parser("batch", help="grade a class").add_argument)
    named = commands.add_parser("name", help="say what is wrong with a group that nothing explains")
    named.add_argument("group", help="the group's name in report.html")
    named.add_argument("misconception", help="one sentence to its members")
    named.add_argument("look", help="one sentence: what to look at")
    named.add_argument("--out", type=Path, required=True, help="the batch's folder")
    diff = commands.add_parser("diff", help="whose score changed between two batches, and why")
    for name in ("old", "new"):
        diff.add_argument(name, type=Path, help="a batch's folder or database")
    options = parser.parse_args()
    interrupt_once()
    try:
        return run(options)
    except KeyRefused as error:
        with heard_or_not():
            print(f"No key was written: {error}", file=sys.stderr)
        return 1
    except CannotGrade as error:
        with heard_or_not():
            print(f"Stopped: {printable(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        with heard_or_not():
            kept = " What was graded is kept; the same command goes on from there."
            print("\nStopped." + (kept if options.command == "batch" else ""))
        return 2


def add_batch(add: Callable[..., object]) -> None:
    """The options of `batch`."""
    add("source", type=Path, help="a folder or zip: files, folders, Gradescope, Canvas, Moodle")
    add("--out", type=Path, required=True, help="folder for grades, feedback, report and record")
    add("--regrade", action="store_true", help="grade again what an older kit has graded")
    add(
        "--again", action="append", default=[], metavar="KEY", help="grade this student's file anew"
    )
    add("--canvas", type=Path, metavar="CSV", help="fill a copy of this gradebook of Canvas")
    add("--title", metavar="TEXT", help="the assignment's column in it, if there are several")
    add(
        "--moodle",
        type=Path,
        metavar="CSV",
        help="fill a copy of this worksheet of Moodle (English)",
    )
    add("--accept-tier-d", action="store_true", help=TIER_D)
    add("--visible-needs-hidden", action="store_true", help=NEEDS_HIDDEN)
    add("--forget-gone", action="store_true", help="take out who is gone, even if most are")
    add("--anonymous", action="store_true", help="no names in report.html")
    add("--time-limit", type=float, default=10.0, metavar="SECONDS", help="for each test (10)")
    add("--dask", metavar="ADDRESS", help="grade on a Dask cluster instead of on this machine")


def run(options: argparse.Namespace) -> int:
    """Run the command that was asked for. Raises KeyRefused."""
    if options.command == "key":
        return run_key(options.check, options.case)
    if options.command == "calibrate":
        from instructor.keys.calibrate import main as calibrate_main

        return calibrate_main(options.python, options.case)
    if options.command == "matrix":
        from instructor.proof.matrix import main as matrix

        return matrix()
    if options.command == "compat":
        from instructor.proof.versions import main as compat_main

        return compat_main(options.every)
    if options.command == "syscalls":
        from instructor.proof.system_calls import main as syscalls

        return syscalls(options.record)
    if options.command == "batch":
        from instructor.batch.command import main as batch

        return batch(options)
    if options.command == "name":
        from instructor.batch.name_group import main as name_group

        return name_group(options.out, options.group, options.misconception, options.look)
    if options.command == "diff":
        from instructor.batch.diff import main as diff

        return diff(options.old, options.new)
    if options.command == "ten-seeds":
        from instructor.handout.ten_seeds import main as ten_seeds

        return ten_seeds()
    if options.command == "notebook":
        from instructor.handout.notebook import main as notebook

        return notebook()
    if options.command == "bench":
        from instructor.bench.measurements import main as bench

        return bench(options.name, options.rounds, options.write)
    if options.command == "requirements":
        from instructor.release.requirements import main as requirements

        return requirements(options.check)
    if options.command == "pictures":
        from instructor.release.readme_pictures import main as pictures

        return pictures(options.check)
    if options.command in ("package", "check"):
        return run_package(options)
    raise AssertionError(options.command)


def run_package(options: argparse.Namespace) -> int:
    """Write both zips, or write and check them."""
    from instructor.release.check import main as check
    from instructor.release.package import Settings, package

    check_seconds("--budget", options.budget)
    settings = Settings(
        options.hidden_visibility,
        options.leaderboard,
        options.budget,
        options.accept_tier_d,
        options.visible_needs_hidden,
    )
    if options.command == "check":
        return check(options.out, settings)
    for path in package(options.out, settings, options.with_explore):
        print(f"wrote {path} ({path.stat().st_size / 1000:.0f} kB)")
    return 0


def run_key(check: bool, only: list[str]) -> int:
    """Write the keys or only some of their cases, or say whether the keys are current."""
    from instructor.keys.write import check_keys, write_keys

    if check:
        problems = check_keys()
        print("\n".join(problems) if problems else "Both keys are what the reference gives.")
        return 1 if problems else 0
    for path in write_keys(only):
        print(f"wrote {path} ({path.stat().st_size / 1000:.0f} kB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
