"""What a submission cannot do in the jail, and what it still can."""

import os
import re
import subprocess
import sys
import tempfile

import pytest

from grading.kit import KIT
from grading.processes.start import start_workers
from grading.processes.tier import tier_of
from grading.wire import Task
from grading.worker import jail
from grading.worker.jail import mounts
from instructor.catalogue import REFERENCE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the jail is Linux's")

# Where the jail has mounts of its own, folders for everybody are read-only; elsewhere Landlock refuses.
NOT_WRITABLE = "EROFS or EACCES"
# What is tried, and how the jail refuses it.
FORBIDDEN = {
    "the key": (f"open({str(KIT / 'solution.json')!r})", "EACCES"),
    "the hidden key": (
        f"open({str(KIT / 'instructor/hidden/solution_hidden.json')!r})",
        "EACCES",
    ),
    "the kit's folder": (f"os.listdir({str(KIT)!r})", "EACCES"),
    "users": ("open('/etc/passwd')", "EACCES"),
    "the top folder": ("os.listdir('/')", "EACCES"),
    "the parent's memory": ("open(f'/proc/{os.getppid()}/mem', 'rb')", "EACCES"),
    "the parent's environment": ("open(f'/proc/{os.getppid()}/environ')", "EACCES"),
    "the parent's arguments": ("open(f'/proc/{os.getppid()}/cmdline')", "EACCES"),
    "which of its pages are in memory": ("open('/proc/self/pagemap', 'rb')", "EACCES"),
    "how many of them": ("open('/proc/self/smaps')", "EACCES"),
    "the same by another path": ("open('/proc/thread-self/smaps')", "EACCES"),
    "killing the parent": ("os.kill(os.getppid(), 9)", "EPERM"),
    "killing everyone": ("os.kill(-1, 9)", "EPERM"),
    "limits of the parent": ("resource.prlimit(os.getppid(), 0, (1, 1))", "EPERM"),
    "TCP": ("socket.socket()", "EPERM"),
    "UDP": ("socket.socket(socket.AF_INET, socket.SOCK_DGRAM)", "EPERM"),
    "UNIX sockets": ("socket.socket(socket.AF_UNIX)", "EPERM"),
    "writing to /tmp": ("os.unlink(open(f'/tmp/{os.getpid()}', 'x').name)", NOT_WRITABLE),
    "writing to /var/tmp": ("os.unlink(open(f'/var/tmp/{os.getpid()}', 'x').name)", NOT_WRITABLE),
    "becoming root": ("os.setuid(0)", "EPERM"),
    "a process of its own": ("os.waitpid(os.fork() or os._exit(0), 0)", "EPERM"),
    "programs": ("subprocess.run(['/bin/true'], check=True)", "EPERM"),
    "new namespaces": ("system_call('unshare', 0x10000000)", "EPERM"),
    "two gigabytes": ("bytearray(2 * 10**9)", "MemoryError"),
    "a large file": ("open('large', 'wb').truncate(70_000_000)", "EFBIG"),
}
# What would hurt the machine where there is no jail.
HARMFUL = {"killing everyone"}
ALLOWED = {
    "files of its own": "open('mine', 'w').write('x')",
    "threads": "torch.set_num_threads(2); torch.rand(300, 300) @ torch.rand(300, 300)",
    "other modules": "__import__('xml.dom.minidom')",
    "utils once more": "import importlib, utils; importlib.reload(utils).RolloutBuffer()",
    "utils anew": "import utils; del sys.modules['utils']; import utils; utils.RolloutBuffer()",
    "the source of utils": "import inspect, utils; assert '(' in inspect.getsource(utils.RolloutBuffer)",
    "a name for the user": "__import__('getpass').getuser()",
    "its mappings": "assert 'torch' in open('/proc/self/maps').read()",
    "its group": "open('/proc/self/cgroup').read()",
    "optimizers": "torch.optim.Adam([torch.zeros(1, requires_grad=True)])",
    "figures": "__import__('matplotlib.pyplot').pyplot.figure().savefig('figure.png')",
    "signals to itself": "os.kill(os.getpid(), 0)",
    "temporary files": "__import__('tempfile').TemporaryFile().write(b'x')",
    "a copy of a file": "open('a', 'w').close(); __import__('shutil').copy2('a', 'b')",
    "an empty file": "__import__('pathlib').Path('empty').touch(); open('empty')",
    "times of a file": "open('f', 'w').close(); os.utime('f'); os.utime('f', (1, 1))",
    "a mode of a file": "open('c', 'w').close(); os.chmod('c', 0o600)",
    "priority": "os.nice(0)",
    "processors": "os.sched_setaffinity(0, os.sched_getaffinity(0))",
    "a lock on a file": "__import__('fcntl').flock(open('d', 'w'), 2)",
    "more threads than processors": "torch.set_num_threads(64); torch.rand(2_000_000).exp()",
    "a file of seven megabytes": "open('e', 'wb').write(bytes(7_000_000))",
    "many threads that wait": (
        "executor = __import__('concurrent.futures').futures.ThreadPoolExecutor(30); "
        "list(executor.map(lambda _: time.sleep(0.01), range(90)))"
    ),
}
# What is allowed where file systems are a child's own.
ALLOWED_WITH_MOUNTS = {
    "links": "os.symlink('a', 'link'); os.link('a', 'other_name')",
    "locks between processes": "__import__('multiprocessing').Lock()",
    "shared memory": "torch.zeros(3).share_memory_()",
    "a file in /dev/shm": "open('/dev/shm/mine', 'x')",
}
BEGINNING = """
import ctypes, errno, os, resource, socket, subprocess, sys, time


def system_call(name, *arguments):
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), name)


"""


def attempt(name, code):
    """Lines that try something and print its name and what it came to."""
    return f"""
try:
    {code}
    print({name!r} + ": done", flush=True)
except OSError as error:
    print({name!r} + ":", errno.errorcode[error.errno], flush=True)
except BaseException as error:
    print({name!r} + ":", type(error).__name__, flush=True)
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What each attempt came to, by name."""
    path = tmp_path_factory.mktemp("submission") / "submitted.py"
    attempts = {**{name: code for name, (code, _) in FORBIDDEN.items()}, **ALLOWED}
    attempts |= ALLOWED_WITH_MOUNTS
    lines = [attempt(name, code) for name, code in attempts.items()]
    path.write_text(f"{BEGINNING}import torch\n{''.join(lines)}")
    with start_workers(path) as workers:
        outcome = workers.collect(workers.submit(Task(path, None, {}, time_limit=60)))
    assert outcome.ended == "done", outcome
    found = dict(re.findall("^(.*): (.*)$", outcome.printed, flags=re.MULTILINE))
    how = "EROFS" if workers.layers["mounts"] else "EACCES"
    found["mounts of its own"] = "done" if workers.layers["mounts"] else "lacking"
    return {
        n: NOT_WRITABLE if n.startswith("writing") and s == how else s for n, s in found.items()
    }


@pytest.mark.parametrize("name", FORBIDDEN)
def test_forbidden(said, name):
    assert said[name] == FORBIDDEN[name][1]


@pytest.mark.parametrize("name", [name for name in FORBIDDEN if name not in HARMFUL])
def test_only_the_jail_forbids_it(tmp_path, name):
    """The same attempt without a jail: by a child, whose parent may be killed."""
    code, refused = FORBIDDEN[name]
    if name in ("becoming root", "the parent's memory") and os.getuid() != 0:
        pytest.skip("the kernel may refuse it to anybody but root")
    program = f"""{BEGINNING}
if os.fork():
    os.wait()
    os._exit(0)
{attempt(name, code)}"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    said = done.stdout.strip().removeprefix(f"{name}: ")
    if name == "new namespaces" and said == refused:
        pytest.skip("this machine gives nobody a namespace")
    assert said == "done", done.stderr


@pytest.mark.parametrize("name", ALLOWED)
def test_allowed(said, name):
    assert said[name] == "done"


@pytest.mark.parametrize("name", ALLOWED_WITH_MOUNTS)
def test_allowed_with_mounts(said, name):
    assert (said[name] == "done") == (said["mounts of its own"] == "done")


def test_all_layers_are_there_for_root():
    with start_workers(REFERENCE) as workers:
        workers.collect(workers.submit(Task(REFERENCE, None, {})))
        if os.getuid() == 0:
            assert workers.layers["user"]
        assert workers.layers["seccomp"] is True
        assert workers.layers["no_new_privs"] is True


@pytest.mark.skipif(os.getuid() != 0, reason="needs root, to change users")
@pytest.mark.parametrize("missing", ["landlock", "seccomp", "both"])
def test_a_layer_the_kernel_lacks_is_found_missing(monkeypatch, tmp_path, missing):
    def refuse(*_):
        raise OSError("not on this kernel")

    if missing in ("landlock", "both"):
        monkeypatch.setattr(jail.landlock, "abi", lambda: 0)
        monkeypatch.setattr(jail, "_readable_by_all", lambda path: True)
    if missing in ("seccomp", "both"):
        monkeypatch.setattr(jail.seccomp, "install", refuse)
    layers = jail.Jail(str(KIT), sys.path).trial(str(tmp_path), 31_000)
    assert bool(layers["landlock"]) == (missing == "seccomp")
    assert bool(layers["seccomp"]) == (missing == "landlock")
    assert layers["user"]
    assert tier_of(layers).letter == ("B" if missing == "landlock" else "D")


@pytest.mark.skipif(os.getuid() != 0, reason="needs root, to change users")
@pytest.mark.parametrize("version", [0, 1, 5, 7])
def test_what_must_stay_closed_is_tried(monkeypatch, open_tmp_path, version):
    """Where Landlock is missing, only its mode keeps a file from another user."""
    if 0 < version > jail.landlock.abi():
        pytest.skip("this kernel's Landlock is older")
    answers, results, box = (
        open_tmp_path / "answers",
        open_tmp_path / "results",
        open_tmp_path / "box",
    )
    for path in (answers, results, box):
        path.mkdir()
    results.chmod(0o700)
    monkeypatch.setattr(jail.landlock, "abi", lambda: version)
    monkeypatch.setattr(jail, "_readable_by_all", lambda path: True)
    closed = [str(answers), str(results)]
    layers = jail.Jail(str(KIT), sys.path, closed=closed).trial(str(box), 31_001)
    assert layers["open"] == ([] if version else [str(answers)])
    assert tier_of(layers).letter == {0: "D", 1: "B", 5: "B", 7: "A"}[version]


def test_a_file_can_be_made_by_touch_where_times_are_set_in_name(tmp_path):
    """In a child, because a process cannot leave the jail."""
    program = f"""
import os, pathlib, shutil, sys
from grading.worker.jail import Jail
os.chdir({str(tmp_path)!r})
jail = Jail({str(KIT)!r}, sys.path)
jail.layers = {{"no_new_privs": True, "seccomp": True}}
jail.enter(".", 0, 10)
empty = pathlib.Path("empty")
empty.touch()
empty.touch()
os.utime(empty, (1, 1))
shutil.copy2(empty, "copy")
print(os.listdir("."), empty.stat().st_mtime > 1)
try:
    os.utime("nowhere", (1, 1), follow_symlinks=False)
except FileNotFoundError:
    print("not there")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=KIT)
    assert done.stdout == "['empty', 'copy'] True\nnot there\n", done.stderr


@pytest.mark.skipif(os.getuid() != 0, reason="needs root, to mount")
def test_with_mounts_of_its_own_no_file_keeps_when_it_was_read():
    """A later grading could see which files a hidden test has read."""
    program = f"""
import os, sys
sys.path.insert(0, {str(KIT)!r})
from grading.worker.jail import mounts
if "mounts" in sys.argv:
    try:
        mounts.enter_namespace()
    except OSError:
        sys.exit(3)
open(sys.argv[1]).read()
print(os.stat(sys.argv[1]).st_atime == 1)
"""
    # Not below a temporary folder: those are read-only to a child, and keep no times anyway.
    with tempfile.NamedTemporaryFile(dir=KIT) as file:
        file.write(b"1")
        file.flush()
        os.utime(file.name, (1, 1))
        mounted, usual = (
            subprocess.run(
                [sys.executable, "-c", program, file.name, where], capture_output=True, text=True
            )
            for where in ("mounts", "usual")
        )
    if mounted.returncode == 3:
        pytest.skip("this machine lets nobody mount")
    if usual.stdout == "True\n":
        pytest.skip("this file system keeps no such times")
    assert (mounted.stdout, mounted.stderr) == ("True\n", "")


@pytest.mark.skipif(os.getuid() != 0, reason="needs root, to mount")
def test_a_box_of_its_own_is_of_fixed_size_and_goes_with_its_child(tmp_path):
    """In a child, because a process cannot leave a mount namespace."""
    (tmp_path / "submitted.py").write_text("1")
    program = f"""
import os, sys
sys.path.insert(0, {str(KIT)!r})
from grading.worker.jail import mounts
try:
    mounts.enter_namespace()
except OSError:
    sys.exit(3)
mounts.mount_box({str(tmp_path)!r}, 31_002)
os.chdir({str(tmp_path)!r})
status = os.statvfs(".")
print(status.f_blocks * status.f_frsize, status.f_files, os.stat(".").st_uid, os.listdir("."))
try:
    open("/dev/shm/x", "w")
except OSError as error:
    print(error.errno)
open("left", "w").close()
mounts.unmount_box({str(tmp_path)!r})
print(os.listdir({str(tmp_path)!r}))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    if done.returncode == 3:
        pytest.skip("this machine lets nobody mount")
    limits = mounts.BOX_BYTES, mounts.BOX_FILES
    expected = f"{limits[0]} {limits[1]} 31002 ['submitted.py']\n30\n['submitted.py']\n"
    assert (done.stdout, done.stderr) == (expected, "")
