"""What scenarios put in the place of the real thing: environment, networks, functions, optimizer.

None of it is a policy gradient method. Each only makes its outcome depend on all it is given, in a way
that is the same on every machine. The networks and losses of `StandIns` do one thing more: what a
training loop returns with them does not depend on the order in which it has shuffled the steps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

import utils


def _floats(values: Any) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float32)


class ScriptedEnv(utils.EnvInterface):
    """A small environment with given starts and episode lengths, used in turn.

    The observation drifts and is pushed by the action; the reward depends on both.
    """

    def __init__(self, starts: Any, lengths: list[int], drift: Any, push: Any, taste: Any) -> None:
        self.starts, self.drift, self.push = _floats(starts), _floats(drift), _floats(push)
        self.lengths, self.taste = lengths, _floats(taste)
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


class WrongArguments(Exception):
    """A training loop calls a loss with other arguments than its docstring lists."""


class LinearNetwork(torch.nn.Module):
    """A network for losses that do not depend on the order in which steps are used.

    Where it is linear in its weights, a loss that sums over steps has the same gradient in every order.
    `pace` is one number more, which every optimizer step moves by a rule that knows nothing of the steps
    but their number: it shows how many optimizer steps there were, of which gradients and sizes.
    """

    def __init__(self, weight: Any, pace: float) -> None:
        """weight: (outputs, inputs)."""
        super().__init__()
        self.weight = torch.nn.Parameter(_floats(weight))
        self.pace = torch.nn.Parameter(_floats(pace))

    def forward(self, observation: torch.Tensor) -> torch.Tensor:
        """(N, inputs) to (N, outputs)."""
        return observation @ self.weight.T


def _loss_in_any_order(network: LinearNetwork, wanted: torch.Tensor, observation: Any) -> Any:
    """A loss whose value depends on `pace` and the number of steps, and whose gradient on the steps.

    wanted: (N, outputs), what each step pulls the network's outputs towards.
    """
    steps = (wanted * network(observation)).sum()
    pace = len(observation) * (network.pace + torch.cos(network.pace) / 2)
    return pace + (steps - steps.detach())


class StandIns:
    """Replacements for every function the training loop calls, so that it is tested alone."""

    def __init__(self, recorded: dict[str, Any], seed: list[int], epochs: int) -> None:
        self.recorded = {name: np.array(rows) for name, rows in recorded.items()}
        self.ends = np.flatnonzero(self.recorded["terminateds"]) + 1
        self.seed = np.array(seed)
        self.epochs = epochs
        self.rollouts_taken = 0
        # For every collection its observations, and for every loss since the steps it was given.
        self.observations: list[list[tuple[float, ...]]] = []
        self.minibatches: list[list[list[int]]] = []

    def collect_rollouts(
        self,
        env: Any,
        policy: Any,
        num_rollouts: int,
        base_rollout: int = 0,
        num_total_rollouts: int | None = None,
        seed: Any = None,
    ) -> tuple[utils.RolloutBuffer, float]:
        """The next `num_rollouts` recorded rollouts; with another seed than was recorded, later ones."""
        as_recorded = seed is not None and np.array_equal(seed, self.seed)
        first = self.rollouts_taken + (0 if as_recorded else 1)
        self.rollouts_taken += num_rollouts
        episodes = np.split(np.arange(self.ends[-1]), self.ends[:-1])
        chosen = [episodes[(first + k) % len(episodes)] for k in range(num_rollouts)]
        steps = np.concatenate(chosen)
        buffer = utils.RolloutBuffer()
        buffer.load({name: rows[steps] for name, rows in self.recorded.items()})
        with torch.no_grad():
            buffer.old_logits = policy(buffer.observations)
        for array in (self.seed, seed):
            if array is not None:
                array[:] = np.roll(array, len(steps))
        last_rewards = [self.recorded["rewards"][episode[-1]] for episode in chosen]
        self.observations.append(_rows(buffer.observations))
        self.minibatches.append([])
        return buffer, float(np.mean(last_rewards))

    @staticmethod
    def get_returns(rollout_buffer: Any, discount_factor: float = 0.95) -> torch.Tensor:
        """Something to be used as returns."""
        rewards = rollout_buffer.rewards.reshape(-1, 1)
        return 2 * discount_factor * rewards + rollout_buffer.observations[:, :1]

    @staticmethod
    def get_advantages(value_net: Any, observations: Any, returns: Any) -> torch.Tensor:
        """Something to be used as advantages, which differs when computed anew or on a part."""
        guess = value_net(observations).detach()
        return returns + 2 * guess - returns.max() / len(returns)

    def get_vanilla_policy_gradient_loss(self, *unnamed: Any, **named: Any) -> torch.Tensor:
        """Something to minimize that depends on every argument the policy's losses have."""
        given = _checked(unnamed, named, "policy")
        if self.minibatches:
            known = {row: step for step, row in enumerate(self.observations[-1])}
            steps = [known.get(row, -1) for row in _rows(given["observation"])]
            self.minibatches[-1].append(steps)
        number = torch.arange(given["old_logits"].shape[1])
        wanted = given["return_or_advantage"] + given["action"] + given["ppo_clip"] * number
        return _loss_in_any_order(
            given["policy"], torch.cos(wanted - given["old_logits"]), given["observation"]
        )

    @staticmethod
    def get_value_net_loss(*unnamed: Any, **named: Any) -> torch.Tensor:
        """Something to minimize that depends on every argument the value network's loss has."""
        given = _checked(unnamed, named, "value_net")
        wanted = torch.cos(given["returns"] / 2)
        return _loss_in_any_order(given["value_net"], wanted, given["observation"])

    def _epochs(self) -> list[tuple[int, list[list[int]]]]:
        """For every epoch the size of its collection and its minibatches.

        Where a minibatch held all there was, there was nothing to shuffle, and the epoch is left out.
        """
        found = []
        for observations, minibatches in zip(self.observations, self.minibatches):
            size, length = len(observations), -(-len(minibatches) // self.epochs)
            for first in range(0, len(minibatches), max(length, 1)):
                epoch = minibatches[first : first + length]
                if max(len(set(steps)) for steps in epoch) < size:
                    found.append((size, epoch))
        return found

    def steps_are_mixed(self) -> bool:
        """Whether every epoch has a minibatch whose steps did not all follow one another."""

        def in_a_row(steps: list[int]) -> bool:
            return (
                len(set(steps)) == len(steps) == max(steps, default=0) - min(steps, default=1) + 1
            )

        return not any(all(map(in_a_row, minibatches)) for _, minibatches in self._epochs())

    def every_epoch_is_shuffled_anew(self) -> bool:
        """Whether no two epochs on as many steps had just the same minibatches."""
        epochs = [(size, frozenset(map(frozenset, epoch))) for size, epoch in self._epochs()]
        return len(set(epochs)) == len(epochs)


def _rows(observations: torch.Tensor) -> list[tuple[float, ...]]:
    return [tuple(row) for row in observations.tolist()]


def _checked(unnamed: tuple[Any, ...], named: dict[str, Any], module: str) -> dict[str, Any]:
    """The named arguments of a loss. Raises WrongArguments where they are not those it needs."""
    columns = {"observation": None, "returns": 1}
    if module == "policy":
        columns = {"observation": None, "old_logits": None, "action": 1, "return_or_advantage": 1}
    if unnamed:
        raise WrongArguments("The losses are called with keywords only.")
    needed = (module, *columns, *(["ppo_clip"] if module == "policy" else []))
    missing = [name for name in needed if named.get(name) is None]
    if missing:
        raise WrongArguments(f"A loss is called without {' and '.join(missing)}.")
    for name, width in columns.items():
        value, steps = named[name], len(named["observation"])
        if not torch.is_tensor(value):
            raise WrongArguments(f"A loss is given something as {name} that is no tensor.")
        if value.dim() != 2 or width not in (None, value.shape[1]):
            wanted = f"({steps}, {width or '...'})"
            raise WrongArguments(
                f"A loss is given {name} of the shape {tuple(value.shape)}, not {wanted}."
            )
        if len(value) != steps:
            raise WrongArguments(
                f"A loss is given {name} of {len(value)} steps beside {steps} observations."
            )
    return named


class GradientDescent(torch.optim.Optimizer):
    """What a training loop may use of torch.optim.SGD.

    The first optimizer of torch.optim in a process loads torch's compiler, which takes longer than
    all the tests together. So nothing of the class it stands for is called here.
    """

    def __init__(self, parameters: list[torch.nn.Parameter], lr: float) -> None:
        self.defaults: dict[str, Any] = {"lr": lr}
        self.param_groups: list[dict[str, Any]] = []
        self.state: Any = {}  # plain gradient descent remembers nothing
        self.add_param_group({"params": parameters})

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Step these parameters, too."""
        params = param_group["params"]
        listed = [params] if torch.is_tensor(params) else list(params)
        self.param_groups.append({**self.defaults, **param_group, "params": listed})

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients."""
        for parameter in self._parameters():
            parameter.grad = None if set_to_none else torch.zeros_like(parameter)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One step downhill; with a closure, which computes loss and gradients first, its loss."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        with torch.no_grad():
            for group in self.param_groups:
                for parameter in group["params"]:
                    if parameter.grad is not None:
                        parameter -= group["lr"] * parameter.grad
        return loss

    def state_dict(self) -> dict[str, Any]:
        """What torch's optimizers would save: parameters as their numbers."""
        numbers = {id(parameter): n for n, parameter in enumerate(self._parameters())}
        groups = [
            {**group, "params": [numbers[id(p)] for p in group["params"]]}
            for group in self.param_groups
        ]
        return {"state": {}, "param_groups": groups}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over everything but the parameters."""
        for group, saved in zip(self.param_groups, state_dict["param_groups"]):
            group.update({name: value for name, value in saved.items() if name != "params"})

    def _parameters(self) -> list[torch.nn.Parameter]:
        return [parameter for group in self.param_groups for parameter in group["params"]]


class ConstantSchedule:
    """A learning rate scheduler that changes nothing, whenever it is stepped; it counts its steps."""

    def __init__(self, optimizer: GradientDescent) -> None:
        self.optimizer = optimizer
        self.base_lrs = self.get_last_lr()
        self.last_epoch = 0

    def step(self, epoch: int | None = None) -> None:
        """Leave the learning rate as it is."""
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch

    def get_last_lr(self) -> list[float]:
        """The learning rate, as torch's schedulers give it."""
        return [group["lr"] for group in self.optimizer.param_groups]

    get_lr = get_last_lr

    def state_dict(self) -> dict[str, Any]:
        """What torch's schedulers would save."""
        return {"base_lrs": self.base_lrs, "last_epoch": self.last_epoch}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from what was saved."""
        vars(self).update(state_dict)
