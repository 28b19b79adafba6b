"""Estimators of the policy gradient, each against the exact gradient: bias and variance, measured.

On a walk on a line with 48 states (`explore.tabular`) the expected return J = E Σ_t γ^t r_t and its
gradient are known exactly. All estimators estimate that gradient from episodes, with the factor γ^t:

    ∇J = E Σ_t γ^t ∇log π(a_t|s_t) Ψ_t        (Williams, 1992; Sutton et al., 2000)

Ψ_t may be the return of the whole episode (times γ^-t), or the reward-to-go G_t = Σ_k≥t γ^(k-t) r_k, or
G_t minus a baseline that does not depend on a_t, or the mean of G_t, which is Q(s_t, a_t), or the
advantage Q - V (Greensmith et al., 2004). All give the same mean; the variances differ.

There is one exception. If the baseline is the mean of the batch's own n rewards-to-go, it contains the
consequences of a_t with weight 1/n, and the mean shrinks to (1 - 1/n) ∇J. The mean over the other n - 1
episodes gives no bias. (In practice, and in the assignment, γ^t is left out. The program prints the
cosine of the angle by which this turns the gradient.)

The program also shows importance sampling (`explore.importance`), gradient ascent towards the optimum of
dynamic programming, exact and stochastic, and the performance difference lemma (Kakade & Langford, 2002)

    J(π') - J(π) = Σ_t γ^t E_π'[A_π(s_t, a_t)]
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from tqdm import tqdm

from explore.experiment import Report, interval, parser
from explore.importance import LIMIT, importance
from explore.moments import (
    EXACT_A,
    EXACT_Q,
    FITTED,
    OTHERS,
    SAME,
    TO_GO,
    WHOLE,
    exact_variances,
    hotelling,
)
from explore.tabular import (
    MDP,
    Array,
    Episodes,
    advantages,
    expected_return,
    line_world,
    optimum,
    policy_gradient,
    random_mdp,
    rewards_to_go,
    sample,
    softmax,
    values,
    visits,
)
from handout.palette import BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION

STEPS = 8  # of every episode; the time is part of the state
BATCH = 8  # episodes behind one estimate of the gradient
FIT = 200  # further episodes, from which the value baseline is fitted
LEARNING_RATE = 4.0  # the exact gradient is small: a state is visited with probability 1/6 or so
COLOURS = {WHOLE: BLUE, TO_GO: ORANGE, SAME: "#777777", OTHERS: PURPLE, FITTED: VERMILION}
COLOURS |= {EXACT_Q: SKY, EXACT_A: GREEN}
CLIMBERS = (WHOLE, TO_GO, OTHERS, EXACT_A)


# -- The estimators --


def fitted_values(mdp: MDP, episodes: Episodes) -> Array:
    """The mean reward-to-go seen from every state, (S,); the overall mean where a state was not seen."""
    togo = rewards_to_go(episodes.rewards, mdp.discount)
    count = np.bincount(episodes.states.ravel(), minlength=len(mdp.start))
    total = np.bincount(episodes.states.ravel(), togo.ravel(), minlength=len(mdp.start))
    return np.where(count > 0, total / np.maximum(count, 1), togo.mean())


def weights(
    mdp: MDP, policy: Array, episodes: Episodes, fitted: Array, batch: int
) -> dict[str, Array]:
    """γ^t Ψ_t of every estimator, (N, T), the factor of ∇log π(a_t|s_t); `fitted` is a baseline (S,)."""
    state_values, action_values = values(mdp, policy)
    s, a = episodes.states, episodes.actions
    discounts = mdp.discount ** np.arange(s.shape[1])
    togo = rewards_to_go(episodes.rewards, mdp.discount)
    batches = togo.reshape(-1, batch, s.shape[1])
    centred = (batches - batches.mean(axis=1, keepdims=True)).reshape(togo.shape)
    return {
        WHOLE: np.broadcast_to(togo[:, :1], togo.shape),
        TO_GO: discounts * togo,
        SAME: discounts * centred,
        # The distance from the mean of the others is that from the mean of all, times this factor.
        OTHERS: discounts * centred * batch / (batch - 1),
        FITTED: discounts * (togo - fitted[s]),
        EXACT_Q: discounts * action_values[s, a],
        EXACT_A: discounts * (action_values[s, a] - state_values[s]),
    }


def estimates(policy: Array, episodes: Episodes, weight: Array, batch: int) -> Array:
    """Σ_t weight_t ∇log π(a_t|s_t), the mean over the episodes of a batch: (N / batch, S, A)."""
    size, width = policy.shape
    groups = len(weight) // batch
    group = np.repeat(np.arange(groups), weight.size // groups)
    cell = (group * size + episodes.states.ravel()) * width + episodes.actions.ravel()
    taken = np.bincount(cell, weight.ravel() / batch, minlength=groups * size * width)
    taken = taken.reshape(groups, size, width)
    # ∂log π(a|s)/∂θ(s, a') = 1[a = a'] - π(a'|s)
    return taken - taken.sum(axis=2, keepdims=True) * policy


# -- The runs --


def exact_facts(report: Report, mdp: MDP, rng: np.random.Generator) -> None:
    """Check the gradient with finite differences, and the lemma on pairs of policies."""
    slope_error = lemma_error = 0.0
    for process in (mdp, random_mdp(rng)):  # one in which episodes end, one in which they do not
        logits = rng.normal(size=process.rewards.shape)
        for line in rng.normal(size=(10, *logits.shape)):
            up, down = (expected_return(process, softmax(logits + h * line)) for h in (1e-5, -1e-5))
            slope = (policy_gradient(process, logits) * line).sum()
            slope_error = max(slope_error, abs((up - down) / 2e-5 - slope))
        for _ in range(20):
            old, new = (softmax(2 * rng.normal(size=logits.shape)) for _ in range(2))
            gain = visits(process, new) @ (new * advantages(process, old)).sum(axis=1)
            difference = expected_return(process, new) - expected_return(process, old)
            lemma_error = max(lemma_error, abs(gain - difference))
    report.numbers["exact"] = {"slope_error": slope_error, "lemma_error": lemma_error}
    report.check(
        f"exact gradient and finite differences agree to {slope_error:.0e}", slope_error < 1e-7
    )
    report.check(
        f"the performance difference lemma holds to {lemma_error:.0e}", lemma_error < 1e-12
    )


def compare(
    report: Report, mdp: MDP, rng: np.random.Generator, batches: int
) -> dict[str, dict[str, Any]]:
    """Measure bias and variance of every estimator at a random policy; returns them by estimator."""
    import matplotlib.pyplot as plt

    logits = 0.5 * rng.normal(size=mdp.rewards.shape)
    policy, gradient = softmax(logits), policy_gradient(mdp, logits)
    norm = (gradient**2).sum()
    fitted = fitted_values(mdp, sample(mdp, policy, FIT, STEPS, rng))
    exact = exact_variances(mdp, logits, fitted, BATCH, STEPS)
    episodes = sample(mdp, policy, batches * BATCH, STEPS, rng)
    rows: dict[str, dict[str, float]] = {}
    report.say(f"{'estimator':33} bias along gradient  joint z    total variance     exact")
    for name, weight in weights(mdp, policy, episodes, fitted, BATCH).items():
        found = estimates(policy, episodes, weight, BATCH)
        bias, bias_error = interval((found * gradient).sum(axis=(1, 2)) / norm - 1)
        squares = BATCH * ((found - found.mean(axis=0)) ** 2).sum(axis=(1, 2))
        spread, spread_error = interval(squares)
        known = -1 / BATCH if name == SAME else 0.0
        # The last action's components follow from the others: they sum to zero in every state.
        z = hotelling(found[:, :, :-1].reshape(batches, -1), (1 + known) * gradient[:, :-1].ravel())
        rows[name] = {"bias": bias, "bias_error": bias_error, "exact_bias": known, "joint_z": z}
        rows[name] |= {"variance": spread, "variance_error": spread_error, "exact": exact[name]}
        report.say(
            f"{name:33}  {bias:+8.2%} ± {bias_error:.2%} {z:+10.2f} "
            f"{spread:10.3f} ± {spread_error:.3f} {exact[name]:9.3f}"
        )
    usual = visits(mdp, policy, 1.0)[:, None] * policy * advantages(mdp, policy)
    cosine = float((usual * gradient).sum() / np.sqrt((usual**2).sum() * norm))
    report.say(f"cosine of the gradient's angle to the one without γ^t: {cosine:.3f}")
    report.numbers |= {"estimators": rows, "cosine_without_discounts": cosine}
    worst = max(
        abs(row["variance"] - row["exact"]) / row["variance_error"] for row in rows.values()
    )
    report.check(f"variances are the exact ones, within {worst:.1f} standard errors", worst < LIMIT)
    worst = max(row["joint_z"] for row in rows.values())
    known = rows[SAME]["exact_bias"]
    report.check(
        f"the means fit the exact gradient (times {1 + known:.3f} with the batch's own mean), all "
        f"components at once: largest joint z {worst:.1f}, limit {LIMIT:.1f}",
        worst < LIMIT,
    )

    figure, (left, right) = plt.subplots(
        1, 2, figsize=(10, 3.8), layout="constrained", sharey=True, width_ratios=(1, 1.2)
    )
    places = np.arange(len(rows))[::-1]
    for place, (name, row) in zip(places, rows.items()):
        colour = COLOURS[name]
        reach = LIMIT * row["bias_error"] * 100
        left.errorbar(row["bias"] * 100, place, xerr=reach, fmt="o", color=colour, capsize=4)
        left.plot(row["exact_bias"] * 100, place, "|", color=BLACK, markersize=18)
        right.barh(place, row["variance"], color=colour, height=0.6)
        right.plot(row["exact"], place, "|", color=BLACK, markersize=18)
        right.text(row["variance"] * 1.15, place, f"{row['variance']:.3g}", va="center")
    left.set(yticks=places, yticklabels=rows, xlabel="bias along the exact gradient (%)")
    left.set_title(f"{batches} batches of {BATCH}; bars: 99.99 %")
    right.set(xscale="log", xlabel="total variance of one episode's estimate (reward²)")
    right.set(title="black marks: exact values", xlim=(0.1, 2.5 * rows[WHOLE]["variance"]))
    left.grid(axis="x", alpha=0.3)
    report.figure(figure, "variance")
    return rows


def climb(
    report: Report, mdp: MDP, rng: np.random.Generator, updates: int, runs: int
) -> dict[str, float]:
    """Gradient ascent from the uniform policy; returns what share of the way to the optimum is gone."""
    import matplotlib.pyplot as plt

    best, nothing = optimum(mdp)[0], np.zeros(len(mdp.start))
    logits = np.zeros(mdp.rewards.shape)
    exact = [expected_return(mdp, softmax(logits))]
    for _ in range(updates):
        logits = logits + LEARNING_RATE * policy_gradient(mdp, logits)
        exact.append(expected_return(mdp, softmax(logits)))
    report.check(f"each of {updates} exact steps makes J larger", bool((np.diff(exact) > 0).all()))

    figure, axes = plt.subplots(figsize=(7.5, 4.4), layout="constrained")
    axes.axhline(best, color=BLACK, linestyle=":", label="optimum (policy iteration)")
    axes.plot(exact, color=BLACK, linewidth=2, label="exact gradient")
    gone = {"exact gradient": (exact[-1] - exact[0]) / (best - exact[0])}
    marks, highest = np.arange(0, updates + 1, 5), max(exact)
    for name in CLIMBERS:
        curves = np.zeros((runs, len(marks)))
        for run in tqdm(range(runs), name, leave=False):
            logits = np.zeros(mdp.rewards.shape)
            for update in range(updates + 1):
                policy = softmax(logits)
                if update % 5 == 0:
                    curves[run, update // 5] = expected_return(mdp, policy)
                episodes = sample(mdp, policy, BATCH, STEPS, rng)
                weight = weights(mdp, policy, episodes, nothing, BATCH)[name]
                logits = logits + LEARNING_RATE * estimates(policy, episodes, weight, BATCH)[0]
        mean, error = curves.mean(axis=0), curves.std(axis=0, ddof=1) / np.sqrt(runs)
        axes.plot(marks, mean, color=COLOURS[name], label=name)
        axes.fill_between(marks, mean - error, mean + error, color=COLOURS[name], alpha=0.25, lw=0)
        gone[name] = float((mean[-1] - exact[0]) / (best - exact[0]))
        highest = max(highest, curves.max())
    report.check(f"no policy is better than the optimum {best:.4f}", highest <= best + 1e-12)
    report.numbers["ascent"] = {"optimum": best, "start": exact[0], "share_of_the_way": gone}
    axes.set(xlabel=f"updates, each from {BATCH} episodes", ylabel="expected return J (reward)")
    axes.set_title(f"step size {LEARNING_RATE:g}; mean of {runs} runs, band: its standard error")
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    report.figure(figure, "ascent")
    return gone


def main(arguments: list[str] | None = None) -> int:
    """Run everything; write the numbers and three figures."""
    options = parser(__doc__ or "")
    options.add_argument("--batches", type=int, help="estimates of the gradient (default 25000)")
    given = options.parse_args(arguments)
    if given.batches is not None and given.batches < 200:
        options.error("--batches must be 200 at least, for 96 components are tested together")
    report, rng, mdp = Report("estimators", given), np.random.default_rng(given.seed), line_world()
    batches = given.batches or (2000 if given.short else 25000)
    exact_facts(report, mdp, rng)
    rows = compare(report, mdp, rng, batches)
    far = importance(report, mdp, STEPS, rng, 20000 if given.short else 400000)[-1]
    gone = climb(report, mdp, rng, *((60, 3) if given.short else (400, 20)))
    spread, way = (
        ", ".join(f"{table[name]:.2g} {name}" for name in table)
        for table in ({name: row["variance"] for name, row in rows.items()}, gone)
    )
    return report.finish(
        f"Total variance of one episode's estimate of the gradient: {spread}. Share of the way to the "
        f"optimum: {way}. Effective share of episodes {far['kl']:.1f} nats away: {far['effective']:.1e}."
    )


if __name__ == "__main__":
    sys.exit(main())
