"""explore/score_function.py: derivatives, variances and the descent against independent values."""

import json

import numpy as np
import pytest

from explore import score_function as module

PLACES = [(3.0, 2.0), (-0.7, 0.4), (0.0, 1.3)]
# For E g(ε) with ε ~ N(0, 1), exact for polynomials up to degree 39 and independent of the module.
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(20)
WEIGHTS = WEIGHTS / WEIGHTS.sum()


def difference(function, mu, sigma, step=1e-5):
    """Both partial derivatives by central differences."""
    return np.array(
        [
            (function(mu + step, sigma) - function(mu - step, sigma)) / (2 * step),
            (function(mu, sigma + step) - function(mu, sigma - step)) / (2 * step),
        ]
    )


@pytest.mark.parametrize(("mu", "sigma"), PLACES)
def test_score_is_the_derivative_of_the_log_density(mu, sigma):
    x = np.linspace(mu - 3 * sigma, mu + 2 * sigma, 7)
    wanted = difference(lambda m, s: np.log(module.density(x, m, s)), mu, sigma)
    np.testing.assert_allclose(module.score(x, mu, sigma), wanted, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(("mu", "sigma"), PLACES)
def test_exact_gradient_is_the_derivative_of_the_expected_cost(mu, sigma):
    expected = WEIGHTS @ module.cost(mu + sigma * NODES)
    assert module.expected_cost(mu, sigma) == pytest.approx(expected, rel=1e-13)
    wanted = difference(module.expected_cost, mu, sigma)
    np.testing.assert_allclose(module.exact_gradient(mu, sigma), wanted, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize(("mu", "sigma"), PLACES)
@pytest.mark.parametrize("baseline", [0.0, 2.5, -4.0])
def test_means_and_variances(mu, sigma, baseline):
    x = mu + sigma * NODES
    exact = module.exact_gradient(mu, sigma)
    for gradients, variance in (
        (module.by_score(x, mu, sigma, baseline), module.score_variance(mu, sigma, baseline)),
        (module.by_path(x, mu, sigma), module.pathwise_variance(mu, sigma)),
    ):
        np.testing.assert_allclose(gradients @ WEIGHTS, exact, rtol=1e-11, atol=1e-11)
        found = (gradients - exact[:, None]) ** 2 @ WEIGHTS
        np.testing.assert_allclose(found, variance, rtol=1e-10)


@pytest.mark.parametrize(("mu", "sigma"), PLACES)
def test_best_baselines_have_the_least_variance(mu, sigma):
    best = module.best_baselines(mu, sigma)
    around = module.score_variance(mu, sigma, best[:, None] + [-0.1, 0.0, 0.1])
    for k in range(2):
        assert around[k, k].argmin() == 1
        assert around[k, k, 0] == pytest.approx(around[k, k, 2])  # symmetric about its minimum


def test_integral():
    x = np.linspace(-9, 9.5, 301)
    assert module.integral(module.density(x, 0.2, 0.9), x) == pytest.approx(1, abs=1e-14)


def test_a_biased_estimator_does_not_pass(tmp_path):
    options = module.parser("").parse_args(["--out", str(tmp_path)])
    report = module.Report("score_function", options)
    samples = np.random.default_rng(0).standard_normal((2, 10_000))
    module.check_mean(report, "right", samples, np.zeros(2))
    module.check_mean(report, "wrong", samples, np.array([0.0, 0.1]))
    assert list(report.checks.values()) == [True, False]


@pytest.mark.parametrize("method", module.METHODS)
def test_descent(method):
    path, samples = module.descend(method, 300, np.random.default_rng(1))
    assert path.shape == (201, 2, 300)
    assert samples.shape == (201, 25)
    np.testing.assert_array_equal(path[0], np.repeat([[3.0], [2.0]], 300, axis=1))
    assert path[:, 1].min() >= 0.2
    # The first run's first step, from its samples.
    gradient = module.METHODS[method][0](samples[0], 3.0, 2.0).mean(axis=-1)
    np.testing.assert_allclose(path[1, :, 0], [3 - 0.05 * gradient[0], 2 - 0.0125 * gradient[1]])
    means = path[:, 0].mean(axis=1)
    np.testing.assert_allclose(means[[50, 100]], 3 * 0.975 ** np.array([50, 100]), atol=0.06)


def test_sigma_is_kept_from_vanishing(monkeypatch):
    monkeypatch.setattr(module, "RATES", np.array([0.05, 1.0]))
    path, _ = module.descend("pathwise", 5, np.random.default_rng(2))
    assert path[:, 1].min() == 0.2


@pytest.mark.slow
def test_short_run(tmp_path):
    from PIL import Image

    assert module.main(["--short", "--seed", "3", "--out", str(tmp_path)]) == 0
    numbers = json.loads((tmp_path / "score_function.json").read_text(encoding="utf-8"))
    assert len(numbers["checks"]) == 11
    assert all(numbers["checks"].values())
    for figure in ("variance", "descent", "still"):
        assert (tmp_path / f"score_function_{figure}.png").stat().st_size > 10_000
    with Image.open(tmp_path / "score_function_animation.gif") as film:
        assert film.n_frames == 3  # type: ignore[attr-defined]
    page = (tmp_path / "score_function_animation.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64") == 3
    assert "://" not in page
    assert "<link" not in page


@pytest.mark.slow
def test_still_makes_no_animation(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "check_samples", lambda *_: None)
    assert module.main(["--short", "--still", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "score_function_still.png").exists()
    assert not list(tmp_path.glob("*animation*"))


def test_wrong_seed(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        module.main(["--seed", "-1", "--out", str(tmp_path)])
    assert ended.value.code == 2
    assert "--seed" in capsys.readouterr().err
