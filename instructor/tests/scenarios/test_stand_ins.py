"""The stand-ins of training cases: they ignore the order of the steps and refuse wrong arguments."""

import copy
import random

import numpy as np
import pytest
import torch

from grading.judge.keys import read_key
from grading.kit import HIDDEN, VISIBLE
from grading.worker import exercise
from instructor.catalogue import REFERENCE
from instructor.catalogue.reference_lines.training import COLLECT, COLLECTIONS
from tests.scenarios import telltales
from tests.scenarios.stand_ins import (
    ConstantSchedule,
    GradientDescent,
    LinearNetwork,
    StandIns,
    WrongArguments,
)

CASES = read_key(VISIBLE.key).cases | read_key(HIDDEN.key).cases
TRAINING = [case for case in CASES.values() if case.scenario == "training"]
GIVEN = ("SEED", "OBSERVATIONS", "ACTIONS", "OLD_LOGITS", "RETURNS", "WEIGHTS", "CLIP")
ORDERS = {
    "of_numpy": "            np.random.shuffle(indices)\n",
    "of_torch": "            indices = torch.randperm(len(indices))\n",
    "of_a_generator": "            indices = np.random.default_rng(7).permutation(len(indices))\n",
    "backwards": "            indices = np.arange(len(indices))[::-1].copy()\n",
    "as_they_came": "",
}


def outputs(tmp_path, source, case):
    """What the scenario returns for a submission, by name."""
    path = tmp_path / "submitted.py"
    path.write_text(source, encoding="utf-8")
    result = exercise.run(path, case.scenario, case.inputs)
    assert result.error is None
    return {name: output.array for name, output in result.outputs.items()}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("case", TRAINING, ids=lambda case: case.name)
def test_training_returns_the_same_in_every_order(case, order, tmp_path):
    reference = REFERENCE.read_text(encoding="utf-8")
    assert reference.count(ORDERS["of_numpy"]) == 1
    got = outputs(tmp_path, reference.replace(ORDERS["of_numpy"], ORDERS[order]), case)
    for name, expected in case.expected.items():
        if name not in ("the steps are mixed", "every epoch is shuffled anew"):
            np.testing.assert_allclose(
                got[name], expected, rtol=0, atol=case.tolerance(name) / 10 or 1e-12, err_msg=name
            )


@pytest.mark.parametrize(
    ("shuffle", "mixed", "anew"),
    [
        (ORDERS["of_numpy"], True, True),
        (ORDERS["of_torch"], True, True),
        (ORDERS["as_they_came"], False, False),
        (ORDERS["backwards"], False, False),
        (ORDERS["of_a_generator"], True, False),
    ],
)
def test_whether_steps_were_shuffled_is_seen(shuffle, mixed, anew, tmp_path):
    reference = REFERENCE.read_text(encoding="utf-8")
    source = reference.replace(ORDERS["of_numpy"], shuffle)
    got = outputs(tmp_path, source, CASES["training_advantages"])
    assert bool(got["the steps are mixed"]) == mixed
    assert bool(got["every epoch is shuffled anew"]) == anew


def networks(optimizer_class):
    """Train a network with this optimizer, in all the ways that a training loop may use.

    Returns tensors (its parameters and the losses), learning rates, and the parameters' numbers.
    """
    torch.manual_seed(0)
    net = torch.nn.Linear(3, 2)
    optimizer = optimizer_class(list(net.parameters()), lr=0.1)
    inputs = torch.rand(5, 3)

    def closure():
        optimizer.zero_grad()
        loss = (net(inputs) ** 2).mean()
        loss.backward()
        return loss

    returned = [optimizer.step(closure).item() for _ in range(2)]
    optimizer.zero_grad(set_to_none=False)
    assert [p.grad.any().item() for p in net.parameters() if p.grad is not None] == [False] * 2
    optimizer.param_groups[0]["lr"] = 0.2
    closure()
    assert optimizer.step() is None
    extra = torch.nn.Parameter(torch.ones(2))
    optimizer.add_param_group({"params": extra, "lr": 0.5})
    saved = optimizer.state_dict()
    extra.grad = torch.ones(2)
    optimizer.step()
    optimizer.param_groups[1]["lr"] = 0.0
    optimizer.load_state_dict(saved)
    rates = [group["lr"] for group in optimizer.param_groups]
    numbers = [group["params"] for group in saved["param_groups"]]
    return [*net.state_dict().values(), extra.detach(), torch.tensor(returned)], rates, numbers


def test_gradient_descent_does_what_torch_does():
    ours, theirs = networks(GradientDescent), networks(torch.optim.SGD)
    torch.testing.assert_close(ours[0], theirs[0])
    assert ours[1:] == theirs[1:]
    assert issubclass(GradientDescent, torch.optim.Optimizer)


def hooks_called(optimizer_class):
    """Which hooks are called, in order, by an optimizer and by its copy, and where the copy ends."""
    parameter = torch.nn.Parameter(torch.ones(2))
    optimizer, called = optimizer_class([parameter], lr=0.1), []
    for name in ("step_pre", "step_post", "state_dict_pre", "load_state_dict_post"):
        register = getattr(optimizer, f"register_{name}_hook")
        register(lambda given, *arguments, name=name: called.append((name, given is optimizer)))
    spare = copy.deepcopy(optimizer)
    for each in (optimizer, spare):
        each.param_groups[0]["params"][0].grad = torch.ones(2)
        each.step()
        each.step()
    optimizer.load_state_dict(optimizer.state_dict())
    return called, spare.param_groups[0]["params"][0].tolist(), parameter.tolist()


def test_hooks_and_copies_are_torchs():
    assert hooks_called(GradientDescent) == hooks_called(torch.optim.SGD)


def test_the_schedule_is_one_of_torchs():
    schedule = ConstantSchedule(GradientDescent([torch.nn.Parameter(torch.ones(1))], 0.3))
    assert isinstance(schedule, torch.optim.lr_scheduler.LRScheduler)
    assert copy.deepcopy(schedule).get_last_lr() == [0.3]


def test_the_schedule_has_what_all_of_torchs_have():
    """Its attributes without the leading underscore and with it, and what it leaves in the optimizer."""

    def attributes(of, optimizer):
        schedule = of(optimizer)
        assert optimizer.param_groups[0]["initial_lr"] == 0.3
        return {name: schedule.state_dict().get(name) for name in shared}

    parameters = [torch.nn.Parameter(torch.ones(1))]
    shared = ("base_lrs", "last_epoch", "_step_count", "_last_lr")

    def of_torch(optimizer):
        return torch.optim.lr_scheduler.StepLR(optimizer, 99)

    assert attributes(ConstantSchedule, GradientDescent(parameters, 0.3)) == attributes(
        of_torch, torch.optim.SGD(parameters, 0.3)
    )


def test_the_schedule_counts_its_steps_and_changes_nothing():
    optimizer = GradientDescent([torch.nn.Parameter(torch.ones(1))], 0.3)
    schedule = ConstantSchedule(optimizer)
    schedule.step()
    schedule.step()
    assert schedule.last_epoch == 2
    assert schedule.get_last_lr() == [0.3]
    assert optimizer.param_groups[0]["lr"] == 0.3
    saved = schedule.state_dict()
    schedule.step()
    schedule.load_state_dict(saved)
    assert schedule.last_epoch == 2


def batch(**changed):
    """What a loss may be called with, for four steps and two actions."""
    given = {
        "policy": LinearNetwork([[1.0, 0.0], [0.0, 1.0]], 0.5),
        "value_net": LinearNetwork([[1.0, 1.0]], 0.5),
        "observation": torch.rand(4, 2),
        "old_logits": torch.rand(4, 2),
        "action": torch.tensor([[0], [1], [1], [0]]),
        "return_or_advantage": torch.rand(4, 1),
        "returns": torch.rand(4, 1),
        "ppo_clip": 0.2,
    }
    return {**given, **changed}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"ppo_clip": None}, "called without ppo_clip"),
        ({"policy": None, "action": None}, "called without policy and action"),
        ({"old_logits": [[0.0]]}, "something as old_logits that is no tensor"),
        (
            {"return_or_advantage": torch.rand(9, 1)},
            "return_or_advantage of 9 steps beside 4 observations",
        ),
        (
            {"return_or_advantage": torch.rand(4)},
            r"return_or_advantage of the shape \(4,\), not \(4, 1\)",
        ),
    ],
)
def test_a_stand_in_loss_says_what_it_was_called_with(changed, says):
    options = {"training_epochs_per_rollout": 1, "ppo_clip": 0.2}
    stand_ins = StandIns({"recorded": {"terminateds": [True]}, "seed": [1], "options": options})
    assert stand_ins.get_vanilla_policy_gradient_loss(**batch()).requires_grad
    with pytest.raises(WrongArguments, match=says):
        stand_ins.get_vanilla_policy_gradient_loss(**batch(**changed))


def test_a_stand_in_loss_is_called_with_keywords():
    with pytest.raises(WrongArguments, match="with keywords only"):
        StandIns.get_value_net_loss(*batch().values())


def test_chance_of_torch_numpy_and_python_is_left_alone(tmp_path):
    """While a training case runs, none of these functions is replaced."""
    source = REFERENCE.read_text(encoding="utf-8").replace(
        ORDERS["of_numpy"],
        ORDERS["of_numpy"]
        + "            _seen.update({np.random.shuffle, np.random.permutation, torch.randperm})\n",
    )
    source = source.replace("EPSILON = 1e-10\n", "EPSILON = 1e-10\n_seen = set()\n")
    path = tmp_path / "submitted.py"
    path.write_text(source, encoding="utf-8")
    module = exercise.import_submission(path)
    case = CASES["training_value_net"]
    exercise.call(module, case.scenario, case.inputs)
    assert module._seen == {np.random.shuffle, np.random.permutation, torch.randperm}
    assert random.shuffle.__module__ == "random"


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("observations[minibatch]", "observations[(minibatch + 1) % len(indices)]", "OBSERVATIONS"),
        ("actions[minibatch]", "actions[(minibatch + 1) % len(indices)]", "ACTIONS"),
        ('"returns": returns[minibatch]', '"returns": 2 * returns[minibatch]', "RETURNS"),
        ('"ppo_clip": ppo_clip', '"ppo_clip": 1 + ppo_clip', "CLIP"),
    ],
)
def test_what_the_losses_are_given_is_noted(tmp_path, old, new, wrong):
    case = next(case for case in TRAINING if case.name == "training_advantages")
    source = REFERENCE.read_text(encoding="utf-8")
    assert source.count(old) == 1
    got = outputs(tmp_path, source.replace(old, new), case)
    given = {getattr(telltales, f"GIVES_{name}") for name in GIVEN}
    assert {name for name in given if not got[name]} == {getattr(telltales, f"GIVES_{wrong}")}


ALONE = [case for case in TRAINING if "recorded" in case.inputs]


@pytest.mark.parametrize("case", ALONE, ids=lambda case: case.name)
def test_observations_of_other_steps_are_known_in_every_case(tmp_path, case):
    """Also where the next step often has the same action, so that some minibatch looks right."""
    source = REFERENCE.read_text(encoding="utf-8")
    old = "observations[minibatch]"
    got = outputs(tmp_path, source.replace(old, "observations.roll(-1, 0)[minibatch]"), case)
    wrong = {name for name in GIVEN if not got[getattr(telltales, f"GIVES_{name}")]}
    assert wrong == {"OBSERVATIONS"}


def test_nothing_is_said_of_steps_that_are_collected_beforehand(tmp_path):
    """They may be of any collection; what is wrong there is that the first policy has played all."""
    case = next(case for case in TRAINING if case.name == "training_value_net")
    source = REFERENCE.read_text(encoding="utf-8")
    beforehand = """\
    collected = [
        collect_rollouts(
            env, policy, min(rollouts_before_training, rollouts - base), base, rollouts, rollout_seed
        )
        for base in range(0, rollouts, rollouts_before_training)
    ]
"""
    for old, new in (
        (COLLECTIONS, beforehand + COLLECTIONS),
        (COLLECT, "        rollout_buffer, mean_last_reward = collected.pop(0)\n"),
    ):
        assert source.count(old) == 1
        source = source.replace(old, new)
    got = outputs(tmp_path, source, case)
    noted = {telltales.ONCE, *(getattr(telltales, f"GIVES_{name}") for name in GIVEN)}
    assert {name for name in noted if not got[name]} == set()


def test_what_cannot_be_noted_fails_nothing(tmp_path):
    """The policy's loss does not look at the returns; without a critic nothing else does."""
    case = next(case for case in TRAINING if case.name == "training_policy_only")
    source = REFERENCE.read_text(encoding="utf-8")
    old, new = '"returns": returns[minibatch]', '"returns": torch.tensor(0.0)'
    got = outputs(tmp_path, source.replace(old, new), case)
    np.testing.assert_allclose(got["losses_actor"], case.expected["losses_actor"])
