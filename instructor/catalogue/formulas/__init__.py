"""Formulas with exchangeable terms: two mistakes in one formula, and one mistake written in several ways.

Where two mistakes change the same words of the reference, their texts cannot be merged. So each part
that computes a formula has it written out here term by term, with the wrong variants of every term.
Programs with one or two wrong terms are run when the keys are made; what they return is known from then
on under the names of the catalogue's entries. Here no sentence is written: every variant belongs to an
entry, and says the same as that entry does.
"""

from __future__ import annotations

import importlib
import itertools
import re
import textwrap
from dataclasses import dataclass

from grading.parts import PARTS
from instructor.catalogue.entry import REFERENCE, replace_functions


@dataclass(frozen=True)
class Term:
    """One place of a formula. right: the text that belongs there.

    wrong: what else may stand there, each text with the name of the entry whose misconception it shows.
    """

    right: str
    wrong: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Formula:
    """A function of the submission. source: its text, with `$name` where the term of this name stands.

    terms: in the order in which they should be put right.
    others: names of entries of which no text here does exactly the same.
    """

    source: str
    terms: dict[str, Term]
    others: tuple[str, ...] = ()

    def written(self, changed: dict[str, str]) -> str:
        """The function, right but for the texts of these terms."""
        texts = {name: term.right for name, term in self.terms.items()} | changed

        def fill(found: re.Match[str]) -> str:
            # A term that is alone on its line may have several lines.
            text = textwrap.dedent(texts[found["name"]]).strip("\n")
            return textwrap.indent(text, found["blanks"]) if found["blanks"] else text

        place = r"(?P<blanks>^ +)?\$(?P<name>\w+)"
        return re.sub(place, fill, self.source, flags=re.MULTILINE).strip("\n") + "\n"


@dataclass(frozen=True)
class Program:
    """A submission with one or two wrong terms.

    name: which ones, as `weight 3, result 0`. mistakes: names of entries, one for each wrong term.
    plain: whether every wrong text is the first one of its entry, so that it does what the entry does.
    """

    name: str
    mistakes: tuple[str, ...]
    source: str
    plain: bool


def formula_of(part: str) -> Formula | None:
    """The formula of a part, or None where it has none."""
    name = f"{__name__}.{part}"
    return importlib.import_module(name).FORMULA if part in WITH_FORMULA else None


WITH_FORMULA = ("returns", "vpg_loss", "value_loss", "advantages", "ppo_loss")


def all_programs() -> list[Program]:
    """The programs of all parts."""
    return [program for part in PARTS for program in programs_of(part)]


@dataclass(frozen=True)
class _Wrong:
    """A wrong text of a term, the `number`-th of it. first: of those that its mistake has."""

    term: str
    number: int
    mistake: str
    text: str
    first: bool


def programs_of(part: str) -> list[Program]:
    """Every program of a part's formula with one wrong term, then those with two."""
    formula = formula_of(part)
    if formula is None:
        return []
    right = formula.written({})
    submission = replace_functions(REFERENCE.read_text(encoding="utf-8"), right)
    wrong: list[_Wrong] = []
    for name, term in formula.terms.items():
        for number, (mistake, text) in enumerate(term.wrong):
            known = (*formula.others, *(before.mistake for before in wrong))
            first = mistake not in known
            wrong.append(_Wrong(name, number, mistake, text, first))
    double = [
        (one, other)
        for one, other in itertools.combinations(wrong, 2)
        if one.term != other.term and one.mistake != other.mistake
    ]
    return [
        Program(
            ", ".join(f"{one.term} {one.number}" for one in changed),
            tuple(one.mistake for one in changed),
            submission.replace(right, formula.written({one.term: one.text for one in changed})),
            all(one.first for one in changed),
        )
        for changed in [*((one,) for one in wrong), *double]
    ]
