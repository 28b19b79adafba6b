"""Discounted returns four ways: the same numbers, at very different speeds.

The return of step t is the sum of the rewards from there on. A reward one step later counts γ times as
much:

    G_t = r_t + γ r_{t+1} + γ² r_{t+2} + ...  up to the episode's last step,   so   G_t = r_t + γ G_{t+1}

(a) loop      the recursion on the right as it stands, from the last step to the first
(b) Toeplitz  the sum on the left is a matrix product G = D r, D[t, s] = γ^(s - t) for s ≥ t and else 0,
              constant along its diagonals: a Toeplitz matrix. T² numbers for T steps.
(c) filter    backwards in time the recursion is a linear filter, y_n = x_n + γ y_{n-1}, which
              `scipy.signal.lfilter` runs in compiled code
(d) many episodes end to end, without a Python loop over them. A single filter cannot start again at
    every episode, so there are two other ways:
    doubling  let y_t be the sum of the first d terms of G_t. The sum of the first 2d terms is
              y_t + γ^d y_{t+d}, if step t + d is in the same episode. From d = 1 it takes
              log2(longest episode) such updates of all steps at once: a prefix scan (Hillis and
              Steele 1986)
    groups    all episodes of 1, 2, 3-4, 5-8 ... steps make one table each, with a row for every
              episode, last step first. One filter call runs along all rows of a table. A row may be
              longer than its episode. Then the filter reaches the extra entries last, and they
              change no entry that is used.

Two shorter formulas fail, as the program shows: `rescaled` divides 0 by 0 after enough steps, and
`subtracted` loses digits, at worst all of them. `python -m explore.discounting --discount 0.9`
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

# Keeps the matrix product on one thread, like all the rest. NumPy reads this when it is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from tqdm import tqdm

from explore.experiment import Report, need, parser
from handout.palette import BLACK, BLUE, GREEN, ORANGE, PURPLE, VERMILION

Array = np.ndarray
PUBLISHED = {"loop": 41.6, "Toeplitz": 74.8, "filter": 14.8}  # µs, 100 steps, another machine
LARGEST_MATRIX = 2**28  # bytes; the Toeplitz product is left out where its matrix needs more
TOLERANCE = 1e-10

NAMES = ("loop", "Toeplitz", "filter", "filter each", "doubling", "groups", "subtracted")
_COLOURS = (BLACK, VERMILION, BLUE, BLUE, GREEN, ORANGE, PURPLE)
STYLES = dict(zip(NAMES, zip(_COLOURS, ("-o", "-s", "-^", "-^", "-D", "-v", "-P"))))

# -- One episode: rewards (T,) to returns (T,) --


def by_loop(rewards: Array, discount: float) -> Array:
    """(a): one Python step per timestep."""
    returns = np.empty(len(rewards))
    following_return = 0.0
    for step in reversed(range(len(rewards))):
        following_return = rewards[step] + discount * following_return
        returns[step] = following_return
    return returns


def by_toeplitz(rewards: Array, discount: float) -> Array:
    """(b): a matrix of 8 T² bytes, which every call makes anew."""
    powers = discount ** np.arange(len(rewards))
    lower = need("scipy.linalg", "scipy").toeplitz(powers, np.zeros(len(rewards)))
    return lower.T @ rewards


def by_filter(rewards: Array, discount: float) -> Array:
    """(c): forwards over the reversed rewards."""
    lfilter = need("scipy.signal", "scipy").lfilter
    return lfilter([1.0], [1.0, -discount], rewards[::-1])[::-1]


# -- Many episodes end to end: rewards (N,), terminated (N,) bool on last steps, to returns (N,) --


def episodes(terminated: Array) -> tuple[Array, Array]:
    """Every episode's last step and length, (E,) each; an unfinished tail ends with the data."""
    ends = np.flatnonzero(terminated)
    if len(terminated) and not terminated[-1]:
        ends = np.append(ends, len(terminated) - 1)
    return ends, np.diff(ends, prepend=-1)


def many_by_loop(rewards: Array, terminated: Array, discount: float) -> Array:
    """(a) with a restart at every flag: what everything else is compared with."""
    returns = np.empty(len(rewards))
    following_return = 0.0
    for step in reversed(range(len(rewards))):
        if terminated[step]:
            following_return = 0.0
        following_return = rewards[step] + discount * following_return
        returns[step] = following_return
    return returns


def many_by_filter_each(rewards: Array, terminated: Array, discount: float) -> Array:
    """(c) in a Python loop over the episodes: fast if they are long, slow if they are many."""
    returns = np.empty(len(rewards))
    for end, length in zip(*episodes(terminated)):
        episode = slice(end + 1 - length, end + 1)
        returns[episode] = by_filter(rewards[episode], discount)
    return returns


def many_by_doubling(rewards: Array, terminated: Array, discount: float) -> Array:
    """(d): log2(longest episode) updates of all steps at once, by adding and multiplying only."""
    ends, lengths = episodes(terminated)
    steps_left = np.repeat(ends, lengths) - np.arange(len(rewards))
    returns = np.array(rewards, dtype=float)
    reach, longest = 1, lengths.max(initial=0)
    # When a power underflows to 0, the terms that are left are too small to change a sum.
    while reach < longest and (power := discount**reach) > 0:
        later = power * returns[reach:]  # made before anything changes
        returns[:-reach] += np.where(steps_left[:-reach] >= reach, later, 0.0)
        reach *= 2
    return returns


def many_by_groups(rewards: Array, terminated: Array, discount: float) -> Array:
    """(d): the arithmetic of the loop in compiled code. All tables hold at most 2 N numbers."""
    lfilter = need("scipy.signal", "scipy").lfilter
    ends, lengths = episodes(terminated)
    widths = np.exp2(np.ceil(np.log2(lengths))).astype(int)
    returns = np.empty(len(rewards))
    for width in np.unique(widths):
        chosen = widths == width
        steps_before_end = np.arange(min(width, lengths[chosen].max()))
        places = ends[chosen, None] - steps_before_end
        # Places before the data are negative and wrap around. What comes from there is never used.
        table = lfilter([1.0], [1.0, -discount], rewards[places], axis=1)
        inside = steps_before_end < lengths[chosen, None]
        returns[places[inside]] = table[inside]
    return returns


def rescaled(rewards: Array, discount: float) -> Array:
    """Fails: G_t = (Σ_{s ≥ t} γ^s r_s) / γ^t, which is 0 / 0 once γ^t is too small for a number."""
    powers = discount ** np.arange(len(rewards))
    with np.errstate(invalid="ignore", divide="ignore", under="ignore"):
        return np.cumsum((powers * rewards)[::-1])[::-1] / powers


def subtracted(rewards: Array, terminated: Array, discount: float) -> Array:
    """Fails: filter everything as one episode, then subtract what the later episodes have added.

    If F_t is that filter's output and the episode ends at e, G_t = F_t - γ^(e + 1 - t) F_{e+1}. This is
    exact, but what is subtracted may be far larger than what remains. Then rounding takes the digits of
    the remainder. For γ = 1 the subtracted part grows with all the data that follow, and for any γ it
    grows with the rewards of the next episode.
    """
    filtered = np.append(by_filter(rewards, discount), 0.0)
    next_start = np.repeat(*episodes(terminated)) + 1
    return filtered[:-1] - discount ** (next_start - np.arange(len(rewards))) * filtered[next_start]


def error(returns: Array, exact: Array) -> float:
    """Largest difference, relative to the largest return where that is above one."""
    return float(np.abs(returns - exact).max() / max(1.0, np.abs(exact).max()))


def half_decades(largest: int) -> Array:
    """100, 316, 1000, 3162 ... up to `largest`."""
    return np.round(10.0 ** np.arange(2, math.log10(largest) + 0.01, 0.5)).astype(int)


def make_episodes(rng: np.random.Generator, steps: int, mean_length: int) -> tuple[Array, Array]:
    """Rewards (N,) in -1 ... 0, flags (N,); 1 to 2 mean_length - 1 steps each, the last unfinished."""
    ends = np.cumsum(rng.integers(1, 2 * mean_length, size=steps)) - 1
    return -rng.random(steps), np.isin(np.arange(steps), ends[ends < steps - 1])


def medians(methods: Mapping[str, Callable[[], Any]], seconds: float) -> dict[str, float]:
    """Median times (s) of 3 to 300 runs, in turn, so that other load of the machine slows all alike."""
    times: dict[str, list[float]] = {name: [] for name in methods}
    started = time.perf_counter()
    for turn in range(300):
        for name, method in methods.items():
            method()  # fills the cache again, which the method before it may have emptied
            before = time.perf_counter()
            method()
            times[name].append(time.perf_counter() - before)
        if turn >= 2 and time.perf_counter() - started > seconds:
            break
    return {name: float(np.median(values)) for name, values in times.items()}


def compare(
    report: Report, name: str, axis: Array, cases: list[Any], methods: dict[str, Any], xlabel: str
) -> dict[str, list[float]]:
    """Run the methods on every case: check against the loop, time (s), draw against `axis`."""
    import matplotlib.pyplot as plt

    times: dict[str, list[float]] = {method: [] for method in methods}
    worst = {method: 0.0 for method in methods if method != "loop"}
    for case in tqdm(cases, desc=name, leave=False):
        runs = {key: partial(method, *case) for key, method in methods.items()}
        if 8 * len(case[0]) ** 2 > LARGEST_MATRIX:
            runs.pop("Toeplitz", None)
        exact = runs["loop"]()
        for key in runs.keys() & worst.keys():
            worst[key] = max(worst[key], error(runs[key](), exact))
        measured = medians(runs, 0.03 if report.options["short"] else 4.0)
        for key, values in times.items():
            values.append(measured.get(key, math.nan))
    for key, value in worst.items():
        report.check(f"{name}: {key} = loop to {value:.0e}", value < TOLERANCE)
    seconds = {key: [value for value in t if value > 0] for key, t in times.items()}  # no nan
    report.numbers[name] = {"axis": axis, "seconds": seconds, "worst error": worst}

    figure, axes = plt.subplots(figsize=(7.2, 4.4), layout="constrained")
    for key, values in times.items():
        axes.loglog(axis, values, STYLES[key][1], color=STYLES[key][0], linewidth=2, label=key)
    axes.set(xlabel=xlabel, ylabel="median time (s)")
    axes.grid(alpha=0.3)
    axes.legend(framealpha=0.9)
    report.figure(figure, name.replace(" ", "_"))
    return times


def one_episode(report: Report, rng: np.random.Generator, discount: float, longest: int) -> str:
    """(a), (b) and (c) against the length."""
    lengths = half_decades(longest)
    cases = [(rng.standard_normal(length), discount) for length in lengths]
    methods = {"loop": by_loop, "Toeplitz": by_toeplitz, "filter": by_filter}
    times = compare(report, "one episode", lengths, cases, methods, "length (steps)")
    fits = f"{math.isqrt(LARGEST_MATRIX // 8):,} steps, where its matrix has 256 MiB"
    report.say(f"    (Toeplitz is left out beyond {fits})")
    for name, published in PUBLISHED.items():
        report.say(
            f"    100 steps, {name:9s}{1e6 * times[name][0]:6.1f} µs, loop = 1: "
            f"{times[name][0] / times['loop'][0]:.2f}; published {published:.1f} µs, "
            f"{published / PUBLISHED['loop']:.2f}"
        )
    gain = times["loop"][-1] / times["filter"][-1]
    return f"{lengths[-1]:,} steps: the filter takes 1/{gain:.0f} of the loop's time"


def many_episodes(report: Report, rng: np.random.Generator, discount: float, steps: int) -> str:
    """(d) against Python loops, for a fixed number of steps cut into more or fewer episodes."""
    means = np.array([mean for mean in (3, 10, 30, 100, 300, 1000, 10_000) if 3 * mean <= steps])
    cases = [(*make_episodes(rng, steps, mean), discount) for mean in means]
    methods = {"loop": many_by_loop, "filter each": many_by_filter_each}
    methods |= {"doubling": many_by_doubling, "groups": many_by_groups}
    xlabel = f"mean length of an episode (steps); {steps:,} steps in all"
    times = compare(report, "many episodes", means, cases, methods, xlabel)
    for place, mean in enumerate(means):
        columns = ", ".join(f"{name} {1e3 * t[place]:.2f}" for name, t in times.items())
        report.say(f"    {steps:,} steps, mean length {mean:,}, ms: {columns}")
    measured = ", ".join(f"{name} {1e3 * t[2]:.3g} ms" for name, t in times.items())
    return f"{steps:,} steps in episodes of about {means[2]}: {measured}"


def failures(report: Report, rng: np.random.Generator, discount: float, largest: int) -> None:
    """Where `rescaled` and `subtracted` go wrong, and doubling and groups do not."""
    import matplotlib.pyplot as plt

    # Powers round to 0 below half of the smallest number, 2^-1074: 0.99^t from t = 74,141 on.
    below_one = min(discount, 0.999)
    underflow = math.ceil(-1075 * math.log(2) / math.log(below_one))
    lost = np.isnan(rescaled(np.ones(underflow + 100), below_one)).sum()
    report.check(f"rescaled: {lost} of {underflow + 100:,} returns are 0 / 0", lost >= 99)

    sizes = half_decades(largest)
    growing = [(*make_episodes(rng, steps, 20), 1.0) for steps in sizes]
    # Two episodes of 20 steps, of which the second one's rewards are 10^k times as large.
    scales, rewards = 10.0 ** np.arange(16), -rng.random(40)
    second, ends = np.arange(40) >= 20, np.arange(40) % 20 == 19
    scaled = [(rewards * np.where(second, scale, 1.0), ends, discount) for scale in scales]

    methods = {"subtracted": subtracted, "doubling": many_by_doubling, "groups": many_by_groups}
    worst = dict.fromkeys(methods, 0.0)
    figure, panels = plt.subplots(1, 2, figsize=(9.0, 4.0), sharey=True, layout="constrained")
    for axes, axis, cases, what, counted in (
        (panels[0], sizes, growing, "steps in the data", slice(None)),
        (panels[1], scales, scaled, "second episode's rewards ÷ first's", slice(20)),
    ):
        exact = [many_by_loop(*case)[counted] for case in cases]
        for name, method in methods.items():
            found = [error(method(*case)[counted], e) for case, e in zip(cases, exact)]
            report.numbers[f"error, {name}, against {what}"] = dict(zip(axis.tolist(), found))
            worst[name] = max(worst[name], *found)
            shown = np.maximum(found, 1e-17)  # a logarithmic axis has no zero
            axes.loglog(axis, shown, STYLES[name][1], color=STYLES[name][0], label=name)
        axes.axhline(TOLERANCE, color=BLACK, linestyle=":", linewidth=1)
        axes.set_xlabel(what)
        axes.grid(alpha=0.3)
    panels[0].set(title="episodes of 20 steps, γ = 1", ylabel="largest error (0 drawn at 1e-17)")
    panels[1].set(title=f"two episodes, γ = {discount:g}: error in the first")
    panels[1].legend(loc="upper left", framealpha=0.9)
    report.figure(figure, "failures")
    bad, good = worst["subtracted"], max(worst["doubling"], worst["groups"])
    report.check(f"subtracted: error {bad:.0e} at most, and more than 1e-10", bad > TOLERANCE)
    report.check(f"doubling and groups in the same cases: {good:.0e} at most", good < TOLERANCE)


def main(arguments: list[str] | None = None) -> int:
    """Compare, time, draw; see the module's docstring."""
    options_parser = parser(__doc__ or "")
    options_parser.add_argument("--discount", type=float, default=0.99, help="γ (default 0.99)")
    options_parser.add_argument("--longest", type=int, help="steps (default 1000000)")
    options = options_parser.parse_args(arguments)
    if not 0 < options.discount <= 1:
        options_parser.error(f"--discount must be above 0 and at most 1, not {options.discount}")
    if options.longest is None:
        options.longest = 10_000 if options.short else 1_000_000
    if not 1000 <= options.longest <= 10**8 or options.seed < 0:
        options_parser.error("--longest must be 1000 to 100000000, and --seed not negative")
    need("scipy.signal", "scipy")
    report, rng = Report("discounting", options), np.random.default_rng(options.seed)
    single = one_episode(report, rng, options.discount, options.longest)
    many = many_episodes(report, rng, options.discount, options.longest)
    failures(report, rng, options.discount, options.longest)
    return report.finish(f"{single}; {many}.")


if __name__ == "__main__":
    sys.exit(main())
