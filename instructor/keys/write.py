"""Write both answer keys by running every case's scenario on the model solution, or check them.

Cases that draw actions get their seeds here: seeds are tried until every draw lies well away from the
boundaries between actions, so that rounding on another machine cannot turn one action into another.
The tolerances come from calibration.json, the sketches of mistakes from running the catalogue.
"""

from __future__ import annotations

import dataclasses
import json
import platform
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import numpy as np
import torch

import utils
from grading.judge.diagnosis import alike
from grading.judge.keys import (
    BadKey,
    Case,
    Key,
    KnownMistake,
    made_with,
    read_key,
    read_mistake,
)
from grading.judge.sketches import Sketches, as_bytes, read_sketches
from grading.kit import HIDDEN, KIT, VISIBLE
from grading.worker import exercise
from instructor.keys.cases import hidden_cases, visible_cases
from instructor.keys.known_mistakes import known_mistakes
from instructor.keys.known_pairs import (
    changed_outputs,
    changed_pairs,
    known_pairs,
    pairs_anew,
    tables,
    with_outputs_of,
)
from instructor.keys.recipes import Cases, Draws, Inputs
from instructor.keys.text import as_json, write_key
from instructor.keys.tolerances import KeyRefused, read_calibration
from tests.scenarios.stand_ins import StandIns

REFERENCE = KIT / "instructor" / "reference.py"
DRAW_MARGIN = 1e-3
LARGEST_LOSS = 10.0
# The relative difference that a key may show when another CPU or torch computes it.
SAME_WITHIN = 1e-5

ABOUT = {
    VISIBLE.key: "The visible tests' data: "
    "for each case the inputs and what a correct solution returns.",
    HIDDEN.key: "The hidden tests' data. Not for students.",
}
CASES = {VISIBLE.key: visible_cases, HIDDEN.key: hidden_cases}


def key_texts(only: Collection[str] = ()) -> dict[Path, str]:
    """What both keys should hold, by path.

    With `only`, these cases are made anew and put among the others of the key on disk; a key that has
    none of them is left out. Raises KeyRefused.
    """
    return texts_of(*calibrated_and_known(only), only)


def calibrated_and_known(
    only: Collection[str] = (),
) -> tuple[dict[Path, dict[str, Case]], dict[str, KnownMistake]]:
    """The cases of both keys, with their tolerances, and what the mistakes return. Raises KeyRefused."""
    solved = solve_all(only)
    for case in together(solved).values():
        floats = [name for name, array in case.expected.items() if array.dtype.kind == "f"]
        case.closeness = read_calibration(case.name, floats)
    return solved, known_mistakes(together(solved))


def together(solved: dict[Path, dict[str, Case]]) -> dict[str, Case]:
    """The cases of both keys."""
    return {name: case for cases in solved.values() for name, case in cases.items()}


def texts_of(
    solved: dict[Path, dict[str, Case]],
    mistakes: dict[str, KnownMistake],
    only: Collection[str] = (),
) -> dict[Path, str]:
    """The keys with these cases and mistakes, as `key_texts` returns them."""
    here = {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "cpu capability": torch.backends.cpu.get_cpu_capability(),
    }
    texts = {}
    for path, cases in solved.items():
        own = {}
        for name, mistake in mistakes.items():
            sketches = {case: s for case, s in mistake.sketches.items() if case in cases}
            own[name] = dataclasses.replace(mistake, sketches=sketches)
        if not only:
            texts[path] = write_key(ABOUT[path], here, Key(cases, own))
        elif cases:
            key = completed(read_key(path), Key(cases, own), list(CASES[path]()))
            texts[path] = write_key(ABOUT[path], made_with(path), key)
    return texts


def completed(present: Key, fresh: Key, order: Iterable[str]) -> Key:
    """The present key with some cases made anew, all of them in this order. Raises KeyRefused."""
    cases = present.cases | fresh.cases
    names = list(order)
    if set(cases) != set(names) or list(present.mistakes) != list(fresh.mistakes):
        raise KeyRefused("other cases or mistakes have changed too: python -m instructor key")
    mistakes = {}
    for name, mistake in fresh.mistakes.items():
        # What an entry no longer returns must not stay behind.
        kept = present.mistakes[name].sketches.items()
        sketches = {case: sketch for case, sketch in kept if case not in fresh.cases}
        sketches |= mistake.sketches
        in_order = {case: sketches[case] for case in names if case in sketches}
        mistakes[name] = dataclasses.replace(mistake, sketches=in_order)
    return Key({name: cases[name] for name in names}, mistakes)


def solve_all(only: Collection[str] = ()) -> dict[Path, dict[str, Case]]:
    """The cases of both keys (or only some) with the reference's results, not yet calibrated.

    Raises KeyRefused where there is no case of a name in `only`.
    """
    reference = exercise.import_submission(REFERENCE)
    given = {path: cases() for path, cases in CASES.items()}
    if unknown := set(only).difference(*given.values()):
        raise KeyRefused(f"there is no case {', '.join(sorted(unknown))} in keys/cases.py")
    return {
        path: solve(reference, {n: c for n, c in cases.items() if not only or n in only})
        for path, cases in given.items()
    }


def solve(reference: ModuleType, cases: Cases) -> dict[str, Case]:
    """Complete every case's inputs and add what the reference returns."""
    solved = {}
    for name, (scenario, inputs) in cases.items():
        margin = None
        if "seed" in inputs:
            inputs, margin = settle_seed(reference, name, scenario, inputs)
        outputs = exercise.describe(exercise.call(reference, scenario, inputs, probing=True))
        expected = {o.name: o.array for o in outputs.values() if o.array is not None}
        useless = set(outputs) - {o for o, array in expected.items() if np.isfinite(array).all()}
        if useless:
            raise ValueError(f"{name}: the reference returns no finite numbers as {useless}")
        solved[name] = Case(name, scenario, inputs, expected, draw_margin=margin)
    return solved


@contextmanager
def recorded_margins() -> Iterator[list[float]]:
    """Collect the distance to the nearest boundary between actions of every draw made meanwhile."""
    margins: list[float] = []
    sample = utils.distribution_sample

    def measured(logits: torch.Tensor, seed: Any = None) -> torch.Tensor:
        uniform = np.random.RandomState(int(seed[0])).random_sample()
        boundaries = np.cumsum(torch.softmax(logits.double(), dim=-1).numpy())
        margins.append(float(np.abs(np.concatenate([[0.0], boundaries]) - uniform).min()))
        return sample(logits, seed)

    with mock.patch.object(utils, "distribution_sample", measured):
        yield margins


def settle_seed(
    reference: ModuleType, name: str, scenario: str, inputs: Inputs
) -> tuple[Inputs, float]:
    """The inputs with the first seed array that makes a safe and telling case, and its draw margin.

    Safe: every draw lies at least DRAW_MARGIN from a boundary, and training is steady (see
    `is_steady`). Telling: see `is_telling`. If the training loop is tested alone, its rollouts are
    recorded with that seed.
    """
    for attempt in range(1000):
        seed = inputs["seed"] if attempt == 0 else Draws(attempt).seed(len(inputs["seed"]))
        candidate = {**inputs, "seed": seed}
        with recorded_margins() as margins:
            if "recorded" in inputs:
                candidate["recorded"] = record_rollouts(reference, scenario, candidate)
                observations = candidate["recorded"]["observations"]
                # The stand-in loss knows a step by its observation.
                distinct = len(np.unique(observations, axis=0)) == len(observations)
                good = is_telling(candidate["recorded"], seed) and distinct
            else:
                outputs = exercise.call(reference, scenario, candidate)
                good = is_telling(outputs, seed) if scenario == "rollouts" else is_steady(outputs)
                if (
                    scenario == "rollouts" and "starts" in inputs["env"]
                ):  # one case of each key will do
                    good &= tells_distributions_apart(outputs, seed)
        if min(margins) >= DRAW_MARGIN and good:
            return candidate, float(f"{min(margins):.2g}")
    raise KeyRefused(f"{name}: no seed makes a case that is safe and telling")


def is_steady(outputs: Mapping[str, Any]) -> bool:
    """Whether losses stay small. Improbable actions give large losses, in which rounding grows."""
    return bool(np.abs(outputs["losses_actor"]).max() < LARGEST_LOSS)


def is_telling(steps: Mapping[str, Any], seed: list[int]) -> bool:
    """Whether rollouts can show mistakes: all actions, many observations, different last rewards.

    The number of draws must not be a multiple of the number of seeds: otherwise the seed array would
    end as it began.
    """
    actions, observations, old_logits, rewards, ends = (
        torch.as_tensor(steps[field]).numpy() for field in utils.RolloutBuffer.FIELDS
    )
    every_action = len(np.unique(actions)) == old_logits.shape[1]
    places = len(np.unique(observations, axis=0))
    last_rewards = rewards[ends]
    differ = len(np.unique(last_rewards)) == len(last_rewards)
    return (
        every_action and places > len(observations) / 4 and differ and len(actions) % len(seed) != 0
    )


def tells_distributions_apart(steps: Mapping[str, Any], seed: list[int]) -> bool:
    """Whether a sampler that is given probabilities departs from these rollouts in a way of its own.

    Not as actions do that are drawn at a higher temperature, or evenly. Of each distribution the first
    action that differs counts: what comes after it is another rollout.
    """
    logits = torch.as_tensor(steps["old_logits"])
    departures = []
    for scores in (logits.exp(), logits / 2, logits / 3, torch.zeros_like(logits)):
        left = np.array(seed)
        drawn = [int(utils.distribution_sample(row, left)) for row in scores]
        taken = torch.as_tensor(steps["actions"]).flatten().tolist()
        other = [(n, a) for n, (a, own) in enumerate(zip(drawn, taken)) if a != own]
        departures.append(other[0] if other else None)
    probabilities, *others = departures
    return probabilities not in (None, *others)


def record_rollouts(reference: ModuleType, scenario: str, inputs: Inputs) -> Inputs:
    """The rollouts, end to end, of a training run with a stand-in for every function but one.

    The reference's own collect_rollouts collects them. So a submission that calls its own function
    instead of the stand-in gets the same steps.
    """
    collected: list[utils.RolloutBuffer] = []
    collect = reference.collect_rollouts

    def collect_and_keep(*args: Any, **kwargs: Any) -> Any:
        buffer, mean_last_reward = collect(*args, **kwargs)
        collected.append(buffer)
        return buffer, mean_last_reward

    with mock.patch.object(StandIns, "collect_rollouts", staticmethod(collect_and_keep)):
        exercise.call(reference, scenario, {**inputs, "recorded": {"terminateds": [True]}})
    recorded: Inputs = {}
    for name in utils.RolloutBuffer.FIELDS:
        values = torch.cat([getattr(buffer, name) for buffer in collected]).numpy()
        (recorded[name],) = as_json(values).values()
    return recorded


def check_keys() -> list[str]:
    """Why the keys on disk are not what the generator would write; empty if they are.

    Of the pairs of mistakes only a sample is run: all of them take minutes.
    """
    solved, mistakes = calibrated_and_known()
    texts = texts_of(solved, mistakes)
    problems = [problem for path, text in texts.items() for problem in check_key(path, text)]
    return problems or check_sketches(together(solved), mistakes)


def check_sketches(cases: dict[str, Case], mistakes: dict[str, KnownMistake]) -> list[str]:
    """Differences between the files of sketches and what mistakes, and a sample of pairs, return."""
    present = Sketches()
    try:
        for source in (VISIBLE, HIDDEN):
            present.add(read_sketches(source.sketches))
    except BadKey as error:
        return [str(error)]
    if present.mistakes != list(mistakes) or present.cases.keys() != cases.keys():
        return ["The sketches are of other mistakes or cases: python -m instructor key"]
    wrong = changed_outputs(present, mistakes) or changed_pairs(present, cases)
    return [f"The sketches are not what is returned now: {wrong}"] if wrong else []


def check_key(path: Path, text: str) -> list[str]:
    """Differences between the key on disk and its fresh text."""
    name = path.relative_to(KIT)
    if not path.exists():
        return [f"{name} is missing; write it with: python -m instructor key"]
    present = path.read_text(encoding="utf-8")
    if present == text:
        return []
    try:
        old, new = (json.loads(document) for document in (present, text))
        difference = first_difference(old["cases"], new["cases"])
        if difference is None:
            difference = first_other_mistake(old["mistakes"], new["mistakes"])
    except (ValueError, KeyError, TypeError, AttributeError):
        difference = "it cannot be read"
    if difference is None:
        return []
    return [f"{name} is not what the reference gives: {difference}"]


def first_other_mistake(present: dict[str, Any], fresh: dict[str, Any]) -> str | None:
    """The first mistake whose sentences or sketches differ by more than rounding, or None."""
    if list(present) != list(fresh):
        return "the list of mistakes"
    for name, entry in fresh.items():
        old, new = read_mistake(name, present[name]), read_mistake(name, entry)
        same = list(old.sketches) == list(new.sketches)
        if not same or not all(alike(old.sketches[c], s) for c, s in new.sketches.items()):
            return f"what {name} returns"
        if dataclasses.replace(old, sketches={}) != dataclasses.replace(new, sketches={}):
            return f"the words about {name}"
    return None


def first_difference(present: Any, fresh: Any, where: str = "") -> str | None:
    """Where two JSON documents differ by more than another computer's rounding, or None."""
    if isinstance(fresh, dict) and isinstance(present, dict) and list(present) == list(fresh):
        pairs: Any = ((f"{where} / {key}", present[key], fresh[key]) for key in fresh)
    elif isinstance(fresh, list) and isinstance(present, list) and len(present) == len(fresh):
        numbers = [fresh, present]
        try:
            old, new = (np.array(values, dtype=float) for values in numbers)
        except (TypeError, ValueError):
            pairs = ((f"{where}[{i}]", a, b) for i, (a, b) in enumerate(zip(present, fresh)))
        else:
            if old.shape != new.shape:
                return where
            scale = np.abs(new).max(initial=0)
            return where if (np.abs(old - new) > SAME_WITHIN * scale).any() else None
    elif isinstance(fresh, float) and isinstance(present, float):
        return None if abs(present - fresh) <= SAME_WITHIN * abs(fresh) else where
    else:
        return None if present == fresh else where or "the list of cases"
    return next((d for d in (first_difference(a, b, w) for w, a, b in pairs) if d), None)


def write_keys(only: Collection[str] = ()) -> list[Path]:
    """Write both keys and their sketches, or only some cases; returns the paths of what was written."""
    solved, mistakes = calibrated_and_known(only)
    texts = texts_of(solved, mistakes, only)
    files = sketch_files(solved, mistakes, only)
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    for path, content in files.items():
        path.write_bytes(content)
    return [*texts, *files]


def sketch_files(
    solved: dict[Path, dict[str, Case]],
    mistakes: dict[str, KnownMistake],
    only: Collection[str] = (),
) -> dict[Path, bytes]:
    """What the files of sketches should hold, by path. It takes minutes: every pair is run.

    With `only`, the pairs stay those on disk, and only these cases are made anew and put among the
    others. Raises KeyRefused.
    """
    cases = together(solved)
    flags = {
        output
        for case in cases.values()
        for output, array in case.expected.items()
        if array.dtype.kind == "b"
    }
    if only:
        present = Sketches()
        for source in (VISIBLE, HIDDEN):
            present.add(read_sketches(source.sketches))
        if present.mistakes != list(mistakes):
            raise KeyRefused("other mistakes have changed too: python -m instructor key")
        flags |= present.flags
        pairs = pairs_anew(present, cases)
        mistakes = with_outputs_of(present, mistakes, cases)
    else:
        pairs = known_pairs(cases, mistakes)
    return {
        source.sketches: as_bytes(tables(CASES[source.key](), mistakes, pairs, flags))
        for source in (VISIBLE, HIDDEN)
    }
