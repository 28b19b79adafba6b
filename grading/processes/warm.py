"""Workers that stay, for whoever grades the same file again and again: watch, and the notebook."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from grading.kit import KIT
from grading.processes.start import preloads, start_workers
from grading.processes.workers import Workers

# Where workers cannot be forked, so many interpreters with torch stand ready: for what has changed, for
# the rest, and for what is asked again.
READY = 3


class WarmWorkers:
    """Workers that have imported torch before somebody asks; new ones only where they must differ.

    abandon: see Workers. fresh: see start_workers.
    """

    def __init__(
        self, abandon: Callable[[], bool] = lambda: False, fresh: bool | None = None
    ) -> None:
        self.abandon, self.fresh = abandon, fresh
        self._workers: Workers | None = None
        self._started_for: object = None

    def of(self, submission: Path) -> Workers:
        """Workers for this file as it is now. They import ahead what it imports. Raises OSError."""
        needs = (preloads(submission.read_bytes()), (KIT / "utils.py").stat().st_mtime_ns)
        if self._workers is None or self._started_for != needs:
            self.close()
            self._workers = start_workers(submission, fresh=self.fresh)
            self._workers.abandon = self.abandon
            self._started_for = needs
        return self._workers

    def get_ready(self) -> None:
        """Get ready for the next time, while nobody waits."""
        if self._workers is not None:
            self._workers.expect(READY)

    def close(self) -> None:
        """End them all."""
        workers, self._workers = self._workers, None
        if workers is not None:
            workers.close()
