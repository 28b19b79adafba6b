"""Grade a submission: `python grade.py`. All of the work is done in `grading/`."""

import argparse
import sys
from pathlib import Path

KIT = Path(__file__).resolve().parent
sys.path.insert(0, str(KIT))


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python grade.py",
        description="Grade submitted.py. Exit status: 0 full marks, 1 points missing, 2 no grade.",
    )
    add = parser.add_argument
    add(
        "--submission",
        type=Path,
        default=KIT / "submitted.py",
        metavar="PATH",
        help="the file to grade",
    )
    add("--only", nargs="+", default=[], metavar="PART", help="grade only these parts (see --list)")
    add("--visible", action="store_true", help="leave out the hidden tests")
    add("--watch", action="store_true", help="grade whenever the file is saved")
    add(
        "--hint",
        nargs="+",
        metavar=("PART", "STEP"),
        help="a hint for a part: a question, the answer's shape, an example, pseudocode (steps 1 to 4)",
    )
    add("--json", type=Path, metavar="FILE", help="also write the results as an autograder's JSON")
    add("--debug", metavar="TEST", help="run one test in this process, so that breakpoints work")
    add("--trust", action="store_true", help="with --debug: also as root, or beside hidden tests")
    add("--list", action="store_true", help="list parts and tests")
    add(
        "--time-limit",
        type=float,
        default=10.0,
        metavar="SECONDS",
        help="for each test (default 10)",
    )
    add(
        "--budget", type=float, default=480.0, metavar="SECONDS", help="for all tests (default 480)"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    from grading.command import main

    sys.exit(main(parse()))
