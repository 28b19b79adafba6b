"""REINFORCE on CartPole with four weights, its gradient by hand, and what each variance reduction does.

The policy pushes right with probability p = sigmoid(w·s), where s is what Gymnasium shows: position (m),
velocity (m/s), angle (rad), angular velocity (rad/s). Its score, the gradient of log π(a|s) with respect
to w, is (a − p) s, with a = 1 for a push to the right and 0 to the left. So nothing needs autograd.
After every episode

    w ← w + α ĝ,   ĝ = Σ_t (a_t − p_t) s_t G_t,   G_t = r_t + γ r_{t+1} + γ² r_{t+2} + ...

(Williams 1992; γ = 0.99, α = 0.002, w = 0 at first, 2,000 episodes of at most 200 steps). Then one thing
at a time is changed in ĝ or α, and variance and bias of every ĝ are measured at fixed policies.

A score times something that its action does not influence has mean zero. So the rewards before an
action, which are part of the whole episode's return, add noise to ĝ and do not change its mean. A
baseline (Greensmith et al. 2004) does not change the mean either, and may reduce the noise.
Discounting rewards-to-go, and normalizing by the episode's own returns, do change the mean.

A softmax policy with two rows of weights, W₁ (right) and W₀ (left), has the same p if w = W₁ − W₀. Where
the logistic policy's ĝ is g, the softmax's is (−g, g). So W₁ − W₀ moves by 2 α g, twice as far, and
W₀ + W₁ never moves: with half the step size the softmax is the same learner.

cartpole_learner.py plays all seeds and five step sizes side by side. cartpole_estimates.py measures at
fixed policies.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np
from tqdm import tqdm

from explore.cartpole_estimates import POLICIES, exact, measure
from explore.cartpole_figures import (
    draw_ablation,
    draw_base,
    draw_curves,
    draw_softmax,
    draw_variance,
)
from explore.cartpole_learner import (
    BASE,
    DISCOUNT,
    EVALUATION,
    FACTORS,
    LIMIT,
    ONE,
    SETTINGS,
    SOFTMAX,
    STEP,
    TIME,
    WHOLE_UNDISCOUNTED,
    train,
)
from explore.experiment import Report, interval, need, parser


def in_gymnasium(seed: int, episodes: int) -> np.ndarray:
    """The base's first learner as a plain loop in Gymnasium's own CartPole: weights (episodes, 4)."""
    env = need("gymnasium", "gymnasium").make("CartPole-v1", max_episode_steps=LIMIT)
    generator, w, history = np.random.default_rng(seed).spawn(1)[0], np.zeros(4), []
    for _ in range(episodes):
        draws = generator.random(4 + LIMIT)
        env.reset(seed=0)
        env.unwrapped.state = 0.1 * draws[:4] - 0.05
        s, over = np.float32(env.unwrapped.state), False
        scores: list[np.ndarray] = []
        rewards: list[float] = []
        while not over:
            p = 1 / (1 + math.exp(-float(w @ s)))
            right = int(draws[4 + len(scores)] < p)
            scores.append((right - p) * s.astype(float))
            s, reward, terminated, truncated, _ = env.step(right)
            rewards.append(reward)
            over = terminated or truncated
        gradient, reward_to_go = np.zeros(4), 0.0
        for score, reward in zip(reversed(scores), reversed(rewards)):
            reward_to_go = reward + DISCOUNT * reward_to_go
            gradient += score * reward_to_go
        w = w + STEP * gradient
        history.append(w)
    return np.array(history)


def work(jobs: list[tuple[Any, ...]], processes: int) -> list[Any]:
    """Call every (function, *arguments), in several processes if asked; returns results in order."""
    if processes == 1:
        return [function(*rest) for function, *rest in tqdm(jobs, desc="trainings")]
    with ProcessPoolExecutor(
        min(processes, len(jobs)), multiprocessing.get_context("spawn")
    ) as pool:
        futures = [pool.submit(*job) for job in jobs]
        return [future.result() for future in tqdm(futures, desc="trainings")]


def summary(result: dict[str, np.ndarray]) -> dict[str, Any]:
    """For each of the five steps: mean over seeds, standard error, and every seed's numbers."""
    perfect = (result["evaluation"] == LIMIT).all(axis=0).sum(axis=1)
    in_training, at_end = result["lengths"].mean(axis=0), result["evaluation"].mean(axis=0)
    return {
        "steps": [STEP * factor for factor in FACTORS],
        "training": [interval(of) for of in in_training],
        "evaluation": [interval(of) for of in at_end],
        "perfect seeds": perfect.tolist(),
        "evaluation of every seed": at_end,
    }


def compare_policies(
    report: Report,
    four: dict[str, np.ndarray],
    eight: dict[str, np.ndarray],
    grows: list[float],
) -> np.ndarray:
    """Check that a softmax with eight weights learns what the logistic policy does with twice the step.

    Returns the largest difference of a weight in any seed, (updates, 4), for the four doubled steps.
    """
    w, both = four["weights"][:, :, 1:], eight["weights"][..., :-1, :]
    apart = np.abs(both[:, 1] - both[:, 0] - w).max(axis=1)
    moved = float(np.ptp(eight["weights"].sum(axis=1), axis=0).max())
    start, slow = float(apart[:10].max()), float(apart[:, 0].max())
    report.check(
        f"softmax with α/2 is logistic with α: |W₁ − W₀ − w| is at most {start:.0e} in the first 10 "
        f"episodes for every α and {slow:.0e} in all {len(w)} for α = {STEP * FACTORS[1]:g}; "
        f"W₀ + W₁ moves by {moved:.0e}",
        max(start, slow, moved) < 1e-10,
    )
    # Later, large steps may amplify rounding (see `rounding_grows`) until another action is drawn.
    other = (four["lengths"][:, 1:] != eight["lengths"][:, :-1]).any(axis=0).sum(axis=1)
    largest = apart.max(axis=(0, 2))
    for factor, most, seeds, share in zip(FACTORS[1:], largest, other, grows[1:]):
        report.say(
            f"     α = {STEP * factor:5g}: at most {most:.0e} in training, other episodes in {seeds} of "
            f"{w.shape[-1]} seeds; {share:.1%} of a half-trained policy's updates amplify"
        )
    report.numbers["softmax"] = {
        "largest difference": largest,
        "seeds with another episode": other,
        "sum of rows moves": moved,
    }
    return apart.max(axis=2)


def tell(report: Report, table: dict[str, Any], measured: dict[str, Any]) -> None:
    """Print the base's step and the fixed policies as a table."""
    report.say(f"{'':30}   lengths (steps)         only  variance relative to mean²,     variance,")
    report.say(
        f"{f'step {STEP}':30}  training   evaluation 200s  angle: coin    half-trained   trained"
    )
    for s in SETTINGS:
        row, text = table[s.label], f"{s.label:30}"
        for kind in ("training", "evaluation"):
            text += f" {row[kind][ONE][0]:5.1f} ±{row[kind][ONE][1]:4.1f}"
        text += f" {row['perfect seeds'][ONE]:3}  "
        for name in ("a coin", "half-trained"):
            of = measured[name]["estimates"][s.label]
            text += f" {of['variance / |mean|²']:6.1f} {of['angle to ∇J (degrees)']:5.1f}°"
        report.say(text + f" {measured['trained']['estimates'][s.label]['variance']:9.0f}")


def main(arguments: list[str] | None = None) -> int:
    """Train, compare, measure, check."""
    options_of = parser(__doc__ or "")
    options_of.add_argument(
        "--seeds", type=int, default=40, help="learners per setting, at least 2"
    )
    options_of.add_argument("--episodes", type=int, default=2000, help="of training, at least 40")
    options_of.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = options_of.parse_args(arguments)
    if options.seed < 0 or options.seeds < 2 or options.episodes < 40 or options.processes < 1:
        options_of.error("--seed from 0, --seeds from 2, --episodes from 40, --processes from 1")
    sampled = 60_000
    if options.short:
        options.seeds, options.episodes, options.processes, sampled = 3, 40, 1, 1000
    report = Report("cartpole", options)

    settings = [*SETTINGS, SOFTMAX]
    jobs: list[tuple[Any, ...]] = [
        (train, s, options.seed, options.seeds, options.episodes) for s in settings
    ]
    jobs += [(measure, name, options.seed, sampled) for name in POLICIES]
    results = work(jobs, options.processes)
    trained = dict(zip([s.label for s in settings], results))
    measured = dict(zip(POLICIES, results[len(settings) :]))
    table = {label: summary(result) for label, result in trained.items()}
    report.numbers["trainings"], report.numbers["fixed policies"] = table, measured

    plain = in_gymnasium(options.seed, min(options.episodes, 500))
    base = trained[BASE.label]
    gap = float(np.abs(plain - base["weights"][: len(plain), :, ONE, 0]).max())
    report.check(
        f"a plain loop in Gymnasium learns the same weights, {len(plain)} episodes: within {gap:.0e}",
        gap < 1e-6,
    )
    small = exact(np.array([0.3, -0.5, 1.0, 2.0]))
    report.check(
        "summed over all action sequences of a small task, the estimates that should have the mean ∇J "
        f"or the base's mean have it: differences at most {max(small.values()):.0e}",
        max(small["∇J"], small["∇J discounted"]) < 1e-7  # differences of J are not exact
        and max(small["reward-to-go"], small["baselines"]) < 1e-11,
    )
    report.numbers["exact"] = small
    worst = max(z for found in measured.values() for z in found["z"].values())
    report.check(
        f"in {sampled} sampled episodes, reward-to-go and baselines leave the mean of ĝ where it was: "
        f"{worst:.1f} standard errors at most in any of 36 numbers",
        worst < 6,
    )
    grows = measured["half-trained"]["rounding grows"]
    apart = compare_policies(report, base, trained[SOFTMAX.label], grows)

    tell(report, table, measured)
    draw_base(report, base["lengths"][:, ONE], base["evaluation"][:, ONE])
    draw_curves(report, trained)
    draw_ablation(report, trained, table)
    draw_variance(report, measured)
    draw_softmax(report, base["lengths"], trained[SOFTMAX.label]["lengths"], apart)
    half, end = (measured[name]["estimates"] for name in ("half-trained", "trained"))
    noise = {s: half[s.label]["variance / |mean|²"] for s in (WHOLE_UNDISCOUNTED, BASE, TIME)}
    return report.finish(
        f"{table[BASE.label]['perfect seeds'][ONE]} of {options.seeds} seeds end with {LIMIT} in all "
        f"{EVALUATION} evaluation episodes, {table[TIME.label]['perfect seeds'][ONE]} with a baseline "
        f"for every time step; variance / |mean|² of a half-trained policy's gradient: "
        f"{noise[WHOLE_UNDISCOUNTED]:.0f} with whole returns, {noise[BASE]:.1f} with rewards-to-go, "
        f"{noise[TIME]:.1f} with that baseline, which leaves {end[TIME.label]['variance']:.0f} of "
        f"{end[BASE.label]['variance']:.0f} of a trained policy's variance."
    )


if __name__ == "__main__":
    sys.exit(main())
