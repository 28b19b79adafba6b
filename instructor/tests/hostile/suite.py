"""The hostile submissions, and how they are run: in the jail, as another user, and without any."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import re
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grading.kit import KIT
from grading.removal import WRITABLE_BY_ALL, remove_files_of, remove_tree
from instructor.catalogue import REFERENCE, replace_functions

FOLDER = Path(__file__).parent / "attacks"
TIME_LIMIT = 2.0
JAIL_USERS = range(30_000, 65_000)  # see grading.worker.jail.users.RANGE
FIRST_USER = 21_347


@dataclass(frozen=True)
class Attack:
    """One hostile submission.

    loses: what it costs its author: "nothing", "returns", "everything".
    bites: for some parts, what a visible test says where the attack has come as far as it should.
    """

    name: str
    summary: str
    loses: str
    source: str
    bites: tuple[tuple[str, str], ...] = ()


def base() -> str:
    """The submission that is attacked with: get_returns is right, the rest are stubs."""
    stubs = (KIT / "submitted.py").read_text(encoding="utf-8")
    reference = REFERENCE.read_text(encoding="utf-8")
    start = reference.index("def get_returns")
    right = reference[start : reference.index("\n\n\ndef ", start)] + "\n"
    return replace_functions(stubs, right)


def attacks() -> list[Attack]:
    """Every hostile submission."""
    found = []
    for path in sorted(FOLDER.glob("*.py")):
        if path.name == "plain_grader.py":
            continue
        text = path.read_text(encoding="utf-8")
        summary = text.splitlines()[0].strip('"')
        match = re.search(r"^# loses: (\w+)", text, flags=re.MULTILINE)
        source = f"{base()}\n\n{text}"
        bites = tuple(re.findall(r"^# bites: (\w+): (.+)$", text, flags=re.MULTILINE))
        found.append(Attack(path.stem, summary, match[1] if match else "nothing", source, bites))
    return found


# -- in the jail --


def grade_all(sources: dict[str, str], run_as: AnotherUser | None = None) -> dict[str, Any]:
    """Grade with the real judge and workers; returns results documents by name."""
    request = json.dumps({"sources": sources, "time_limit": TIME_LIMIT})
    command = [sys.executable, "-m", "instructor.proof.sweep"]
    options: dict[str, Any] = {"cwd": KIT}
    if run_as is not None:
        command[0] = run_as.python
        options = {"cwd": run_as.kit, "env": run_as.environment, "preexec_fn": run_as.become}
    done = subprocess.run(
        command, input=request, capture_output=True, text=True, timeout=900, check=False, **options
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2000:])
    return json.loads(done.stdout)


# -- traces --


def shared_files() -> set[str]:
    """What lies in the folders anybody may write to."""
    return {
        f"{folder}/{name}"
        for folder in WRITABLE_BY_ALL
        if os.path.isdir(folder)
        for name in os.listdir(folder)
    }


def is_ours(path: str) -> bool:
    """Whether a file was left by a grading, and not by something else on this machine."""
    with contextlib.suppress(OSError):
        return os.path.basename(path).startswith("grading-") or os.lstat(path).st_uid in JAIL_USERS
    return False


def processes_of(users: range) -> list[str]:
    """Command lines of the living processes of these users."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):
            state = (process / "stat").read_text().rpartition(")")[2].split()[0]
            if process.stat().st_uid in users and state != "Z":
                found.append((process / "cmdline").read_text())
    return found


def fingerprint(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and time of every file of the kit, to see that none was touched."""
    return {
        str(path): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not {"__pycache__", ".git", ".mypy_cache", ".ruff_cache"} & set(path.parts)
        and ".pytest_cache" not in path.parts
    }


# -- as another user --


@dataclass
class AnotherUser:
    """A user who is not root, with a kit of its own whose answers only that user may read."""

    uid: int
    kit: Path
    python: str
    environment: dict[str, str]

    def become(self) -> None:
        """In a child: be that user."""
        os.setgroups([])
        os.setresgid(self.uid, self.uid, self.uid)
        os.setresuid(self.uid, self.uid, self.uid)

    def limited(self) -> None:
        """In a child: be that user, with bounds on what an attack can use up."""
        resource.setrlimit(resource.RLIMIT_NPROC, (100, 100))
        resource.setrlimit(resource.RLIMIT_FSIZE, (2**24, 2**24))
        resource.setrlimit(resource.RLIMIT_AS, (3 * 2**30, 3 * 2**30))
        resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
        os.setsid()
        self.become()

    def kill_all(self) -> None:
        """End every process of that user."""
        for _ in range(100):
            pid = os.fork()
            if pid == 0:
                with contextlib.suppress(OSError):
                    os.setresuid(self.uid, self.uid, self.uid)
                    os.kill(-1, signal.SIGKILL)
                os._exit(0)
            os.waitpid(pid, 0)
            if not processes_of(range(self.uid, self.uid + 1)):
                return
            time.sleep(0.02)


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


@contextlib.contextmanager
def another_user(uid: int = FIRST_USER) -> Iterator[AnotherUser]:
    """A user with a copy of the kit. Needs root and an interpreter for everyone."""
    python = python_for_everyone()
    assert python is not None
    folder = Path(tempfile.mkdtemp(prefix="another-user-"))
    try:
        ignore = shutil.ignore_patterns(".*", "__pycache__", "dist")
        kit = Path(shutil.copytree(KIT, folder / "kit", ignore=ignore))
        for path in (folder, *folder.rglob("*")):
            os.chown(path, uid, uid, follow_symlinks=False)
            if not path.is_symlink():
                path.chmod(0o700 if path.is_dir() else 0o600)
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": site_packages(),
            "HOME": str(folder),
        }
        user = AnotherUser(uid, kit, python, environment)
        yield user
        user.kill_all()
    finally:
        remove_tree(folder)
        remove_files_of(uid)


# -- without a jail --


def plain_scores(sources: dict[str, str], processes: int = 2) -> dict[str, str]:
    """What the plain grader gives each submission; each process works as a user of its own."""
    names = list(sources)
    chunks = [{n: sources[n] for n in names[k::processes]} for k in range(processes)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as executor:
        parts = executor.map(_plain_scores, range(FIRST_USER, FIRST_USER + processes), chunks)
        return {name: score for part in parts for name, score in part.items()}


def _plain_scores(uid: int, sources: dict[str, str]) -> dict[str, str]:
    scores = {}
    for name, source in sources.items():
        with another_user(uid) as user:  # afresh: some attacks delete the kit
            scores[name] = plain_score(user, source)
    return scores


def plain_score(user: AnotherUser, source: str) -> str:
    """What the plain grader gives a submission: a score, or how it ended."""
    submission = user.kit / "submitted.py"
    submission.write_text(source, encoding="utf-8")
    command = [user.python, str(user.kit / FOLDER.relative_to(KIT) / "plain_grader.py")]
    process = subprocess.Popen(
        [*command, str(user.kit), str(submission)],
        cwd=user.kit,
        env={**user.environment, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        preexec_fn=user.limited,
    )
    try:
        output = process.communicate(timeout=6)[0][-20_000:].decode(errors="replace")
    except subprocess.TimeoutExpired:
        return "no result (hangs)"
    finally:
        user.kill_all()
        process.kill()
        process.wait()
    # What the last line says is believed, as many a platform does.
    with contextlib.suppress(ValueError, IndexError, KeyError, TypeError):
        return f"{float(json.loads(output.strip().splitlines()[-1])['score']):g}"
    return "no result"
