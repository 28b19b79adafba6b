"""A batch that is ended, by whatever signal and at whatever moment, leaves no process and no file."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grading.kit import KIT
from instructor import catalogue
from instructor.proof import sweep

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there are no such signals")
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
REFERENCE = catalogue.REFERENCE.read_text(encoding="utf-8")


def heed_signals():
    """For a child: who runs tests in the background has some signals ignored, there too."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def processes_with(mark):
    """Who runs with this text in the environment or the command line."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                texts = [(folder / name).read_bytes() for name in ("environ", "cmdline")]
            except OSError:
                continue  # it has ended, or is somebody else's
            if any(mark.encode() in text for text in texts):
                found.append(texts[1].replace(b"\0", b" "))
    return found


def wait_until(condition, seconds):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


@linux
@pytest.mark.parametrize(
    ("ends", "when"),
    [
        ("SIGTERM", "imports.py"),  # while the processes of the pool start
        ("SIGHUP", "grading-*"),  # while their workers start; a terminal tells all of its processes
        ("SIGTERM", "grading-*/*/submitted.py"),  # while a submission runs
    ],
)
def test_nothing_is_left_of_a_batch_that_is_ended(tmp_path, ends, when):
    temporary = tmp_path / "temporary"
    (tmp_path / "class").mkdir()
    temporary.mkdir()
    (tmp_path / "class" / "ana.py").write_text("import time\ntime.sleep(60)\n")
    command = [sys.executable, "-m", "instructor", "batch", tmp_path / "class"]
    with subprocess.Popen(
        [*command, "--out", tmp_path / "out", "--accept-tier-d"],
        cwd=KIT,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        preexec_fn=heed_signals,
        start_new_session=True,
    ) as process:
        assert wait_until(lambda: any(temporary.rglob(when)), 60)
        send = os.killpg if ends == "SIGHUP" else os.kill
        send(process.pid, getattr(signal, ends))
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 2, said
    assert b"Stopped. What was graded is kept" in said
    assert ends == "SIGHUP" or b"Traceback" not in said  # nobody is there to read it
    assert list(temporary.iterdir()) == []
    # multiprocessing's own process sees a moment later that all others have ended.
    assert wait_until(lambda: not processes_with(str(temporary)), 5), processes_with(str(temporary))


KILLED_EARLY = """
import multiprocessing, os, signal, sys
from pathlib import Path
from instructor.proof import sweep

def import_slowly(number, note):
    sweep.start_workers = lambda *_, **__: Path(note).write_text("workers")
    parent = multiprocessing.parent_process()
    os.kill(parent.pid, signal.SIGKILL)
    parent.join(10)
    sweep._start(sweep.Place(), number, 1)

if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    number = context.Value("i", 0)
    child = context.Process(target=import_slowly, args=(number, sys.argv[1]))
    child.start()
    child.join()
"""


@linux
def test_a_process_of_a_pool_that_was_killed_meanwhile_starts_no_workers(tmp_path):
    script, note = tmp_path / "killed_early.py", tmp_path / "note"
    script.write_text(KILLED_EARLY)
    environment = {**os.environ, "PYTHONPATH": str(KIT), "NOTE": str(note)}
    process = subprocess.Popen([sys.executable, script, note], env=environment)
    assert process.wait(60) == -signal.SIGKILL
    assert wait_until(lambda: not processes_with(str(note)), 30)
    assert not note.exists()


class Ended(BaseException):
    """In place of the process's end."""


@pytest.mark.parametrize("moment", ["start", "close"])
def test_workers_are_closed_if_the_end_comes_while_they_start_or_close(
    monkeypatch, tmp_path, moment
):
    done = []

    def comes_at(now):
        if now == moment and "signal" not in done:
            done.append("signal")
            signal.raise_signal(signal.SIGTERM)
        done.append(now)

    class Workers:
        def __init__(self, *_, **__):
            comes_at("start")

        def close(self):
            comes_at("close")

    def end(status):
        raise Ended

    monkeypatch.setattr(sweep, "start_workers", Workers)
    monkeypatch.setattr(sweep.os, "_exit", end)
    monkeypatch.setattr(sweep, "_workers", None)
    monkeypatch.setattr(sweep, "_preloaded", ["something else"])
    monkeypatch.setattr(sweep, "judge_with", lambda *_: sweep.Judged(None, "The machine failed."))
    monkeypatch.setattr(sweep.tempfile, "tempdir", str(tmp_path))
    before = signal.signal(signal.SIGTERM, sweep._stop)
    try:
        with pytest.raises(Ended):
            sweep.judge_bytes(b"", sweep.Options())
    finally:
        signal.signal(signal.SIGTERM, before)
    assert [entry for entry in done if entry != "signal"] == ["start", "close"]
    assert list(tmp_path.iterdir()) == []
