"""Two mistakes of a part at once: every pair that goes together, with sketches of what it returns.

Pairs come from merging the changes of two entries word by word, and from formulas with two wrong terms.
A formula with one wrong term counts as a pair of one mistake with itself: that mistake, written another
way. A pair is kept where it runs and returns something that neither of the two returns alone. Pairs
that return the same as a simpler pair or as one mistake, in all cases, are left out: the simpler one is
named.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

from grading.judge.diagnosis import ABSOLUTE, PROJECTIONS, RELATIVE, alike
from grading.judge.keys import Case, KnownMistake, Sketch
from grading.judge.sketches import Sketches
from grading.wire import Outcome
from instructor import catalogue
from instructor.catalogue.compose import compose, place_of
from instructor.catalogue.formulas import all_programs
from instructor.keys.known_mistakes import size_of_change, sketch_of_failure
from instructor.keys.recipes import is_end_to_end
from instructor.keys.sweep_cases import sweep_and_reduce
from instructor.keys.tolerances import KeyRefused

SAMPLE = 50  # one pair of so many is run to see whether a file is current
# Seconds for a case. Two mistakes may make a loop that never ends; but what only takes long on a busy
# machine must come to its end: an optimizer of torch that is made anew loads the compiler first.
TIME_LIMIT = 20.0
BUNDLE = 8  # pairs that are run by one process


@dataclass
class Pair:
    """Two mistakes of one part, and their sketch in every case that they make fail together.

    first: the one that stands first in the code, which is to be put right first; it is also the second
        where a formula has one wrong term. way: the name of the formula's program, or MERGED.
    """

    first: str
    second: str
    way: str
    sketches: dict[str, Sketch]


MERGED = ""  # the way of a pair that is made of its entries' words
# Many slips amount to one more division by the number of steps, such as a mean over something else. So
# beside another mistake it is not told: the pair is the other mistake, written another way.
TOLD_ALONE = ("vpg_loss_mean_twice", "value_loss_mean_twice")
WITH = "with "  # begins the way of such a pair; the name of the mistake that is not told follows
# Beside another mistake it looks like one that is far more common: episodes that are not told apart.
NEVER_BESIDE = ("returns_twenty_steps",)


@dataclass
class Composed:
    """A pair that goes together, not yet run."""

    first: catalogue.Mistake
    second: catalogue.Mistake
    way: str
    source: str


def composed() -> list[Composed]:
    """Every pair of a part's mistakes that goes together, those with the smallest changes first.

    Formulas with one wrong term come before all others.
    """
    # A family stands for mistakes that nobody has foreseen; it does not go together with others.
    mistakes = [
        mistake
        for mistake in catalogue.all_mistakes()
        if not mistake.telltale and mistake.name not in NEVER_BESIDE
    ]
    sizes = {mistake.name: size_of_change(mistake) for mistake in mistakes}
    found: list[Composed] = []
    merged: set[frozenset[str]] = set()
    for one, other in itertools.combinations(mistakes, 2):
        source = compose(one, other) if one.part == other.part else None
        if source is not None:
            merged.add(frozenset((one.name, other.name)))
            first, second = sorted((one, other), key=place_of)
            found.append(_told(Composed(first, second, MERGED, source)))
    by_name = {mistake.name: mistake for mistake in mistakes}
    for program in all_programs():
        # What the entries do themselves, alone or merged, need not be run again.
        if program.plain and (len(program.mistakes) == 1 or frozenset(program.mistakes) in merged):
            continue
        first, second = by_name[program.mistakes[0]], by_name[program.mistakes[-1]]
        found.append(_told(Composed(first, second, program.name, program.source)))

    def size(pair: Composed) -> int:
        return 0 if pair.first is pair.second else sizes[pair.first.name] + sizes[pair.second.name]

    return sorted(found, key=size)


def _told(pair: Composed) -> Composed:
    """The pair as it is told: of two mistakes one may not be."""
    kept = [mistake for mistake in (pair.first, pair.second) if mistake.name not in TOLD_ALONE]
    if len(kept) != 1:
        return pair
    (silent,) = (mistake for mistake in (pair.first, pair.second) if mistake.name in TOLD_ALONE)
    return Composed(kept[0], kept[0], pair.way or WITH + silent.name, pair.source)


def composed_of(names: list[tuple[str, str, str]]) -> list[Composed] | None:
    """These pairs, each by its mistakes and its way, or None where one of them does not go together."""
    mistakes = {mistake.name: mistake for mistake in catalogue.all_mistakes()}
    programs = {(mistakes[p.mistakes[0]].part, p.name): p.source for p in all_programs()}
    found = []
    for first, second, way in names:
        one, other = mistakes[first], mistakes[second]
        if way == MERGED or way.startswith(WITH):
            # Which of the two comes first makes no difference.
            source = compose(one, mistakes[way.removeprefix(WITH)] if way else other)
        else:
            source = programs.get((one.part, way))
        if source is None:
            return None
        found.append(Composed(one, other, way, source))
    return found


def known_pairs(
    cases: dict[str, Case],
    mistakes: dict[str, KnownMistake],
    chosen: Iterable[Composed] | None = None,
) -> list[Pair]:
    """The pairs worth knowing among those chosen (all by default), run on the cases of their part."""
    tried = list(composed() if chosen is None else chosen)
    run = sketches_of(tried, cases)
    kept: list[Pair] = []
    seen: dict[tuple[object, ...], np.ndarray] = {}
    for mistake in mistakes.values():
        _is_new(mistake.sketches, seen)
    for pair, sketches in zip(tried, run):
        halves = [mistakes[m.name].sketches for m in (pair.first, pair.second)]
        if not _runs(sketches, *halves):
            continue
        if _differs_from_both(sketches, *halves) and _is_new(sketches, seen):
            kept.append(Pair(pair.first.name, pair.second.name, pair.way, sketches))
    return kept


def sketches_of(pairs: list[Composed], cases: dict[str, Case]) -> list[dict[str, Sketch]]:
    """What every pair returns in the cases of its part that it makes fail.

    Cases that run all functions are left out: where another case of the part fails, the report says
    only that they may pass when that one does.
    """
    alone = [case for case in cases.values() if not is_end_to_end(case)]
    sources = {str(number): pair.source for number, pair in enumerate(pairs)}
    wanted = {
        str(number): [case for case in alone if case.scenario == pair.first.part]
        for number, pair in enumerate(pairs)
    }
    # Two mistakes are known by what is compared, and not by what probes say.
    found = sweep_and_reduce(sources, wanted, _sketch, TIME_LIMIT, BUNDLE, probing=False)
    return [
        {case: sketch for case, sketch in found[name].items() if sketch is not None}
        for name in sources
    ]


def _sketch(case: Case, outcome: Outcome) -> Sketch | None:
    # How a process ends, by the time limit or by memory, depends on the machine.
    return sketch_of_failure(case, outcome) if outcome.result is not None else None


def _runs(pair: dict[str, Sketch], first: dict[str, Sketch], second: dict[str, Sketch]) -> bool:
    """Whether a pair stops with an error only where one of its halves does.

    Otherwise its words did not go together after all, and whoever meets that error has made another
    mistake.
    """
    return all(
        sketch.numbers or any(case in half and not half[case].numbers for half in (first, second))
        for case, sketch in pair.items()
    )


def _differs_from_both(
    pair: dict[str, Sketch], first: dict[str, Sketch], second: dict[str, Sketch]
) -> bool:
    """Whether a pair returns in some case what neither of its halves does."""
    return any(
        not any(case in half and alike(half[case], sketch) for half in (first, second))
        for case, sketch in pair.items()
    )


def _is_new(sketches: dict[str, Sketch], seen: dict[tuple[object, ...], np.ndarray]) -> bool:
    """Whether nothing that was seen before returns the same in all cases; notes it as seen."""
    form = tuple((case, s.says, len(s.numbers)) for case, s in sorted(sketches.items()))
    numbers = np.array([n for _, s in sorted(sketches.items()) for n in s.numbers])
    before = seen.get(form, np.zeros((0, len(numbers))))
    # Sketches of the same result differ by rounding only, about one in each number.
    near = np.abs(before - numbers) <= ABSOLUTE + RELATIVE * np.abs(numbers)
    if len(before) and near.all(axis=1).any():
        return False
    seen[form] = np.vstack([before, numbers])
    return True


def pairs_anew(present: Sketches, cases: dict[str, Case]) -> list[Pair]:
    """The pairs of a file, with these cases run anew and the others as they are. Raises KeyRefused."""
    names = names_of(present)
    known: list[dict[str, Sketch]] = [{} for _ in names]
    for case, of_case in present.cases.items():
        rows = zip(of_case.pairs.tolist(), of_case.says, of_case.pair_numbers.tolist())
        for pair, says, numbers in rows if case not in cases else ():
            known[pair][case] = Sketch(says, tuple(numbers))
    parts = {case.scenario for case in cases.values()}
    mistakes = {mistake.name: mistake for mistake in catalogue.all_mistakes()}
    chosen = [n for n, (first, _, _) in enumerate(names) if mistakes[first].part in parts]
    pairs = composed_of([names[n] for n in chosen])
    if pairs is None:
        raise KeyRefused("other pairs of mistakes go together now: python -m instructor key")
    for number, fresh in zip(chosen, sketches_of(pairs, cases)):
        known[number] |= fresh
    return [Pair(*name, found) for name, found in zip(names, known)]


def names_of(present: Sketches) -> list[tuple[str, str, str]]:
    """The two mistakes and the way of every pair of a file."""
    return [
        (present.mistakes[first], present.mistakes[second], present.ways[way])
        for first, second, way in present.pairs.tolist()
    ]


def with_outputs_of(
    present: Sketches, mistakes: dict[str, KnownMistake], made: Collection[str]
) -> dict[str, KnownMistake]:
    """The mistakes, and with them what a file holds of their outputs in cases that were not made."""
    found = {n: dataclasses.replace(m, sketches=dict(m.sketches)) for n, m in mistakes.items()}
    for case, of_case in present.cases.items():
        rows = zip(of_case.mistakes.tolist(), of_case.outputs, of_case.numbers.tolist())
        for number, output, numbers in rows:
            name = present.mistakes[number]
            if case not in made:
                kept = found[name].sketches.setdefault(case, Sketch("", ()))
                kept.outputs[output] = tuple(numbers)
    return found


def tables(
    cases: Iterable[str], mistakes: dict[str, KnownMistake], pairs: list[Pair], flags: set[str]
) -> dict[str, np.ndarray]:
    """The arrays of a file of sketches for some cases; see `grading.judge.sketches`."""
    names, case_names = list(mistakes), list(cases)
    outputs: dict[str, int] = {}
    says: dict[str, int] = {"": 0}
    output_rows, output_numbers, pair_rows, pair_numbers = [], [], [], []
    for number, case in enumerate(case_names):
        for order, mistake in enumerate(mistakes.values()):
            sketch = mistake.sketches.get(case)
            for output, numbers in (sketch.outputs if sketch else {}).items():
                if np.abs(numbers).max() > ABSOLUTE:
                    output_rows.append((number, order, outputs.setdefault(output, len(outputs))))
                    output_numbers.append(numbers)
        for order, pair in enumerate(pairs):
            if case in pair.sketches:
                sketch = pair.sketches[case]
                pair_rows.append((number, order, says.setdefault(sketch.says, len(says))))
                pair_numbers.append(sketch.numbers or (0.0,) * PROJECTIONS)
    ways: dict[str, int] = {}
    indexes = [
        (names.index(pair.first), names.index(pair.second), ways.setdefault(pair.way, len(ways)))
        for pair in pairs
    ]
    return {
        "mistakes": np.array(names, np.str_),
        "outputs": np.array(list(outputs), np.str_),
        "says": np.array(list(says), np.str_),
        "flags": np.array([output in flags for output in outputs], np.bool_),
        "cases": np.array(case_names, np.str_),
        "ways": np.array(list(ways), np.str_),
        "pairs": np.array(indexes, np.int16).reshape(-1, 3),
        "output rows": np.array(output_rows, np.int16).reshape(-1, 3),
        "output numbers": np.array(output_numbers, np.float32).reshape(-1, PROJECTIONS),
        "pair rows": np.array(pair_rows, np.int16).reshape(-1, 3),
        "pair numbers": np.array(pair_numbers, np.float32).reshape(-1, PROJECTIONS),
    }


def changed_outputs(present: Sketches, mistakes: dict[str, KnownMistake]) -> str:
    """The first mistake of which a file holds other outputs than it has now, or no text."""
    held: dict[tuple[str, str, str], Sketch] = {}
    for case, of_case in present.cases.items():
        rows = zip(of_case.mistakes.tolist(), of_case.outputs, of_case.numbers.tolist())
        for number, output, numbers in rows:
            held[present.mistakes[number], case, output] = Sketch("", tuple(numbers))
    nothing = Sketch("", (0.0,) * PROJECTIONS)
    for mistake in mistakes.values():
        for case, sketch in mistake.sketches.items():
            for output, numbers in sketch.outputs.items():
                known = held.pop((mistake.name, case, output), nothing)
                if not alike(known, Sketch("", numbers)):
                    return f'"{output}" of {mistake.name} in {case}'
    return f"an output of {next(iter(held))[0]} that it does not change" if held else ""


def changed_pairs(present: Sketches, cases: dict[str, Case]) -> str:
    """The first pair, of a sample of a file's, that returns something else now, or no text."""
    names = names_of(present)[::SAMPLE]
    pairs = composed_of(names)
    if pairs is None:
        return "other pairs go together"
    for number, fresh in enumerate(sketches_of(pairs, cases)):
        for case, of_case in present.cases.items():
            (rows,) = np.nonzero(of_case.pairs == SAMPLE * number)
            known = [
                Sketch(
                    of_case.says[row],
                    tuple(of_case.pair_numbers[row] if fresh[case].numbers else ()),
                )
                for row in rows
                if case in fresh
            ]
            if len(rows) != (case in fresh) or not all(alike(k, fresh[case]) for k in known):
                return f"{' and '.join(filter(None, names[number]))} in {case}"
    return ""
