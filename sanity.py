"""Quick checks for the notebook: after each part, a tiny example and a plain sentence about it.

`python grade.py` decides about points; these only tell you early where to think again. The numbers
below can all be worked out by hand, and the notebook shows how.
"""

from __future__ import annotations

import contextlib
import importlib
import traceback
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import numpy as np
import torch
from torch import nn

import utils

PARTS = {
    "get_returns": "Part 1: returns",
    "get_vanilla_policy_gradient_loss": "Part 2: the policy gradient loss",
    "collect_rollouts": "Part 3: rollouts",
    "train_policy_gradient": "Part 4: the training loop",
    "get_value_net_loss": "Part 5: the value network",
    "get_advantages": "Part 6: advantages",
    "get_PPO_policy_gradient_loss": "Part 7: PPO",
}

# What well-known mistakes give in the examples below: the numbers, then what they tell.
MISTAKES = """
returns 3.75 5.5 7 8 8 6 | The return of an episode's last step should be its own reward.
returns 2.75 2.75 2.75 4 8 8 | Rewards from before a step should not count in its return.
returns 6 5 3 4 11 6 | Later rewards are counted in full, whatever the discount factor.
returns 2.75 1.75 .75 4 8 3 | Discounting starts at the episode's start, not at the step in question.
returns 1 2 3 4 5 6 | These are the rewards alone; what follows a step is missing.
returns 1.75 1.5 0 0 3 0 | A step's own reward is missing from its return.
returns 3.5 3 0 0 6 0 | Each step has the return of the step after it.
returns 1 2.5 4.25 4 5 8.5 | Earlier rewards are summed; a return looks at later ones.
returns 6 8 4 3 3.5 2.75 | The returns are right, but in reverse order.
returns 2 2 0 0 8 6 | The reward of an episode's last step is lost.
returns 2.75 3.5 3 4 0 0 | Steps after the last finished episode have no return; their rewards count too.
vpg -1.2747 | The sign is turned round: descending this loss would make good actions rarer.
vpg 2.5494 | The steps are added up; the loss is their mean.
vpg .15 | Probabilities are used where their logarithms belong.
vpg .4024 | Every weight meets every log-probability: (N,) times (N, 1) has become (N, N).
vpg .8047 | The weights do not count: every action that was taken is made likelier alike.
vpg .3505 | All actions enter the loss; only the one that was taken should.
vpg 1.0516 | All actions enter the loss; only the one that was taken should.
value 5.25 | The squares are added up; the loss is their mean.
value .875 | The loss is half of what it should be; its formula has no factor of one half.
value 1.3229 | A root was taken; the loss is the mean square itself.
value 1.1667 | These are absolute differences; the loss squares them.
value -1.75 | The sign is turned round.
value 4.0833 | Every value meets every return: (N,) minus (N, 1) has become (N, N).
advantages -.8165 -.8165 0 1.633 | The variance has N in its denominator; that of a sample has N - 1.
advantages 1 1 2 4 | They are not standardized.
advantages -1 -1 0 2 | Their mean is 0, but their standard deviation is not 1.
advantages .7071 .7071 1.4142 2.8284 | Their standard deviation is 1, but their mean is not 0.
advantages -.5 -.5 0 1 | They are divided by the variance, not by the standard deviation.
advantages .7071 .7071 0 -1.4142 | The sign is turned round: better than expected is positive.
advantages -.8555 -.4753 -.0951 1.4259 | These are standardized returns; the values do not count.
ppo .94 | The sign is turned round: descending this loss would make good actions rarer.
ppo -1.18 | Nothing is clipped; the bounds on the ratio have no effect.
ppo -1.12 | The clipped term stands alone; the minimum of the two, step by step, is missing.
ppo -1.06 | Only one of the two bounds has an effect.
ppo -1.36 | The larger of the two terms is taken; the objective is the pessimistic one.
ppo -.5139 | The ratio is upside down: it is the new probability over the old one.
ppo .5188 | A difference of log-probabilities stands where the ratio of probabilities belongs.
ppo -.2902 | One log-probability is divided by the other; the ratio is one of probabilities.
ppo -.32 | The old probabilities do not count.
ppo -.7733 | All actions enter the loss; only the one that was taken should.
ppo -.756 | Every ratio meets every advantage: (N,) times (N, 1) has become (N, N).
ppo -.9 | The advantages do not count.
ppo -4.7 | The steps are added up; the loss is their mean.
ppo .5804 | This is the plain policy gradient loss; there is no ratio in it.
ppo -.18 | The product of ratio and advantage is clipped; the bounds are for the ratio.
"""


class NotWrittenYet(Exception):
    """A function of submitted.py that is still a stub was called. Jupyter shows only the message."""

    def __init__(self, function: str, line: int) -> None:
        super().__init__(
            f"{function} is not written yet (submitted.py, line {line}).\n"
            f'The section "{PARTS.get(function, "of that name")}" of this notebook explains it.\n'
            "Next: write the function, save the file, run this cell again. All above it is done."
        )

    def _render_traceback_(self) -> list[str]:
        # IPython asks an exception for this before it prints a traceback of its own.
        return str(self).splitlines()


@contextlib.contextmanager
def needs_submission() -> Iterator[None]:
    """Around a cell's code: an unwritten function stops the cell with one readable message."""
    try:
        yield
    except NotImplementedError as error:
        frame = _frame_of_submission(error)
        if frame is None or not str(error).endswith("not written yet"):
            raise
        raise NotWrittenYet(str(error).split()[0], frame.lineno or 0) from None


def _frame_of_submission(error: BaseException) -> traceback.FrameSummary | None:
    """The innermost line of submitted.py that the error came through."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((f for f in reversed(frames) if f.filename.endswith("submitted.py")), None)


def _report(function: str, problems: Callable[[Any], Iterator[str]], praise: str) -> None:
    """Print the first of the problems, or the praise where there is none."""
    # Looked up anew each time: what autoreload has brought in is what is checked.
    submission = importlib.import_module("submitted")
    try:
        with needs_submission():
            problem = next(problems(submission), None)
    except NotWrittenYet:
        raise
    except Exception as error:
        frame = _frame_of_submission(error)
        problem = f"It stopped with {type(error).__name__}: {error}"
        if frame is not None:
            problem += f"\n  submitted.py, line {frame.lineno}: {frame.line}"
    if problem is None:
        print(f"{function} looks right. {praise}")
    else:
        print(f"{function} is not right yet. {problem}")


# -- Comparing --


def _column(*numbers: float) -> torch.Tensor:
    return torch.tensor(numbers, dtype=torch.float32).reshape(-1, 1)


def _close(got: torch.Tensor, expected: torch.Tensor) -> bool:
    """Equal in shape, and in value to four digits (those that the text states)."""
    return got.shape == expected.shape and torch.allclose(got.float(), expected.float(), atol=2e-4)


def _form(what: str, got: Any, shape: tuple[int, ...]) -> Iterator[str]:
    """Whether `got` is a float32 tensor of this shape."""
    if not isinstance(got, torch.Tensor):
        yield f"{what} should be a tensor, but a {type(got).__name__} came back."
    elif tuple(got.shape) != shape:
        expected = "(), a single number" if shape == () else str(shape)
        yield f"{what} has shape {tuple(got.shape)}, expected {expected}."
    elif got.dtype != torch.float32:
        yield f"{what} has dtype {got.dtype}, expected torch.float32."


def _value(
    what: str, got: torch.Tensor, expected: torch.Tensor, example: str = ""
) -> Iterator[str]:
    """Whether `got` is right in form and value; if not, whether it is a mistake that has a name."""
    yield from _form(what, got, tuple(expected.shape))
    got = got.detach()
    if _close(got, expected):
        return
    for line in MISTAKES.strip().splitlines():
        numbers, sentence = line.split(" | ")
        name, *wrong = numbers.split()
        if name == example and _close(got.reshape(-1, 1), _column(*map(float, wrong))):
            yield sentence
    got, expected = got.flatten(), expected.flatten()
    index = int((got - expected).abs().nan_to_num(torch.inf).argmax())
    where = f" at index {index}" if len(got) > 1 else ""
    yield f"{what}{where}: got {got[index]:.4f}, expected {expected[index]:.4f}."


def _gradient(loss: torch.Tensor, module: _Table, name: str) -> Iterator[str]:
    """Backpropagate; whether anything arrives."""
    if loss.requires_grad:
        loss.backward()
    if module.table.grad is None or not module.table.grad.any():
        yield f"The loss has the right value, but no gradient reaches the {name}."


# -- Stand-ins --


class _Table(nn.Module):
    """A network that is a table: for the i-th one-hot observation it gives the i-th row."""

    def __init__(self, rows: torch.Tensor) -> None:
        super().__init__()
        self.table = nn.Parameter(rows)

    def forward(self, observation: torch.Tensor) -> torch.Tensor:
        return observation @ self.table


class _ThreeEpisodes(utils.EnvInterface):
    """Episodes of 3, 1 and 2 steps. Observation (episode, step); minus ten, minus one a reward."""

    def __init__(self) -> None:
        self.episode, self.steps = -1, 0
        self.actions: list[int] = []

    def reset(self, seed: int | None = None) -> torch.Tensor:
        self.episode, self.steps = self.episode + 1, 0
        return torch.tensor([[float(self.episode), 0.0]])

    def step(self, action: torch.Tensor) -> tuple[torch.Tensor, bool, float]:
        self.actions.append(int(action))
        self.steps += 1
        observation = torch.tensor([[float(self.episode), float(self.steps)]])
        return observation, self.steps >= (3, 1, 2)[self.episode], -10.0 * self.episode - self.steps


# -- The checks --


def returns() -> None:
    """Check get_returns: two finished episodes and a tail, then the example of the text."""
    _report("get_returns", _returns, "Each episode, and the unfinished tail, is summed on its own.")


def _returns(submission: Any) -> Iterator[str]:
    buffer = utils.RolloutBuffer()
    ends = [False, False, True, True, False, False]
    buffer.load({"rewards": [1, 2, 3, 4, 5, 6], "terminateds": ends})
    got = submission.get_returns(buffer, 0.5)
    if not _close(buffer.rewards, _column(1, 2, 3, 4, 5, 6)):
        yield "The rewards in the buffer were changed; others still need them."
    yield from _value("The tensor of returns", got, _column(2.75, 3.5, 3, 4, 8, 6), "returns")
    buffer.load({"rewards": [*range(11)] * 2, "terminateds": ([False] * 10 + [True]) * 2})
    known = [1.9883, 3.9766, 5.9531, 7.9062, 9.8125, 11.625, 13.25, 14.5, 15, 14, 10] * 2
    got = submission.get_returns(buffer, discount_factor=0.5)
    yield from _value("The example of the text", got, _column(*known))
    got = submission.get_returns(buffer)
    yield from _value("Without a discount factor given", got[9:11], _column(18.5, 10))


def vpg_loss() -> None:
    """Check get_vanilla_policy_gradient_loss on two steps, and on the example of the text."""
    praise = "Its value and its gradient agree with the worked example."
    _report("get_vanilla_policy_gradient_loss", _vpg_loss, praise)


def _vpg_loss(submission: Any) -> Iterator[str]:
    policy = _Table(torch.tensor([[0.5, 0.25, 0.25], [0.1, 0.8, 0.1]]).log())
    batch = (torch.eye(2), torch.tensor([[2], [1]]), _column(2, -1))
    loss = submission.get_vanilla_policy_gradient_loss(policy, *batch)
    yield from _value("The loss", loss, torch.tensor(1.2747), "vpg")
    yield from _gradient(loss, policy, "policy")


def value_loss() -> None:
    """Check get_value_net_loss on three steps."""
    praise = "Its value and its gradient agree with the worked example."
    _report("get_value_net_loss", _value_loss, praise)


def _value_loss(submission: Any) -> Iterator[str]:
    value_net = _Table(_column(1, 0, 2))
    loss = submission.get_value_net_loss(value_net, torch.eye(3), _column(2, 0.5, 4))
    yield from _value("The loss", loss, torch.tensor(1.75), "value")
    yield from _gradient(loss, value_net, "value network")


def advantages() -> None:
    """Check get_advantages on four steps."""
    praise = "They have mean 0 and sample standard deviation 1, and carry no gradient."
    _report("get_advantages", _advantages, praise)


def _advantages(submission: Any) -> Iterator[str]:
    value_net = _Table(_column(0, 1, 1, 3))
    got = submission.get_advantages(value_net, torch.eye(4), _column(1, 2, 3, 7))
    expected = _column(-0.7071, -0.7071, 0, 1.4142)
    yield from _value("The tensor of advantages", got, expected, "advantages")
    if got.requires_grad:
        yield "The numbers are right, but a gradient would flow through them to the value network."


def ppo_loss() -> None:
    """Check get_PPO_policy_gradient_loss: ratios 1.5, 1.5, 0.5, 0.5 and 1.1."""
    praise = "Where a step is clipped no gradient is left; the other steps have theirs."
    _report("get_PPO_policy_gradient_loss", _ppo_loss, praise)


def _ppo_loss(submission: Any) -> Iterator[str]:
    new = torch.tensor([0.6, 0.6, 0.3, 0.3, 0.55])
    old = torch.tensor([0.4, 0.4, 0.6, 0.6, 0.5])
    policy = _Table(torch.stack([1 - new, new], dim=1).log())
    old_logits = torch.stack([1 - old, old], dim=1).log()
    actions = torch.ones((5, 1), dtype=torch.int64)
    batch = (policy, torch.eye(5), old_logits, actions, _column(2, -1, 2, -2, 4))
    loss = submission.get_PPO_policy_gradient_loss(*batch, ppo_clip=0.2)
    yield from _value("The loss", loss, torch.tensor(-0.94), "ppo")
    yield from _gradient(loss, policy, "policy")
    if (policy.table.grad[:, 1].abs() > 1e-6).tolist() != [False, True, True, False, True]:
        yield "The value is right, but the gradient is not that of the steps that are not clipped."
    wide = submission.get_PPO_policy_gradient_loss(*batch, ppo_clip=0.6)
    if isinstance(wide, torch.Tensor) and _close(wide, torch.tensor(-0.94)):
        yield "The bounds stay at 0.8 and 1.2 whatever ppo_clip is."
    yield from _value("The loss with ppo_clip=0.6", wide, torch.tensor(-1.18))


def rollouts() -> None:
    """Check collect_rollouts on three short episodes with a seeded sampler."""
    praise = "Every step is recorded with the observation in which its action was taken."
    _report("collect_rollouts", _rollouts, praise)


def _rollouts(submission: Any) -> Iterator[str]:
    env, seed = _ThreeEpisodes(), np.array([3, 1, 4, 15, 9, 2])
    weights = torch.tensor([[0.3, 0.1, -0.5], [-0.2, 0.4, 0.2]])
    policy = nn.Sequential(_Table(weights), nn.LogSoftmax(dim=-1))
    buffer, mean_last_reward = submission.collect_rollouts(env, policy, 3, seed=seed)
    if buffer.final_size != 6:
        yield f"The buffer holds {buffer.final_size} steps; the three episodes have 6 together."
    observed = torch.tensor([[0.0, 0], [0, 1], [0, 2], [1, 0], [2, 0], [2, 1]])
    if _close(buffer.observations, observed + torch.tensor([0.0, 1.0])):
        yield "The observations stored are those that followed the actions."
    if _close(buffer.observations, observed * torch.tensor([1.0, 0.0])):
        yield "The observation never changes within an episode: the policy always acts on the first."
    yield from _value("The tensor of observations", buffer.observations, observed)
    expected = policy(observed).detach()
    if buffer.old_logits.requires_grad:
        yield "The recorded log-probabilities still carry a gradient; they are data."
    if _close(buffer.old_logits, expected.exp()):
        yield "The buffer holds probabilities where log-probabilities are expected."
    yield from _value("The tensor of log-probabilities", buffer.old_logits, expected)
    actions = buffer.actions.flatten().tolist()
    if actions != env.actions:
        yield "The actions in the buffer are not those that the environment was given."
    if actions == expected.argmax(dim=1).tolist():
        yield "The most probable action is always taken; actions should be drawn at random."
    if actions != [1, 1, 0, 2, 2, 1]:
        yield "The actions are not those that the sampler in utils draws with the given seed."
    if buffer.terminateds.flatten().tolist() != [False, False, True, True, False, True]:
        yield "The flag of termination should be True on the last step of an episode and only there."
    yield from _value("The tensor of rewards", buffer.rewards, _column(-1, -2, -3, -11, -21, -22))
    if abs(mean_last_reward + 12) > 1e-6:
        yield f"The mean of the three last rewards is -12, but {mean_last_reward} came back."


def training() -> None:
    """Check train_policy_gradient: 5 rollouts of 3 steps, 2 at a time, 2 epochs, minibatches of 4.

    Every function the loop calls is a stand-in, so that mistakes elsewhere do not show up here.
    """
    praise = "Each minibatch brings the losses what belongs together."
    _report("train_policy_gradient", _training, praise)


def _training(submission: Any) -> Iterator[str]:
    policy, value_net, env, seed = nn.Linear(1, 1), nn.Linear(1, 1), object(), np.array([7])
    for get_advantages, factor in ((None, 2), (lambda _net, _observations, returns: -returns, -2)):
        collected: list[tuple] = []
        batches: list[dict[str, Any]] = []

        def collect_rollouts(*arguments, calls=collected, **keywords):
            call = dict(
                zip(("env", "policy", "num_rollouts", "base_rollout"), arguments), **keywords
            )
            calls.append((call["env"], call["policy"], call["num_rollouts"], call.get("seed")))
            # Every number a step has is its serial number: rows that do not belong together show.
            numbers = torch.arange(3 * call["num_rollouts"]).reshape(-1, 1) + 100 * len(calls)
            buffer = utils.RolloutBuffer()
            fields = dict.fromkeys(("actions", "observations", "old_logits", "rewards"), numbers)
            buffer.load({**fields, "terminateds": numbers % 3 == 0})
            return buffer, -float(len(calls))

        def loss(batches=batches, **arguments):
            batches.append(arguments)
            return (policy.weight**2).sum()

        with mock.patch.object(submission, "collect_rollouts", collect_rollouts):
            result = submission.train_policy_gradient(
                env, policy, torch.optim.SGD(policy.parameters(), lr=0.1), loss,
                lambda buffer: 2 * buffer.rewards, rollouts=5, rollouts_before_training=2,
                training_epochs_per_rollout=2, minibatch_size=4, ppo_clip=0.3, value_net=value_net,
                get_advantages=get_advantages, rollout_seed=seed,
            )  # fmt: skip
        numbers = [call[2] for call in collected]
        if numbers != [2, 2, 1]:
            yield f"Of 5 rollouts, 2 at a time, {numbers} were collected; expected [2, 2, 1]."
        if any(call[0] is not env or call[1] is not policy for call in collected):
            yield "The rollouts should come from the environment and the policy that are given."
        if any(call[3] is not seed for call in collected):
            yield "rollout_seed does not reach collect_rollouts."
        if result[2] != [-1, -2, -3]:
            yield f"final_rewards should hold what each collection gave; it is {result[2]}."
        yield from _batch_problems(batches, policy, value_net, factor)


def _batch_problems(batches: list, policy: Any, value_net: Any, factor: int) -> Iterator[str]:
    """What is wrong with the losses' arguments; return_or_advantage should be factor * number."""
    needed = (
        "policy value_net critic observation old_logits action return_or_advantage returns ppo_clip"
    )
    for batch in batches:
        missing = [name for name in needed.split() if name not in batch]
        if missing:
            yield f"The losses are called without {', '.join(missing)}."
        if any(batch[name] is not value_net for name in ("value_net", "critic")):
            yield "value_net and critic should both be the value network."
        if batch["policy"] is not policy or batch["ppo_clip"] != 0.3:
            yield "policy and ppo_clip should be passed on as they were given."
        steps = batch["observation"]
        if len(steps) > 4:
            yield f"A loss was given {len(steps)} steps, though minibatches have at most 4."
        if _close(batch["returns"], -2 * steps):
            yield "returns holds the advantages; the value network learns from the returns."
        for name, multiple in {"old_logits": 1, "action": 1, "returns": 2}.items():
            if not _close(batch[name], multiple * steps):
                yield f"{name} does not hold the rows of the steps that observation holds."
        if not _close(batch["return_or_advantage"], factor * steps):
            case = "there are no advantages" if factor > 0 else "there are advantages"
            yield f"return_or_advantage is not what it should be where {case}."
    used = torch.cat([batch["observation"].flatten() for batch in batches]).tolist()
    if any(used.count(step) != 2 for step in used) or len(used) != 30:
        yield "In two epochs every collected step should be used exactly twice."
