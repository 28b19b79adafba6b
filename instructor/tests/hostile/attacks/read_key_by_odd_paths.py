"""Spells the way to the keys in odd manners: dots, double slashes, /proc/self/root, O_PATH."""

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


_kit = os.path.dirname(os.path.abspath(utils.__file__))
for _path in ("solution.json", "instructor/hidden/solution_hidden.json"):
    _full = f"{_kit}/{_path}"
    _up = "../" * 40
    for _spelled in (_up + _full, f"/proc/self/root{_full}", f"/usr/lib/{_up}{_full}"):
        try:
            _cheat(open(_spelled).read())
        except OSError as error:
            print("refused:", error)
    try:
        _cheat(open(f"/proc/self/fd/{os.open(_full, os.O_PATH)}").read())
    except OSError as error:
        print("refused:", error)
