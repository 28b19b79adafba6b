"""The natural policy gradient: the steepest ascent in the space of policies, whatever its parameters.

A policy gradient g says how the return changes with the parameters θ. The steepest direction is the one
that gains most return for the length of a step. The length |Δθ| depends on how the policy happens to be
parameterized. How far the policy itself moves does not depend on that: KL(π_θ || π_θ+Δθ), averaged over
the states s ~ d that the policy visits, is ½ Δθᵀ F Δθ + O(|Δθ|³) with Fisher's matrix

    F = E[score scoreᵀ],        score = ∇_θ log π(a|s),        s ~ d, a ~ π(.|s).

For this length the steepest direction is F⁻¹ g (Amari 1998; Kakade 2001). Three things are shown, in
processes so small (`tabular.py`) that F, g, d and the return are known exactly:

1. The Fisher products and the conjugate gradient of `policy_optimizers.py` give pinv(F) g, which for a
   table of logits is the advantage. (Adding a number to all logits of a state changes nothing, so F has
   no inverse.)
2. The error of F from n samples falls as 1 / √n, and it is as large as theory predicts.
3. With other parameters, logits = M φ or logits = sinh φ, a natural step changes the policy in the same
   way as with logits = φ. A step along the plain gradient does not.

    python -m explore.natural_gradient
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from explore import tabular
from explore.experiment import Report, interval, parser
from explore.policy_optimizers import (
    conjugate_gradient,
    fisher_product,
    flat_gradient,
)
from handout.palette import BLACK, BLUE, ORANGE, VERMILION

Logits = Callable[[torch.Tensor], torch.Tensor]
Pairs = list[tuple[float, float]]
KINDS = ("plain", "natural")


class Table(nn.Module):
    """log π(.|s) = log softmax of row s of the logits; `logits` maps parameters φ (P,) to (S A,)."""

    def __init__(self, phi: np.ndarray, logits: Logits, actions: int) -> None:
        super().__init__()
        self.phi, self.logits, self.actions = nn.Parameter(torch.tensor(phi)), logits, actions

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """State numbers (N,) to log-probabilities (N, A)."""
        return torch.log_softmax(self.logits(self.phi).reshape(-1, self.actions), dim=1)[states]


def three_tables(theta: np.ndarray, rng: np.random.Generator) -> dict[str, Table]:
    """One policy, that of logits `theta` (S, A), with three kinds of parameters."""
    size, actions = theta.size, theta.shape[1]
    # Orthogonal columns, the shortest a hundredth of the longest: badly scaled, but invertible.
    columns = np.linalg.qr(rng.normal(size=(size, size)))[0] * np.geomspace(0.1, 10, size)
    matrix = torch.tensor(columns)
    phi = np.linalg.solve(columns, theta.ravel())
    return {
        "φ": Table(theta.ravel(), lambda phi: phi, actions),
        "M φ": Table(phi, lambda phi: matrix @ phi, actions),
        "sinh φ": Table(np.arcsinh(theta.ravel()), torch.sinh, actions),
    }


def where(mdp: tabular.MDP, theta: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """All states (S,) and how often softmax(theta) visits them, d (S,)."""
    visited = tabular.state_distribution(mdp, tabular.softmax(theta))
    return torch.arange(len(visited)), torch.tensor(visited)


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """How far two arrays differ, relative to the first."""
    return float(np.linalg.norm(one - other) / np.linalg.norm(one))


# -- 1. Against the exact matrix --


def exact_agreement(report: Report, mdp: tabular.MDP, theta: np.ndarray) -> None:
    """Compare Fisher products and conjugate gradient with the exact Fisher matrix."""
    policy, exact = tabular.softmax(theta), tabular.fisher(mdp, theta)
    table = Table(theta.ravel(), lambda phi: phi, theta.shape[1])
    product = fisher_product(table, *where(mdp, theta))
    columns = torch.stack([product(unit) for unit in torch.eye(theta.size).double()])
    gap = float(np.abs(columns.numpy() - exact).max())
    report.check(f"Hessian-vector products are Fisher's matrix, to {gap:.0e}", gap < 1e-14)

    gradient = tabular.policy_gradient(mdp, theta).ravel()
    known = np.linalg.pinv(exact, rcond=1e-12) @ gradient
    target, gaps = torch.tensor(gradient), []
    for iterations in range(1, 3 * theta.size):
        gaps.append(apart(known, conjugate_gradient(product, target, iterations, 1e-12).numpy()))
    report.check(f"conjugate gradient gives pinv(F) g, to {gaps[-1]:.0e}", gaps[-1] < 1e-8)
    gains = tabular.visits(mdp, policy).sum() * tabular.advantages(mdp, policy)
    gap = apart(known, (gains - gains.mean(axis=1, keepdims=True)).ravel())
    report.check(f"x is the advantage, scaled and shifted (Kakade 2001), to {gap:.0e}", gap < 1e-8)

    size = 1e-4
    new = tabular.softmax(theta + size * known.reshape(theta.shape) / np.linalg.norm(known))
    model = size**2 * (known @ exact @ known) / (known @ known) / 2
    gap = abs(tabular.mean_kl(mdp, policy, new) / model - 1)
    report.check(f"KL is ½ ΔθᵀFΔθ for a step of {size:g}, to {gap:.0e} of it", gap < 1e-3)
    report.numbers["conjugate gradient, error by iteration"] = gaps


# -- 2. From samples --


def sampled_fisher(
    report: Report, mdp: tabular.MDP, theta: np.ndarray, rng: np.random.Generator, repeats: int
) -> dict[str, list[tuple[int, float, float]]]:
    """Root mean square of |F̂ - F| / |F| over `repeats` estimates: (n, measured, expected) for each n.

    The expected value is that of a mean F̂ of n independent matrices X with mean F:
    E|F̂ - F|² = (E|X|² - |F|²) / n. X is score scoreᵀ of a sampled state and action, or, as in
    `fisher_product`, the mean of score scoreᵀ over all actions of a sampled state.
    """
    policy, exact = tabular.softmax(theta), tabular.fisher(mdp, theta)
    states, actions = theta.shape
    visited = tabular.state_distribution(mdp, policy)
    state_of = np.repeat(np.arange(states), actions)
    # The score of (s, a) is 1 at (s, a), minus π(.|s) in the row of s.
    scores = np.eye(theta.size) - (state_of[:, None] == state_of) * policy.ravel()
    outer = scores[:, :, None] * scores[:, None, :]
    by_state = np.einsum("sa,saij->sij", policy, outer.reshape(states, actions, *exact.shape))
    square, found = (exact**2).sum(), {}
    for kind, chance, matrices in (
        ("sampled states and actions", (visited[:, None] * policy).ravel(), outer),
        ("sampled states, all actions", visited, by_state),
    ):
        variance = chance @ (matrices**2).sum(axis=(1, 2)) - square
        rows, ratios = [], []
        for n in (10**k for k in range(2, 7)):
            counts = rng.multinomial(n, chance, size=repeats)
            errors = np.einsum("rk,kij->rij", counts / n, matrices) - exact
            squared = (errors**2).sum(axis=(1, 2))
            ratios.append(squared * n / variance)
            rows.append((n, (squared.mean() / square) ** 0.5, (variance / n / square) ** 0.5))
        mean, error = interval(np.concatenate(ratios))
        what = f"F from {kind}: squared error / expected is {mean:.2f} ± {error:.2f}, about 1"
        report.check(what, abs(mean - 1) < 4 * error)
        found[kind] = rows
    return found


# -- 3. Other parameters --


def directions(
    mdp: tabular.MDP, theta: np.ndarray, table: Table, damping: float = 0.0
) -> dict[str, tuple[torch.Tensor, np.ndarray]]:
    """For each of KINDS the direction Δφ (P,), and dπ/dε (S, A) along φ + ε Δφ at ε = 0."""
    # The policy gradient theorem gives the exact gradient for the logits, the chain rule that for φ.
    toward = torch.tensor(tabular.policy_gradient(mdp, theta).ravel())
    gradient = flat_gradient(toward @ table.logits(table.phi), table)
    product = fisher_product(table, *where(mdp, theta), damping)
    matrix = torch.stack([product(unit) for unit in torch.eye(len(gradient)).double()])
    natural = np.linalg.lstsq(matrix.numpy(), gradient.numpy(), rcond=1e-12)[0]
    found, phi, policy = {}, table.phi.detach(), tabular.softmax(theta)
    for kind, step in zip(KINDS, (gradient, torch.tensor(natural))):
        moved = torch.autograd.functional.jvp(table.logits, phi, step)[1].numpy()
        moved = moved.reshape(theta.shape)
        found[kind] = (step, policy * (moved - (policy * moved).sum(axis=1, keepdims=True)))
    return found


def after(table: Table, step: torch.Tensor) -> np.ndarray:
    """The policy (S, A) that a step (P,) leads to; the table stays as it is."""
    logits = table.logits(table.phi.detach() + step).reshape(-1, table.actions)
    return torch.softmax(logits, dim=1).numpy()


def invariance(
    report: Report, mdp: tabular.MDP, theta: np.ndarray, rng: np.random.Generator
) -> dict[str, Pairs]:
    """How far apart are the policies after a step with different parameters? (ε, distance) by kind.

    ε is how far the policy moves, to first order, when the logits are the parameters.
    """
    tables = three_tables(theta, rng)
    steps = {name: directions(mdp, theta, table) for name, table in tables.items()}
    damped = {name: directions(mdp, theta, table, 1e-3) for name, table in tables.items()}
    found: dict[str, Pairs] = {}
    for other in ("M φ", "sinh φ"):
        for kind in KINDS:
            one, two = steps["φ"][kind][1], steps[other][kind][1]
            gap = apart(one, two)
            cosine = float((one * two).sum() / np.linalg.norm(one) / np.linalg.norm(two))
            angle = float(np.degrees(np.arccos(min(cosine, 1.0))))
            report.numbers[f"dπ/dε, {kind}, {other}"] = {"apart": gap, "degrees": angle}
            if kind == "natural":
                what = f"the natural step with logits = {other} changes the policy like that with φ"
                report.check(f"{what}, to {gap:.0e} of it", gap < 1e-8)
            found[f"{kind}, {other}"] = []
            for size in np.geomspace(1e-4, 1e-1, 7).tolist():
                epsilon = size / float(np.linalg.norm(one))
                ends = [after(tables[n], epsilon * steps[n][kind][0]) for n in ("φ", other)]
                far = float(np.linalg.norm(ends[1] - ends[0]))
                found[f"{kind}, {other}"].append((size, far))
        # Damping measures a step by its parameters again, so some of the invariance is lost.
        gap = apart(damped["φ"]["natural"][1], damped[other]["natural"][1])
        report.numbers[f"dπ/dε, damped, {other}"] = {"apart": gap}
    gap = max(far for _, far in found["natural, M φ"])
    report.check(f"finite natural steps with M φ lead to the same policy, to {gap:.0e}", gap < 1e-8)
    (size, far), (longer, further) = (found["natural, sinh φ"][i] for i in (0, 3))
    slope = float(np.log(further / far) / np.log(longer / size))
    report.check(f"with sinh φ up to a rest that grows as ε^{slope:.2f}", abs(slope - 2) < 0.1)
    return found


# -- Paths of learning in the space of policies --


def two_states() -> tabular.MDP:
    """Kakade's example (2001): stay (0) or move (1); to stay earns 1 in state 1 and 2 in state 2."""
    stay, move = np.eye(2), np.eye(2)[::-1]
    rewards = np.array([[1.0, 0.0], [2.0, 0.0]])
    return tabular.MDP(np.stack([stay, move], axis=1), rewards, np.array([0.8, 0.2]), 0.9)


def path(theta: np.ndarray, scale: np.ndarray, natural: bool, steps: int) -> np.ndarray:
    """Both states' π(stay), (steps, 2), when logits = scale · φ, a factor for each state."""
    mdp, factor, places = two_states(), np.repeat(scale, 2), []
    phi = theta.ravel() / factor
    for _ in range(steps):
        logits = (factor * phi).reshape(2, 2)
        places.append(tabular.softmax(logits)[:, 0])
        step = factor * tabular.policy_gradient(mdp, logits).ravel()
        if natural:
            matrix = factor[:, None] * tabular.fisher(mdp, logits) * factor
            step = np.linalg.lstsq(matrix, step, rcond=1e-12)[0]
        # All steps are equally long in logits, because only the direction of a path matters here.
        phi = phi + 0.02 * step / np.linalg.norm(factor * step)
    return np.array(places)


def draw_paths(report: Report, steps: int) -> float:
    """Draw paths with three scales of the logits; returns the largest distance of natural paths."""
    import matplotlib.pyplot as plt

    mdp, grid, largest = two_states(), np.linspace(0, 1, 51), 0.0
    tables = [[np.array([[a, 1 - a], [b, 1 - b]]) for a in grid] for b in grid]
    height = [[tabular.expected_return(mdp, table) for table in row] for row in tables]
    figure, axes = plt.subplots(1, 2, figsize=(9, 4.4), layout="constrained", sharey=True)
    scales = {"φ": (1, 1), "(3 φ₁, φ₂ / 3)": (3, 1 / 3), "(φ₁ / 3, 3 φ₂)": (1 / 3, 3)}
    styles = ((BLUE, "-", 4), (ORANGE, "--", 2.2), (BLACK, ":", 1.6))
    for axis, title in zip(axes, ("plain gradient", "natural gradient")):
        filled = axis.contourf(grid, grid, height, 14, cmap="Greys", alpha=0.5)
        for start in ((0.8, 0.1), (0.9, 0.5), (0.5, 0.4)):
            theta = np.log([[p, 1 - p] for p in start])
            natural = title == "natural gradient"
            paths = [path(theta, np.array(s), natural, steps) for s in scales.values()]
            for (colour, line, width), name, walk in zip(styles, scales, paths):
                label = f"logits = {name}" if start == (0.5, 0.4) else None
                axis.plot(*walk.T, line, color=colour, lw=width, label=label)
            axis.plot(*start, "o", color=VERMILION, ms=7, zorder=5, label=label and "start")
            if natural:
                largest = max(largest, *(float(np.abs(p - paths[0]).max()) for p in paths))
        axis.plot(0, 1, "*", color=VERMILION, ms=14, zorder=5, label="optimum")
        axis.set(title=title, xlabel="π(stay | state 1), which earns 1", xlim=(-0.02, 1.02))
    axes[0].set(ylabel="π(stay | state 2), which earns 2", ylim=(-0.02, 1.02))
    axes[0].legend(loc="lower left", fontsize=9)
    figure.colorbar(filled, label="expected discounted return")
    report.figure(figure, "paths")
    return largest


def draw_errors(report: Report, fisher: dict[str, Any], policies: dict[str, Pairs]) -> None:
    """Draw the errors of F from samples, and how far apart policies are after a step."""
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4.2), layout="constrained")
    for (name, rows), colour in zip(fisher.items(), (BLUE, ORANGE)):
        n, measured, expected = np.array(rows).T
        left.loglog(n, expected, color=colour, lw=1.5)
        left.loglog(n, measured, "o", color=colour, label=name)
    left.plot([], [], color=BLACK, lw=1.5, label="expected, ∝ 1 / √n")
    left.set(title="Fisher's matrix from samples", xlabel="samples n")
    left.set_ylabel("|F̂ − F| / |F|, root mean square")
    for (name, pairs), colour in zip(policies.items(), (ORANGE, BLUE, VERMILION, BLACK)):
        size, far = np.array(pairs).T
        right.loglog(size, np.maximum(far, 1e-17), "o-", color=colour, label=name)
    right.set(title="One step with other parameters", xlabel="length of the step ε")
    right.set_ylabel("distance from the policy of logits = φ")
    left.legend(fontsize=9)
    right.legend(fontsize=9, loc="center right", bbox_to_anchor=(1, 0.26))
    for axis in (left, right):
        axis.grid(alpha=0.3)
    report.figure(figure, "errors")


def main(arguments: list[str] | None = None) -> int:
    """Compare with exact numbers, draw, and say what was found."""
    options = parser(__doc__).parse_args(arguments)
    torch.set_num_threads(1)
    report, rng = Report("natural_gradient", options), np.random.default_rng(options.seed)
    mdp = tabular.random_mdp(rng)
    theta = rng.normal(size=mdp.rewards.shape)
    exact_agreement(report, mdp, theta)
    fisher = sampled_fisher(report, mdp, theta, rng, 50 if options.short else 500)
    policies = invariance(report, mdp, theta, rng)
    draw_errors(report, fisher, policies)
    largest = draw_paths(report, 100 if options.short else 400)
    report.check(f"natural paths of learning coincide, to {largest:.0e}", largest < 1e-8)
    report.numbers |= {"sampled Fisher": fisher, "policies after a step": policies}
    plain, natural, damped = (report.numbers[f"dπ/dε, {k}, M φ"] for k in (*KINDS, "damped"))
    return report.finish(
        f"Badly scaled parameters turn the change of the policy by a plain gradient step by "
        f"{plain['degrees']:.0f}°; a natural step's they change by {natural['apart']:.0e} of it, "
        f"and by {damped['apart']:.1%} if F is damped by 0.001."
    )


if __name__ == "__main__":
    sys.exit(main())
