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


# -- the functions, one by one ------------------------------------------------------------------


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


# -- rollouts -------------------------------------------------------------------------------------


class ScriptedEnv(utils.EnvInterface):
    """A small environment with given starts and episode lengths, used in turn.

    The observation drifts and is pushed by the action; the reward depends on both.
    """

    def __init__(self, starts: Any, lengths: list[int], drift: Any, push: Any, taste: Any) -> None:
        self.starts, self.drift, self.push = floats(starts), floats(drift), floats(push)
        self.lengths, self.taste = lengths, floats(taste)
        self.episode = -1

    def reset(self, seed: int | None = None) -> torch.Tensor:
        """Begin the next episode of the script, whatever the seed."""
        self.episode += 1
        self.steps_left = self.lengths[self.episode % len(self.lengths)]
        self.observation = self.starts[self.episode % len(self.starts)].reshape(1, -1)
        return self.observation.clone()

    def step(self, action: torch.Tensor) -> tuple[torch.Tensor, bool, float]:
        """Drift, be pushed, and be rewarded for the place this leads to."""
        self.observation = torch.tanh(self.observation @ self.drift + self.push[int(action)])
        self.steps_left -= 1
        reward = float((self.observation @ self.taste).sum())
        return self.observation.clone(), self.steps_left <= 0, reward


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


# -- training -------------------------------------------------------------------------------------


@contextlib.contextmanager
def recorded_shuffles(permutations: list[list[int]]) -> Iterator[None]:
    """Make the k-th shuffle of N indices give the k-th recorded permutation.

    Whether a solution shuffles one array of indices again and again or a fresh one each time must
    not matter, so the outcome depends only on how often it has shuffled.
    """
    shuffle = np.random.shuffle
    remaining = iter(permutations)

    def recorded_shuffle(x: Any) -> None:
        order = next(remaining, None)
        if order is None or len(order) != len(x):
            return shuffle(x)
        x[:] = np.sort(x)[order]

    def recorded_permutation(x: Any) -> np.ndarray:
        shuffled = np.arange(x) if np.ndim(x) == 0 else np.array(x)
        recorded_shuffle(shuffled)
        return shuffled

    with (
        mock.patch.object(np.random, "shuffle", recorded_shuffle),
        mock.patch.object(np.random, "permutation", recorded_permutation),
    ):
        yield


class StandIns:
    """Replacements for every function the training loop calls, so that it is tested alone.

    They are no policy gradient method: each only makes its outcome depend on all it is given.
    """

    def __init__(self, recorded: Inputs) -> None:
        self.recorded = {name: np.array(rows) for name, rows in recorded.items()}
        self.ends = np.flatnonzero(self.recorded["terminateds"]) + 1
        self.rollouts_taken = 0

    def collect_rollouts(
        self,
        env: Any,
        policy: Any,
        num_rollouts: int,
        base_rollout: int = 0,
        num_total_rollouts: int | None = None,
        seed: Any = None,
    ) -> tuple[utils.RolloutBuffer, float]:
        """The next `num_rollouts` recorded rollouts; without the seed, later ones."""
        first = self.rollouts_taken + (seed is None)
        self.rollouts_taken += num_rollouts
        episodes = np.split(np.arange(self.ends[-1]), self.ends[:-1])
        chosen = [episodes[(first + k) % len(episodes)] for k in range(num_rollouts)]
        steps = np.concatenate(chosen)
        buffer = utils.RolloutBuffer()
        buffer.load({name: rows[steps] for name, rows in self.recorded.items()})
        last_rewards = [self.recorded["rewards"][episode[-1], 0] for episode in chosen]
        return buffer, float(np.mean(last_rewards))

    @staticmethod
    def get_returns(rollout_buffer: Any, discount_factor: float = 0.95) -> torch.Tensor:
        """Something to be used as returns."""
        return 2 * rollout_buffer.rewards + rollout_buffer.observations[:, :1]

    @staticmethod
    def get_advantages(value_net: Any, observations: Any, returns: Any) -> torch.Tensor:
        """Something to be used as advantages, which differs when computed anew or on a part."""
        guess = value_net(observations).detach()
        return returns + 2 * guess - returns.max() / len(returns)

    @staticmethod
    def get_vanilla_policy_gradient_loss(
        policy: Any,
        observation: Any,
        old_logits: Any,
        action: Any,
        return_or_advantage: Any,
        ppo_clip: float,
        **kwargs: Any,
    ) -> torch.Tensor:
        """Something to minimize that depends on every argument the policy's losses have."""
        change = policy(observation) - old_logits
        wanted = return_or_advantage + action + ppo_clip * torch.arange(change.shape[1])
        return torch.cosh(change - wanted / 4).mean()

    @staticmethod
    def get_value_net_loss(value_net: Any, observation: Any, returns: Any, **kwargs: Any) -> torch.Tensor:
        """Something to minimize that depends on every argument the value network's loss has."""
        return torch.cosh(value_net(observation) - returns / 2).mean()


class GradientDescent:
    """What a training loop uses of torch.optim.SGD.

    The first optimizer of torch.optim in a process loads torch's compiler, which takes longer than
    all the tests together.
    """

    def __init__(self, parameters: list[torch.nn.Parameter], lr: float) -> None:
        self.param_groups: list[dict[str, Any]] = [{"params": parameters, "lr": lr}]

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients."""
        for parameter in self.param_groups[0]["params"]:
            parameter.grad = None if set_to_none else torch.zeros_like(parameter)

    def step(self) -> None:
        """One step downhill."""
        with torch.no_grad():
            for parameter in self.param_groups[0]["params"]:
                if parameter.grad is not None:
                    parameter -= self.param_groups[0]["lr"] * parameter.grad


class ConstantSchedule:
    """A learning rate scheduler that changes nothing, whenever it is stepped."""

    def __init__(self, optimizer: GradientDescent) -> None:
        self.optimizer = optimizer

    def step(self) -> None:
        """Leave the learning rate as it is."""

    def get_last_lr(self) -> list[float]:
        """The learning rate, as torch's schedulers give it."""
        return [group["lr"] for group in self.optimizer.param_groups]


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
