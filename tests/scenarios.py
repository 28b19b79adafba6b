"""How a submission is exercised: each function here calls the student's code with given inputs.

A scenario runs beside the submission and knows no answers. It takes the `inputs` of a case as they
stand in the answer key and returns what came out, by name. The tests, which run elsewhere, compare
that with what the key expects; the key was written by running the same scenario on the model solution.
"""

from __future__ import annotations

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


def parameters(prefix: str, module: torch.nn.Module) -> Outputs:
    """Every parameter of a module, by name."""
    return {f"{prefix} {name}": p.detach() for name, p in module.named_parameters()}


def loss_and_gradients(loss: Any, module: torch.nn.Module) -> Outputs:
    """The loss and the gradient it gives to each parameter; None where nothing flows back."""
    names, tensors = zip(*module.named_parameters())
    gradients: Any = [None] * len(names)
    if torch.is_tensor(loss) and loss.numel() == 1 and loss.requires_grad:
        gradients = torch.autograd.grad(loss.sum(), tensors, allow_unused=True)
    return {"loss": loss, **{f"gradient {name}": g for name, g in zip(names, gradients)}}


def floats(values: Any) -> torch.Tensor:
    """A float32 tensor from the key."""
    return torch.tensor(values, dtype=torch.float32)


# -- the functions, one by one --


def returns(submission: ModuleType, inputs: Inputs) -> Outputs:
    """Call get_returns; also report what the buffer holds afterwards."""
    buffer = utils.RolloutBuffer()
    buffer.load({"rewards": floats(inputs["rewards"]), "terminateds": inputs["terminateds"]})
    options = {name: inputs[name] for name in ("discount_factor",) if name in inputs}
    result = submission.get_returns(buffer, **options)
    return {
        "returns": result,
        "rewards afterwards": buffer.rewards,
        "terminateds afterwards": buffer.terminateds,
    }


def vpg_loss(submission: ModuleType, inputs: Inputs) -> Outputs:
    """Call get_vanilla_policy_gradient_loss, with keywords as the training loop does."""
    policy = network(inputs["policy"], out_logsoftmax=True)
    loss = submission.get_vanilla_policy_gradient_loss(
        policy=policy,
        observation=floats(inputs["observation"]),
        action=torch.tensor(inputs["action"]),
        return_or_advantage=floats(inputs["return_or_advantage"]),
        ppo_clip=0.2,
        minibatch=None,
    )
    return loss_and_gradients(loss, policy)


def value_loss(submission: ModuleType, inputs: Inputs) -> Outputs:
    """Call get_value_net_loss, with keywords as the training loop does."""
    value_net = network(inputs["value_net"])
    loss = submission.get_value_net_loss(
        value_net=value_net,
        observation=floats(inputs["observation"]),
        returns=floats(inputs["returns"]),
        ppo_clip=0.2,
        minibatch=None,
    )
    return loss_and_gradients(loss, value_net)


def advantages(submission: ModuleType, inputs: Inputs) -> Outputs:
    """Call get_advantages; also report whether a gradient would flow, and the returns afterwards."""
    given_returns = floats(inputs["returns"])
    result = submission.get_advantages(
        network(inputs["value_net"]), floats(inputs["observations"]), given_returns
    )
    return {
        "advantages": result,
        "carries a gradient": bool(torch.is_tensor(result) and result.requires_grad),
        "returns afterwards": given_returns,
    }


def ppo_loss(submission: ModuleType, inputs: Inputs) -> Outputs:
    """Call get_PPO_policy_gradient_loss, with keywords as the training loop does."""
    policy = network(inputs["policy"], out_logsoftmax=True)
    options = {name: inputs[name] for name in ("ppo_clip",) if name in inputs}
    loss = submission.get_PPO_policy_gradient_loss(
        policy=policy,
        observation=floats(inputs["observation"]),
        old_logits=floats(inputs["old_logits"]),
        action=torch.tensor(inputs["action"]),
        return_or_advantage=floats(inputs["return_or_advantage"]),
        minibatch=None,
        **options,
    )
    return loss_and_gradients(loss, policy)


# -- rollouts --


def environment(description: Inputs) -> utils.EnvInterface:
    """The environment of a case: the grid world if a target is set, else a scripted one."""
    if "set_target" in description:
        return utils.GridWorldPointTargetEnv(**description)
    return ScriptedEnv(**description)


def rollouts(submission: ModuleType, inputs: Inputs) -> Outputs:
    """Call collect_rollouts and report the buffer, the mean last reward, and seed and mode after."""
    # In evaluation mode dropout does nothing; in training mode it would change every probability.
    policy = torch.nn.Sequential(
        torch.nn.Dropout(0.5), network(inputs["policy"], out_logsoftmax=True)
    )
    seed = np.array(inputs["seed"])
    env = environment(inputs["env"])
    result = submission.collect_rollouts(env, policy, inputs["num_rollouts"], seed=seed)
    if not (isinstance(result, tuple) and len(result) == 2):
        return {"result": result}
    buffer, mean_last_reward = result
    fields = {name: getattr(buffer, name, None) for name in utils.RolloutBuffer.FIELDS}
    logits = fields["old_logits"]
    return {
        **fields,
        "mean last reward": mean_last_reward,
        "seed afterwards": seed,
        "logits carry a gradient": bool(torch.is_tensor(logits) and logits.requires_grad),
        "back in training mode": policy.training,
    }


# -- training --


def training(submission: ModuleType, inputs: Inputs) -> Outputs:
    """Call train_policy_gradient and report what it returned and the networks it leaves behind.

    With `recorded` rollouts in the inputs every function it calls is a stand-in; otherwise they are
    the submission's own.
    """
    policy = network(inputs["policy"], out_logsoftmax=True)
    options = dict(inputs["options"], rollout_seed=np.array(inputs["seed"]))
    trained = list(policy.parameters())
    functions: Any = StandIns(inputs["recorded"]) if "recorded" in inputs else submission
    value_net = None
    if "value_net" in inputs:
        value_net = network(inputs["value_net"])
        trained += value_net.parameters()
        options["value_net"] = value_net
        options["get_advantages"] = functions.get_advantages
        options["get_value_net_loss"] = functions.get_value_net_loss
    optimizer = GradientDescent(trained, inputs["learning_rate"])
    options["lr_sched"] = ConstantSchedule(optimizer)

    collect = functions.collect_rollouts
    with (
        mock.patch.object(submission, "collect_rollouts", collect, create=True),
        recorded_shuffles(inputs["shuffles"]),
    ):
        result = submission.train_policy_gradient(
            environment(inputs["env"]),
            policy,
            optimizer,
            getattr(functions, inputs["loss"]),
            functions.get_returns,
            **options,
        )
    outputs = parameters("trained policy", policy)
    if value_net is not None:
        outputs |= parameters("trained value_net", value_net)
    if not (isinstance(result, tuple) and len(result) == 4):
        return {"result": result, **outputs}
    names = ("losses_actor", "losses_critic", "final_rewards", "lr")
    return {**{name: flat(values) for name, values in zip(names, result)}, **outputs}


def flat(values: Any) -> Any:
    """A list of numbers, or of arrays or tensors of one number, as float64 (K,); else as it is."""
    try:
        rows = [np.ravel(v.detach() if torch.is_tensor(v) else v) for v in values]
        return np.concatenate([np.zeros(0), *rows]).astype(np.float64)
    except (TypeError, ValueError):
        return values


SCENARIOS = {
    scenario.__name__: scenario
    for scenario in (returns, vpg_loss, value_loss, advantages, ppo_loss, rollouts, training)
}
