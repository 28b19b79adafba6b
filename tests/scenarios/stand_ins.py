"""Stand-ins that scenarios use: an environment, a network, functions, an optimizer, a scheduler.

The functions are no policy gradient method. Their results depend on every argument, so that a wrong
argument shows, and they are the same on every machine. With `LinearNetwork` and the losses of
`StandIns` a training loop also returns the same in whatever order it has shuffled the steps.
"""

from __future__ import annotations

import contextlib
import copy
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

import utils
from tests.scenarios.telltales import (
    GIVES_ACTIONS,
    GIVES_CLIP,
    GIVES_OBSERVATIONS,
    GIVES_OLD_LOGITS,
    GIVES_RETURNS,
    GIVES_SEED,
    GIVES_WEIGHTS,
)


def _floats(values: Any) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float32)


class ScriptedEnv(utils.EnvInterface):
    """A small environment with given starts and episode lengths, used in turn.

    Every step moves the observation by a `drift` and by the `push` of the action. The reward is the
    observation that results, weighted with `taste` and summed.
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
        """Move the observation by drift and push, and give the reward for where it is now."""
        self.observation = torch.tanh(self.observation @ self.drift + self.push[int(action)])
        self.steps_left -= 1
        reward = float((self.observation @ self.taste).sum())
        return self.observation.clone(), self.steps_left <= 0, reward


class WrongArguments(Exception):
    """A training loop calls a loss with other arguments than its docstring lists."""


class LinearNetwork(torch.nn.Module):
    """A network that training changes in the same way in whatever order the steps are used.

    The output is linear in `weight`. So the gradient of a loss that adds up over the steps does not
    depend on `weight`, and an epoch moves `weight` by the same sum in every order.

    `pace` is one more parameter. Every optimizer step moves it by an amount that depends only on `pace`
    itself and on how many steps the minibatch holds. So its value shows how many optimizer steps there
    were, how large the minibatches were, and whether the gradients were cleared in between.
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
    """A loss whose value depends only on `pace` and on the number of steps.

    Its gradient for `weight` depends on the steps. wanted: (N, outputs), the factors of the outputs.
    """
    steps = (wanted * network(observation)).sum()
    pace = len(observation) * (network.pace + torch.cos(network.pace) / 2)
    return pace + (steps - steps.detach())


@dataclass
class Collection:
    """What the loop collected at once, and what the losses were given of it.

    minibatches: the steps that each call of the policy's loss got; -1 for a step of another collection.
    weights: (N, 1), what the loop has to use as weights, or None as long as nothing has computed them.
    """

    buffer: utils.RolloutBuffer
    steps: dict[tuple[float, ...], int]
    returns: torch.Tensor
    weights: torch.Tensor | None
    minibatches: list[list[int]] = field(default_factory=list)


class StandIns:
    """Replacements for every function the training loop calls, so that it is tested alone."""

    def __init__(self, inputs: dict[str, Any]) -> None:
        """inputs: those of a case with `recorded` rollouts."""
        self.recorded = {name: np.array(rows) for name, rows in inputs["recorded"].items()}
        self.ends = np.flatnonzero(self.recorded["terminateds"]) + 1
        self.seed = np.array(inputs["seed"])
        self.epochs = inputs["options"]["training_epochs_per_rollout"]
        self.ppo_clip = inputs["options"]["ppo_clip"]
        self.with_advantages = inputs.get("with_advantages", False)
        self.rollouts_taken = 0
        self.collections: list[Collection] = []
        # Whether every collection was used before the next one was made. Where none is, nobody knows
        # which one a minibatch is from.
        self.in_turn = True
        # What was right whenever it was given, of what belongs to certain steps and of the rest.
        self.own = dict.fromkeys(
            (GIVES_ACTIONS, GIVES_OLD_LOGITS, GIVES_RETURNS, GIVES_WEIGHTS), True
        )
        self.other = dict.fromkeys((GIVES_SEED, GIVES_OBSERVATIONS, GIVES_CLIP), True)

    def collect_rollouts(
        self,
        env: Any,
        policy: Any,
        num_rollouts: int,
        base_rollout: int = 0,
        num_total_rollouts: int | None = None,
        seed: Any = None,
    ) -> tuple[utils.RolloutBuffer, float]:
        """The next `num_rollouts` recorded rollouts, or with a wrong seed those one rollout later."""
        as_recorded = seed is not None and np.array_equal(seed, self.seed)
        self.other[GIVES_SEED] &= as_recorded
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
        numbers = {row: step for step, row in enumerate(_rows(buffer.observations))}
        returns = self.get_returns(buffer)
        weights = None if self.with_advantages else returns
        self.in_turn &= all(collection.minibatches for collection in self.collections[-1:])
        # A copy: what the loop does to its buffer must not change what it has to give.
        self.collections.append(Collection(copy.deepcopy(buffer), numbers, returns, weights))
        return buffer, float(np.mean(last_rewards))

    @staticmethod
    def get_returns(rollout_buffer: Any, discount_factor: float = 0.95) -> torch.Tensor:
        """Numbers (N, 1) that the loop has to use as returns."""
        rewards = rollout_buffer.rewards.reshape(-1, 1)
        return 2 * discount_factor * rewards + rollout_buffer.observations[:, :1]

    def get_advantages(self, value_net: Any, observations: Any, returns: Any) -> torch.Tensor:
        """Numbers (N, 1) that the loop has to use as advantages.

        They differ if the loop computes them after it has trained the value network, or for a minibatch.
        """
        guess = value_net(observations).detach()
        advantages = returns + 2 * guess - returns.max() / len(returns)
        if self.collections and self.collections[-1].weights is None:
            self.collections[-1].weights = advantages.clone()
        return advantages

    def get_vanilla_policy_gradient_loss(self, *unnamed: Any, **named: Any) -> torch.Tensor:
        """A loss that depends on every argument of the policy's losses; notes which steps it got."""
        given = _checked(unnamed, named, "policy")
        if self.collections:
            self._note(given)
        number = torch.arange(given["old_logits"].shape[1])
        wanted = given["return_or_advantage"] + given["action"] + given["ppo_clip"] * number
        return _loss_in_any_order(
            given["policy"], torch.cos(wanted - given["old_logits"]), given["observation"]
        )

    @staticmethod
    def get_value_net_loss(*unnamed: Any, **named: Any) -> torch.Tensor:
        """A loss that depends on every argument of the value network's loss."""
        given = _checked(unnamed, named, "value_net")
        wanted = torch.cos(given["returns"] / 2)
        return _loss_in_any_order(given["value_net"], wanted, given["observation"])

    def _note(self, given: dict[str, Any]) -> None:
        """Note which steps of the last collection the losses got, and whether with their own data."""
        collection = self.collections[-1]
        steps = [collection.steps.get(row, -1) for row in _rows(given["observation"])]
        collection.minibatches.append(steps)
        with contextlib.suppress(Exception):  # what no test compares must not fail one
            self._note_data(given, np.array(steps))

    def _note_data(self, given: dict[str, Any], steps: np.ndarray) -> None:
        """Note whether the losses got what belongs to these steps of the last collection."""
        collection, known = self.collections[-1], steps >= 0
        self.other[GIVES_OBSERVATIONS] &= bool(known.all())
        for name, argument, wanted in (
            (GIVES_ACTIONS, "action", collection.buffer.actions),
            (GIVES_OLD_LOGITS, "old_logits", collection.buffer.old_logits),
            (GIVES_RETURNS, "returns", collection.returns),
            (GIVES_WEIGHTS, "return_or_advantage", collection.weights),
        ):
            self.own[name] &= (
                wanted is not None
                and len(given[argument]) == len(steps)
                and len(wanted) == len(collection.steps)
                and _are(given[argument][known], wanted[steps[known]])
            )
        self.other[GIVES_CLIP] &= bool(given["ppo_clip"] == self.ppo_clip)

    def losses_were_given(self) -> dict[str, bool]:
        """Whether each thing that the losses got, and the seeds of the rollouts, were the right ones.

        Which steps a minibatch has is read from its observations. Where nothing else belongs to these
        steps, the observations are those of other ones. A single minibatch does not tell: some other
        step may have the same action.
        """
        of_these_steps = any(self.own.values())
        unknown = not (of_these_steps and self.in_turn)
        own = {name: is_own or unknown for name, is_own in self.own.items()}
        observations = (self.other[GIVES_OBSERVATIONS] and of_these_steps) or not self.in_turn
        return {**self.other, **own, GIVES_OBSERVATIONS: observations}

    def every_epoch_uses_each_step_once(self) -> bool:
        """Whether the minibatches of every epoch are a division of the collection's steps."""
        if not self.in_turn:
            return True
        for collection in self.collections:
            used = [step for minibatch in collection.minibatches for step in minibatch]
            if -1 in used:  # which step it stands for is not known
                continue
            each, size = list(range(len(collection.steps))), len(collection.steps)
            epochs = [sorted(used[n : n + size]) for n in range(0, len(used), size)]
            # How many epochs there are is another question.
            if any(epoch != each for epoch in epochs):
                return False
        return True

    def _epochs(self) -> list[tuple[int, list[list[int]]]]:
        """For every epoch the number of steps in its collection, and the steps of its minibatches.

        An epoch is left out if one minibatch held the whole collection: nothing had to be shuffled.
        """
        found = []
        for collection in self.collections:
            minibatches = collection.minibatches
            size, length = len(collection.steps), -(-len(minibatches) // self.epochs)
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
        """Whether no two epochs on equally many steps had exactly the same minibatches."""
        epochs = [(size, frozenset(map(frozenset, epoch))) for size, epoch in self._epochs()]
        return len(set(epochs)) == len(epochs)


def _rows(observations: torch.Tensor) -> list[tuple[float, ...]]:
    return [tuple(row) for row in observations.tolist()]


def _are(given: torch.Tensor, wanted: torch.Tensor) -> bool:
    """Whether two columns or tables hold the same numbers, but for rounding.

    What is no number, after training has failed, says nothing of where it comes from.
    """
    if not torch.isfinite(given).all():
        return True
    return given.shape == wanted.shape and bool(
        torch.allclose(given.detach().double(), wanted.double(), rtol=1e-5, atol=1e-6)
    )


def _checked(unnamed: tuple[Any, ...], named: dict[str, Any], module: str) -> dict[str, Any]:
    """The named arguments of a loss. Raises WrongArguments if one is missing or does not fit."""
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
    """Gradient descent, with everything of torch.optim.SGD that a training loop may use.

    Torch's own optimizers load torch's compiler when the first one in a process is made. That takes
    longer than all the tests together, so this class replaces whatever does it. Copies and hooks of
    steps are torch's own.
    """

    def __init__(self, parameters: list[torch.nn.Parameter], lr: float) -> None:
        self.defaults: dict[str, Any] = {"lr": lr}
        self.param_groups: list[dict[str, Any]] = []
        # Plain gradient descent keeps nothing from one step to the next.
        self.state: defaultdict[torch.Tensor, Any] = defaultdict(dict)
        # Torch looks for these where hooks are registered, and where a copy is made.
        self._optimizer_step_pre_hooks = OrderedDict()
        self._optimizer_step_post_hooks = OrderedDict()
        self._optimizer_state_dict_pre_hooks = OrderedDict()
        self._optimizer_state_dict_post_hooks = OrderedDict()
        self._optimizer_load_state_dict_pre_hooks = OrderedDict()
        self._optimizer_load_state_dict_post_hooks = OrderedDict()
        self.add_param_group({"params": parameters})

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Let `step` move these parameters, too."""
        params = param_group["params"]
        listed = [params] if torch.is_tensor(params) else list(params)
        self.param_groups.append({**self.defaults, **param_group, "params": listed})

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients."""
        for parameter in self._parameters():
            parameter.grad = None if set_to_none else torch.zeros_like(parameter)

    @torch.optim.Optimizer.profile_hook_step
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Take a step downhill. A closure computes the gradients first, and its loss is returned."""
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

    # Otherwise torch would let a copy call the hooks once more.
    step.hooked = True  # type: ignore[attr-defined]

    def state_dict(self) -> dict[str, Any]:
        """What torch's optimizers would save, with the number of each parameter in its place."""
        for before in self._optimizer_state_dict_pre_hooks.values():
            before(self)
        numbers = {id(parameter): n for n, parameter in enumerate(self._parameters())}
        groups = [
            {**group, "params": [numbers[id(p)] for p in group["params"]]}
            for group in self.param_groups
        ]
        saved: dict[str, Any] = {"state": {}, "param_groups": groups}
        for after in self._optimizer_state_dict_post_hooks.values():
            saved = after(self, saved) or saved
        return saved

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over everything but the parameters."""
        for before in self._optimizer_load_state_dict_pre_hooks.values():
            state_dict = before(self, state_dict) or state_dict
        for group, saved in zip(self.param_groups, state_dict["param_groups"]):
            group.update({name: value for name, value in saved.items() if name != "params"})
        for after in self._optimizer_load_state_dict_post_hooks.values():
            after(self)

    def _parameters(self) -> list[torch.nn.Parameter]:
        return [parameter for group in self.param_groups for parameter in group["params"]]


class ConstantSchedule(torch.optim.lr_scheduler.LRScheduler):
    """A learning rate scheduler that never changes the learning rate. It counts its steps."""

    def __init__(self, optimizer: GradientDescent) -> None:
        # Torch's own would wrap the optimizer's `step` and take a first step itself.
        self.optimizer = optimizer
        for group in optimizer.param_groups:
            group.setdefault("initial_lr", group["lr"])
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch, self._step_count = 0, 1
        self._last_lr = self.get_lr()

    def step(self, epoch: int | None = None) -> None:
        """Leave the learning rate as it is."""
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        self._step_count += 1
        self._last_lr = self.get_lr()

    def get_last_lr(self) -> list[Any]:
        """The learning rates of the last step, as torch's schedulers give them."""
        return self._last_lr

    def get_lr(self) -> list[Any]:
        """The learning rates as they are."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """What torch's schedulers would save."""
        return {name: value for name, value in vars(self).items() if name != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore what `state_dict` saved."""
        vars(self).update(state_dict)
