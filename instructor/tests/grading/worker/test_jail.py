"""What a submission cannot do in the jail, and what it still can."""

import os
import sys

import pytest

from grading.kit import KIT
from grading.processes.start import start_workers
from grading.processes.tier import tier_of
from grading.wire import Task
from grading.worker import jail
from instructor.catalogue import REFERENCE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the jail is Linux's")

FORBIDDEN = {
    "the key": f"open({str(KIT / 'solution.json')!r})",
    "the hidden key": f"open({str(KIT / 'instructor/hidden/solution_hidden.json')!r})",
    "the kit's folder": f"os.listdir({str(KIT)!r})",
    "users": "open('/etc/passwd')",
    "the top folder": "os.listdir('/')",
    "the parent's memory": "open(f'/proc/{os.getppid()}/mem', 'rb')",
    "the parent's environment": "open(f'/proc/{os.getppid()}/environ')",
    "the parent's arguments": "open(f'/proc/{os.getppid()}/cmdline')",
    "killing the parent": "os.kill(os.getppid(), 9)",
    "killing everyone": "os.kill(-1, 9)",
    "limits of the parent": "__import__('resource').prlimit(os.getppid(), 0, (1, 1))",
    "priority": "os.setpriority(os.PRIO_USER, 0, 19)",
    "TCP": "socket.socket()",
    "UDP": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "UNIX sockets": "socket.socket(socket.AF_UNIX)",
    "writing to /tmp": "open('/tmp/left-over', 'w')",
    "writing to /dev/shm": "open('/dev/shm/left-over', 'w')",
    "becoming root": "os.setuid(0)",
    "programs": "__import__('subprocess').run(['/bin/true'])",
    "a process of its own": "os.waitpid(os.fork() or os._exit(0), 0)",
    "new namespaces": "os.unshare(os.CLONE_NEWUSER) if hasattr(os, 'unshare') else 1 / 0",
    "two gigabytes": "bytearray(2 * 10**9)",
    "a large file": "open('large', 'wb').write(bytes(20_000_000)) == 20_000_000 or 1 / 0",
}
ALLOWED = {
    "files of its own": "open('mine', 'w').write('x')",
    "threads": "torch.set_num_threads(2); torch.rand(300, 300) @ torch.rand(300, 300)",
    "other modules": "__import__('xml.dom.minidom')",
    "optimizers": "torch.optim.Adam([torch.zeros(1, requires_grad=True)])",
    "figures": "__import__('matplotlib.pyplot').pyplot.figure().savefig('figure.png')",
    "signals to itself": "os.kill(os.getpid(), 0)",
    "temporary files": "__import__('tempfile').TemporaryFile().write(b'x')",
}


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """By attempt: "done", or the type of the error that stopped it."""
    path = tmp_path_factory.mktemp("submission") / "submitted.py"
    lines = ["import os, socket, torch"]
    for name, attempt in {**FORBIDDEN, **ALLOWED}.items():
        lines += ["try:", f"    {attempt}", f"    print({name!r} + ': done')"]
        lines += ["except BaseException as error:"]
        lines += [f"    print({name!r} + ':', type(error).__name__)"]
    path.write_text("\n".join(lines) + "\n")
    with start_workers(path) as workers:
        outcome = workers.collect(workers.submit(Task(path, None, {}, time_limit=60)))
    assert outcome.ended == "done", outcome
    return dict(line.split(": ") for line in outcome.printed.strip().splitlines())


@pytest.mark.parametrize("name", FORBIDDEN)
def test_forbidden(said, name):
    assert said[name] in ("PermissionError", "MemoryError", "OSError", "ZeroDivisionError")


@pytest.mark.parametrize("name", ALLOWED)
def test_allowed(said, name):
    assert said[name] == "done"


def test_all_layers_are_there_for_root():
    with start_workers(REFERENCE) as workers:
        workers.collect(workers.submit(Task(REFERENCE, None, {})))
        if os.getuid() == 0:
            assert workers.layers["user"]
        assert workers.layers["seccomp"] is True
        assert workers.layers["no_new_privs"] is True


@pytest.mark.skipif(os.getuid() != 0, reason="needs root, to change users")
@pytest.mark.parametrize("missing", ["landlock", "seccomp", "both"])
def test_a_layer_the_kernel_lacks_is_found_missing(monkeypatch, missing):
    def refuse(*_):
        raise OSError("not on this kernel")

    if missing in ("landlock", "both"):
        monkeypatch.setattr(jail.landlock, "abi", lambda: 0)
        monkeypatch.setattr(jail, "_readable_by_all", lambda path: True)
    if missing in ("seccomp", "both"):
        monkeypatch.setattr(jail.seccomp, "install", refuse)
    layers = jail.Jail(str(KIT), sys.path).trial(31_000)
    assert bool(layers["landlock"]) == (missing == "seccomp")
    assert bool(layers["seccomp"]) == (missing == "landlock")
    assert layers["user"]
    assert tier_of(layers).letter == ("B" if missing == "landlock" else "D")
