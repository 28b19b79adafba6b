"""Grade submissions with the real judge and workers: `python -m instructor.tests.hostile.grade_sources`.

Reads a list of [name, source, options of `sweep.Options`] from standard input, in JSON, and prints
results by name.
"""

from __future__ import annotations

import json
import sys

from instructor.proof import sweep


def main() -> None:
    """Grade them on all cores."""
    request = json.load(sys.stdin)
    with sweep.pool() as executor:
        waiting = {
            name: executor.submit(
                sweep.judge_bytes,
                source.encode(errors="surrogateescape"),
                sweep.Options(**options),
            )
            for name, source, options in request
        }
        judged = {name: future.result() for name, future in waiting.items()}
    json.dump({name: one.document for name, one in judged.items()}, sys.stdout, allow_nan=False)


if __name__ == "__main__":
    main()
