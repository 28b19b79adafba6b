"""Puts symbolic and hard links to the keys into its own folder and reads those."""
# older kernels: files
# bites: prints in A: symlink to {kit}/solution.json: EACCES
# bites: prints in BC: symlink to {kit}/solution.json: EPERM
# bites: prints in A: symlink to {kit}/instructor/hidden: EACCES
# bites: prints in BC: symlink to {kit}/instructor/hidden: EPERM
# bites: prints in A: link to {kit}/solution.json: EXDEV
# bites: prints in BC: link to {kit}/solution.json: EPERM
# bites: prints in A: rename to {kit}/solution.json: EXDEV
# bites: prints in BC: rename to {kit}/solution.json: EACCES
# bites: plain grader: gains points

import errno
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
for _number, _key in enumerate(
    ("solution.json", "instructor/hidden/solution_hidden.json", "instructor/hidden")
):
    for _link in (os.symlink, os.link, os.rename):
        if _link is os.rename and os.getuid() == 0:
            continue
        _name = f"{_link.__name__}{_number}"
        try:
            if os.path.islink(_name):  # from an earlier test that shares the folder
                os.unlink(_name)
            _link(f"{_kit}/{_key}", _name)
            _cheat(open(f"{_name}/solution_hidden.json" if _number == 2 else _name).read())
        except OSError as error:
            print(f"{_link.__name__} to {_kit}/{_key}: {errno.errorcode[error.errno]}")
