"""How a submission is exercised: each function here calls the student's code with given inputs.

A scenario runs beside the submission and knows no answers. It takes the `inputs` of a case as they
stand in the answer key and returns what came out, by name. The tests, which run elsewhere, compare
that with what the key expects; the key was written by running the same scenario on the model solution.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from types import ModuleType
from typing import Any
from unittest import mock

import numpy as np
import torch

import utils
from tests.stand_ins import (
    ConstantSchedule,
    GradientDescent,
    ScriptedEnv,
    StandIns,
    noted_seeding,
    recorded_shuffles,
)

Inputs = dict[str, Any]
Outputs = dict[str, Any]


def network(weights: dict[str, Any], out_logsoftmax: bool = False) -> utils.SimpleReLuNetwork:
    """The network whose state dictionary is `weights`."""
    tensors = {name: torch.tensor(values, dtype=torch.float32) for name, values in weights.items()}
    *hidden, last = [values for name, values in tensors.items() if name.endswith("weight")]
    net = utils.SimpleReLuNetwork(
        input_dims=hidden[0].shape[1],
        output_dims=last.shape[0],
        out_logsoftmax=out_logsoftmax,
        hidden_dims=[len(values) for values in hidden[1:]],
    )
    net.load_state_dict(tensors)
    return net


def parameters_of(prefix: str, module: torch.nn.Module) -> Outputs:
    """Every parameter of a module, by name."""
    return {f"{prefix} {name}": p.detach() for name, p in module.named_parameters()}


def tensor(values: Any) -> torch.Tensor:
    """A tensor from the key: float32, int64 or bool, as the numbers are."""
    return torch.tensor(values)


def copies(tensors: dict[str, Any]) -> dict[str, Any]:
    """The tensors as they are now."""
    return {name: value.clone() for name, value in tensors.items()}


def same(tensors: dict[str, Any], before: dict[str, Any]) -> bool:
    """Whether the tensors still hold what they held before."""
    return all(torch.is_tensor(tensors[n]) and torch.equal(tensors[n], before[n]) for n in before)


# -- the functions, one by one --


def returns(submission: ModuleType, inputs: Inputs) -> Outputs:
    """Call get_returns once for each discount factor, or without one."""
    outputs: Outputs = {"the buffer is unchanged": True}
    for discount_factor in inputs.get("discount_factors", [None]):
        buffer = utils.RolloutBuffer()
        buffer.load({"rewards": inputs["rewards"], "terminateds": inputs["terminateds"]})
        before = copies({"rewards": buffer.rewards, "terminateds": buffer.terminateds})
        if discount_factor is None:
            outputs["returns"] = submission.get_returns(buffer)
        else:
            result = submission.get_returns(buffer, discount_factor=discount_factor)
            outputs[f"returns, discount {discount_factor}"] = result
        outputs["the buffer is unchanged"] &= same(vars(buffer), before)
    return outputs


@contextlib.contextmanager
def in_case_of(circumstances: str) -> Iterator[None]:
    """Let an error say in which circumstances it came about, where others went well before."""
    try:
        yield
    except Exception as error:
        error.args = (f"{error} ({circumstances})",)
        raise


def loss(function: Any, trained: str, inputs: Inputs) -> Outputs:
    """Call a loss with keywords, as the training loop does, and differentiate it.

    A gradient is None where nothing flows back to the parameter. A second call has one step only, as
    the last minibatch of an epoch may have.
    """
    modules = {trained: network(inputs[trained], trained == "policy")}
    names = ("observation", "old_logits", "action", "return_or_advantage", "returns")
    tensors = {name: tensor(inputs[name]) for name in names if name in inputs}
    options = {"ppo_clip": inputs["ppo_clip"]} if "ppo_clip" in inputs else {}
    before = copies(tensors)
    result = function(**modules, **tensors, **options)

    parameter_names, parameters = zip(*modules[trained].named_parameters())
    outputs = {
        "loss": result,
        "the arguments are unchanged": same(tensors, before),
        "no gradient is left behind": all(p.grad is None for p in parameters),
    }
    gradients: Any = [None] * len(parameters)
    if torch.is_tensor(result) and result.numel() == 1 and result.requires_grad:
        gradients = torch.autograd.grad(result.sum(), parameters, allow_unused=True)
    outputs |= {f"gradient {name}": g for name, g in zip(parameter_names, gradients)}
    one_step = {name: values[[inputs["one_step"]]] for name, values in tensors.items()}
    with in_case_of("for a minibatch of one step"):
        outputs["loss, one step alone"] = function(**modules, **one_step, **options)
    return outputs


def vpg_loss(submission: ModuleType, inputs: Inputs) -> Outputs:
    """Call get_vanilla_policy_gradient_loss."""
    return loss(submission.get_vanilla_policy_gradient_loss, "policy", inputs)


def value_loss(submission: ModuleType, inputs: Inputs) -> Outputs:
    """Call get_value_net_loss."""
    return loss(submission.get_value_net_loss, "value_net", inputs)


def ppo_loss(submission: ModuleType, inputs: Inputs) -> Outputs:
    """Call get_PPO_policy_gradient_loss."""
    return loss(submission.get_PPO_policy_gradient_loss, "policy", inputs)


def advantages(submission: ModuleType, inputs: Inputs) -> Outputs:
    """Call get_advantages; also report whether a gradient would flow, and what it left behind.

    With a `second_call` in the inputs it is called for another batch as well.
    """
    value_net = network(inputs["value_net"])
    tensors = {name: tensor(inputs[name]) for name in ("observations", "returns")}
    before = copies(tensors)
    result = submission.get_advantages(value_net, **tensors)
    outputs = {
        "advantages": result,
        "carries a gradient": bool(torch.is_tensor(result) and result.requires_grad),
        "the arguments are unchanged": same(tensors, before),
        "the value network can still learn": all(p.requires_grad for p in value_net.parameters()),
    }
    if "second_call" in inputs:
        second = dict(inputs["second_call"])
        if "value_net" in second:
            value_net = network(second.pop("value_net"))
        batch = {name: tensor(values) for name, values in second.items()}
        with in_case_of("when it is called a second time"):
            outputs["advantages, second call"] = submission.get_advantages(value_net, **batch)
    return outputs


# -- rollouts --


def environment(description: Inputs) -> utils.EnvInterface:
    """The environment of a case: the grid world if a target is set, else a scripted one."""
    if "set_target" in description:
        return utils.GridWorldPointTargetEnv(**description)
    return ScriptedEnv(**description)


def rollouts(submission: ModuleType, inputs: Inputs) -> Outputs:
    """Call collect_rollouts and report the buffer, the mean last reward, and seed and mode after.

    A second call, as in training, goes on in the same environment with the same array of seeds.
    """
    # In evaluation mode dropout does nothing; in training mode it would change every probability.
    policy = torch.nn.Sequential(torch.nn.Dropout(0.5), network(inputs["policy"], True))
    seed = np.array(inputs["seed"])
    env, total = environment(inputs["env"]), sum(inputs["num_rollouts"])

    def collect(number: int, base_rollout: int) -> Any:
        options = {"base_rollout": base_rollout, "num_total_rollouts": 2 * total, "seed": seed}
        return submission.collect_rollouts(env, policy, number, **options)

    first, second = inputs["num_rollouts"]
    result = collect(first, total)
    if not (isinstance(result, tuple) and len(result) == 2):
        return {"result": result}
    buffer, mean_last_reward = result
    fields = {name: getattr(buffer, name, None) for name in utils.RolloutBuffer.FIELDS}
    logits = fields["old_logits"]
    outputs = {
        **fields,
        "mean last reward": mean_last_reward,
        "seed afterwards": seed.copy(),
        "logits carry a gradient": bool(torch.is_tensor(logits) and logits.requires_grad),
        "back in training mode": policy.training,
    }
    with in_case_of("when it is called a second time"):
        again = collect(second, total + first)
    outputs["mean last reward, second call"] = again[1] if isinstance(again, tuple) else again
    return outputs


# -- training --


def training(submission: ModuleType, inputs: Inputs) -> Outputs:
    """Call train_policy_gradient and report what it returned and the networks it leaves behind.

    With `recorded` rollouts in the inputs every function it calls is a stand-in; otherwise they are
    the submission's own.
    """
    policy = network(inputs["policy"], True)
    options = dict(inputs["options"], rollout_seed=np.array(inputs["seed"]))
    trained = list(policy.parameters())
    functions: Any = submission
    if "recorded" in inputs:
        functions = StandIns(inputs["recorded"], inputs["seed"])
    value_net = None
    if "value_net" in inputs:
        value_net = network(inputs["value_net"])
        trained += value_net.parameters()
        options["value_net"] = value_net
        options["get_value_net_loss"] = functions.get_value_net_loss
        if inputs["with_advantages"]:
            options["get_advantages"] = functions.get_advantages
    optimizer = GradientDescent(trained, inputs["learning_rate"])
    options["lr_sched"] = ConstantSchedule(optimizer)

    collect = functions.collect_rollouts
    with (
        mock.patch.object(submission, "collect_rollouts", collect, create=True),
        recorded_shuffles(inputs["shuffles"]),
        noted_seeding() as seeded,
    ):
        result = submission.train_policy_gradient(
            environment(inputs["env"]),
            policy,
            optimizer,
            getattr(functions, inputs["loss"]),
            functions.get_returns,
            **options,
        )
    outputs = parameters_of("trained policy", policy)
    if value_net is not None:
        outputs |= parameters_of("trained value_net", value_net)
    if not (isinstance(result, tuple) and len(result) == 4):
        return {"result": result, **outputs}
    names = ("losses_actor", "losses_critic", "final_rewards", "lr")
    # Once, before everything else, would be no more than a matter of taste; and with the submission's
    # own functions nobody knows which of them it was.
    alone = "recorded" in inputs
    outputs["no generator is seeded anew"] = not alone or len(seeded) == len(set(seeded))
    return {**{name: flat(values) for name, values in zip(names, result)}, **outputs}


def flat(values: Any) -> Any:
    """A list of numbers, or of arrays or tensors of one number, as float64 (K,); else as it is."""
    try:
        return np.concatenate([np.zeros(0), *(np.ravel(value) for value in values)]).astype(
            np.float64
        )
    except (TypeError, ValueError, RuntimeError):
        return values  # such as tensors that still carry a gradient


SCENARIOS = {
    scenario.__name__: scenario
    for scenario in (returns, vpg_loss, value_loss, advantages, ppo_loss, rollouts, training)
}
