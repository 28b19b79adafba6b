"""The learner of cartpole.py: CartPole's dynamics, two policies, returns, baselines, REINFORCE by hand.

Many episodes are played side by side. The last dimensions of an array, written as (...), are the places
that the episodes are played in.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

LIMIT, STEP, DISCOUNT, EVALUATION = 200, 0.002, 0.99, 100
FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)  # of STEP; powers of two, so that doubling is exact
ONE = FACTORS.index(1.0)
# In kg, m, s and N, as in Barto, Sutton and Anderson (1983) and in Gymnasium; LENGTH is half the pole's.
GRAVITY, CART, POLE, LENGTH, FORCE, TAU = 9.8, 1.0, 0.1, 0.5, 10.0, 0.02
FARTHEST, STEEPEST = 2.4, math.radians(12)


@dataclass(frozen=True)
class Setting:
    """A way to estimate the gradient and to use it; the defaults are the base."""

    label: str = "base: reward-to-go, γ = 0.99"
    to_go: bool = True  # else every step gets the return of its whole episode
    discount: float = DISCOUNT
    normalize: bool = False  # the returns of an update, to mean 0 and standard deviation 1
    batch: int = 1  # episodes per update, whose mean is taken
    baseline: str = ""  # running "mean" of returns, or one for each "time" step
    decay: bool = False  # the step falls to a tenth or so: α / (1 + 10 · share of episodes done)
    softmax: bool = False


BASE = Setting()
WHOLE = Setting("whole-episode return, γ = 0.99", to_go=False)
WHOLE_UNDISCOUNTED = Setting("whole-episode return, γ = 1", to_go=False, discount=1.0)
UNDISCOUNTED = Setting("no discounting, γ = 1", discount=1.0)
MEAN = Setting("baseline: running mean", baseline="mean")
TIME = Setting("baseline: mean per time step", baseline="time")
SETTINGS = (
    BASE,
    WHOLE,
    WHOLE_UNDISCOUNTED,
    UNDISCOUNTED,
    Setting("more discounting, γ = 0.9", discount=0.9),
    Setting("returns normalized", normalize=True),
    Setting("5 episodes per update", batch=5),
    MEAN,
    TIME,
    Setting("decaying step", decay=True),
)
SOFTMAX = Setting("softmax with 8 weights", softmax=True)


def step(state: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """CartPole's dynamics over 0.02 s.

    From states (4, ...) and whether the push is to the right, bool (...), to the next states (4, ...)
    and whether the episodes are over, bool (...).
    """
    _, velocity, angle, spin = state
    cos, sin = np.cos(angle), np.sin(angle)
    push = np.where(right, FORCE, -FORCE)
    push = (push + POLE * LENGTH * np.square(spin) * sin) / (CART + POLE)
    turn = LENGTH * (4.0 / 3.0 - POLE * np.square(cos) / (CART + POLE))
    spin_rate = (GRAVITY * sin - cos * push) / turn
    rate = push - POLE * LENGTH * spin_rate * cos / (CART + POLE)
    state = state + TAU * np.array([velocity, rate, spin, spin_rate])
    return state, (np.abs(state[0]) > FARTHEST) | (np.abs(state[2]) > STEEPEST)


def logistic(weights: np.ndarray, observation: np.ndarray) -> np.ndarray:
    """P(left), P(right), (2, ...), of weights and observations (4, ...)."""
    right = 0.5 * (
        1 + np.tanh((weights * observation).sum(axis=0) / 2)
    )  # sigmoid, never overflowing
    return np.stack([1 - right, right])


def softmax(weights: np.ndarray, observation: np.ndarray) -> np.ndarray:
    """P(left), P(right), (2, ...), of weights (2, 4, ...) and observations (4, ...)."""
    logits = (weights * observation).sum(axis=1)
    odds = np.exp(logits - logits.max(axis=0))
    return odds / odds.sum(axis=0)


@dataclass
class Episodes:
    """Episodes side by side, shape (...), in T rows each; rows after an episode's end mean nothing."""

    observations: np.ndarray  # (T, 4, ...)
    right: np.ndarray  # bool (T, ...), the action
    chances: np.ndarray  # (T, 2, ...), of left and right
    lengths: np.ndarray  # int (...), which is also the return: every step's reward is 1

    def gradient(self, multipliers: np.ndarray, action: int = 1) -> np.ndarray:
        """Σ_t multiplier_t × (1[a_t = action] − P(action)) s_t, per episode, (4, ...).

        For action 1 the last two factors are the score of the logistic policy. For each action they are
        row `action` of the softmax policy's score.
        """
        surprise = (self.right == action) - self.chances[:, action]
        return ((multipliers * surprise)[:, None] * self.observations).sum(axis=0)


def play(policy: Callable[..., np.ndarray], weights: np.ndarray, draws: np.ndarray) -> Episodes:
    """Play an episode in every place.

    draws: (4 + limit, ...), uniform in [0, 1). Four decide the start, the others the actions.
    """
    state, limit, shape = 0.1 * draws[:4] - 0.05, len(draws) - 4, draws.shape[1:]
    observations = np.empty((limit, 4, *shape))
    right, chances = np.empty((limit, *shape), dtype=bool), np.empty((limit, 2, *shape))
    lengths, playing = np.zeros(shape, dtype=int), np.ones(shape, dtype=bool)
    for t in range(limit):
        observations[t] = state.astype(np.float32)  # Gymnasium shows the state in this precision
        chances[t] = policy(weights, observations[t])
        right[t] = draws[4 + t] < chances[t, 1]
        lengths += playing
        state, over = step(state, right[t])
        playing &= ~over
        if not playing.any():
            break
    return Episodes(observations[: t + 1], right[: t + 1], chances[: t + 1], lengths)


def returns(setting: Setting, lengths: np.ndarray, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """The factor of every step's score, without a baseline, and which steps were played: (rows, ...)."""
    of_steps = np.concatenate([[0.0], np.cumsum(setting.discount ** np.arange(lengths.max()))])
    remaining = np.maximum(lengths - np.arange(rows).reshape(-1, *[1] * lengths.ndim), 0)
    playing = remaining > 0
    values = of_steps[remaining] if setting.to_go else of_steps[lengths] * playing
    if setting.normalize:
        values = (values - values.sum(axis=0) / lengths) * playing
        values = values / (np.sqrt((values**2).sum(axis=0) / lengths) + 1e-10)
    return values, playing


class RunningMean:
    """A baseline from earlier episodes: at first their mean, later one that forgets exponentially."""

    def __init__(self, kind: str, shape: tuple[int, ...]) -> None:
        self.kind = kind
        self.mean = np.zeros((LIMIT if kind == "time" else 1, *shape))
        self.count = np.zeros_like(self.mean)

    def before(self, values: np.ndarray, playing: np.ndarray) -> np.ndarray:
        """The baseline for these returns, from earlier returns only; then take these in.

        If the baseline contained these returns, the gradient would be biased.
        """
        if self.kind == "mean":
            values, playing = (values.sum(axis=0) / playing.sum(axis=0))[None], playing[:1]
        mean, count = self.mean[: len(values)], self.count[: len(values)]
        before = mean.copy()
        count += playing
        mean += playing * np.maximum(1 / np.maximum(count, 1), 0.05) * (values - mean)
        return before


def train(setting: Setting, seed: int, seeds: int, episodes: int) -> dict[str, np.ndarray]:
    """Train `seeds` learners with each of five steps; each learner has the same draws in all settings.

    Returns lengths (episodes, 5, seeds), evaluation (100, 5, seeds) and weights (updates, 4, 5, seeds),
    of a softmax (updates, 2, 4, 5, seeds).
    """
    generators = np.random.default_rng(seed).spawn(seeds)
    shape, policy = (len(FACTORS), seeds), softmax if setting.softmax else logistic
    weights = np.zeros((4, 1, *shape))
    # Two equal rows act like a coin. They are not 0, in order to show that W₀ + W₁ stays the same.
    if setting.softmax:
        weights = np.tile(
            np.random.default_rng(seed).normal(size=(1, 4, 1, 1, 1)), (2, 1, 1, *shape)
        )
    baseline = RunningMean(setting.baseline, (setting.batch, *shape))

    def draw(count: int) -> np.ndarray:
        numbers = np.stack([g.random((count, 4 + LIMIT)) for g in generators], axis=-1)
        return np.broadcast_to(numbers.swapaxes(0, 1)[:, :, None], (4 + LIMIT, count, *shape))

    lengths, history = [], []
    for first in range(0, episodes, setting.batch):
        played = play(policy, weights, draw(min(setting.batch, episodes - first)))
        values, playing = returns(setting, played.lengths, len(played.right))
        if setting.baseline:
            values = (values - baseline.before(values, playing)) * playing
        actions = (0, 1) if setting.softmax else (1,)
        rows = [played.gradient(values, a).mean(axis=1, keepdims=True) for a in actions]
        size = STEP * np.array(FACTORS)[:, None] / (1 + 10 * first / episodes * setting.decay)
        weights = weights + size * (np.stack(rows) if setting.softmax else rows[0])
        lengths.append(played.lengths)
        history.append(weights[..., 0, :, :])
    few = 20  # at a time, for less memory
    evaluation = [play(policy, weights, draw(few)).lengths for _ in range(EVALUATION // few)]
    return {
        "lengths": np.concatenate(lengths),
        "evaluation": np.concatenate(evaluation),
        "weights": np.stack(history),
    }
