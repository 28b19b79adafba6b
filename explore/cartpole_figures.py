"""The figures of cartpole.py."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from explore.cartpole_learner import BASE, EVALUATION, FACTORS, LIMIT, ONE, SETTINGS, STEP
from explore.experiment import Report, interval
from handout.palette import BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ESTIMATES = [s for s in SETTINGS if not s.decay]  # a smaller step leaves the estimate as it is


def curve(axes: Axes, lengths: np.ndarray, colour: str, label: str, style: str = "-") -> None:
    """Mean over seeds of lengths (episodes, seeds), smoothed, with its standard error as a band."""
    width = max(1, min(50, len(lengths) // 4))
    smooth = np.array([np.convolve(of, np.ones(width) / width, "valid") for of in lengths.T])
    episode = np.arange(smooth.shape[1]) + (width + 1) / 2
    mean, error = smooth.mean(axis=0), smooth.std(axis=0, ddof=1) / math.sqrt(len(smooth))
    axes.plot(episode, mean, style, color=colour, linewidth=1.8, label=label)
    axes.fill_between(episode, mean - error, mean + error, color=colour, alpha=0.25, lw=0)
    axes.set(xlabel="episode", ylabel="episode's length (steps)", ylim=(0, LIMIT + 8))
    axes.grid(alpha=0.3)


def draw_base(report: Report, lengths: np.ndarray, evaluation: np.ndarray) -> None:
    """The base: every seed's learning curve, and all evaluation episodes of all seeds."""
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
    width = max(1, min(50, len(lengths) // 4))
    for seed, of in enumerate(lengths.T):
        smooth = np.convolve(of, np.ones(width) / width, "valid")
        label = "each seed" if seed == 0 else None
        left.plot(
            np.arange(len(smooth)) + width / 2, smooth, color=BLUE, lw=0.5, alpha=0.4, label=label
        )
    curve(left, lengths, VERMILION, "mean ± standard error")
    left.set_title(f"Learning (running mean of {width})")
    left.legend(loc="lower right")
    perfect = (evaluation == LIMIT).all(axis=0)
    some = [evaluation[:, chosen].ravel() for chosen in (perfect, ~perfect)]
    labels = [f"{perfect.sum()} seeds: always {LIMIT}", f"the other {(~perfect).sum()} seeds"]
    right.hist(
        some, np.arange(0, LIMIT + 11, 10), stacked=True, color=[GREEN, ORANGE], label=labels
    )
    right.set(xlabel="episode's length (steps)", ylabel="evaluation episodes", yscale="log")
    right.set_title(f"{EVALUATION} evaluation episodes of every seed")
    right.legend(loc="upper left")
    report.figure(figure, "learning")


def draw_curves(report: Report, trained: dict[str, Any]) -> None:
    """Learning curves of every change at the base's step, against the base."""
    import matplotlib.pyplot as plt

    figure, grid = plt.subplots(
        3, 3, figsize=(9, 7.6), sharex=True, sharey=True, layout="constrained"
    )
    for axes, setting in zip(grid.flat, SETTINGS[1:]):
        curve(axes, trained[BASE.label]["lengths"][:, ONE], BLACK, "base")
        curve(axes, trained[setting.label]["lengths"][:, ONE], VERMILION, "changed")
        axes.set_title(setting.label, fontsize=10)
        axes.label_outer()
    grid[0, 0].legend(loc="lower right", fontsize=9)
    report.figure(figure, "curves")


def draw_ablation(report: Report, trained: dict[str, Any], table: dict[str, Any]) -> None:
    """How every seed of every setting ends, and how that depends on the step."""
    import matplotlib.pyplot as plt

    figure, (ends, steps) = plt.subplots(
        1, 2, figsize=(10, 5), sharey=True, layout="constrained", width_ratios=(5, 4)
    )
    spread = np.linspace(-0.28, 0.28, trained[BASE.label]["evaluation"].shape[-1])
    means = np.array([[mean for mean, _ in table[s.label]["evaluation"]] for s in SETTINGS])
    for row, s in enumerate(SETTINGS):
        of_seeds = trained[s.label]["evaluation"][:, ONE].mean(axis=0)
        mean, error = interval(of_seeds)
        ends.plot(of_seeds, row + spread, "o", color=BLUE, ms=5, alpha=0.5, mew=0)
        ends.errorbar(mean, row, xerr=error, fmt="|", color=VERMILION, ms=16, mew=2.5, capsize=4)
        for column, perfect in enumerate(table[s.label]["perfect seeds"]):
            colour = BLACK if means[row, column] > 120 else "white"
            text = f"{means[row, column]:.1f} ({perfect})"
            steps.text(column, row, text, ha="center", va="center", color=colour, fontsize=8.5)
    ends.set_yticks(range(len(SETTINGS)), [s.label for s in SETTINGS])
    ends.set(xlabel="mean length in evaluation (steps)", xlim=(0, LIMIT + 8))
    ends.set_title(f"Every seed, α = {STEP}; mean ± standard error", fontsize=11)
    ends.grid(alpha=0.3)
    steps.imshow(means, aspect="auto", cmap="cividis", vmin=0, vmax=LIMIT)
    steps.set_xticks(range(len(FACTORS)), [f"{STEP * factor:g}" for factor in FACTORS])
    steps.set(xlabel="step α")
    steps.set_title("Mean of all seeds (seeds with only 200s)", fontsize=11)
    report.figure(figure, "ablation")


def draw_variance(report: Report, measured: dict[str, Any]) -> None:
    """Every estimate's variance at fixed policies, bare and relative to its mean, and its bias."""
    import matplotlib.pyplot as plt

    figure, (bare, relative, bias) = plt.subplots(
        1, 3, figsize=(11, 4.8), sharey=True, layout="constrained"
    )
    for (name, found), colour, mark in zip(measured.items(), (GREEN, ORANGE, PURPLE), "os^"):
        for row, s in enumerate(ESTIMATES):
            of = found["estimates"][s.label]
            label = f"{name}: {found['return']:.0f} steps" if row == 0 else None
            bare.plot(of["variance"], row, mark, color=colour, ms=8, label=label)
            if name != "trained":  # there ∇J is so small that its noise hides it
                relative.plot(of["variance / |mean|²"], row, mark, color=colour, ms=8)
                at, noise = of["angle to ∇J (degrees)"], of["angle's noise (degrees)"]
                bias.errorbar(at, row, xerr=noise, fmt=mark, color=colour, ms=7, capsize=3)
    bare.set_yticks(range(len(ESTIMATES)), [s.label for s in ESTIMATES])
    bare.invert_yaxis()
    bare.set(xscale="log", xlabel="tr Cov(ĝ)")
    bare.set_title("Variance of one update's ĝ", fontsize=11)
    relative.set(xscale="log", xlabel="tr Cov(ĝ) / |E ĝ|²")
    relative.set_title("... relative to its mean", fontsize=11)
    bias.set(xlabel="degrees", xlim=(0, None))
    bias.set_title("Bias: angle of E ĝ and ∇J; bar: noise", fontsize=11)
    for axes in (bare, relative, bias):
        axes.grid(alpha=0.3)
    figure.legend(loc="outside lower center", ncols=3, title="fixed policy")
    report.figure(figure, "variance")


def draw_softmax(
    report: Report, logistics: np.ndarray, eights: np.ndarray, apart: np.ndarray
) -> None:
    """Show that eight weights only change the step size.

    logistics, eights: lengths (episodes, 5, seeds). apart: differences of weights (updates, 4).
    """
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
    curve(left, logistics[:, ONE], BLACK, "logistic, α")
    curve(left, eights[:, ONE - 1], SKY, "softmax, α/2", "--")
    curve(left, logistics[:, ONE + 1], VERMILION, "logistic, 2α")
    curve(left, eights[:, ONE], GREEN, "softmax, α", "--")
    left.legend(loc="lower right")
    left.set_title(f"Two pairs of the same curves (α = {STEP})")
    for column, colour in reversed(list(enumerate((SKY, BLACK, VERMILION, PURPLE)))):
        one = np.where(apart[:, column] > 0, apart[:, column], np.nan)
        label = f"logistic {STEP * FACTORS[column + 1]:g}, softmax {STEP * FACTORS[column]:g}"
        right.semilogy(np.arange(1, len(one) + 1), one, color=colour, lw=1.2, label=label)
    right.legend(loc="center right", fontsize=9, title="steps")
    right.set(xlabel="episode", ylabel="largest |W₁ − W₀ − w| of all seeds")
    right.set_title("Equal up to rounding where steps are small")
    right.grid(alpha=0.3)
    report.figure(figure, "softmax")
