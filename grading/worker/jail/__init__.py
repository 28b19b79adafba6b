"""The jail around one run of a submission: what the process gives up before any of its code runs.

`Jail.trial()` finds out once, in a child of its own, which layers this machine has. Every later child
must then get them all, or it ends before the submission is looked at.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import resource
import signal
import stat
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grading import kernel
from grading.worker.jail import landlock, mounts, seccomp

MEGABYTE = 2**20
# Without mounts of its own, what a submission writes is bounded by the files it can have open and their
# size, 256 MB in all, even where it removes their names at once.
MAX_FILE_BYTES = 8 * MEGABYTE
MAX_OPEN_FILES = 32
MAX_THREADS = 128
MAX_EXTRA_MEMORY = 1024 * MEGABYTE  # beyond what the parent has mapped when it forks

# What libraries read while they run: fonts, time zones, how many processors there are.
SYSTEM_PATHS = (
    "/usr/lib",
    "/usr/lib64",
    "/lib",
    "/lib64",
    "/usr/share/zoneinfo",
    "/usr/share/fonts",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/fonts",
    "/dev/urandom",
    "/dev/random",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/sys/devices/system/cpu",
    "/usr/local/lib",
    "/nix/store",
)
# Of its own files there, what libraries were seen to read. Others tell which pages are in memory.
OWN_PATHS = ("/proc/self/cgroup", "/proc/self/environ", "/proc/self/maps")
LAYERS = ("user", "namespace", "landlock", "seccomp", "no_new_privs")


@dataclass
class Jail:
    """What every child of one worker parent is put into."""

    kit: str
    import_path: list[str]
    cores: list[int] = field(default_factory=list)  # that submissions may use; empty for all
    share: int = 1  # of how many such jails on this machine this is one
    closed: list[str] = field(default_factory=list)  # what no submission may be able to read
    own_mounts: bool = False  # see `mounts`
    layers: dict[str, object] = field(default_factory=dict)
    readable_paths: list[str] = field(default_factory=list)
    extra_memory: int = 0
    readable_by_all: bool = False

    def __post_init__(self) -> None:
        self.readable_paths = self.readable()
        self.extra_memory = extra_memory(self.share)
        self.readable_by_all = _readable_by_all(sysconfig.get_paths()["stdlib"])

    def readable(self) -> list[str]:
        """Paths a submission may read: the interpreter and its packages, never the kit."""
        paths = [sys.prefix, sys.base_prefix, *sysconfig.get_paths().values(), *self.import_path]
        kit = Path(self.kit)
        inside: list[str] = []
        for path in dict.fromkeys([*paths, *SYSTEM_PATHS]):
            if Path(path) == Path("/") or kit.is_relative_to(path):
                # The kit lies beneath it: allow its neighbours on the way instead, none on the kit's.
                with contextlib.suppress(OSError):
                    inside += [
                        str(entry)
                        for entry in Path(path).iterdir()
                        if entry.name in ("lib", "lib64", "bin", "include") and entry != kit
                        if not kit.is_relative_to(entry)
                    ]
            else:
                inside.append(path)
        return inside

    def trial(self, box: str, uid: int) -> dict[str, object]:
        """The layers this machine has: enter them in a child and let it report."""
        with contextlib.suppress(OSError):
            seccomp.program(0)  # what is the same in every filter is made here, once
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                os.close(read)
                # Here, and not before the fork: later children get a copy of what the parent has read.
                known = {path: known_names(path) for path in self.closed}
                self.layers = dict.fromkeys(LAYERS, False)
                found = self._enter(box, uid, cpu_seconds=10, trying=True)
                are_open = [p for p in self.closed if any(map(is_open, (p, *known[p])))]
                found |= {"mounts": self.own_mounts, "open": are_open}
                os.write(write, json.dumps(found).encode())
                status = 0
            finally:
                os._exit(status)
        os.close(write)
        with open(read, "rb") as file:
            report = file.read()
        os.waitpid(pid, 0)
        self.layers = json.loads(report) if report else dict.fromkeys(LAYERS, False)
        return self.layers

    def enter(self, box: str, uid: int, cpu_seconds: int) -> None:
        """Give up everything. Raises OSError if a layer that the trial found cannot be had."""
        self._enter(box, uid, cpu_seconds, trying=False)

    def _enter(self, box: str, uid: int, cpu_seconds: int, trying: bool) -> dict[str, object]:
        """Rights go in an order in which each step still has what it needs."""
        found: dict[str, object] = {}

        def layer(name: str, take: Callable[[], object]) -> None:
            if not trying and not self.layers.get(name):
                found[name] = False
                return
            try:
                found[name] = take() or True
            except OSError:
                if not trying:
                    raise
                found[name] = False

        rules: list[int] = []
        written = [box, "/dev/null"]
        if self.own_mounts:
            mounts.give_shared_memory(box, uid)
            written.append(mounts.SHARED_MEMORY)

        def prepare_landlock() -> int:
            if landlock.abi() == 0:
                raise OSError("this kernel has no Landlock")
            rules.append(landlock.make_ruleset([*self.readable_paths, *OWN_PATHS], written))
            return landlock.abi()

        layer("landlock", prepare_landlock)
        if self.cores:
            with contextlib.suppress(OSError):
                os.sched_setaffinity(0, self.cores)
        if os.getuid() != 0:
            # The kernel counts a user's threads; in a namespace of its own it counts this child's alone.
            layer("namespace", kernel.enter_user_namespace)
        file_bytes = mounts.BOX_BYTES if self.own_mounts else MAX_FILE_BYTES
        # Of root's processes this one leaves in a moment; in the namespace it is alone.
        others = 0 if os.getuid() == 0 or found.get("namespace") else _own_tasks()
        set_limits(cpu_seconds, self.extra_memory, file_bytes, MAX_THREADS + others)
        kernel.try_prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        layer("user", lambda: self._change_user(uid, bool(rules)))
        kernel.try_prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)  # a change of user resets it
        kernel.try_prctl(kernel.PR_SET_DUMPABLE, 0)
        layer("no_new_privs", lambda: kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1))
        if rules:
            landlock.restrict_self(rules[0])
        layer("seccomp", lambda: seccomp.install(os.getpid(), self.own_mounts))
        if not self.own_mounts:
            os.utime = only_what_is_there(os.utime)
        return found

    def _change_user(self, uid: int, have_landlock: bool) -> str:
        """Become the user `uid` for good; returns how the interpreter's files can be read."""
        if os.getuid() != 0:
            raise PermissionError("only root can change user")
        if not self.readable_by_all and not have_landlock:
            raise PermissionError("the interpreter's files cannot be read by another user")
        if not self.readable_by_all:
            kernel.prctl(kernel.PR_SET_KEEPCAPS, 1)
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        if self.readable_by_all:
            return "yes"
        # An interpreter under a private home: reading is kept, and Landlock bounds what can be read.
        kernel.set_capabilities(1 << kernel.CAP_DAC_READ_SEARCH)
        return "reads files by capability, within Landlock"


def only_what_is_there(utime: Callable[..., None]) -> Callable[..., None]:
    """An `os.utime` that fails on a file that is not there, also where the call is done in name.

    Otherwise `Path.touch` would take every file for one that is there, and make none.
    """

    @functools.wraps(utime)
    def checked(path: Any, *times: Any, **options: Any) -> None:
        how = {n: options[n] for n in ("dir_fd", "follow_symlinks") if n in options}
        os.stat(path, **how)
        utime(path, *times, **options)

    return checked


def _readable_by_all(path: str) -> bool:
    """Whether every user can reach this folder and list it."""
    here = Path(path).resolve()
    return all(p.stat().st_mode & 0o001 for p in (here, *here.parents)) and bool(
        here.stat().st_mode & 0o004
    )


def set_limits(cpu_seconds: int, extra_bytes: int, file_bytes: int, threads: int) -> None:
    """Bound memory (beyond what is mapped already), processor time, files, and a user's threads."""
    with open("/proc/self/statm", encoding="ascii") as file:
        mapped = int(file.read().split()[0]) * resource.getpagesize()
    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_FSIZE: file_bytes,
        resource.RLIMIT_NOFILE: MAX_OPEN_FILES,
        resource.RLIMIT_AS: mapped + extra_bytes,
        resource.RLIMIT_NPROC: threads,
    }
    for kind, bound in limits.items():
        _, hard = resource.getrlimit(kind)
        if hard != resource.RLIM_INFINITY:
            bound = min(bound, hard)
        with contextlib.suppress(OSError, ValueError):  # a limit this kernel does not have
            resource.setrlimit(kind, (bound, bound))
    # If memory runs out all the same, this process is to go first, not the judge.
    with (
        contextlib.suppress(OSError),
        open("/proc/self/oom_score_adj", "w", encoding="ascii") as file,
    ):
        file.write("1000")


def known_names(path: str) -> list[str]:
    """What is in a folder that others may enter but not list: who knows a name could open it."""
    try:
        others = os.lstat(path).st_mode & (stat.S_IROTH | stat.S_IXOTH)
        names = os.listdir(path) if others == stat.S_IXOTH and os.path.isdir(path) else []
    except OSError:
        return []
    inside = [os.path.join(path, name) for name in names]
    return inside + [deeper for one in inside for deeper in known_names(one)]


def is_open(path: str) -> bool:
    """Whether this process can read a file or list a folder."""
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
    except OSError:
        return False
    return True


def extra_memory(share: int) -> int:
    """Bytes a submission may map.

    Where memory is scarce, as many submissions as run at the same time, and as much again, must fit
    into what the machine or the container has.
    """
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    bounds = [MAX_EXTRA_MEMORY, total // (share + 1)]
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text(encoding="ascii").splitlines():
            _, controllers, path = line.split(":", 2)
            v1 = "/sys/fs/cgroup/memory{}/memory.limit_in_bytes" if "memory" in controllers else ""
            v2 = "/sys/fs/cgroup{}/memory.max" if not controllers else ""
            # Inside a container the path may be the one outside; then the top is the container's.
            for pattern in filter(None, (v1, v2)):
                for place in (path.rstrip("/"), ""):
                    with contextlib.suppress(OSError, ValueError):
                        text = Path(pattern.format(place)).read_text(encoding="ascii")
                        bounds.append(int(text) // (share + 1))
    return min(bounds)


def _own_tasks() -> int:
    """How many threads this user has on the machine; the limit counts them all."""
    count = 0
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            with contextlib.suppress(OSError):
                if process.stat().st_uid == os.getuid():
                    count += len(os.listdir(process / "task"))
    return count
