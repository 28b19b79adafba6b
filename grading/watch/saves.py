"""Notices when a file is saved, however the editor does that."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType

from watchfiles import watch

# An editor may write a file in several steps. What comes within the first time after another change is
# the same save, and no save is held back for longer than the second. In milliseconds.
QUIET, LONGEST = 20, 200


class Saves:
    """Watches one file from a thread, with watchfiles. Use it in a `with` statement.

    It is the folder that is watched: many editors write another file and give it the old one's name.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.came = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Saves:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join(timeout=5)

    def _watch(self) -> None:
        try:
            self._watch_folder(poll=None)
        except (OSError, RuntimeError):  # such as where the system watches too much already
            self._watch_folder(poll=True)

    def _watch_folder(self, poll: bool | None) -> None:
        for changes in watch(
            self.path.parent,
            watch_filter=lambda _, name: Path(name).name == self.path.name,
            step=QUIET,
            debounce=LONGEST,
            stop_event=self._stop,
            recursive=False,
            force_polling=poll,
            raise_interrupt=False,
        ):
            if changes:
                self.came.set()
