"""A watch session as somebody has it: on a terminal, on a file that an editor saves."""

import os
import re
import select
import signal
import subprocess
import sys
import threading
import time

import pytest

from grading.kit import KIT
from instructor.catalogue import REFERENCE

fcntl, termios = pytest.importorskip("fcntl"), pytest.importorskip("termios")
SOURCE = REFERENCE.read_text(encoding="utf-8")
UNDISCOUNTED = SOURCE.replace("discount_factor * following_return", "following_return")
FORGETFUL = "Later rewards count as much as the first one"
LIMIT = 60.0  # seconds


def control_this_terminal():
    """For a child: its standard input is its terminal, whose Ctrl-C it heeds."""
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Terminal:
    """`python grade.py --watch` on a pseudo-terminal."""

    def __init__(self, path, *options):
        self.path, self.said = path, ""
        self.ours, theirs = os.openpty()
        environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80", "LINES": "40"}
        command = [sys.executable, "grade.py", "--watch", "--visible", "--submission", str(path)]
        command += options
        self.process = subprocess.Popen(
            command,
            cwd=KIT,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment,
            preexec_fn=control_this_terminal,
        )
        os.close(theirs)

    def save(self, source):
        """Save as many editors do; what is said from now on counts."""
        self.said = ""
        other = self.path.with_name("submitted.py~")
        other.write_text(source, encoding="utf-8")
        os.replace(other, self.path)

    def press(self, key):
        self.said = ""
        os.write(self.ours, key.encode())

    def until(self, text):
        """Read until a text has come; everything said since the last save or key, without colours."""
        end = time.monotonic() + LIMIT
        while text not in self.plain() and time.monotonic() < end:
            if select.select([self.ours], [], [], 0.1)[0]:
                try:
                    self.said += os.read(self.ours, 1 << 16).decode()
                except OSError:  # the other end has been closed
                    break
        assert text in self.plain(), self.plain()
        return self.plain()

    def plain(self):
        return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", self.said).replace("\r\n", "\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.ours)


@pytest.fixture
def submission(tmp_path):
    path = tmp_path / "submitted.py"
    path.write_text(SOURCE, encoding="utf-8")
    return path


def test_a_session(submission):
    with Terminal(submission) as terminal:
        assert "50 / 50 points" in terminal.until("Waiting for the next save")
        terminal.save(UNDISCOUNTED)
        said = terminal.until("Waiting for the next save")
        assert re.search(r"Returns +0 / 7 +3 of 3 tests fail +−7", said)
        assert FORGETFUL in said
        terminal.press("h")
        assert "Returns, hint 1 of 4" in terminal.until("Waiting")
        terminal.press("h")
        assert "Returns, hint 2 of 4" in terminal.until("Waiting")
        terminal.press("l")
        said = terminal.until("Waiting")
        assert re.search(r"fails +2  training_vpg_end_to_end", said)
        terminal.save(SOURCE.partition("torch.zeros(")[0] + "torch.zeros(")
        assert "It is graded when you save it again." in " ".join(terminal.until("Waiting").split())
        terminal.save(SOURCE)
        assert re.search(r"Returns +7 / 7 +all right +\+7", terminal.until("Waiting"))
        terminal.press("\n")
        assert "50 / 50 points" in terminal.until("Waiting")
        terminal.press("q")
        assert terminal.process.wait(LIMIT) == 0


@pytest.mark.slow
def test_a_save_meanwhile_ends_what_nobody_waits_for(submission):
    submission.write_text(SOURCE + "\nimport time\ntime.sleep(600)\n", encoding="utf-8")
    with Terminal(submission, "--time-limit", "600") as terminal:
        terminal.until("testing ...")
        time.sleep(1)
        terminal.save(SOURCE)
        terminal.until("50 / 50 points")
        os.write(terminal.ours, b"\x03")
        assert terminal.process.wait(LIMIT) == 0


@pytest.mark.slow
def test_without_a_terminal_every_save_gives_a_block(submission):
    command = [sys.executable, "grade.py", "--watch", "--visible", "--submission", str(submission)]
    with subprocess.Popen(
        command, cwd=KIT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        end = threading.Timer(LIMIT, process.kill)
        end.daemon = True
        end.start()
        said = ""
        for last, source in (("PPO loss", UNDISCOUNTED), (FORGETFUL, None)):
            line = ""
            while last not in line:
                line = process.stdout.readline()
                said += line
                assert line, said
            if source:
                submission.write_text(source, encoding="utf-8")
        process.terminate()
        said += process.stdout.read()
    assert said.index("50 / 50 points") < said.index("39 / 50 points")
    assert "\x1b" not in said
    assert process.returncode == 1
