"""Probes say true of every right solution, tell what is wrong, and cannot get in anyone's way."""

import time
import types

import pytest
import torch

from grading.judge.diagnosis import ABSOLUTE
from grading.judge.keys import read_key
from grading.judge.sketches import read_sketches
from grading.kit import HIDDEN, VISIBLE
from grading.wire import BY_CHANCE, PROBE
from grading.worker import exercise
from instructor import catalogue
from tests.scenarios import probes

SOURCES = {"visible": VISIBLE, "hidden": HIDDEN}
CASES = {name: case for s in SOURCES.values() for name, case in read_key(s.key).cases.items()}
FAMILIES = [mistake for mistake in catalogue.all_mistakes() if mistake.telltale]


@pytest.fixture(autouse=True)
def wanted(monkeypatch):
    monkeypatch.setattr(probes, "wanted", True)


def probes_of(case):
    return {name for name in case.expected if name.startswith(PROBE)}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_reference_holds_what_is_probed(case):
    assert all(case.expected[name] for name in probes_of(case))


def test_every_probe_tells_one_family_and_every_family_has_a_probe():
    told = [(family.part, family.telltale) for family in FAMILIES]
    probed = {(case.scenario, name) for case in CASES.values() for name in probes_of(case)}
    assert len(set(told)) == len(told)
    assert set(told) == probed


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_probe_is_false_of_its_family(family):
    """In some visible and in some hidden case."""
    for source in SOURCES.values():
        sketches = read_sketches(source.sketches)
        number = sketches.mistakes.index(family.name)
        wrong = {
            output
            for of_case in sketches.cases.values()
            for row, output in enumerate(of_case.outputs)
            if of_case.mistakes[row] == number and abs(of_case.numbers[row]).max() > ABSOLUTE
        }
        assert family.telltale in wrong


@pytest.mark.slow
@pytest.mark.parametrize(
    "entry", catalogue.alternatives_here(), ids=lambda alternative: alternative.name
)
def test_every_right_solution_holds_what_is_probed(entry, tmp_path):
    path = tmp_path / "submitted.py"
    path.write_text(catalogue.source_of(entry), encoding="utf-8")
    cases = [case for case in CASES.values() if case.scenario == entry.part and probes_of(case)]
    assert cases or entry.part == "rollouts"
    for case in cases:
        result = exercise.run(path, case.scenario, case.inputs, probing=True)
        assert result.error is None
        outputs = result.outputs
        assert [n for n in probes_of(case) if not outputs[n].array] == [], case.name


# -- what a submission does there --


def value_loss(function):
    net = torch.nn.Linear(2, 1)
    return probes.of_value_loss(function, net, {"observation": torch.rand(4, 2)})


def squares(value_net, observation, returns, **kwargs):
    return ((value_net(observation) - returns) ** 2).mean()


def test_a_probe_says_what_is_wrong_and_no_more():
    found = value_loss(lambda **batch: 3 * squares(**batch) + 1)
    assert [name for name, holds in found.items() if not holds] == [probes.PERFECT, probes.SQUARED]
    assert all(value_loss(squares).values())


@pytest.mark.parametrize(
    "result",
    [None, [], [1.0, 2.0], "text", float("nan"), torch.tensor([])],
    ids=["none", "empty", "two", "text", "nan", "no_numbers"],
)
def test_what_cannot_be_tried_tells_nothing(result):
    assert all(value_loss(lambda **_: result).values())


@pytest.mark.parametrize("kind", [RuntimeError, SystemExit, KeyboardInterrupt])
def test_what_is_raised_there_stays_there(kind):
    def raises(**_):
        raise kind("nobody sees this")

    assert all(value_loss(raises).values())


def test_what_is_printed_there_stays_there(capsys):
    def prints(**batch):
        print("nobody sees this")
        return squares(**batch)

    assert all(value_loss(prints).values())
    assert capsys.readouterr().out == ""


def test_a_function_that_does_not_end_is_left_there(monkeypatch):
    monkeypatch.setattr(probes, "SECONDS", 0.05)
    calls = []

    def hangs(**batch):
        calls.append(batch)
        while len(calls) > 1:
            try:
                time.sleep(0.01)
            except Exception:  # as a submission may; it must be ended nevertheless
                continue
        return 1 + squares(**batch)

    assert all(value_loss(hangs).values())
    assert len(calls) == 2


def test_nothing_is_called_where_no_probe_is_wanted():
    module, calls = types.ModuleType("submitted"), []

    def counted(**batch):
        calls.append(batch)
        return squares(**batch)

    vars(module)["get_value_net_loss"] = counted
    case = next(case for case in CASES.values() if case.scenario == "value_loss")
    said = exercise.call(module, case.scenario, case.inputs)
    assert len(calls) == 2  # with the whole batch and with its first step
    assert all(said[name] for name in probes_of(case))
    exercise.call(module, case.scenario, case.inputs, probing=True)
    assert len(calls) > 6


def test_of_a_result_of_chance_nothing_else_is_told():
    found = value_loss(lambda **batch: squares(**batch) * (1 + torch.rand(())))
    assert [name for name, holds in found.items() if not holds] == [BY_CHANCE]


def test_a_clip_value_that_no_ratio_reaches_is_not_said_to_make_no_difference():
    """Here the old policy's likeliest action is above all others, so every ratio lies below 1."""

    def loss(policy, observation, old_logits, action, return_or_advantage, ppo_clip, **kwargs):
        old = old_logits.max(dim=1, keepdim=True).values
        ratio = torch.exp(policy(observation).gather(1, action) - old - 0.5)
        return -(ratio.clamp(max=1 + ppo_clip) * return_or_advantage).mean()

    policy = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.LogSoftmax(dim=1))
    batch = {"observation": torch.rand(6, 2), "action": torch.tensor([[0], [1], [2]] * 2)}
    assert probes.of_ppo_loss(loss, policy, batch)[probes.CLIP]
    fixed = lambda ppo_clip, **batch: loss(ppo_clip=0.2, **batch)  # noqa: E731
    assert not probes.of_ppo_loss(fixed, policy, batch)[probes.CLIP]


def test_what_only_says_that_it_is_a_tensor_is_not_read(monkeypatch):
    """Its array may lie anywhere in memory, so that reading it ends the process."""
    read: list[object] = []
    monkeypatch.setattr(torch, "as_tensor", read.append)

    class Pretended:
        __class__ = torch.Tensor  # type: ignore[assignment]  # as an attack does

    assert all(value_loss(lambda **_: Pretended()).values())
    assert read == []


def test_what_is_changed_in_place_spoils_no_later_call():
    def changes(observation, **batch):
        loss = 3 * squares(observation=observation, **batch) + 1
        observation.zero_()
        return loss

    found = value_loss(changes)
    assert [name for name, holds in found.items() if not holds] == [probes.PERFECT, probes.SQUARED]
