"""Exact quantities of tabular processes, against finite differences, sums over time and sampling."""

from dataclasses import replace

import numpy as np
import pytest

from explore import tabular


def processes():
    rng = np.random.default_rng(3)
    endless = tabular.random_mdp(rng, states=4, actions=3, discount=0.8)
    # A process whose episodes end by chance: every row of transitions sums to less than one.
    kept = rng.uniform(0.5, 1, size=(4, 3, 1))
    return {
        "endless": endless,
        "ending": replace(endless, transitions=endless.transitions * kept, discount=1.0),
        "horizon": tabular.finite_horizon(endless, 3),
        "line": tabular.line_world(cells=4, steps=3, target=2),
    }


PROCESSES = processes()


@pytest.fixture(params=PROCESSES)
def mdp(request):
    return PROCESSES[request.param]


@pytest.fixture
def logits(mdp):
    return np.random.default_rng(1).normal(size=mdp.rewards.shape)


def by_summing(mdp, policy, steps=400):
    """J and ρ by going through time, step after step."""
    total, visited, at = 0.0, np.zeros(len(mdp.start)), mdp.start
    for step in range(steps):
        factor = mdp.discount**step
        visited = visited + factor * at
        total += factor * at @ (policy * mdp.rewards).sum(axis=1)
        at = np.einsum("s,sa,sat->t", at, policy, mdp.transitions)
    return total, visited


def test_return_and_visits_are_the_sums_over_time(mdp, logits):
    policy = tabular.softmax(logits)
    total, visited = by_summing(mdp, policy)
    assert tabular.expected_return(mdp, policy) == pytest.approx(total, abs=1e-12)
    np.testing.assert_allclose(tabular.visits(mdp, policy), visited, atol=1e-12)
    distribution = tabular.state_distribution(mdp, policy)
    np.testing.assert_allclose(distribution, visited / visited.sum(), atol=1e-12)


def test_values_satisfy_bellmans_equations(mdp, logits):
    policy = tabular.softmax(logits)
    v, q = tabular.values(mdp, policy)
    np.testing.assert_allclose(v, (policy * q).sum(axis=1), atol=1e-12)
    np.testing.assert_allclose(q, mdp.rewards + mdp.discount * mdp.transitions @ v, atol=1e-12)
    np.testing.assert_allclose(
        (policy * tabular.advantages(mdp, policy)).sum(axis=1), 0, atol=1e-12
    )


def test_gradient_is_that_of_finite_differences(mdp, logits):
    def value(shifted):
        return tabular.expected_return(mdp, tabular.softmax(shifted.reshape(logits.shape)))

    h, flat = 1e-5, logits.ravel()
    slopes = [(value(flat + h * e) - value(flat - h * e)) / (2 * h) for e in np.eye(flat.size)]
    np.testing.assert_allclose(tabular.policy_gradient(mdp, logits).ravel(), slopes, atol=1e-9)


def test_fisher_matrix_is_the_mean_product_of_scores_and_the_curvature_of_the_kl(mdp, logits):
    policy = tabular.softmax(logits)
    weights = tabular.state_distribution(mdp, policy)[:, None] * policy
    matrix = np.zeros((logits.size, logits.size))
    for state, action in np.ndindex(*logits.shape):
        score = np.zeros(logits.shape)
        score[state] = np.eye(logits.shape[1])[action] - policy[state]
        matrix += weights[state, action] * np.outer(score, score)
    found = tabular.fisher(mdp, logits)
    np.testing.assert_allclose(found, matrix, atol=1e-14)
    step = 1e-4 * np.random.default_rng(2).normal(size=logits.shape)
    curvature = step.ravel() @ found @ step.ravel() / 2
    apart = tabular.mean_kl(mdp, policy, tabular.softmax(logits + step))
    assert apart == pytest.approx(curvature, rel=2e-3)


def test_optimum_is_that_of_backward_induction():
    mdp = PROCESSES["line"]
    cells, steps = 4, 3
    transitions = mdp.transitions[:cells, :, cells : 2 * cells]
    best = np.zeros(cells)
    for _ in range(steps):
        best = (mdp.rewards[:cells] + mdp.discount * transitions @ best).max(axis=1)
    value, policy = tabular.optimum(mdp)
    assert value == pytest.approx(best.mean(), abs=1e-12)
    assert value == pytest.approx(tabular.expected_return(mdp, policy), abs=1e-12)


def test_optimum_of_an_endless_process_beats_every_deterministic_policy():
    mdp = PROCESSES["endless"]
    everyone = (np.eye(3)[list(choice)] for choice in np.ndindex(3, 3, 3, 3))
    best = max(tabular.expected_return(mdp, policy) for policy in everyone)
    assert tabular.optimum(mdp)[0] == pytest.approx(best, abs=1e-12)


def test_samples_have_the_process_frequencies():
    mdp, rng = PROCESSES["ending"], np.random.default_rng(5)
    policy, count = tabular.softmax(rng.normal(size=mdp.rewards.shape)), 20000
    episodes = tabular.sample(mdp, policy, count, 60, rng)
    seen = np.array([((episodes.states == s) & episodes.alive).sum(axis=1) for s in range(4)])
    error = seen.std(axis=1) / np.sqrt(count)
    assert (abs(seen.mean(axis=1) - tabular.visits(mdp, policy)) < 4.5 * error).all()
    returns = episodes.rewards.sum(axis=1)
    off = returns.mean() - tabular.expected_return(mdp, policy)
    assert abs(off) < 4.5 * returns.std() / np.sqrt(count)
    # Nothing happens after the end.
    assert (np.diff(episodes.alive.astype(int), axis=1) <= 0).all()
    assert not episodes.rewards[~episodes.alive].any()


def test_episodes_with_a_horizon_take_all_its_steps():
    mdp, rng = PROCESSES["line"], np.random.default_rng(5)
    episodes = tabular.sample(mdp, tabular.softmax(np.zeros((12, 3))), 500, 4, rng)
    assert episodes.alive[:, :3].all()
    assert not episodes.alive[:, 3].any()
    np.testing.assert_array_equal(episodes.states[:, :3] // 4, np.tile(np.arange(3), (500, 1)))


def test_rewards_to_go():
    found = tabular.rewards_to_go(np.array([[1.0, 2.0, 4.0], [0.0, 0.0, 8.0]]), 0.5)
    np.testing.assert_allclose(found, [[3.0, 4.0, 4.0], [2.0, 4.0, 8.0]])


def test_what_is_no_process_is_refused():
    mdp = PROCESSES["endless"]
    with pytest.raises(ValueError, match="do not fit"):
        replace(mdp, rewards=np.zeros((4, 2)))
    with pytest.raises(ValueError, match="more than one"):
        replace(mdp, transitions=mdp.transitions * 1.1)
