"""Grade submissions one after the other with the same workers, as one slot of a batch does.

`python -m instructor.tests.hostile.grade_in_turn` reads and prints what `grade_sources` does, and how
many seconds each took.
"""

from __future__ import annotations

import json
import sys

from grading.processes.start import start_workers
from instructor.catalogue import REFERENCE
from instructor.proof import sweep


def main() -> None:
    """Grade them in the order in which they are named."""
    documents = {}
    with start_workers(REFERENCE) as workers:
        for name, source, options in json.load(sys.stdin):
            judged = sweep.judge_with(workers, source.encode(), sweep.Options(**options))
            document = documents[name] = judged.document
            if document is not None:
                document["extra_data"]["seconds"] = judged.seconds
    json.dump(documents, sys.stdout, allow_nan=False)


if __name__ == "__main__":
    main()
