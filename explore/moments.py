"""The exact variances of the estimators in `estimators`, and a test of many means at once.

Shapes as in `explore.tabular`: S states, A actions.
"""

from __future__ import annotations

import numpy as np

from explore.importance import moments
from explore.tabular import MDP, Array, policy_gradient, softmax, values, visits

WHOLE, TO_GO, FITTED = "whole return", "reward-to-go", "reward-to-go − fitted value"
SAME, OTHERS = "reward-to-go − mean of the batch", "reward-to-go − mean of the others"
EXACT_Q, EXACT_A = "exact Q", "exact advantage"


def exact_variances(
    mdp: MDP, logits: Array, fitted: Array, batch: int, steps: int
) -> dict[str, float]:
    """The trace of the covariance of each estimator, times the number of episodes in its batch.

    A state contains its time, so an episode visits it at most once. So the components of ∇log π that
    belong to one state are multiplied by one Ψ only:
    E|ĝ|² = Σ_s Pr(s) Σ_a π(a|s) |e_a - π_s|² E[(γ^t Ψ)²|s, a].
    """
    policy, gamma = softmax(logits), mdp.discount
    norm = (policy_gradient(mdp, logits) ** 2).sum()
    _, v, squares = moments(mdp, policy, policy, power=1, order=2)
    ahead, q = gamma * mdp.transitions @ v, values(mdp, policy)[1]
    second = mdp.rewards**2 + 2 * mdp.rewards * ahead + gamma**2 * mdp.transitions @ squares
    reached, discounted = visits(mdp, policy, 1.0), visits(mdp, policy)
    scores = policy * (1 - 2 * policy + (policy**2).sum(axis=1, keepdims=True))

    def variance(square: Array) -> float:
        """The trace of the covariance, from Pr(s) E[(γ^t Ψ)²|s, a], (S, A)."""
        return float((scores * square).sum() - norm)

    # With past the sum of the rewards before s: Pr(s) E[past|s] and Pr(s) E[past²|s], forward in time.
    system = np.eye(len(v)) - np.einsum("sa,sat->ts", policy, mdp.transitions)
    flow = policy[:, :, None] * mdp.transitions
    earned = discounted[:, None] * mdp.rewards
    past = np.linalg.solve(system, np.einsum("sat,sa->t", flow, earned))
    factor = discounted / reached  # γ^t
    gain = factor[:, None] * mdp.rewards * (2 * past[:, None] + earned)
    past_squares = np.linalg.solve(system, np.einsum("sat,sa->t", flow, gain))
    late = (reached * factor**2)[:, None]
    whole = past_squares[:, None] + 2 * (past * factor)[:, None] * q + late * second
    # The mean over other episodes is a random baseline. Its mean and variance depend on the time.
    times = np.repeat(np.arange(steps), len(v) // steps)
    mean = np.bincount(times, reached * v)[times]
    spread = np.bincount(times, reached * squares)[times] - mean**2
    b, b_square = mean[:, None], (mean**2 + spread / (batch - 1))[:, None]
    # Each episode of a batch is part of the others' baselines. This gives the last term.
    others = variance(late * (second - 2 * b * q + b_square)) + norm / (batch - 1)
    f = fitted[:, None]
    return {
        WHOLE: variance(whole),
        TO_GO: variance(late * second),
        SAME: others * (1 - 1 / batch) ** 2,
        OTHERS: others,
        FITTED: variance(late * (second - 2 * f * q + f**2)),
        EXACT_Q: variance(late * q**2),
        EXACT_A: variance(late * (q - v[:, None]) ** 2),
    }


def hotelling(rows: Array, truth: Array) -> float:
    """How far the mean of independent rows (B, P) is from truth (P,), all components at once.

    Hotelling's T² is F-distributed, because the rows are means and so nearly normal. Wilson and
    Hilferty's cube root turns it into a standard normal number, which exceeds 3.7 once in 10,000 times.
    """
    count, p = rows.shape
    off = rows.mean(axis=0) - truth
    t_squared = count * off @ np.linalg.solve(np.cov(rows.T), off)
    d, e = 2 / (9 * p), 2 / (9 * (count - p))
    root = (t_squared * (count - p) / (p * (count - 1))) ** (1 / 3)
    return float(((1 - e) * root - (1 - d)) / np.sqrt(e * root**2 + d))
