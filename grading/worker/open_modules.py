"""What students have of the kit stays open to them in the jail, although the kit's folder is closed.

They may import it again (`importlib.reload`) and look at its source (`inspect.getsource`).
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import linecache
import os
import sys
import types
from collections.abc import Sequence
from pathlib import Path


class _KeptModule(importlib.machinery.SourceFileLoader):
    """Finds and loads one module, whose source is kept in memory."""

    def __init__(self, name: str, path: str, source: bytes) -> None:
        super().__init__(name, path)
        self.source = source

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: types.ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        """How to load the module, if it is the one."""
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.path, loader=self)

    def get_data(self, path: str) -> bytes:
        """Its source. Of other files, compiled code among them, there are none."""
        if path != self.path:
            raise FileNotFoundError(path)
        return self.source

    def path_stats(self, path: str) -> dict[str, float]:
        """Nothing: where a file has no time, nobody looks for compiled code."""
        raise FileNotFoundError(path)


def keep_open(name: str, folder: str) -> None:
    """Keep the source of a module that lies in a folder."""
    path = os.path.join(folder, f"{name}.py")
    source = Path(path).read_bytes()
    sys.meta_path.append(_KeptModule(name, path, source))
    lines = importlib.util.decode_source(source).splitlines(keepends=True)
    # Without a time, nobody looks whether the file has changed since.
    linecache.cache[path] = (len(source), None, lines, path)
