"""A worker on an older kernel, run in place of `grading/worker/main.py`: `older_worker.py LANDLOCK ...`.

LANDLOCK is the version of Landlock that the kernel seems to have; 0 is none. As in a container with
Docker's defaults, root cannot mount anything. The other arguments are those of the worker.
"""

import json
import sys

LANDLOCK = int(sys.argv.pop(1))


def no_namespaces(others: object = ()) -> None:
    """What the kernel says in such a container."""
    raise PermissionError("no namespaces here")


def main() -> None:
    """Take from the jail what the kernel would not have, then be a worker."""
    sys.path.insert(0, json.loads(sys.argv[-1])["kit"])
    from grading.worker import main as worker
    from grading.worker.jail import landlock, mounts

    landlock.abi = lambda: LANDLOCK
    mounts.enter_namespace = no_namespaces
    worker.main()


if __name__ == "__main__":
    main()
