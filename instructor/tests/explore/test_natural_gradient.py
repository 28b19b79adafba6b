"""`explore.natural_gradient`: Fisher products, conjugate gradient, invariance, each by another way."""

import json

import numpy as np
import pytest
import torch

from explore import natural_gradient, tabular
from explore.policy_optimizers import conjugate_gradient, fisher_product, flat, mean_kl, set_flat


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture
def case():
    rng = np.random.default_rng(3)
    mdp = tabular.random_mdp(rng, states=4, actions=3)
    theta = rng.normal(size=(4, 3))
    return mdp, theta, natural_gradient.three_tables(theta, rng)


@pytest.mark.slow
def test_it_runs(tmp_path):
    assert natural_gradient.main(["--short", "--seed", "1", "--out", str(tmp_path)]) == 0
    found = json.loads((tmp_path / "natural_gradient.json").read_text(encoding="utf-8"))
    assert len(found["checks"]) == 11
    assert found["dπ/dε, plain, M φ"]["degrees"] > 1
    for name in ("paths", "errors"):
        assert (tmp_path / f"natural_gradient_{name}.png").stat().st_size > 10_000


def test_conjugate_gradient_solves_a_definite_system():
    rng = np.random.default_rng(0)
    root = rng.normal(size=(7, 7))
    matrix, target = root @ root.T + np.eye(7), rng.normal(size=7)
    as_tensor = torch.tensor(matrix)
    x = conjugate_gradient(lambda v: as_tensor @ v, torch.tensor(target), 50, 1e-13)
    np.testing.assert_allclose(x.numpy(), np.linalg.solve(matrix, target), rtol=1e-9)


def test_conjugate_gradient_finds_the_shortest_solution_of_a_singular_system():
    rng = np.random.default_rng(1)
    root = rng.normal(size=(7, 4))
    matrix = torch.tensor(root @ root.T)
    target = matrix @ torch.tensor(rng.normal(size=7))
    x = conjugate_gradient(lambda v: matrix @ v, target, 50, 1e-13)
    np.testing.assert_allclose(x, np.linalg.pinv(matrix.numpy(), 1e-10) @ target.numpy(), atol=1e-9)


def test_conjugate_gradient_of_nothing_is_nothing():
    zero = torch.zeros(3)
    assert torch.equal(conjugate_gradient(lambda v: 0 * v, zero), zero)


@pytest.mark.parametrize("name", ["φ", "M φ", "sinh φ"])
def test_a_fisher_product_is_the_second_difference_of_the_kl(case, name):
    mdp, theta, tables = case
    table = tables[name]
    every, weight = natural_gradient.where(mdp, theta)
    start, old = flat(table), table(every).detach()
    vector = torch.linspace(-1, 1, len(start)).double()
    damped = vector @ fisher_product(table, every, weight, damping=0.5)(vector)
    second = 0.0
    size = 1e-3
    for sign in (1, -1):
        set_flat(table, start + sign * size * vector)
        second += float(mean_kl(old, table(every).detach(), weight)) / size**2
    expected = second + 0.5 * float(vector @ vector)
    assert float(damped) == pytest.approx(expected, rel=1e-4)


def test_the_three_tables_are_one_policy(case):
    _, theta, tables = case
    for table in tables.values():
        policy = table(torch.arange(4)).detach().exp().numpy()
        np.testing.assert_allclose(policy, tabular.softmax(theta), rtol=1e-10)


def test_the_plain_gradient_is_that_of_the_return(case):
    mdp, theta, tables = case
    table = tables["sinh φ"]
    gradient = natural_gradient.directions(mdp, theta, table)["plain"][0].numpy()
    start = flat(table).numpy()

    def value(phi):
        return tabular.expected_return(mdp, tabular.softmax(np.sinh(phi).reshape(theta.shape)))

    for i, unit in enumerate(1e-6 * np.eye(len(start))):
        assert gradient[i] == pytest.approx(
            (value(start + unit) - value(start - unit)) / 2e-6, abs=1e-7
        )


def test_the_change_of_the_policy_is_its_derivative(case):
    mdp, theta, tables = case
    for table in tables.values():
        for step, change in natural_gradient.directions(mdp, theta, table).values():
            start, places = flat(table), []
            for sign in (1, -1):
                set_flat(table, start + sign * 1e-6 * step)
                places.append(table(torch.arange(4)).detach().exp().numpy())
            set_flat(table, start)
            np.testing.assert_allclose((places[0] - places[1]) / 2e-6, change, atol=1e-6)


def test_only_the_natural_gradient_is_the_same_for_all_parameters(case):
    mdp, theta, tables = case
    changes = {n: natural_gradient.directions(mdp, theta, t) for n, t in tables.items()}
    damped = natural_gradient.directions(mdp, theta, tables["M φ"], damping=0.01)
    natural = changes["φ"]["natural"][1]
    for name in ("M φ", "sinh φ"):
        np.testing.assert_allclose(changes[name]["natural"][1], natural, atol=1e-10)
        assert natural_gradient.apart(changes["φ"]["plain"][1], changes[name]["plain"][1]) > 0.1
    assert natural_gradient.apart(natural, damped["natural"][1]) > 0.01


def test_paths_climb_and_natural_ones_coincide():
    mdp, theta = natural_gradient.two_states(), np.log([[0.6, 0.4], [0.3, 0.7]])
    ends = []
    for scale in ((1.0, 1.0), (4.0, 0.2)):
        for natural in (False, True):
            walk = natural_gradient.path(theta, np.array(scale), natural, 60)
            tables = [np.stack([p, 1 - p], axis=1) for p in walk]
            assert np.all(np.diff([tabular.expected_return(mdp, t) for t in tables]) > 0)
            ends.append(walk[-1])
    np.testing.assert_allclose(ends[1], ends[3], atol=1e-10)
    assert np.abs(ends[0] - ends[2]).max() > 0.05
