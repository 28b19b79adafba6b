"""Quick checks for the notebook: after each part, a tiny example and a plain sentence about it.

Only `python grade.py` gives points; these checks tell you early what is wrong. All numbers below can be
worked out by hand, and the notebook shows how.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import numpy as np
import torch
from torch import nn

import utils
from handout.unwritten import NotWrittenYet, frame_of_submission, unreadable
from handout.unwritten import follow_saved_files as follow_saved_files
from handout.unwritten import needs_submission as needs_submission
from tests.scenarios.parts import whole_buffer as whole_buffer

# What well-known mistakes return in the examples below: the example, the numbers, and the sentence.
TELLTALES = """
returns 3.75 5.5 7 8 8 6 | The return of an episode's last step should be its own reward.
returns 2.75 2.75 2.75 4 8 8 | Rewards from before a step should not count in its return.
returns 6 5 3 4 11 6 | Later rewards are counted in full, whatever the discount factor.
returns 2.75 1.75 .75 4 8 3 | Discounting starts at the episode's start, not at the step in question.
returns 1 2 3 4 5 6 | These are the rewards alone; what follows a step is missing.
returns 1.75 1.5 0 0 3 0 | A step's own reward is missing from its return.
returns 2 2 0 0 5 0 | The reward of an episode's last step is lost.
vpg -1.2747 | The sign is turned round: descending this loss would make good actions rarer.
vpg 2.5494 | The steps are added up; the loss is their mean.
vpg .15 | Probabilities are used where their logarithms belong.
vpg .4024 | Every weight meets every log-probability: (N,) times (N, 1) has become (N, N).
vpg .8047 | The weights do not count: every action that was taken is made likelier alike.
vpg .3505 | All actions enter the loss; only the one that was taken should.
value 5.25 | The squares are added up; the loss is their mean.
value 1.3229 | A root was taken; the loss is the mean square itself.
value 1.1667 | These are absolute differences; the loss squares them.
value 4.0833 | Every value meets every return: (N,) minus (N, 1) has become (N, N).
advantages -.8165 -.8165 0 1.633 | The variance has N in its denominator; that of a sample has N - 1.
advantages 1 1 2 4 | They are not standardized.
advantages -1 -1 0 2 | Their mean is 0, but their standard deviation is not 1.
advantages .7071 .7071 0 -1.4142 | The sign is turned round: better than expected is positive.
advantages -.8555 -.4753 -.0951 1.4259 | These are standardized returns; the values do not count.
ppo .62 | The sign is turned round: descending this loss would make good actions rarer.
ppo -.98 | Nothing is clipped; the bounds on the ratio have no effect.
ppo -.8 | The clipped term stands alone; the minimum of the two, step by step, is missing.
ppo -.92 | The smaller ratio is taken first and weighted then; the minimum is of weighted terms.
ppo -.86 | Only one of the two bounds has an effect.
ppo -.74 | Only one of the two bounds has an effect.
ppo -1.16 | The larger of the two terms is taken; this objective is an optimist.
ppo .2861 | The ratio is upside down: it is the new probability over the old one.
ppo .8388 | A difference of log-probabilities stands where the ratio of probabilities belongs.
ppo .6525 | One log-probability is divided by the other; the ratio is one of probabilities.
ppo -.3 | Every ratio meets every advantage: (N,) times (N, 1) has become (N, N).
ppo -.9 | The advantages do not count.
ppo -3.1 | The steps are added up; the loss is their mean.
"""


Problems = Callable[[Any], Iterator[str]]


def _check(function: str, praise: str) -> Callable[[Problems], Callable[[], None]]:
    """Make a check from a generator that takes the module `submitted` and yields problems."""

    def decorate(problems: Problems) -> Callable[[], None]:
        def check() -> None:
            # The module is looked up in each call, because autoreload may have replaced it.
            submission = importlib.import_module("submitted")
            if said := unreadable(submission):
                print(said)
                return
            try:
                with needs_submission():
                    problem = next(problems(submission), None)
            except NotWrittenYet:
                raise
            except Exception as error:
                problem = f"It stopped with {type(error).__name__}: {error}"
                if frame := frame_of_submission(error):
                    problem += f"\n  submitted.py, line {frame.lineno}: {frame.line}"
            result = f"looks right. {praise}" if problem is None else f"is not right yet. {problem}"
            print(f"{function} {result}")

        check.__doc__ = problems.__doc__
        return check

    return decorate


def _column(*numbers: float) -> torch.Tensor:
    return torch.tensor(numbers, dtype=torch.float32).reshape(-1, 1)


def _close(got: torch.Tensor, expected: torch.Tensor) -> bool:
    """Whether shapes are equal and values agree to the four digits that the notebook states."""
    return got.shape == expected.shape and torch.allclose(got.float(), expected.float(), atol=2e-4)


def _value(what: str, got: Any, expected: torch.Tensor, example: str = "") -> Iterator[str]:
    """Problems with the form and the value of `got`; `example` is its name in TELLTALES."""
    if not isinstance(got, torch.Tensor):
        yield f"{what} should be a tensor, but a {type(got).__name__} came back."
    if expected.dim() == 0 and got.numel() == 1:
        got = got.reshape(()).float()  # a single number may have any shape and float type
    if got.shape != expected.shape:
        number = " (a single number)" if expected.dim() == 0 else ""
        yield f"{what} has shape {tuple(got.shape)}, expected {tuple(expected.shape)}{number}."
    if got.dtype != torch.float32:
        yield f"{what} has dtype {got.dtype}, expected torch.float32."
    got = got.detach()
    if _close(got, expected):
        return
    for line in TELLTALES.strip().splitlines():
        numbers, sentence = line.split(" | ")
        name, *wrong = numbers.split()
        if name == example and _close(got.reshape(-1, 1), _column(*map(float, wrong))):
            yield sentence
    got, expected = got.flatten(), expected.flatten()
    index = int((got - expected).abs().nan_to_num(torch.inf).argmax())
    where = f" at index {index}" if len(got) > 1 else ""
    yield f"{what}{where}: got {got[index]:.4f}, expected {expected[index]:.4f}."


def _gradient(loss: torch.Tensor, module: _Table, name: str) -> Iterator[str]:
    """Problems with the gradient: none must be there before backward, and one must be afterwards."""
    if module.table.grad is not None:
        yield "The loss is to be returned; calling backward is left to the training loop."
    if loss.requires_grad:
        loss.backward()
    if module.table.grad is None or not module.table.grad.any():
        yield f"The loss has the right value, but no gradient reaches the {name}."


class _Table(nn.Module):
    """A network that is a table: for the i-th one-hot observation it returns the i-th row."""

    def __init__(self, rows: torch.Tensor) -> None:
        super().__init__()
        self.table = nn.Parameter(rows)

    def forward(self, observation: torch.Tensor) -> torch.Tensor:
        return observation @ self.table


class _ThreeEpisodes(utils.EnvInterface):
    """Episodes of 3, 1 and 2 steps. Observation (episode, step); reward -10 * episode - step."""

    def __init__(self) -> None:
        self.episode, self.steps = -1, 0
        self.actions: list[int] = []

    def reset(self, seed: int | None = None) -> torch.Tensor:
        self.episode, self.steps = self.episode + 1, 0
        return torch.tensor([[float(self.episode), 0.0]])

    def step(self, action: torch.Tensor) -> tuple[torch.Tensor, bool, float]:
        if self.steps == (3, 1, 2)[self.episode]:  # otherwise a wrong loop would never end
            raise RuntimeError("The episode is over, but another step is asked for.")
        self.actions.append(int(action))
        self.steps += 1
        observation = torch.tensor([[float(self.episode), float(self.steps)]])
        return observation, self.steps >= (3, 1, 2)[self.episode], -10.0 * self.episode - self.steps


@_check("get_returns", "Each episode is summed on its own.")
def returns(submission: Any) -> Iterator[str]:
    """Three episodes, then the longer example of the text."""
    buffer = whole_buffer([1, 2, 3, 4, 5, 6], [False, False, True, True, False, True])
    got = submission.get_returns(buffer, 0.5)
    if buffer.rewards.tolist() != [1, 2, 3, 4, 5, 6]:
        yield "The rewards in the buffer were changed; others still need them."
    yield from _value("The tensor of returns", got, _column(2.75, 3.5, 3, 4, 8, 6), "returns")
    buffer = whole_buffer([*range(11)] * 2, ([False] * 10 + [True]) * 2)
    known = [1.9883, 3.9766, 5.9531, 7.9062, 9.8125, 11.625, 13.25, 14.5, 15, 14, 10] * 2
    got = submission.get_returns(buffer, discount_factor=0.5)
    yield from _value("The example of the text", got, _column(*known))
    got = submission.get_returns(buffer)
    yield from _value("Without a discount factor given", got[9:11], _column(18.5, 10))


@_check("get_vanilla_policy_gradient_loss", "It agrees with the worked example.")
def vpg_loss(submission: Any) -> Iterator[str]:
    """Two steps and three actions; then the example of the text."""
    policy = _Table(torch.tensor([[0.5, 0.25, 0.25], [0.1, 0.8, 0.1]]).log())
    batch = (torch.eye(2), torch.tensor([[2], [1]]), _column(2, -1))
    loss = submission.get_vanilla_policy_gradient_loss(policy, *batch)
    yield from _value("The loss", loss, torch.tensor(1.2747), "vpg")
    yield from _gradient(loss, policy, "policy")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = utils.SimpleReLuNetwork(3, 2, out_logsoftmax=True, fixed_init=[0.5, 0.5])
        batch = (torch.rand((4, 3)), torch.randint(0, 2, (4, 1)), torch.rand((4, 1)))
    loss = submission.get_vanilla_policy_gradient_loss(network, *batch)
    yield from _value("The example of the text", loss, torch.tensor(0.3363))


@_check("get_value_net_loss", "It agrees with the worked example.")
def value_loss(submission: Any) -> Iterator[str]:
    """Three steps."""
    value_net = _Table(_column(1, 0, 2))
    loss = submission.get_value_net_loss(value_net, torch.eye(3), _column(2, 0.5, 4))
    yield from _value("The loss", loss, torch.tensor(1.75), "value")
    yield from _gradient(loss, value_net, "value network")


@_check("get_advantages", "They are standardized and carry no gradient.")
def advantages(submission: Any) -> Iterator[str]:
    """Four steps."""
    value_net, returns = _Table(_column(0, 1, 1, 3)), _column(1, 2, 3, 7)
    got = submission.get_advantages(value_net, torch.eye(4), returns)
    if not _close(returns, _column(1, 2, 3, 7)):
        yield "The returns were changed; others still need them."
    expected = _column(-0.7071, -0.7071, 0, 1.4142)
    yield from _value("The tensor of advantages", got, expected, "advantages")
    if got.requires_grad:
        yield "The numbers are right, but a gradient would flow through them to the value network."
    if not value_net.table.requires_grad:
        yield "The value network can no longer learn: its parameters were told to take no gradient."
    got = submission.get_advantages(value_net, torch.eye(4), value_net.table.detach() + 1)
    yield from _value("Where all advantages are equal, the tensor", got, _column(0, 0, 0, 0))


@_check("get_PPO_policy_gradient_loss", "Steps that are clipped give no gradient.")
def ppo_loss(submission: Any) -> Iterator[str]:
    """Five steps, with ratios of 1.5, 1.5, 0.5, 0.5 and 1.1."""
    new = torch.tensor([0.6, 0.6, 0.3, 0.3, 0.55])
    old = torch.tensor([0.4, 0.4, 0.6, 0.6, 0.5])
    policy = _Table(torch.stack([1 - new, new], dim=1).log())
    old_logits = torch.stack([1 - old, old], dim=1).log()
    actions = torch.ones((5, 1), dtype=torch.int64)
    batch = (policy, torch.eye(5), old_logits, actions, _column(2, -1, 2, -4, 4))
    loss = submission.get_PPO_policy_gradient_loss(*batch, ppo_clip=0.2)
    yield from _value("The loss", loss, torch.tensor(-0.62), "ppo")
    yield from _gradient(loss, policy, "policy")
    assert policy.table.grad is not None  # otherwise the line above would have ended the check
    if (policy.table.grad[:, 1].abs() > 1e-6).tolist() != [False, True, True, False, True]:
        yield "The value is right, but the gradient is not that of the steps that are not clipped."
    wide = submission.get_PPO_policy_gradient_loss(*batch, ppo_clip=0.6)
    if _close(wide, torch.tensor(-0.62)):
        yield "The bounds stay at 0.8 and 1.2 whatever ppo_clip is."
    yield from _value("The loss with ppo_clip=0.6", wide, torch.tensor(-0.98))


@_check("collect_rollouts", "Each step is recorded as it was taken.")
def rollouts(submission: Any) -> Iterator[str]:
    """Three short episodes, with a seed for the sampler."""
    env, seed = _ThreeEpisodes(), np.array([16, 26, 2, 23, 13, 25])
    weights = torch.tensor([[0.3, 0.1, -0.5], [-0.2, 0.4, 0.2]])
    policy = nn.Sequential(_Table(weights), nn.LogSoftmax(dim=-1))
    buffer, mean_last_reward = submission.collect_rollouts(env, policy, 3, seed=seed)
    if buffer.final_size != 6:
        yield f"The buffer holds {buffer.final_size} steps; three episodes of 3, 1 and 2 were played."
    observed = torch.tensor([[0.0, 0], [0, 1], [0, 2], [1, 0], [2, 0], [2, 1]])
    if _close(buffer.observations, observed + torch.tensor([0.0, 1.0])):
        yield "The observations stored are those that followed the actions."
    if _close(buffer.observations, observed * torch.tensor([1.0, 0.0])):
        yield "The observation never changes within an episode: the policy always acts on the first."
    yield from _value("The tensor of observations", buffer.observations, observed)
    expected, actions = policy(observed).detach(), buffer.actions.flatten().tolist()
    if buffer.old_logits.requires_grad:
        yield "The recorded log-probabilities still carry a gradient; they are data."
    if _close(buffer.old_logits, expected.exp()):
        yield "The buffer holds probabilities where log-probabilities are expected."
    yield from _value("The tensor of log-probabilities", buffer.old_logits, expected)
    if actions != env.actions:
        yield "The actions in the buffer are not those that the environment was given."
    if actions == expected.argmax(dim=1).tolist():
        yield "The most probable action is always taken; actions should be drawn at random."
    if actions != [0, 2, 2, 1, 0, 0]:
        yield "The actions are not those that the sampler in utils draws with the given seed."
    if buffer.terminateds.tolist() != [False, False, True, True, False, True]:
        yield "The flag of termination should be True on the last step of an episode and only there."
    rewards = torch.tensor([-1.0, -2, -3, -11, -21, -22])
    yield from _value("The tensor of rewards", buffer.rewards, rewards)
    if abs(mean_last_reward + 12) > 1e-6:
        yield f"The mean of the three last rewards is -12, but {mean_last_reward} came back."


@_check("train_policy_gradient", "Each minibatch brings the losses what belongs together.")
def training(submission: Any) -> Iterator[str]:
    """5 rollouts of 3 steps, 2 at a time. Every function that the loop calls is a stand-in."""
    actor, critic, world, seeds = nn.Linear(1, 1), nn.Linear(1, 1), object(), np.array([7, 8, 9])
    started = seeds.copy()
    collected: list[int] = []
    batches: list[dict[str, Any]] = []
    wrong: list[str] = []

    def collect_rollouts(
        env: Any,
        policy: Any,
        num_rollouts: int,
        base_rollout: int = 0,
        num_total_rollouts: int | None = None,
        seed: Any = None,
    ) -> tuple[utils.RolloutBuffer, float]:
        collected.append(num_rollouts)
        # A copy of the seeds will do, if it is one for the whole training.
        goes_on = seed is not None and np.array_equal(seed, np.roll(started, len(collected) - 1))
        if env is not world or policy is not actor or not goes_on:
            wrong.append("The rollouts should come from the given env, policy and rollout_seed.")
        if seed is not None:
            seed[:] = np.roll(seed, 1)
        # All numbers of a step are its serial number, so rows that do not belong together show.
        numbers = torch.arange(3 * num_rollouts).reshape(-1, 1) + 100 * len(collected)
        buffer = utils.RolloutBuffer()
        fields = dict.fromkeys(("actions", "observations", "old_logits", "rewards"), numbers)
        buffer.load({**fields, "terminateds": numbers % 3 == 0})
        return buffer, -float(len(collected))

    def loss(**arguments: Any) -> torch.Tensor:
        batches.append(arguments)
        return (actor.weight**2).sum()

    def train(**options: Any) -> Any:
        with mock.patch.object(submission, "collect_rollouts", collect_rollouts):
            return submission.train_policy_gradient(
                world, actor, torch.optim.SGD(actor.parameters(), lr=0.1), loss,
                lambda buffer: 2 * buffer.rewards.reshape(-1, 1),
                rollouts_before_training=2, minibatch_size=4, training_epochs_per_rollout=2,
                ppo_clip=0.3, value_net=critic, rollout_seed=seeds, **options,
            )  # fmt: skip

    result = train(rollouts=5, get_advantages=lambda net, observations, returns: -returns)
    if collected != [2, 2, 1]:
        yield f"Of 5 rollouts, 2 at a time, {collected} were collected; expected [2, 2, 1]."
    yield from wrong
    if result[2] != [-1, -2, -3]:
        yield f"final_rewards should hold what each collection gave; it is {result[2]}."
    given = {"policy": actor, "value_net": critic, "critic": critic, "ppo_clip": 0.3}
    multiples = {"old_logits": 1, "action": 1, "returns": 2, "return_or_advantage": -2}
    for batch in batches:
        missing = ", ".join({"observation", *given, *multiples} - {*batch})
        if missing:
            yield f"The losses are called without {missing}."
        for name, value in given.items():
            if batch[name] is not value:
                yield f"{name} is not what train_policy_gradient was given under that name."
        steps = batch["observation"]
        if len(steps) > 4:
            yield f"A loss was given {len(steps)} steps, though minibatches have at most 4."
        if _close(batch["returns"], -2 * steps):
            yield "returns holds the advantages; the value network learns from the returns."
        if _close(batch["return_or_advantage"], 2 * steps):
            yield "There are advantages, but the policy's loss gets the returns."
        for name, multiple in multiples.items():
            if not _close(batch[name], multiple * steps):
                yield f"{name} does not hold the rows of the steps that observation holds."
    used = torch.cat([batch["observation"] for batch in batches]).flatten().tolist()
    if any(used.count(step) != 2 for step in used) or len(used) != 30:
        yield "In two epochs every collected step should be used exactly twice."
    if used == [100.0 * c + i for c, n in ((1, 6), (2, 6), (3, 3)) for _ in "12" for i in range(n)]:
        yield "The steps come in the order they were played in; minibatches should be shuffled."
    batches.clear()
    train(rollouts=2)
    if any(not _close(batch["return_or_advantage"], batch["returns"]) for batch in batches):
        yield "Without advantages, the policy's loss should get the returns."
