"""What scenarios put in the place of the real thing: environment, functions, shuffles, optimizer.

None of it is a policy gradient method. Each only makes its outcome depend on all it is given, in a way
that is the same on every machine.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

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
            shuffle(x)
        else:
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


@contextlib.contextmanager
def noted_seeding() -> Iterator[list[str]]:
    """Note which global random generator is seeded meanwhile, and how often; let it happen."""
    seeded: list[str] = []

    def noted(module: Any, name: str) -> Any:
        original = getattr(module, name)

        def seed(*arguments: Any) -> Any:
            seeded.append(module.__name__)
            return original(*arguments)

        return mock.patch.object(module, name, seed)

    with noted(np.random, "seed"), noted(torch, "manual_seed"):
        yield seeded


def _smooth_distance(x: torch.Tensor) -> torch.Tensor:
    """A mean distance from zero whose gradient stays below one, so that no training run diverges."""
    return (1 + x**2).sqrt().mean()


class StandIns:
    """Replacements for every function the training loop calls, so that it is tested alone."""

    def __init__(self, recorded: dict[str, Any], seed: list[int]) -> None:
        self.recorded = {name: np.array(rows) for name, rows in recorded.items()}
        self.ends = np.flatnonzero(self.recorded["terminateds"]) + 1
        self.seed = np.array(seed)
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
        return _smooth_distance(change - wanted / 4)

    @staticmethod
    def get_value_net_loss(
        value_net: Any, observation: Any, returns: Any, **kwargs: Any
    ) -> torch.Tensor:
        """Something to minimize that depends on every argument the value network's loss has."""
        return _smooth_distance(value_net(observation) - returns / 2)


class GradientDescent:
    """What a training loop may use of torch.optim.SGD.

    The first optimizer of torch.optim in a process loads torch's compiler, which takes longer than
    all the tests together.
    """

    def __init__(self, parameters: list[torch.nn.Parameter], lr: float) -> None:
        self.defaults: dict[str, Any] = {"lr": lr}
        self.param_groups: list[dict[str, Any]] = [{"params": parameters, "lr": lr}]
        self.state: dict[torch.Tensor, Any] = {}  # plain gradient descent remembers nothing

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients."""
        for parameter in self.param_groups[0]["params"]:
            parameter.grad = None if set_to_none else torch.zeros_like(parameter)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One step downhill; with a closure, which computes loss and gradients first, its loss."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        with torch.no_grad():
            for parameter in self.param_groups[0]["params"]:
                if parameter.grad is not None:
                    parameter -= self.param_groups[0]["lr"] * parameter.grad
        return loss

    def state_dict(self) -> dict[str, Any]:
        """What torch's optimizers would save."""
        return {"state": self.state, "param_groups": self.param_groups}


class ConstantSchedule:
    """A learning rate scheduler that changes nothing, whenever it is stepped."""

    def __init__(self, optimizer: GradientDescent) -> None:
        self.optimizer = optimizer
        self.base_lrs = self.get_last_lr()
        self.last_epoch = 0

    def step(self, epoch: int | None = None) -> None:
        """Leave the learning rate as it is."""
        self.last_epoch += 1

    def get_last_lr(self) -> list[float]:
        """The learning rate, as torch's schedulers give it."""
        return [group["lr"] for group in self.optimizer.param_groups]

    get_lr = get_last_lr
