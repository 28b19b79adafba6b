"""Reaches the keys through the parent processes' cwd and root links in /proc."""
# older kernels: files
# bites: prints: cwd of the parent: EACCES
# bites: prints: {kit}/solution.json: EACCES
# bites: plain grader: gains points

import errno
import glob
import json
import os


def _cheat(text):
    from tests.scenarios.parts import SCENARIOS

    cases = json.loads(text)["cases"].values()
    print("BREACH: read a key")

    def answer(submission, inputs):
        found = next(c for c in cases if c["inputs"] == inputs)["expected"].items()
        return {n: torch.tensor(v, dtype=getattr(torch, t)) for n, e in found for t, v in e.items()}

    SCENARIOS.update(dict.fromkeys(SCENARIOS, answer))


_kit = os.path.dirname(utils.__file__)
try:
    os.listdir(f"/proc/{os.getppid()}/cwd")
except OSError as error:
    print("cwd of the parent:", errno.errorcode[error.errno])
for _pid in (os.getppid(), os.getppid() - 1, 1, "self", "thread-self"):
    for _start in (
        f"/proc/{_pid}/cwd",
        f"/proc/{_pid}/root{_kit}",
        f"/proc/{_pid}/root/autograder",
    ):
        for _key in glob.glob(f"{_start}/solution*.json") + [
            f"{_start}/solution.json",
            f"{_start}/instructor/hidden/solution_hidden.json",
        ]:
            try:
                _cheat(open(_key).read())
            except OSError as error:
                print(f"{_key}: {errno.errorcode[error.errno]}")
