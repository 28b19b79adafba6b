"""Importance sampling: the value of one policy from the episodes of another, and what that costs.

An episode of the behaviour b, weighted with W = Π_t π(a_t|s_t) / b(a_t|s_t), estimates J(π) = E_b[W G]
without bias. But its variance grows with the distance between the policies. With
KL = KL(episodes of π || episodes of b),

    E_b[W²] = E_π[W] ≥ exp(E_π log W) = exp(KL)        (Jensen)

The effective share of N episodes is (Σ W)² / (N Σ W²), so it is at most about exp(-KL). It is better to
weight each reward with the ratios up to it only (Precup et al., 2000). In a tabular process all these
moments are known exactly (`moments`, `per_decision_square`). A sample may be wrong about its own
variance, because the variance lies in rare episodes with large weights, and a sample may miss them.
"""

from __future__ import annotations

import sys
from math import comb
from statistics import NormalDist
from typing import Any

import numpy as np

from explore.experiment import Report, parser
from explore.tabular import (
    MDP,
    Array,
    expected_return,
    kl,
    line_world,
    optimum,
    rewards_to_go,
    sample,
    softmax,
    values,
    visits,
)
from handout.palette import BLACK, BLUE, GREEN, ORANGE, VERMILION

# The limit of each statistical check, in standard errors. A check that should hold passes it in 99.99 %
# of all runs, so that many checks together rarely give a false alarm.
LIMIT = NormalDist().inv_cdf(1 - 0.0001 / 2)


def moments(mdp: MDP, target: Array, behaviour: Array, power: int, order: int) -> Array:
    """E_b[W^power G^k | s] for k = 0 ... order, (order + 1, S): W and G from state s to the end.

    W G = ρ W' (r + γ G') with ρ = π/b, so the binomial theorem gives a linear equation for every k from
    the moments below it. (Without a horizon a second moment may be infinite. The equation does not
    show that.)
    """
    factor = behaviour * (target / behaviour) ** power
    ends = 1 - mdp.transitions.sum(axis=2)
    moves = np.einsum("sa,sat->st", factor, mdp.transitions)
    found: list[Array] = []
    for k in range(order + 1):
        known = ends if k == 0 else np.zeros_like(ends)
        for j, lower in enumerate(found):
            following = mdp.transitions @ lower + (ends if j == 0 else 0.0)
            known = known + comb(k, j) * mdp.rewards ** (k - j) * mdp.discount**j * following
        system = np.eye(len(ends)) - mdp.discount**k * moves
        found.append(np.linalg.solve(system, (factor * known).sum(axis=1)))
    return np.array(found)


def per_decision_square(mdp: MDP, target: Array, behaviour: Array) -> Array:
    """E_b[Y² | s], (S,), where Y = ρ (r + γ Y'): a reward is weighted with the ratios up to it only."""
    factor = target**2 / behaviour
    ahead = mdp.discount * mdp.transitions @ values(mdp, target)[0]
    known = (factor * (mdp.rewards**2 + 2 * mdp.rewards * ahead)).sum(axis=1)
    moves = np.einsum("sa,sat->st", factor, mdp.transitions)
    return np.linalg.solve(np.eye(len(known)) - mdp.discount**2 * moves, known)


def importance(
    report: Report, mdp: MDP, steps: int, rng: np.random.Generator, episodes: int
) -> list[dict[str, Any]]:
    """Estimate J of better and better policies from episodes of the uniform one; draw and return it."""
    import matplotlib.pyplot as plt

    behaviour, best = softmax(np.zeros(mdp.rewards.shape)), optimum(mdp)[1]
    data = sample(mdp, behaviour, episodes, steps, rng)
    togo = rewards_to_go(data.rewards, mdp.discount)[:, 0]
    discounts = mdp.discount ** np.arange(data.rewards.shape[1])
    rows, worst, shown = [], 0.0, 0
    for strength in np.arange(0, 6.1, 0.5):
        target = softmax(strength * best)
        ratios = np.cumprod((target / behaviour)[data.states, data.actions], axis=1)
        value, weight = expected_return(mdp, target), ratios[:, -1]
        by_step = (discounts * data.rewards * ratios).sum(axis=1)
        twice = moments(mdp, target, behaviour, 2, 2) @ mdp.start
        fourth = moments(mdp, target, behaviour, 4, 4) @ mdp.start
        row = {
            "kl": visits(mdp, target, 1.0) @ kl(target, behaviour),
            "value": value,
            "estimate": (weight * togo).mean(),
            "deviation": np.sqrt(twice[2] - value**2),
            "measured": (weight * togo).std(),
            "by_step": np.sqrt(per_decision_square(mdp, target, behaviour) @ mdp.start - value**2),
            "by_step_measured": by_step.std(),
            "on_policy": np.sqrt(moments(mdp, target, target, 1, 2)[2] @ mdp.start - value**2),
            "effective": 1 / twice[0],
            "effective_measured": weight.mean() ** 2 / (weight**2).mean(),
        }
        rows.append({key: float(number) for key, number in row.items()})
        # The standard error of the second moment, from the fourth moment.
        error = np.sqrt((fourth[4] - twice[2] ** 2) / episodes)
        if error < 0.03 * twice[2]:
            shown += 1
            off = abs(row["estimate"] - value) / row["deviation"] * np.sqrt(episodes)
            worst = max(worst, off, abs(((weight * togo) ** 2).mean() - twice[2]) / error)
    report.numbers["importance"] = rows
    report.check(
        f"estimates of J and of E[(W G)²] agree with the exact ones, within {worst:.1f} standard errors "
        f"(limit {LIMIT:.1f}), for the {shown} policies where {episodes} episodes can show them to 3 %",
        shown > 0 and worst < LIMIT,
    )
    bound = all(row["effective"] <= np.exp(-row["kl"]) * (1 + 1e-9) for row in rows)
    report.check(f"effective share of the episodes ≤ exp(-KL) for all {len(rows)} policies", bound)

    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    distance = [row["kl"] for row in rows]
    curves = {"deviation": BLUE, "by_step": ORANGE, "on_policy": GREEN}
    labels = (
        "return with the whole weight, W G",
        "every reward with the weight so far",
        "the policy's own episodes",
    )
    for (key, colour), label in zip(curves.items(), labels):
        left.plot(distance, [row[key] for row in rows], color=colour, label=label)
    left.plot(distance, [row["measured"] for row in rows], "o", color=BLUE)
    left.plot(distance, [row["by_step_measured"] for row in rows], "s", color=ORANGE)
    left.set(ylabel="std of one episode's estimate (reward)")
    left.set_title("lines: exact; marks: measured")
    right.plot(distance, [row["effective"] for row in rows], color=BLUE, label="exact: 1 / E[W²]")
    measured = [row["effective_measured"] for row in rows]
    right.plot(distance, measured, "o", color=BLUE, label="measured: (Σ W)² / (N Σ W²)")
    right.plot(distance, np.exp(-np.array(distance)), "--", color=BLACK, label="bound: exp(−KL)")
    right.axhline(1 / episodes, color=VERMILION, linestyle=":", label=f"one episode of {episodes}")
    right.set(ylabel="effective share of the episodes", title="what the sample is still worth")
    for axes in (left, right):
        axes.set(yscale="log", xlabel="KL of target from behaviour (nats per episode)")
        axes.grid(alpha=0.3)
        axes.legend(loc="upper left" if axes is left else "upper right")
    left.set_ylim(0.3, 15 * max(row["deviation"] for row in rows))  # room for the legend
    report.figure(figure, "weights")
    return rows


def main(arguments: list[str] | None = None) -> int:
    """Estimate, compare with the exact moments, draw."""
    given = parser(__doc__ or "").parse_args(arguments)
    report = Report("importance", given)
    rng, episodes = np.random.default_rng(given.seed), 20000 if given.short else 400000
    last = importance(report, line_world(steps=8), 8, rng, episodes)[-1]
    return report.finish(
        f"At {last['kl']:.1f} nats a share of {last['effective']:.1e} of the episodes is effective, "
        f"an episode's estimate has a standard deviation of {last['deviation']:.0f}; "
        f"{last['by_step']:.1f} if each reward has its own weight, {last['on_policy']:.1f} on policy."
    )


if __name__ == "__main__":
    sys.exit(main())
