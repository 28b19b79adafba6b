"""What needs two submissions: one must not read, disturb or speak to another.

Where the newest kernels forbid it by several layers, it is tried as root without Landlock and mounts
(tier B), in the way `older_kernel` shows.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from grading.judge.keys import read_key
from grading.kit import VISIBLE
from grading.processes.start import GLIBC_TUNABLES, start_workers
from grading.worker.jail import MAX_THREADS
from instructor.catalogue import REFERENCE
from instructor.proof import sweep
from instructor.tests.hostile import suite
from instructor.tests.hostile.accounts import (
    FIRST_USER,
    account,
    closed_account,
    python_for_everyone,
)
from instructor.tests.hostile.jailed import grade_in_turn, on_older_kernel

IS_ROOT = sys.platform == "linux" and os.getuid() == 0
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not IS_ROOT, reason="needs root, who gives each submission its own user"),
]
needs_python = pytest.mark.skipif(
    IS_ROOT and python_for_everyone() is None, reason="no interpreter that every user may run"
)
RIGHT = REFERENCE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def closed_kit():
    with closed_account() as user:
        yield user


def in_turn(user, sources):
    """The results of submissions that are graded one after the other in one slot, in tier B."""
    options = {"time_limit": suite.TIME_LIMIT}
    request = [[name, source, options] for name, source in sources.items()]
    documents = grade_in_turn(user, request)
    for document in documents.values():
        assert document["extra_data"]["tier"].startswith("tier B")
    return documents


def printed(document):
    """What a submission printed in its visible tests."""
    outputs = [test["output"] for test in document["tests"] if "hidden_" not in test["name"]]
    return "\n".join(output.partition(suite.PRINTED)[2] for output in outputs)


# -- reading a classmate's file --

THIEF = """
import glob, os
for place in {places}:
    for path in glob.glob(place):
        try:
            source = open(path, errors="replace").read()
            start = source.index("def get_returns")
            exec(source[start:].partition("if __name__")[0], globals())
            print("STOLE", path)
        except (OSError, ValueError) as error:
            print("not stolen:", path, type(error).__name__)
"""


@needs_python
@pytest.mark.parametrize("way", ["listed", "known by name"])
def test_a_classmates_file_is_not_read(closed_kit, tmp_path, way):
    """Where it could be, nothing is graded unless that is asked for; and then it really is read."""
    for folder in (tmp_path, *list(tmp_path.parents)[:2]):
        folder.chmod(0o755)
    class_, out = tmp_path / "class", tmp_path / "out"
    class_.mkdir()
    (class_ / "bob.py").write_text(RIGHT, encoding="utf-8")
    places = [str(class_ / "b*.py") if way == "listed" else str(class_ / "bob.py")]
    places += [f"{out}/*", f"{out}/*/*", "/tmp/grading-*/*", "/tmp/grading-*/*/*"]
    thief = f"{suite.base()}\n\n{THIEF.format(places=places)}"
    (class_ / "eve.py").write_text(thief, encoding="utf-8")
    batch = ("batch", class_, "--out", out)

    class_.chmod(0o755 if way == "listed" else 0o711)
    refused = on_older_kernel(closed_kit, *batch)
    assert refused.returncode == 2
    assert f"could read {class_}. Close it to other users" in refused.stderr
    class_.chmod(0o700)
    done = on_older_kernel(closed_kit, *batch)
    assert "Graded in tier B" in done.stdout, done.stderr
    eve = json.loads((out / "results" / "eve.json").read_text(encoding="utf-8"))
    assert eve["score"] == suite.BASE_SCORE
    assert "STOLE" not in printed(eve)
    # The attack is one: with the refusal overruled it earns all that Bob's work is worth.
    class_.chmod(0o755 if way == "listed" else 0o711)
    overruled = on_older_kernel(closed_kit, *batch, "--accept-tier-d", "--again", "eve")
    assert "Graded in tier D" in overruled.stdout, overruled.stderr
    eve = json.loads((out / "results" / "eve.json").read_text(encoding="utf-8"))
    assert "STOLE" in printed(eve)
    assert eve["score"] == 100


# Numbers that only a classmate's file has. They are searched for in all memory that may be written.
SEARCHER = """
import ctypes, re

found = set()
for line in open("/proc/self/maps"):
    place, rights, *more = line.split()
    if "rw" in rights and (len(more) < 4 or more[3] == "[heap]"):
        start, end = (int(address, 16) for address in place.split("-"))
        found |= set(re.findall(rb"words of Bob ([0-9]{6})", ctypes.string_at(start, end - start)))
print("FOUND", len(found))
"""


def test_a_classmates_file_is_in_nobodys_memory():
    """Every child begins with a copy of the memory of the process that all children come from."""
    said = "".join(f"# words of Bob {number}\n" for number in range(100_000, 101_000))
    eve = f"{suite.base()}\n\n{SEARCHER}"
    options = sweep.Options(only=("returns",), visible_only=True)
    classmates = [said[:length] + RIGHT for length in range(8_000, len(said), 2_000)]
    with start_workers(REFERENCE) as workers:
        *_, hers, own = (
            sweep.judge_with(workers, source.encode(), options).document
            for source in (*classmates, eve, said + eve)
        )
    assert set(printed(hers).splitlines()) - {""} == {"FOUND 0"}
    # The attack is one: she finds words where they are, in a file of her own.
    assert "FOUND 1000" in printed(own)


# Parts of names that only files of the class have, in the same memory; and where it runs.
NAMES = SEARCHER.replace("words of Bob ([0-9]{6})", "handed_in_by_([0-9]{6})")
NAMES += "import os\nprint('BOX', os.getcwd().rpartition('/')[2])\n"


def test_neither_classmates_names_nor_their_number_can_be_seen(tmp_path):
    """Names are read where others may enter the class folder: what they know by name is open to them."""
    class_ = tmp_path / "class"
    class_.mkdir()
    for number in range(100_000, 100_060):
        (class_ / f"handed_in_by_{number}.py").touch()
    class_.chmod(0o711)
    eve = f"{suite.base()}\n\n{NAMES}"
    options = sweep.Options(only=("returns",), visible_only=True)
    with start_workers(REFERENCE, closed=[class_]) as workers:
        documents = [
            sweep.judge_with(workers, source.encode(), options).document
            for source in (eve, suite.base(), eve)
        ]
    said = [line for d in (documents[0], documents[2]) for line in printed(d).splitlines() if line]
    boxes = [line.split()[1] for line in said if line.startswith("BOX")]
    assert set(said) == {"FOUND 0", *(f"BOX {box}" for box in boxes)}
    assert all(re.fullmatch("[0-9a-f]{16}", box) for box in boxes)
    assert len(set(boxes)) > 1


# -- speaking to the next one in the same slot --

LEAVER = """
import os
os.umask(0)
for shared in ("/tmp", "/var/tmp", "/dev/shm"):
    try:
        os.mkdir(shared + "/LEFT")
        here = os.open(shared + "/LEFT", os.O_RDONLY)
        os.fchdir(here)
        open("message", "w").write("hidden inputs")
        for _ in range(30):  # deeper than the longest path
            os.mkdir("d" * 200)
            os.chdir("d" * 200)
        open("message", "w").write("hidden inputs")
        print("LEFT something in", shared)
    except FileExistsError:
        print("FOUND something in", shared)
    except OSError as error:
        print("left nothing:", error)
"""
LOOKER = """
import os
for shared in ("/tmp", "/var/tmp", "/dev/shm"):
    if os.path.exists(shared + "/LEFT"):
        print("FOUND something in", shared)
print("LOOKED")
"""


@needs_python
def test_what_one_leaves_the_next_does_not_find(closed_kit):
    documents = in_turn(
        closed_kit,
        {
            "leaver": f"{suite.base()}\n\n{LEAVER}",
            "looker": f"{suite.base()}\n\n{LOOKER}",
        },
    )
    said = printed(documents["leaver"])
    # Without mounts it can write there, and what the first import left is found by those after it.
    assert "FOUND something in /tmp" in said
    assert "LOOKED" in printed(documents["looker"])
    assert "FOUND" not in printed(documents["looker"])
    assert not any(os.path.exists(f"{shared}/LEFT") for shared in ("/tmp", "/var/tmp", "/dev/shm"))


# -- speaking from a hidden test to a visible one --

# A page of a file that nobody reads is in memory or it is not, which is a bit that outlives a process.
# To look is to read it in, so each visible test looks at a file of its own, then at another one.
MARKER = """
import os, time

def _seconds(file):
    fd = os.open(file, os.O_RDONLY)
    try:
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)  # the jail lets it do nothing
        started = time.perf_counter()
        os.pread(fd, 1, os.fstat(fd).st_size // 2)
        return time.perf_counter() - started
    finally:
        os.close(fd)

def get_value_net_loss(value_net, observation, returns, **kwargs):
    case = VISIBLE.get(tuple(observation[0].tolist()))
    if case is not None and len(observation) > 1:
        first, second = FILES[2 * case : 2 * case + 2]
        _seconds(__file__)  # the first call takes longer
        if _seconds(first) < BOUND:
            print("MARKED" if _seconds(second) < BOUND else "unmarked")
        else:
            print("looked")
    if (case is None) is MARKS_IN_HIDDEN:
        for file in FILES:
            open(file, "rb").read()
    return value_net(observation).sum() * 0 + 1  # wrong, so that visible tests are asked again
"""


def visible_rows():
    """The value loss's visible case to each of its observations, as the submission sees them."""
    cases = read_key(VISIBLE.key).cases.values()
    arrays = [np.float32(c.inputs["observation"]) for c in cases if c.scenario == "value_loss"]
    return {tuple(row): n for n, a in enumerate(arrays) for row in np.asarray(a).tolist()}


def take_out(files):
    """Take the files out of memory."""
    for file in files:
        with open(file, "rb") as opened:
            os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


@pytest.fixture
def marker():
    """Makes the attack's source; skips where it cannot be told whether a page is in memory."""
    folders = [Path(path) for path in sys.path if path.endswith("site-packages")]
    headers = [str(file) for folder in folders for file in folder.glob("torch/include/ATen/*.h")]
    rows = visible_rows()
    files = sorted(headers, key=os.path.getsize)[-2 * len(set(rows.values())) :]
    names: dict[str, Any] = {}
    exec(MARKER, names)
    # Here the call takes the file out first, until it does nothing, as in the jail.
    bound = min(names["_seconds"](file) for file in files * 3) / 3
    names["os"] = SimpleNamespace(**{**vars(os), "posix_fadvise": lambda *_: None})
    if max(names["_seconds"](file) for file in files * 3) > bound:
        pytest.skip("whether a page is in memory cannot be told here")

    def make(marks_in_hidden):
        take_out(files)
        known = (rows, files, bound, marks_in_hidden)
        setting = f"VISIBLE, FILES, BOUND, MARKS_IN_HIDDEN = {known!r}"
        return f"{suite.base()}\n\n{setting}\n{MARKER}"

    return make


def first_lines(source):
    """What the attack prints first in each visible test of the value loss."""
    with start_workers(REFERENCE) as workers:
        options = sweep.Options(time_limit=suite.TIME_LIMIT)
        document = sweep.judge_with(workers, source.encode(), options).document
    assert document is not None
    assert set(document["extra_data"]["asked twice"]) >= {"value_loss_batch"}
    shown = [t["output"] for t in document["tests"] if t["tags"][0] == "value_loss"]
    return [o.partition(suite.PRINTED)[2].split()[0] for o in shown if suite.PRINTED in o]


def test_a_hidden_test_cannot_leave_a_mark_for_a_visible_one(marker):
    """Nor can a submission take a mark away: `fadvise64` does nothing."""
    assert set(first_lines(marker(marks_in_hidden=True))) == {"unmarked"}
    # The mark is one: what the first asking of visible tests leaves is seen in the second.
    assert set(first_lines(marker(marks_in_hidden=False))) == {"MARKED"}


# -- taking what the other needs --

GREEDY = """
import os, time

BEGAN = time.monotonic()

def get_value_net_loss(*arguments, **options):
    try:
        os.sched_setaffinity(0, range(os.cpu_count()))
    except OSError:
        pass
    print("PROCESSORS", *sorted(os.sched_getaffinity(0)))
    time.sleep(max(0, BEGAN + 1.5 - time.monotonic()))  # until the other is there, too
"""


def processors(document):
    (line, *_) = [line for line in printed(document).splitlines() if "PROCESSORS" in line]
    return set(map(int, line.split()[1:]))


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="there is but one processor")
def test_no_slot_has_the_processors_of_another():
    with sweep.pool(sweep.Place(processes=2)) as executor:
        waiting = [
            executor.submit(
                sweep.judge_bytes,
                f"{suite.base()}\n\n{GREEDY}# {number}\n".encode(),
                sweep.Options(only=("value_loss",), visible_only=True),
            )
            for number in range(2)
        ]
        first, second = (processors(future.result().document) for future in waiting)
    assert first
    assert second
    assert not first & second


HOARDER = """
import ctypes, errno, os, time

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mmap.restype = ctypes.c_void_p

def get_value_net_loss(*arguments, **options):
    block, held = bytes(1 << 20), 0
    try:
        for number in range(150):  # a page of each stays mapped, so it stays on the disk
            fd = os.open("file", os.O_RDWR | os.O_CREAT)
            os.unlink("file")
            os.write(fd, block)
            assert _libc.mmap(None, ctypes.c_size_t(4096), 1, 2, fd, ctypes.c_long(0)) != 2**64 - 1
            os.close(fd)
            held += 1
    except OSError as error:
        print("HOARDS", held, errno.errorcode[error.errno])
        return
    time.sleep(1)
    print("HOARDS", held, "unseen")
"""


def test_a_box_holds_no_more_than_its_size_even_of_files_without_a_name():
    with start_workers(REFERENCE) as workers:
        options = sweep.Options(only=("value_loss",), visible_only=True)
        source = f"{suite.base()}\n\n{HOARDER}"
        document = sweep.judge_with(workers, source.encode(), options).document
        if not workers.layers["mounts"]:
            pytest.skip("nobody can mount here")
    _, held, why = printed(document).split()[:3]
    assert int(held) <= 64
    assert why == "ENOSPC"


# -- taking all threads that a user may have --

THREADS = """
import os, sys, threading, time
from grading.worker.jail import Jail

kit = sys.argv[1]
jail = Jail(kit, sys.path)
jail.trial(kit, 0)
threading.stack_size(2**16)  # otherwise memory is what ends it


def threads(how_many, before, after):
    jail.enter(kit, 0, 60)
    time.sleep(before)
    held, started = threading.Event(), 0
    try:
        for _ in range(how_many):
            threading.Thread(target=held.wait, daemon=True).start()
            started += 1
    except RuntimeError:
        pass
    time.sleep(after)
    os.write(1, f"{started}\\n".encode())
    os._exit(0)


if os.fork() == 0:
    threads(20, before=1.5, after=0)
if os.fork() == 0:
    threads(1000, before=0.5, after=2)  # all that it can have, before the other needs any
os.wait()
os.wait()
"""


@needs_python
def test_an_ordinary_users_submissions_have_threads_of_their_own():
    """In tier C all submissions are the same user's, and the kernel counts a user's threads together."""
    with account(FIRST_USER + 3) as user:
        done = subprocess.run(
            [user.python, "-c", THREADS, str(user.kit)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            cwd=user.kit,
            env={**user.environment, "GLIBC_TUNABLES": GLIBC_TUNABLES},
            preexec_fn=user.become,
        )
    modest, greedy = map(int, done.stdout.split())
    assert 100 < greedy <= MAX_THREADS  # the same, however many threads others have
    assert modest == 20
