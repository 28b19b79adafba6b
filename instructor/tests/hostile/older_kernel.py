"""Grade as if on an older kernel: `python -m instructor.tests.hostile.older_kernel ...`.

The variable LANDLOCK says which one, see `older_worker`. The arguments are `sources` (see
`grade_sources`), `in_turn` (see `grade_in_turn`), or those of `python -m instructor`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from grading.processes import start
from instructor import __main__ as instructor
from instructor.tests.hostile import grade_in_turn, grade_sources

LANDLOCK = os.environ["LANDLOCK"]
_newer_command = start._command


def _older_command(*arguments: str) -> list[str]:
    return _newer_command(LANDLOCK, *arguments)


# Not below: the processes of a pool import this file, and they start workers, too.
start.WORKER = Path(__file__).with_name("older_worker.py")
start._command = _older_command

if __name__ == "__main__":
    if sys.argv[1:] == ["sources"]:
        grade_sources.main()
    elif sys.argv[1:] == ["in_turn"]:
        grade_in_turn.main()
    else:
        sys.exit(instructor.main())
