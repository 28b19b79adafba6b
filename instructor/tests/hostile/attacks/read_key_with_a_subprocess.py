"""Lets other programs read the keys: cat, sh, a fresh Python, sudo."""
# older kernels: files
# bites: prints: sudo: [Errno 1] Operation not permitted
# bites: plain grader: gains points

import json
import os
import subprocess
import sys


def _cheat(text):
    from tests.scenarios.parts import SCENARIOS

    cases = json.loads(text)["cases"].values()
    print("BREACH: read a key")

    def answer(submission, inputs):
        found = next(c for c in cases if c["inputs"] == inputs)["expected"].items()
        return {n: torch.tensor(v, dtype=getattr(torch, t)) for n, e in found for t, v in e.items()}

    SCENARIOS.update(dict.fromkeys(SCENARIOS, answer))


_kit = os.path.dirname(os.path.abspath(utils.__file__))
_code = "import sys; print(open(sys.argv[1]).read())"
for _key in (f"{_kit}/solution.json", f"{_kit}/instructor/hidden/solution_hidden.json"):
    for _command in (["cat"], ["sudo", "-n", "cat"], [sys.executable, "-c", _code]):
        try:
            _run = subprocess.run([*_command, _key], capture_output=True, text=True, timeout=1)
            if _run.stdout:
                _cheat(_run.stdout)
            print(f"{_command[0]}: {_run.stderr[-300:]}")
        except (OSError, subprocess.SubprocessError) as error:
            print(f"{_command[0]}: {error}")
