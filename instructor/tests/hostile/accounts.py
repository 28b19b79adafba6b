"""On whose account a grading runs, each with a kit of its own: root, another user, or whoever tests."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grading.kit import HIDDEN, KIT, VISIBLE
from grading.removal import remove_files_of, remove_tree

FIRST_USER = 20_000 + os.getpid() % 2_000 * 4  # users that nobody has, for this run only
NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "dist")


@dataclass
class Account:
    """A user, with a kit whose answers only that user may read; root's may be read by all."""

    uid: int
    kit: Path
    python: str
    environment: dict[str, str]

    def become(self) -> None:
        """In a child: be that user."""
        if self.uid != os.getuid():
            os.setgroups([])
            os.setresgid(self.uid, self.uid, self.uid)
            os.setresuid(self.uid, self.uid, self.uid)

    def write_kit(self) -> None:
        """A fresh copy of the kit, its key among the objects of a git repository as well."""
        remove_tree(self.kit)
        shutil.copytree(KIT, self.kit, ignore=NOT_COPIED)
        objects = self.kit / ".git" / "objects" / "5e"
        objects.mkdir(parents=True)
        content = VISIBLE.key.read_bytes()
        (objects / ("c7" * 19)).write_bytes(zlib.compress(b"blob %d\0%b" % (len(content), content)))
        (self.kit / ".git" / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")
        for path in (self.kit, *self.kit.rglob("*")):
            if not path.is_symlink():
                mode = 0o700 if path.is_dir() else 0o600
                # Of root's kit only the jail keeps the answers.
                path.chmod(mode if self.uid else mode | mode >> 3 | mode >> 6)
            if self.uid != os.getuid():
                os.chown(path, self.uid, self.uid, follow_symlinks=False)

    def keys(self) -> list[Path]:
        """The answer keys in this kit."""
        return [self.kit / source.key.relative_to(KIT) for source in (VISIBLE, HIDDEN)]


@contextlib.contextmanager
def account(uid: int) -> Iterator[Account]:
    """An account with a kit. Another than one's own needs root and an interpreter for everyone."""
    own = uid == os.getuid()
    python = sys.executable if own else python_for_everyone()
    assert python is not None
    folder = Path(tempfile.mkdtemp(prefix="account-"))
    folder.chmod(0o711)  # it stays its maker's: the kit in it cannot be put out of place
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": site_packages(),
        "HOME": str(folder),
    }
    try:
        made = Account(uid, folder / "kit", python, environment)
        made.write_kit()
        yield made
    finally:
        remove_tree(folder)
        if not own:
            remove_files_of(uid)


@contextlib.contextmanager
def closed_account() -> Iterator[Account]:
    """Root's account, with a kit that only root can read, as tier B needs it."""
    with account(0) as user:
        user.python = python_for_everyone() or user.python
        subprocess.run(["chmod", "-R", "go=", str(user.kit)], check=True)
        yield user


def python_for_everyone() -> str | None:
    """An interpreter of this version that every user may run, or None.

    None as well where other users cannot reach the packages that are installed here.
    """
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    if not reachable(site_packages()):
        return None
    candidates = (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}")
    return next((path for path in candidates if os.path.exists(path) and reachable(path)), None)


def site_packages() -> str:
    """The folder torch is installed in."""
    return next(path for path in sys.path if path.endswith("site-packages"))


def reachable(path: str) -> bool:
    """Whether every user can get to a file or folder."""
    place = Path(path).resolve()
    return all(p.stat().st_mode & stat.S_IXOTH for p in (place, *place.parents))
