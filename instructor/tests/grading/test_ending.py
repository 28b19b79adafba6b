"""The first signal that ends a command is the only one that it notices."""

import os
import signal
import subprocess
import sys

import pytest

from grading.kit import KIT

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there are no such signals")
PROGRAM = """
import os, signal, subprocess, sys
from grading.ending import interrupt_once

{before}
interrupt_once()
try:
    {sends}
    print("goes on")
except KeyboardInterrupt:
    os.kill(os.getpid(), signal.SIGHUP)
    os.kill(os.getpid(), signal.SIGINT)
    shell = "kill -TERM $$; kill -HUP $$; echo a program cleans up"
    subprocess.run(["sh", "-c", shell], check=True)
    print("cleans up")
"""
# Another thread, which blocks nothing, and a signal when Python has taken its handlers away.
AT_THE_END = """
import threading, time

class Last:
    def __del__(self, kill=os.kill, own=os.getpid(), number=signal.SIGTERM, sleep=time.sleep):
        kill(own, number)
        sleep(0.1)

last = Last()
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
"""
TOGETHER = "signal.pthread_sigmask(signal.SIG_{}, [signal.SIGTERM, signal.SIGHUP])"
# Python drops the exception that a signal raises there.
IN_A_DESTRUCTOR = f"""
import time

class Dropped:
    def __del__(self):
        {TOGETHER.format("BLOCK")}
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGHUP)
        {TOGETHER.format("UNBLOCK")}
        time.sleep(0.1)
"""
CASES = {
    "one": ("os.kill(os.getpid(), signal.SIGTERM)", "a program cleans up\ncleans up\n"),
    # Both are on their way before Python looks at the first one.
    "two at once": (
        f"{TOGETHER.format('BLOCK')}; os.kill(os.getpid(), signal.SIGTERM); "
        f"os.kill(os.getpid(), signal.SIGHUP); {TOGETHER.format('UNBLOCK')}",
        "a program cleans up\ncleans up\n",
    ),
}


def said_by(before, sends):
    """What the program says, started by somebody who ignores none of these signals."""

    def heed():
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)

    command = [sys.executable, "-c", PROGRAM.format(before=before, sends=sends)]
    done = subprocess.run(command, cwd=KIT, capture_output=True, text=True, preexec_fn=heed)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("case", CASES)
def test_signals_after_the_first_disturb_nothing(case):
    sends, says = CASES[case]
    assert said_by("", sends) == says


def test_a_signal_while_the_interpreter_ends_does_not_change_the_exit_status():
    sends, says = CASES["one"]
    assert said_by(AT_THE_END, sends) == says


def test_a_signal_while_a_destructor_runs_is_not_lost():
    says = "still runs\na program cleans up\ncleans up\n"
    assert (
        said_by(IN_A_DESTRUCTOR, "Dropped(); print('still runs', flush=True); time.sleep(5)")
        == says
    )


COMMAND = """
import signal, sys
from grading.ending import interrupt_once

interrupt_once()
try:
    exec("signal.raise_signal(signal.SIGTERM)")  # as Python does while it makes a named tuple
except KeyboardInterrupt:
    sys.exit(2)
"""


def test_a_signal_in_the_midst_of_an_exec_does_not_change_the_exit_status(tmp_path):
    (tmp_path / "command.py").write_text(COMMAND)
    path = os.pathsep.join([str(tmp_path), str(KIT)])
    started = [sys.executable, "-m", "command"]
    assert subprocess.run(started, env={**os.environ, "PYTHONPATH": path}).returncode == 2


def test_what_was_ignored_stays_ignored():
    ignored = "signal.signal(signal.SIGHUP, signal.SIG_IGN)"
    assert said_by(ignored, "os.kill(os.getpid(), signal.SIGHUP)") == "goes on\n"
