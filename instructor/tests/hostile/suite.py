"""The hostile submissions: what each is, and what shows that it still reaches its mechanism."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grading.kit import KIT
from grading.parts import PARTS
from instructor.catalogue import REFERENCE, replace_functions
from instructor.tests.hostile.undefended import Run

FOLDER = Path(__file__).parent / "attacks"
BASE_SCORE = 14
TIME_LIMIT = 5.0  # seconds, which nothing needs on an idle machine
SHORT_TIME_LIMIT = 1.0  # where it is the time limit that has to end the attack
PRINTED = "Your code printed:\n"
PLAIN, PYTEST = "plain grader", "pytest tests"
# What an attack is after that newer kernels keep from it by Landlock or by mounts; see `README.md`.
FILES, ANY_FILES, SOCKETS, GRADING = AFTER = ("files", "any files", "sockets", "the grading")
OUTCOMES = {PLAIN: ("gains points", "gives no result", "hangs"), PYTEST: ("passes more",)}


@dataclass(frozen=True)
class Proof:
    """A line `# bites: WHERE: SAYS` of an attack; `README.md` lists what may stand there.

    tiers: those in which it has to hold, or empty for all.
    """

    where: str
    says: str
    tiers: str = ""

    def holds_in(self, document: dict[str, Any], kit: Path) -> bool:
        """Whether the results of a grading with this kit show it."""
        says = self.says.replace("{kit}", str(kit))
        outputs = [
            test["output"]
            for test in document["tests"]
            if "hidden_" not in test["name"] and self.where in ("prints", *test["tags"])
        ]
        if self.where == "prints":
            outputs = [output.partition(PRINTED)[2] for output in outputs]
        return any(says in output for output in outputs)

    def holds_undefended(self, run: Run, base: Run) -> bool:
        """Whether a run without a jail shows it; `base` is the same run without the attack."""
        if self.says == "hangs":
            return run.score is None and run.hangs
        if self.says == "gives no result":
            return run.score is None
        if self.says.startswith("prints "):
            return self.says.removeprefix("prints ") in run.printed
        assert base.score is not None
        return run.score is not None and run.score > base.score


@dataclass(frozen=True)
class Attack:
    """One hostile submission.

    loses: what it costs its author: "nothing", "returns", "everything".
    proofs: what shows that it comes as far as it should; all of them have to.
    after: one of AFTER where it is graded as on older kernels, too; otherwise empty.
    """

    name: str
    summary: str
    loses: str
    source: str
    proofs: tuple[Proof, ...]
    after: str = ""

    def jailed(self, tier: str) -> list[Proof]:
        """What the results of a grading show in a tier."""
        return [
            p for p in self.proofs if p.where not in OUTCOMES and (not p.tiers or tier in p.tiers)
        ]

    def undefended(self, where: str) -> list[Proof]:
        """What runs without a jail show, in the plain grader or in `pytest tests`."""
        return [proof for proof in self.proofs if proof.where == where]

    @property
    def time_limit(self) -> float:
        """Seconds that each of its tests may take."""
        is_ended_by_it = any("took longer than" in proof.says for proof in self.proofs)
        return SHORT_TIME_LIMIT if is_ended_by_it else TIME_LIMIT

    @property
    def score(self) -> float:
        """What a grading must give it."""
        return BASE_SCORE if self.loses == "nothing" else 0


def base() -> str:
    """The submission that is attacked with: get_returns is right, the rest are stubs."""
    stubs = (KIT / "submitted.py").read_text(encoding="utf-8")
    reference = REFERENCE.read_text(encoding="utf-8")
    start = reference.index("def get_returns")
    right = reference[start : reference.index("\n\n\ndef ", start)] + "\n"
    return replace_functions(stubs, right)


def attacks() -> list[Attack]:
    """Every hostile submission."""
    return [
        read_attack(path) for path in sorted(FOLDER.glob("*.py")) if path.name != "plain_grader.py"
    ]


def read_attack(path: Path) -> Attack:
    """The attack in a file. Raises ValueError where a line about it cannot be understood."""
    text = path.read_text(encoding="utf-8")
    loses = re.search(r"^# loses: (\w+)$", text, flags=re.MULTILINE)
    lines = re.findall(r"^# bites: ([\w ]+?)(?: in ([A-D]+))?: (.+)$", text, flags=re.MULTILINE)
    older = re.search(r"^# older kernels: (.+)$", text, flags=re.MULTILINE)
    if older and older[1] not in AFTER:
        raise ValueError(f"{path.name}: {older[1]} is not one of {', '.join(AFTER)}")
    for where, _, says in lines:
        is_undefended = says in OUTCOMES.get(where, ()) or says.startswith("prints ")
        if where not in ("prints", *PARTS) and not (where in OUTCOMES and is_undefended):
            raise ValueError(f'{path.name}: "{where}: {says}" is no proof')
    if len(lines) != len(re.findall(r"^#.*\bbites\b", text, flags=re.MULTILINE)):
        raise ValueError(f"{path.name}: a proof cannot be read")
    return Attack(
        path.stem,
        text.splitlines()[0].strip('"'),
        loses[1] if loses else "nothing",
        f"{base()}\n\n{text}",
        tuple(Proof(where, says, tiers) for where, tiers, says in lines),
        older[1] if older else "",
    )
