"""The log-derivative trick on one Gaussian: a gradient from samples of f alone, and its price.

The aim is to make J(μ, σ) = E f(x) small, with x ~ p = N(μ, σ²) and f(x) = 0.25 x² + 0.5, the cost of
one "action" x. Since E x² = μ² + σ², everything is known exactly: J = 0.25 (μ² + σ²) + 0.5,
∂J/∂μ = 0.5 μ, ∂J/∂σ = 0.5 σ.

score function   ∇p = p ∇log p, so ∇J = ∫ f ∇p dx = E[f(x) ∇log p(x)]: f is evaluated, but not
                 differentiated. With ε = (x - μ)/σ the score is ∂log p/∂μ = ε/σ and
                 ∂log p/∂σ = (ε² - 1)/σ (Williams 1992).
baseline         E ∇log p = ∇ ∫ p dx = ∇1 = 0, so f - B with a constant B has the same mean. Its variance
                 is least at B = E[f s²] / E[s²] for a score s, not at E f (Greensmith et al. 2004).
pathwise         x = μ + σ ε with ε ~ N(0, 1), so ∇J = E[f'(x) (1, ε)]: f' must be known

f(μ + σ ε) = a + b ε + c ε² with a = 0.25 μ² + 0.5, b = 0.5 μ σ, c = 0.25 σ². With α = a - B, and the
moments 1, 3, 15, 105 of ε², ε⁴, ε⁶, ε⁸, the variances of one sample's gradient are

    score function   μ: (α² + 2 b² + 6 α c + 15 c²) / σ²       σ: (2 α² + 10 b² + 20 α c + 74 c²) / σ²
    pathwise         μ: 0.25 σ²                                σ: 0.25 (μ² + 2 σ²)

Those of the score function are least at B = a + 3 c for μ and at B = a + 5 c for σ, while E f = a + c.
No quantity has a unit.

Run `python -m explore.score_function`; with --still it makes no animation.
"""

from __future__ import annotations

import re
import sys
from statistics import NormalDist
from typing import Any

import numpy as np
from tqdm import tqdm

from explore.experiment import Report, interval, need, parser
from handout.palette import BLACK, BLUE, GREEN, PURPLE, VERMILION

Array = np.ndarray
START = (3.0, 2.0)  # μ, σ
RATES = np.array([0.05, 0.05 / 4])  # of μ and σ
ITERATIONS, BATCH, SMALLEST_SIGMA = 200, 25, 0.2
# The probability that all statistical checks of a run hold together, and their number.
CONFIDENCE, STATISTICAL_CHECKS = 0.999, 10
GRID = np.linspace(-5, 12, 681)  # x in figures
BUTTONS = {  # signs for the icons that matplotlib's page would fetch from the network
    **{"minus": "−", "fast-backward": "⏮", "step-backward": "‹", "play fa-flip-horizontal": "◀"},
    **{"pause": "‖", "play": "▶", "step-forward": "›", "fast-forward": "⏭", "plus": "+"},
}

# -- What is known exactly --


def cost(x: Array) -> Array:
    """f(x), any shape."""
    return 0.25 * x**2 + 0.5


def density(x: Array, mu: float, sigma: float) -> Array:
    """p(x), any shape."""
    return np.exp(-0.5 * ((x - mu) / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))


def score(x: Array, mu: Any, sigma: Any) -> Array:
    """∂log p(x)/∂μ and ∂log p(x)/∂σ, stacked in front: (2, ...)."""
    epsilon = (x - mu) / sigma
    return np.stack([epsilon / sigma, (epsilon**2 - 1) / sigma])


def expected_cost(mu: Any, sigma: Any) -> Any:
    """J = E f."""
    return 0.25 * (mu**2 + sigma**2) + 0.5


def exact_gradient(mu: float, sigma: float) -> Array:
    """∂J/∂μ and ∂J/∂σ, (2,)."""
    return 0.5 * np.array([mu, sigma])


def score_variance(mu: float, sigma: float, baseline: Any = 0.0) -> Array:
    """Variances of one sample's score-function gradient, (2, ...) for baselines (...)."""
    b, c = 0.5 * mu * sigma, 0.25 * sigma**2
    alpha = 0.25 * mu**2 + 0.5 - np.asarray(baseline)
    for_mu = alpha**2 + 2 * b**2 + 6 * alpha * c + 15 * c**2
    for_sigma = 2 * alpha**2 + 10 * b**2 + 20 * alpha * c + 74 * c**2
    return np.stack([for_mu, for_sigma]) / sigma**2


def best_baselines(mu: float, sigma: float) -> Array:
    """The constants with the least variance for μ's and for σ's gradient, (2,)."""
    return 0.25 * mu**2 + 0.5 + np.array([3, 5]) * 0.25 * sigma**2


def pathwise_variance(mu: float, sigma: float) -> Array:
    """Variances of one sample's pathwise gradient, (2,)."""
    return np.array([0.25 * sigma**2, 0.25 * (mu**2 + 2 * sigma**2)])


# -- The estimators --


def by_score(x: Array, mu: Any, sigma: Any, baseline: Any = 0.0) -> Array:
    """(f(x) - B) ∇log p(x): samples (..., n) to a gradient from each, (2, ..., n)."""
    return (cost(x) - baseline) * score(x, mu, sigma)


def by_path(x: Array, mu: Any, sigma: Any) -> Array:
    """f'(x) ∂x/∂μ and f'(x) ∂x/∂σ, where x = μ + σ ε; the same shapes."""
    return 0.5 * x * np.stack([np.ones_like(x), (x - mu) / sigma])


METHODS = {"score function": (by_score, VERMILION), "pathwise": (by_path, BLUE)}


def descend(method: str, runs: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Many runs: μ and σ, (ITERATIONS + 1, 2, runs); the first's samples, (ITERATIONS + 1, BATCH)."""
    place = np.repeat(np.array(START)[:, None], runs, axis=1)
    path, samples = [], []
    for _ in range(ITERATIONS + 1):
        mu, sigma = place[:, :, None]
        x = mu + sigma * rng.standard_normal((runs, BATCH))
        path.append(place)
        samples.append(x[0])
        place = place - RATES[:, None] * METHODS[method][0](x, mu, sigma).mean(axis=-1)
        place[1] = np.maximum(place[1], SMALLEST_SIGMA)
    return np.array(path), np.array(samples)


# -- What is claimed, checked --


def integral(values: Array, x: Array) -> Array:
    """∫ values dx along the last axis; a plain sum is exact for smooth functions that end at zero."""
    return values.sum(axis=-1) * (x[-1] - x[0]) / (len(x) - 1)


def check_exact(report: Report) -> None:
    """By quadrature, for several μ and σ: mean score, gradient, variances, best baselines."""
    names = ("E[score] = 0", "E[f score] = exact gradient", "variances and best baselines")
    worst = dict.fromkeys(names, 0.0)
    for mu, sigma in (START, (0.02, 0.57), (-1.3, 0.2), (5.0, 1.0)):
        # The grid is not symmetric about μ, so that no integral is zero by symmetry alone.
        x = np.linspace(mu - 14.1 * sigma, mu + 13.7 * sigma, 4001)
        p, s, gradient = density(x, mu, sigma), score(x, mu, sigma), exact_gradient(mu, sigma)
        best = integral(p * cost(x) * s**2, x) / integral(p * s**2, x)
        pairs = [(best, best_baselines(mu, sigma))]
        for gradients, formula in (
            (by_path(x, mu, sigma), pathwise_variance(mu, sigma)),
            (by_score(x, mu, sigma), score_variance(mu, sigma)),
            (by_score(x, mu, sigma, 1.3), score_variance(mu, sigma, 1.3)),
        ):
            pairs.append((integral(p * gradients**2, x) - gradient**2, formula))
        ratios = np.array([found / formula for found, formula in pairs])
        # A score is of the size 1/σ, so it is multiplied by σ.
        means = integral(p * s, x) * sigma, integral(p * cost(x) * s, x) - gradient
        for name, difference in zip(names, (*means, ratios - 1)):
            worst[name] = max(worst[name], float(np.abs(difference).max()))
    for name, value in worst.items():
        report.check(f"by quadrature: {name}, to {value:.0e}", value < 1e-12)


def check_mean(report: Report, name: str, samples: Array, exact: Array) -> None:
    """Check that the confidence interval of the samples' mean contains `exact` (K,).

    samples: (K, n), independent, n ≫ 1.
    """
    width = NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / 2 / STATISTICAL_CHECKS)
    found = [interval(row) for row in samples]
    text = ", ".join(f"{m - e:+.5f} ± {width * error:.5f}" for (m, error), e in zip(found, exact))
    within = all(abs(m - e) <= width * error for (m, error), e in zip(found, exact))
    report.check(f"{name}: off by {text}", within)
    report.numbers[name] = {"mean, standard error": found, "exact": exact}


def check_samples(report: Report, rng: np.random.Generator, count: int) -> None:
    """By Monte Carlo, at the start: means of the score and of the estimators, and their variances."""
    x, exact = START[0] + START[1] * rng.standard_normal(count), exact_gradient(*START)
    check_mean(report, "score", score(x, *START), np.zeros(2))
    cases = {"pathwise": (by_path(x, *START), pathwise_variance(*START))}
    for name, baseline in (("B = 0", 0.0), ("B = E f", expected_cost(*START))):
        gradients = by_score(x, *START, baseline)
        cases[f"score function, {name}"] = (gradients, score_variance(*START, baseline))
    for name, (gradients, formula) in cases.items():
        check_mean(report, f"gradient by {name}", gradients, exact)
        variance = gradients.var(axis=-1)
        report.numbers[f"variance, {name}"] = {"samples": variance, "closed form": formula}
        report.say(f"    variance for μ, σ: {variance.round(3)}, closed form {formula.round(3)}")


def variance_figure(report: Report, rng: np.random.Generator, count: int) -> None:
    """Variance against a constant baseline: closed form (lines) and samples (dots)."""
    import matplotlib.pyplot as plt

    x = START[0] + START[1] * rng.standard_normal(count)
    grid, few = np.linspace(-2, 12, 141), np.arange(-2, 13, 2.0)
    curves, best = score_variance(*START, grid), best_baselines(*START)
    dots = np.stack([by_score(x, *START, baseline).var(axis=-1) for baseline in few], axis=1)
    figure, panels = plt.subplots(1, 2, figsize=(9.0, 3.8), layout="constrained", sharey=True)
    for k, (axes, name) in enumerate(zip(panels, "μσ")):
        axes.semilogy(grid, curves[k], color=VERMILION, linewidth=2, label="score function")
        axes.semilogy(few, dots[k], "o", color=VERMILION, label="the same, from samples")
        axes.axhline(pathwise_variance(*START)[k], color=BLUE, linewidth=2, label="pathwise")
        axes.axvline(expected_cost(*START), color=GREEN, linestyle="--", label="E f")
        axes.axvline(best[k], color=PURPLE, linestyle=":", linewidth=2, label="best baseline")
        axes.set(xlabel="constant baseline B", title=f"gradient with respect to {name}")
        axes.grid(alpha=0.3)
    panels[0].set_ylabel("variance of one sample's gradient")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=5)
    report.figure(figure, "variance")


def descent_figure(report: Report, paths: dict[str, Array]) -> None:
    """μ, σ and J against iterations: 10 runs of each method, and what the exact gradient does."""
    import matplotlib.pyplot as plt

    def curves(path: Array) -> tuple[Array, ...]:
        return path[:, 0], path[:, 1], expected_cost(path[:, 0], path[:, 1])

    exact = np.array(START) * (1 - RATES / 2) ** np.arange(ITERATIONS + 1)[:, None]
    figure, panels = plt.subplots(2, 3, figsize=(9, 5.4), sharey="col", layout="constrained")
    for row, (name, path) in zip(panels, paths.items()):
        columns = zip(row, curves(path[:, :, :10]), curves(exact), ("μ", "σ", "E f"))
        for axes, lines, line, label in columns:
            axes.plot(lines, color=METHODS[name][1], linewidth=0.8, alpha=0.6)
            axes.plot(line, "--", color=BLACK, linewidth=1.5, label="exact gradient")
            axes.set(xlabel="iteration", ylabel=label, title=f"{name}, 10 runs")
            axes.grid(alpha=0.3)
    panels[0, 0].legend(loc="upper right")
    report.figure(figure, "descent")


def draw_moment(panels: Array, iteration: int, place: Array, batch: Array, height: float) -> None:
    """Three panels: f, density and samples; the integrand for μ; the integrand for σ."""
    x, p, (mu, sigma) = GRID, density(GRID, *place), place
    means, exact = by_score(batch, *place).mean(axis=-1), exact_gradient(*place)
    for axes in panels:
        axes.clear()
        axes.axhline(0, color=BLACK, linewidth=0.6)
        axes.set(xlim=(-5, 12), xticks=(-5, 0, 5, 10), xlabel="x")
    panels[0].plot(x, cost(x), color=BLACK, label="f(x)")
    panels[0].fill_between(x, 10 * p, color=GREEN, alpha=0.4, lw=0, label="10 p(x)")
    panels[0].plot(batch, np.full(BATCH, -1.0), "|", color=PURPLE, markersize=10, label="samples")
    panels[0].set(ylim=(-2, 20))
    panels[0].set_title(f"iteration {iteration}: μ = {mu:.2f}, σ = {sigma:.2f}", fontsize=10)
    panels[0].legend(loc="upper left", fontsize=8, ncols=3, handlelength=1, columnspacing=0.8)
    integrands = p * by_score(x, *place)
    for axes, name, values, mean, area in zip(panels[1:], "μσ", integrands, means, exact):
        for part, colour in ((np.maximum(values, 0), BLUE), (np.minimum(values, 0), VERMILION)):
            axes.fill_between(x, part, color=colour, alpha=0.6, lw=0)
        axes.set(ylim=(-height, height))
        axes.set_title(f"∂J/∂{name} = area = {area:.2f}; samples: {mean:.2f}", fontsize=10)
        axes.set_ylabel(f"f p ∂log p/∂{name}")


def moments(report: Report, path: Array, batches: Array, animation: bool, frames: int) -> None:
    """A still of four iterations, and the animation as GIF and as a page that needs no network."""
    import matplotlib.pyplot as plt
    from matplotlib.animation import FuncAnimation, PillowWriter

    height = max(np.abs(density(GRID, *at) * by_score(GRID, *at)).max() for at in path) * 1.05
    figure, panels = plt.subplots(3, 4, figsize=(12.0, 7.2), sharey="row", layout="constrained")
    for column, k in zip(panels.T, (0, 20, 60, ITERATIONS)):
        draw_moment(column, k, path[k], batches[k], height)
        for axes in column:
            axes.label_outer()
    report.figure(figure, "still")
    if not animation:
        return
    need("PIL", "pillow")
    figure, panels = plt.subplots(1, 3, figsize=(10.0, 3.2), dpi=80, layout="constrained")
    chosen = np.linspace(0, ITERATIONS, frames).astype(int)
    bar = tqdm(total=2 * frames, desc="animation", leave=False)

    def draw(frame: int) -> None:
        k = chosen[frame]
        draw_moment(panels, k, path[k], batches[k], height)
        bar.update()

    film = FuncAnimation(figure, draw, frames=frames, init_func=lambda: None)
    film.save(report.path("animation.gif"), writer=PillowWriter(fps=8), dpi=80)
    page = re.sub(r"<link[^>]*>", "", film.to_jshtml(fps=8, default_mode="loop"))
    for icon, sign in BUTTONS.items():
        page = page.replace(f'<i class="fa fa-{icon}"></i>', sign)
    report.path("animation.html").write_text(page, encoding="utf-8")
    bar.close()
    plt.close(figure)
    report.check("the page needs no network", not re.search(r"(https?:)?//\w+\.\w", page))
    size = report.path("animation.gif").stat().st_size
    report.check(f"the GIF has {size / 1e6:.2f} MB, less than 2", size < 2e6)


def main(arguments: list[str] | None = None) -> int:
    """Check, compare, draw; see the module's docstring."""
    options_parser = parser(__doc__ or "")
    options_parser.add_argument("--still", action="store_true", help="no animation")
    options = options_parser.parse_args(arguments)
    if options.seed < 0:
        options_parser.error(f"--seed must not be negative, and is {options.seed}")
    short: bool = options.short
    report, rng = Report("score_function", options), np.random.default_rng(options.seed)
    check_exact(report)
    check_samples(report, rng, 100_000 if short else 5_000_000)
    variance_figure(report, rng, 100_000 if short else 1_000_000)
    runs = 200 if short else 2_000
    made = {name: descend(name, runs, rng) for name in METHODS}
    # Since ∂J/∂μ is linear in μ, noise with mean 0 does not change the mean path of μ.
    expected = START[0] * (1 - RATES[0] / 2) ** ITERATIONS
    for name, (path, _) in made.items():
        check_mean(report, f"last μ by {name}", path[-1, :1], np.array([expected]))
        report.numbers[f"last μ, σ: standard deviation, {name}"] = path[-1].std(axis=-1)
        report.numbers[f"last E f, {name}"] = expected_cost(*path[-1]).mean()
    descent_figure(report, {name: path for name, (path, _) in made.items()})
    path, batches = made["score function"]
    moments(report, path[:, :, 0], batches, not options.still, 3 if short else 51)
    more = score_variance(*START) / pathwise_variance(*START)
    less = score_variance(*START, expected_cost(*START)) / pathwise_variance(*START)
    spread = [path[-1, 0].std() for path, _ in made.values()]
    return report.finish(
        f"At the start the score function's variance is {more[0]:.1f} (μ) and {more[1]:.1f} (σ) times "
        f"the pathwise one, {less[0]:.1f} and {less[1]:.1f} with E f as baseline; over {runs:,} runs "
        f"the last μ has the standard deviation {spread[0]:.3f}, pathwise {spread[1]:.3f}."
    )


if __name__ == "__main__":
    sys.exit(main())
