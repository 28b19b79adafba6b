"""How a submission is exercised: each function here calls the student's code with given inputs.

A scenario runs beside the submission and knows no answers. It takes the `inputs` of a case as they
stand in the answer key and returns what came out, by name. The tests, which run in another process,
compare that with what the key expects. The key was written by running the same scenario on the model
solution.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any
from unittest import mock

import numpy as np
import torch

import utils
from tests.scenarios import probes
from tests.scenarios.stand_ins import (
    ConstantSchedule,
    GradientDescent,
    LinearNetwork,
    ScriptedEnv,
    StandIns,
)
from tests.scenarios.telltales import ONCE

Inputs = dict[str, Any]
Outputs = dict[str, Any]
Probe = Callable[[Any, Any, Inputs], dict[str, bool]]


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
    """Numbers of a case as a tensor: float32 for fractions, int64 for whole numbers, bool for flags."""
    return torch.tensor(values)


def copies(tensors: dict[str, Any]) -> dict[str, Any]:
    """Copies of the tensors, for `same` to compare with after a call."""
    return {name: value.clone() for name, value in tensors.items()}


def same(tensors: dict[str, Any], before: dict[str, Any]) -> bool:
    """Whether the tensors still hold what they held before."""
    return all(torch.is_tensor(tensors[n]) and torch.equal(tensors[n], before[n]) for n in before)


@contextlib.contextmanager
def in_case_of(circumstances: str) -> Iterator[None]:
    """Add the circumstances to the message of an error: earlier calls of the function raised none."""
    try:
        yield
    except Exception as error:
        error.args = (f"{error} ({circumstances})",)
        raise


# -- the functions, one by one --


def whole_buffer(rewards: list[float], terminateds: list[bool]) -> utils.RolloutBuffer:
    """A buffer with these rewards and ends; its other fields hold what a grid world might give."""
    steps = torch.arange(len(rewards)).reshape(-1, 1)
    fields = {
        "actions": steps % 2,
        "observations": torch.cat([steps, -steps], dim=1) / len(rewards),
        "old_logits": torch.full((len(rewards), 2), 0.5).log(),
    }
    return utils.RolloutBuffer().load({"rewards": rewards, "terminateds": terminateds, **fields})


def returns(submission: ModuleType, inputs: Inputs) -> Outputs:
    """Call get_returns once for each discount factor, or once without a discount factor.

    If the inputs have a `second_call`, get_returns is also called with another buffer of the same size.
    """
    outputs: Outputs = {"the buffer is unchanged": True}

    def ask(name: str, steps: Inputs, discount_factor: float | None = None) -> None:
        buffer = whole_buffer(steps["rewards"], steps["terminateds"])
        before = copies({field: getattr(buffer, field) for field in buffer.FIELDS})
        options = {} if discount_factor is None else {"discount_factor": discount_factor}
        outputs[name] = submission.get_returns(buffer, **options)
        outputs["the buffer is unchanged"] &= same(vars(buffer), before)

    if "discount_factors" not in inputs:
        ask("returns", inputs)
    for discount_factor in inputs.get("discount_factors", []):
        ask(f"returns, discount {discount_factor}", inputs, discount_factor)
    if "second_call" in inputs:
        with in_case_of("when it is called a second time"):
            ask("returns, second call", inputs["second_call"], inputs["discount_factors"][0])
    return outputs | probes.of_returns(submission, whole_buffer)


def loss(function: Any, trained: str, inputs: Inputs, probe: Probe) -> Outputs:
    """Call a loss with keywords, as the training loop does, and differentiate it.

    The gradient is None for a parameter that the loss does not depend on. A second call gets a batch of
    one step, because the last minibatch of an epoch may hold a single step. Then come the probes.
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
    return outputs | probe(function, modules[trained], tensors)


def vpg_loss(submission: ModuleType, inputs: Inputs) -> Outputs:
    """Call get_vanilla_policy_gradient_loss."""
    function = submission.get_vanilla_policy_gradient_loss
    return loss(function, "policy", inputs, probes.of_vpg_loss)


def value_loss(submission: ModuleType, inputs: Inputs) -> Outputs:
    """Call get_value_net_loss."""
    return loss(submission.get_value_net_loss, "value_net", inputs, probes.of_value_loss)


def ppo_loss(submission: ModuleType, inputs: Inputs) -> Outputs:
    """Call get_PPO_policy_gradient_loss."""
    function = submission.get_PPO_policy_gradient_loss
    return loss(function, "policy", inputs, probes.of_ppo_loss)


def advantages(submission: ModuleType, inputs: Inputs) -> Outputs:
    """Call get_advantages; report whether the result carries a gradient and what the call changed.

    If the inputs have a `second_call`, get_advantages is also called with another batch. With
    `all_alike` it gets one whose differences are all the same, and another network. What is rounded
    decides what comes out there, so only its size is reported.
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
        batch = {name: tensor(values) for name, values in inputs["second_call"].items()}
        with in_case_of("when it is called a second time"):
            outputs["advantages, second call"] = submission.get_advantages(value_net, **batch)
    if "all_alike" in inputs:
        alike = dict(inputs["all_alike"])
        net = network(alike.pop("value_net"))
        batch = {name: tensor(values) for name, values in alike.items()}
        with in_case_of("where all differences are the same"):
            found = submission.get_advantages(net, **batch)
        outputs["equal differences give small advantages"] = may_be_standardized(found)
    observations = tensors["observations"]
    return outputs | probes.of_advantages(submission.get_advantages, value_net, observations)


def may_be_standardized(result: Any) -> bool:
    """Whether these can be N standardized numbers: none is above (N - 1) / sqrt(N).

    That bound is Samuelson's (1968), for a standard deviation with N - 1 in the denominator.
    """
    if not torch.is_tensor(result) or not len(result):
        return False
    largest, size = result.detach().abs().max(), len(result)
    return bool(largest <= 1.001 * (size - 1) / size**0.5)  # false of what is no number


# -- rollouts --


def environment(description: Inputs) -> utils.EnvInterface:
    """The environment of a case: the grid world if a target is set, else a scripted one."""
    if "set_target" in description:
        return utils.GridWorldPointTargetEnv(**description)
    return ScriptedEnv(**description)


def rollouts(submission: ModuleType, inputs: Inputs) -> Outputs:
    """Call collect_rollouts; report the buffer, the mean last reward, and seed and mode afterwards.

    A second call, as in training, goes on in the same environment with the same array of seeds.
    """
    # Dropout does nothing in evaluation mode and changes every probability in training mode. So the
    # recorded log-probabilities show in which mode the policy acted.
    policy = torch.nn.Sequential(torch.nn.Dropout(0.5), network(inputs["policy"], True))
    seed = np.array(inputs["seed"])
    env, total = environment(inputs["env"]), sum(inputs["num_rollouts"])
    seen, seed_before = probes.Watched(env), seed.copy()

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
    return outputs | probes.of_rollouts(seen, policy, seed_before, (result, again))


# -- training --

MODULES = ("policy", "value_net")


def training(submission: ModuleType, inputs: Inputs) -> Outputs:
    """Call train_policy_gradient; report what it returned and the parameters of the trained networks.

    If the inputs have `recorded` rollouts, every function that the loop calls is a stand-in, and the
    results are the same in whatever order the loop uses the steps. Otherwise the loop calls the
    submission's own functions. Then every minibatch holds a whole collection, so the order makes no
    difference either.
    """
    alone = "recorded" in inputs
    options = dict(inputs["options"], rollout_seed=np.array(inputs["seed"]))
    functions: Any = submission
    modules: dict[str, torch.nn.Module]
    if alone:
        functions = StandIns(inputs)
        modules = {name: LinearNetwork(**inputs[name]) for name in MODULES if name in inputs}
    else:
        modules = {n: network(inputs[n], n == "policy") for n in MODULES if n in inputs}
    if "value_net" in modules:
        options["value_net"] = modules["value_net"]
        options["get_value_net_loss"] = functions.get_value_net_loss
        if inputs["with_advantages"]:
            options["get_advantages"] = functions.get_advantages
    trained = [parameter for module in modules.values() for parameter in module.parameters()]
    optimizer = GradientDescent(trained, inputs["learning_rate"])
    options["lr_sched"] = schedule = ConstantSchedule(optimizer)

    collect = functions.collect_rollouts
    with mock.patch.object(submission, "collect_rollouts", collect, create=True):
        result = submission.train_policy_gradient(
            environment(inputs["env"]),
            modules["policy"],
            optimizer,
            getattr(functions, inputs["loss"]),
            functions.get_returns,
            **options,
        )
    outputs: Outputs = {}
    for name, module in modules.items():
        outputs |= parameters_of(f"trained {name}", module)
    if not (isinstance(result, tuple) and len(result) == 4):
        return {"result": result, **outputs}
    names = ("losses_actor", "losses_critic", "final_rewards", "lr")
    outputs |= {name: flat(values) for name, values in zip(names, result)}
    outputs["steps of the scheduler"] = schedule.last_epoch
    if alone:
        outputs["the steps are mixed"] = functions.steps_are_mixed()
        outputs["every epoch is shuffled anew"] = functions.every_epoch_is_shuffled_anew()
        # No test compares the rest: it tells what went wrong where something did.
        outputs[ONCE] = functions.every_epoch_uses_each_step_once()
        outputs |= functions.losses_were_given()
    return outputs


def flat(values: Any) -> Any:
    """The numbers of a list as float64 (K,). Its entries may be numbers, arrays or tensors.

    What cannot be read in this way is returned as it is.
    """
    try:
        return np.concatenate([np.zeros(0), *(np.ravel(value) for value in values)]).astype(
            np.float64
        )
    except (TypeError, ValueError, RuntimeError):
        return values  # for example tensors that still carry a gradient


SCENARIOS = {
    scenario.__name__: scenario
    for scenario in (returns, vpg_loss, value_loss, advantages, ppo_loss, rollouts, training)
}
