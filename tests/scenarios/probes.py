"""What must hold of a function however it is written: calls with one thing changed, and what follows.

Each probe says true or false. No test compares it, and where it cannot be tried it is true. It tells
what went wrong in code that nobody has foreseen: a loss that grows when every step is given twice is no
mean, whatever it is. (Such relations between calls are called metamorphic; Chen, Cheung and Yiu, 1998.)
"""

from __future__ import annotations

import contextlib
import functools
import io
import signal
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, ParamSpec

import numpy as np
import torch

import utils
from grading.wire import BY_CHANCE
from tests.scenarios.telltales import (
    ACTIONS,
    ANY_ORDER,
    CLIP,
    DISCOUNT,
    DRAWN,
    EARLIER,
    EITHER_SIDE,
    FADING,
    GIVEN_TWICE,
    HIGHER,
    IN_PROPORTION,
    MOVED,
    NOTHING_ADDED,
    OLD_POLICY,
    OTHER_EPISODES,
    OWN_REWARD,
    PERFECT,
    PROPORTIONAL,
    RECORDS_ACTIONS,
    RECORDS_FLAGS,
    RECORDS_OBSERVATIONS,
    RECORDS_OLD_LOGITS,
    RECORDS_REWARDS,
    RETURNS,
    ROWS,
    SQUARED,
    STRETCHED,
    VALUES,
)

Inputs = dict[str, Any]
Numbers = torch.Tensor

# Results that differ by less, relative to the largest number, are the same.
RELATIVE = 1e-3
# The probes of one call may take so long together; then the rest is left out.
SECONDS = 1.0
# Whether to probe, see grading.wire.Task. The calls that decide about points are followed by no others.
wanted = False


class CannotTell(Exception):
    """A result that no relation can be read from."""


def _numbers(result: Any) -> Numbers:
    """The numbers of a result, flat. Raises CannotTell."""
    # What only says that it is a tensor may end the process where it is read as one.
    if not issubclass(type(result), (torch.Tensor, np.ndarray, float, int)):
        raise CannotTell
    try:
        numbers = torch.as_tensor(result).detach().double().reshape(-1)
    except (TypeError, ValueError, RuntimeError) as error:
        raise CannotTell from error
    if not len(numbers) or not bool(torch.isfinite(numbers).all()):
        raise CannotTell
    return numbers


def _same(one: Numbers, other: Numbers) -> bool:
    if one.shape != other.shape:
        raise CannotTell
    scale = max(float(one.abs().max()), float(other.abs().max()))
    return bool((one - other).abs().max() <= RELATIVE * scale + 1e-9)


def _copies(tensors: Inputs) -> Inputs:
    """Copies, because a submission may change what it is given."""
    return {name: tensor.clone() for name, tensor in tensors.items()}


class TooLong(BaseException):
    """The probes have taken their time. It is no Exception, because a submission may catch those."""


@contextlib.contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Raise TooLong after some seconds, where the platform can."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: Any) -> None:
        raise TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


Probes = dict[str, Callable[[], bool]]
# What gives another result each time, or remembers what it was asked, breaks any relation: then the
# others are not tried.
CHANCE: Probes = {BY_CHANCE: lambda: False}
P = ParamSpec("P")


def _tried(*names: str) -> Callable[[Callable[P, Probes]], Callable[P, dict[str, bool]]]:
    """Make a function that returns probes with these names return what they say.

    A probe that cannot be tried, or is not wanted, says true.
    """

    def decorate(probes_of: Callable[P, Probes]) -> Callable[P, dict[str, bool]]:
        @functools.wraps(probes_of)
        def said(*args: P.args, **kwargs: P.kwargs) -> dict[str, bool]:
            found = dict.fromkeys(names, True)
            if not wanted:
                return found
            # What is printed or raised here is the business of the calls that are compared, even what
            # would end the program.
            with (
                contextlib.suppress(BaseException),
                contextlib.redirect_stdout(io.StringIO()),
                torch.no_grad(),
                _at_most(SECONDS),
            ):
                for name, probe in probes_of(*args, **kwargs).items():
                    with contextlib.suppress(Exception, SystemExit):
                        found[name] = probe()
            return found

        return said

    return decorate


class Changed(torch.nn.Module):
    """A network whose output is multiplied by a factor; a number of its own is added for each row."""

    def __init__(self, net: torch.nn.Module, factor: float = 1.0, added: float = 0.0) -> None:
        """added: the size of the numbers."""
        super().__init__()
        self.net, self.factor, self.added = net, factor, added

    def forward(self, observation: Any) -> Any:
        """(N, outputs), like the network's own."""
        own = torch.sin(torch.arange(float(len(observation))) * 1.7).reshape(-1, 1)
        return self.factor * self.net(observation) + self.added * own


class Flattened(torch.nn.Module):
    """A policy in whose distributions no action is all but certain."""

    def __init__(self, policy: torch.nn.Module) -> None:
        super().__init__()
        self.policy = policy

    def forward(self, observation: Any) -> Any:
        """Log-probabilities (N, A), like the policy's own."""
        logits = self.policy(observation)
        return torch.log_softmax(logits / (1 + logits.detach().abs().max()), dim=1)


# -- returns --


@_tried(BY_CHANCE, PROPORTIONAL, DISCOUNT, OTHER_EPISODES, EARLIER, OWN_REWARD, FADING)
def of_returns(
    submission: ModuleType, buffer: Callable[[list[float], list[bool]], utils.RolloutBuffer]
) -> Probes:
    """The probes of get_returns. buffer: makes one with these rewards and ends."""
    lengths, gamma = (4, 1, 5, 3), 0.7
    ends = [step == length - 1 for length in lengths for step in range(length)]
    rewards = [0.5 + (7 * step % 5) * (-1) ** (step % 3) for step in range(len(ends))]
    # The third episode has the steps 5 to 9.
    first, last = 5, 9

    @functools.cache
    def returns(more: tuple[float, ...] = (0.0,) * len(ends), discount: float = gamma) -> Numbers:
        given = [reward + own for reward, own in zip(rewards, more)]
        found = _numbers(submission.get_returns(buffer(given, ends), discount_factor=discount))
        if len(found) != len(ends):
            raise CannotTell
        return found

    def grown(step: int) -> Numbers:
        """How the returns grow when the reward of a step grows by 1."""
        return returns(tuple(float(step == other) for other in range(len(ends)))) - returns()

    def nothing(growth: Numbers) -> bool:
        return bool(growth.abs().max() <= RELATIVE)

    if not _same(returns(), returns.__wrapped__()):
        return CHANCE
    others = [step for step in range(len(ends)) if not first <= step <= last]
    return {
        PROPORTIONAL: lambda: _same(returns(tuple(rewards)), 2 * returns()),
        DISCOUNT: lambda: not _same(returns(), returns(discount=0.2)),
        OTHER_EPISODES: lambda: nothing(grown(first)[others]) and nothing(grown(last)[others]),
        EARLIER: lambda: nothing(grown(first)[first + 1 : last + 1]),
        OWN_REWARD: lambda: nothing(grown(first + 1)[[first + 1]] - 1),
        FADING: lambda: nothing(grown(first + 2)[[first]] - gamma**2),
    }


# -- losses --


OF_POLICY_LOSS = (NOTHING_ADDED, IN_PROPORTION, ANY_ORDER, GIVEN_TWICE, ACTIONS)


@_tried(BY_CHANCE, *OF_POLICY_LOSS)
def of_vpg_loss(function: Any, policy: torch.nn.Module, tensors: Inputs) -> Probes:
    """The probes of the vanilla policy gradient loss. tensors: its batch, by name."""
    return _of_policy_loss(function, policy, tensors, clipped=False)


@_tried(BY_CHANCE, *OF_POLICY_LOSS, OLD_POLICY, CLIP)
def of_ppo_loss(function: Any, policy: torch.nn.Module, tensors: Inputs) -> Probes:
    """The probes of PPO's loss. tensors: its batch, by name."""
    return _of_policy_loss(function, policy, tensors, clipped=True)


def _of_policy_loss(
    function: Any, policy: torch.nn.Module, tensors: Inputs, clipped: bool
) -> Probes:
    given, policy = dict(tensors), Flattened(policy)
    steps, actions = len(given["action"]), policy(given["observation"]).shape[1]
    # Weights of either sign and of different sizes, whatever the case has.
    given["return_or_advantage"] = torch.cos(torch.arange(float(steps)) * 2.3).reshape(-1, 1) + 0.3
    moved = torch.sin(torch.arange(float(steps * actions))).reshape(steps, actions)
    # No ratio is clipped where the clip value is large: nothing else would make a difference to it.
    logits = policy(given["observation"]).detach() + 0.3 * moved
    if clipped:
        given["old_logits"] = torch.log_softmax(logits, dim=1)

    @functools.cache
    def usual() -> Numbers:
        return loss({})

    def loss(changed: Inputs, clip: float = 0.9) -> Numbers:
        options = {"ppo_clip": clip} if clipped else {}
        batch = _copies(given | changed)
        found = _numbers(function(policy=policy, **batch, **options))
        if len(found) != 1:
            raise CannotTell
        return found

    if not _same(usual(), usual.__wrapped__()):
        return CHANCE
    weights = given["return_or_advantage"]
    other_action = (given["action"] + 1) % actions
    backwards = {name: rows.flip(0) for name, rows in given.items()}
    twice = {name: torch.cat([rows, rows]) for name, rows in given.items()}
    probes: Probes = {
        NOTHING_ADDED: lambda: bool(
            loss({"return_or_advantage": 0 * weights}).abs() <= RELATIVE / 10
        ),
        IN_PROPORTION: lambda: _same(loss({"return_or_advantage": 2 * weights}), 2 * usual()),
        ANY_ORDER: lambda: _same(loss(backwards), usual()),
        GIVEN_TWICE: lambda: _same(loss(twice), usual()),
        ACTIONS: lambda: not _same(loss({"action": other_action}), usual()),
    }
    if clipped:
        others = torch.log_softmax(logits - 0.6 * moved, dim=1)
        # Where all ratios lie below 1, no bound above 1 is ever reached.
        rarer = {"old_logits": given["old_logits"] - 1}
        probes[OLD_POLICY] = lambda: not _same(loss({"old_logits": others}), usual())
        probes[CLIP] = lambda: (
            not _same(loss({}, clip=0.01), usual())
            or not _same(loss(rarer, clip=0.01), loss(rarer))
        )
    return probes


@_tried(BY_CHANCE, ANY_ORDER, PERFECT, SQUARED, EITHER_SIDE, GIVEN_TWICE)
def of_value_loss(function: Any, value_net: torch.nn.Module, tensors: Inputs) -> Probes:
    """The probes of the value network's loss."""
    values = value_net(tensors["observation"]).detach()
    error = 1.5 + torch.cos(torch.arange(float(len(values))) * 2.3).reshape(-1, 1)
    error[1::2] *= -1

    def loss(off: Numbers, rows: Any = slice(None)) -> Numbers:
        given = {**tensors, "returns": values + off}
        batch = _copies({name: numbers[rows] for name, numbers in given.items()})
        found = _numbers(function(value_net=value_net, **batch))
        if len(found) != 1:
            raise CannotTell
        return found

    @functools.cache
    def usual() -> Numbers:
        return loss(error)

    if not _same(usual(), usual.__wrapped__()):
        return CHANCE
    steps = list(range(len(values)))
    return {
        ANY_ORDER: lambda: _same(loss(error, steps[::-1]), usual()),
        PERFECT: lambda: bool(loss(0 * error).abs() <= RELATIVE / 10),
        SQUARED: lambda: _same(loss(2 * error), 4 * usual()),
        EITHER_SIDE: lambda: _same(loss(-error), usual()),
        GIVEN_TWICE: lambda: _same(loss(error, steps + steps), usual()),
    }


# -- advantages --


@_tried(BY_CHANCE, VALUES, RETURNS, ROWS, MOVED, STRETCHED, HIGHER)
def of_advantages(function: Any, value_net: torch.nn.Module, observations: Any) -> Probes:
    """The probes of get_advantages."""
    steps = len(observations)
    returns = 3 * torch.cos(torch.arange(float(steps)) * 2.3).reshape(-1, 1) + 1

    def advantages(given: Any = returns, net: Any = value_net, rows: Any = slice(None)) -> Numbers:
        batch = _copies({"observations": observations[rows], "returns": given[rows]})
        found = _numbers(function(net, **batch))
        if len(found) != steps:
            raise CannotTell
        return found

    @functools.cache
    def usual() -> Numbers:
        return advantages()

    def grows() -> bool:
        more = returns.clone()
        more[1] += 1
        return bool(advantages(more)[1] > usual()[1])

    if not _same(usual(), usual.__wrapped__()):
        return CHANCE
    backwards = list(range(steps))[::-1]
    return {
        VALUES: lambda: not _same(advantages(net=Changed(value_net, added=3.0)), usual()),
        RETURNS: lambda: not _same(advantages(returns**2), usual()),
        ROWS: lambda: _same(advantages(rows=backwards), usual().flip(0)),
        MOVED: lambda: _same(advantages(returns + 5), usual()),
        STRETCHED: lambda: _same(advantages(2 * returns, Changed(value_net, 2.0)), usual()),
        HIGHER: grows,
    }


# -- rollouts --


class Watched:
    """What an environment was asked and what it answered: lists with an entry for each step.

    Where no probe is wanted, nothing is watched.
    """

    def __init__(self, env: utils.EnvInterface) -> None:
        self.observations: list[Numbers] = []  # those before the steps
        self.actions: list[int] = []
        self.rewards: list[float] = []
        self.ends: list[bool] = []
        if not wanted:
            return
        reset, step, now = env.reset, env.step, torch.zeros(0)

        def watched_reset(*args: Any, **kwargs: Any) -> Numbers:
            nonlocal now
            observation = reset(*args, **kwargs)
            now = observation.clone()
            return observation

        def watched_step(action: Any) -> tuple[Numbers, bool, float]:
            nonlocal now
            self.actions.append(int(action))
            observation, terminated, reward = step(action)
            self.observations.append(now)
            self.rewards.append(reward)
            self.ends.append(terminated)
            now = observation.clone()
            return observation, terminated, reward

        env.reset, env.step = watched_reset, watched_step  # type: ignore[method-assign]


@_tried(
    DRAWN, RECORDS_ACTIONS, RECORDS_OBSERVATIONS, RECORDS_OLD_LOGITS, RECORDS_REWARDS, RECORDS_FLAGS
)
def of_rollouts(
    seen: Watched, policy: torch.nn.Module, seed: np.ndarray, results: tuple[Any, ...]
) -> Probes:
    """The probes of collect_rollouts: what it recorded and did, held against what was seen.

    seed: as it was before the rollouts. results: what each call returned.
    """
    training, seed = policy.training, seed.copy()
    observations = torch.cat(seen.observations)
    logits = policy.eval()(observations)
    policy.train(training)
    drawn = [int(utils.distribution_sample(row, seed)) for row in logits]

    def recorded(field: str, wanted: Any) -> bool:
        """Whether the rows of a field are these."""
        rows = [_numbers(getattr(buffer, field)) for buffer, _ in results]
        found, expected = torch.cat(rows), _numbers(wanted)
        return len(found) != len(expected) or _same(found, expected)

    return {
        DRAWN: lambda: seen.actions == drawn,
        RECORDS_ACTIONS: lambda: recorded("actions", torch.tensor(seen.actions)),
        RECORDS_OBSERVATIONS: lambda: recorded("observations", observations),
        RECORDS_OLD_LOGITS: lambda: recorded("old_logits", logits),
        RECORDS_REWARDS: lambda: recorded("rewards", torch.tensor(seen.rewards)),
        RECORDS_FLAGS: lambda: recorded("terminateds", torch.tensor(seen.ends)),
    }
