"""For cartpole.py: mean and variance of gradient estimates at a fixed policy, exactly and from samples.

Exactly: in a task of a few steps from one start, all sequences of actions are played and weighted with
their probabilities. So the mean of an estimate is a finite sum. The expected return J(w) is one, too,
and finite differences of J give its gradient without any score.

From samples: in CartPole itself. All estimates use the same episodes, so that the noise which they share
does not hide how they differ.
"""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np

from explore.cartpole_learner import (
    BASE,
    DISCOUNT,
    FACTORS,
    LIMIT,
    MEAN,
    SETTINGS,
    STEP,
    TIME,
    UNDISCOUNTED,
    WHOLE,
    WHOLE_UNDISCOUNTED,
    Episodes,
    Setting,
    logistic,
    play,
    returns,
)

POLICIES = {  # at which the estimates are measured: a coin, and weights that occur in training
    "a coin": (0.0, 0.0, 0.0, 0.0),
    "half-trained": (-0.2, 0.5, 1.0, 2.0),
    "trained": (-0.7, 2.0, 4.0, 7.5),
}


def estimates(
    setting: Setting, played: Episodes, other: Episodes, chance: np.ndarray
) -> np.ndarray:
    """ĝ of every episode, (4, n). A baseline is the mean of `other` episodes, weighted with `chance`."""
    values, playing = returns(setting, played.lengths, len(played.right))
    if setting.baseline:
        seen, there = returns(setting, other.lengths, len(other.right))
        if setting.baseline == "mean":
            mean = ((seen.sum(axis=0) / other.lengths) @ chance)[None]
        else:  # at a time that no other episode reached, the baseline is 0
            mean = (seen @ chance) / np.maximum(there @ chance, 1e-300)
        mean = np.pad(mean, (0, max(0, len(values) - len(mean))), mode="edge")[: len(values), None]
        values = (values - mean) * playing
    return played.gradient(values)


def every_sequence(weights: np.ndarray, steps: int = 9) -> tuple[Episodes, np.ndarray]:
    """All 2^steps sequences of actions from one falling start, and their exact probabilities."""
    draws = np.empty((4 + steps, 2**steps))
    draws[:4] = np.array([0.0, 0.0, 0.15, 0.3])[:, None] * 10 + 0.5
    draws[4:] = np.array(list(product([0.0, 1.0], repeat=steps))).T  # below and above any P(right)
    played = play(logistic, weights[:, None], draws)
    taken = np.where(played.right, played.chances[:, 1], played.chances[:, 0])
    # play() stops when all episodes have ended. Each step that is left out had two equal choices.
    return played, taken.prod(axis=0) * 0.5 ** (steps - len(taken))


def exact(weights: np.ndarray) -> dict[str, float]:
    """The largest of the differences that should be zero, in a task small enough for exact sums."""
    played, chance = every_sequence(weights)
    mean = {s.label: estimates(s, played, played, chance) @ chance for s in SETTINGS}

    def slope(discount: float, small: float = 1e-5) -> np.ndarray:
        """The gradient of the expected (discounted) return by central differences, without scores."""
        values = []
        for move in np.concatenate([np.eye(4), -np.eye(4)]) * small:
            there, likely = every_sequence(weights + move)
            values.append((discount ** np.arange(LIMIT)).cumsum()[there.lengths - 1] @ likely)
        return (np.array(values[:4]) - values[4:]) / (2 * small)

    def apart(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.abs(a - b).max())

    return {
        "∇J": apart(mean[UNDISCOUNTED.label], slope(1.0)),
        "∇J discounted": apart(mean[WHOLE.label], slope(DISCOUNT)),
        "reward-to-go": apart(mean[UNDISCOUNTED.label], mean[WHOLE_UNDISCOUNTED.label]),
        "baselines": max(apart(mean[s.label], mean[BASE.label]) for s in (MEAN, TIME)),
    }


def rounding_grows(played: Episodes) -> list[float]:
    """For each of FACTORS, the share of updates that enlarge a tiny difference of two learners' w.

    Because the score depends on w, an update turns a difference δ into (1 − α H) δ with
    H = Σ_t G_t p_t (1 − p_t) s_t s_tᵀ. If α times an eigenvalue of H exceeds 2, δ changes its sign and
    grows.
    """
    values, _ = returns(BASE, played.lengths, len(played.right))
    weight = values * played.chances.prod(axis=1)
    states = np.moveaxis(played.observations, 2, 0)  # (n, T, 4)
    curvature = np.einsum("tn,nti,ntj->nij", weight, states, states, optimize=True)
    largest = np.linalg.eigvalsh(curvature)[:, -1]
    return [float((STEP * factor * largest > 2).mean()) for factor in FACTORS]


def measure(name: str, seed: int, episodes: int) -> dict[str, Any]:
    """Estimate the mean and the variance of every ĝ at a fixed policy, all from the same episodes."""
    rng, weights = np.random.default_rng([seed, 1]), np.array(POLICIES[name])[:, None]
    size = min(episodes, 2500)
    chunks: dict[str, list[np.ndarray]] = {s.label: [] for s in (*SETTINGS, Setting("reference"))}
    other, chance = play(logistic, weights, rng.random((4 + LIMIT, size))), np.full(size, 1 / size)
    reference = Setting("reference", discount=1.0, baseline="time")  # unbiased, with least noise
    total = []
    for _ in range(0, episodes, size):
        played = play(logistic, weights, rng.random((4 + LIMIT, size)))
        total.append(played.lengths)
        for s in (*SETTINGS, reference):
            chunks[s.label].append(estimates(s, played, other, chance))
    all_of = {label: np.concatenate(parts, axis=1) for label, parts in chunks.items()}
    truth = all_of["reference"].mean(axis=1)
    found: dict[str, Any] = {"return": np.mean(total), "gradient": truth, "estimates": {}, "z": {}}
    found["rounding grows"] = rounding_grows(other)
    for s in (*SETTINGS, reference):
        updates = all_of[s.label].reshape(4, -1, s.batch).mean(axis=-1)
        mean, variance = updates.mean(axis=1), float(updates.var(axis=1, ddof=1).sum())
        length = float(np.linalg.norm(mean))
        cosine = float(mean @ truth) / length / float(np.linalg.norm(truth))
        found["estimates"][s.label] = {
            "variance": variance,  # the trace of the covariance of one update's ĝ
            "variance / |mean|²": variance / length**2,
            "|mean| / |∇J|": length / float(np.linalg.norm(truth)),
            "angle to ∇J (degrees)": math.degrees(math.acos(min(1.0, cosine))),
            "angle's noise (degrees)": math.degrees(
                math.sqrt(variance / updates.shape[1]) / length
            ),
        }
    for s, same in ((UNDISCOUNTED, WHOLE_UNDISCOUNTED), (MEAN, BASE), (TIME, BASE)):
        difference = all_of[s.label] - all_of[same.label]
        error = difference.std(axis=1, ddof=1) / math.sqrt(difference.shape[1])
        found["z"][s.label] = float(np.abs(difference.mean(axis=1) / error).max())
    return found
