"""Gradient estimators and importance sampling, against sums over every possible episode."""

import json

import numpy as np
import pytest

from explore import estimators, importance, moments
from explore.tabular import (
    Episodes,
    finite_horizon,
    policy_gradient,
    random_mdp,
    rewards_to_go,
    sample,
    softmax,
    values,
)

STATES, ACTIONS, STEPS = 2, 2, 3
RNG = np.random.default_rng(4)
MDP = finite_horizon(random_mdp(RNG, STATES, ACTIONS, discount=0.7), STEPS)
LOGITS = RNG.normal(size=MDP.rewards.shape)
POLICY = softmax(LOGITS)
GRADIENT = policy_gradient(MDP, LOGITS)
FITTED = RNG.normal(size=len(MDP.start))


def every_episode(policy):
    """All episodes there can be, and the probability of each under the policy."""
    choices = list(np.ndindex(*(STATES, ACTIONS) * STEPS))
    states = np.array([choice[0::2] for choice in choices]) + STATES * np.arange(STEPS)
    actions = np.array([choice[1::2] for choice in choices])
    probability = MDP.start[states[:, 0]] * policy[states, actions].prod(axis=1)
    for step in range(STEPS - 1):
        now, chosen, following = states[:, step], actions[:, step], states[:, step + 1]
        probability = probability * MDP.transitions[now, chosen, following]
    rewards = MDP.rewards[states, actions]
    return Episodes(states, actions, rewards, np.ones(states.shape, bool)), probability


def every_pair(policy):
    """All batches of two episodes, one after another, and the probability of each batch."""
    single, probability = every_episode(policy)
    count = len(probability)
    order = np.stack(np.divmod(np.arange(count**2), count), axis=1)
    rows = order.ravel()
    fields = (single.states, single.actions, single.rewards, single.alive)
    return Episodes(*(field[rows] for field in fields)), probability[order].prod(axis=1)


@pytest.fixture(scope="module")
def pairs():
    """The exact mean (S, A) and n times the trace of the covariance of each estimator; n = 2."""
    episodes, probability = every_pair(POLICY)
    assert probability.sum() == pytest.approx(1)
    found = {}
    for name, weight in estimators.weights(MDP, POLICY, episodes, FITTED, 2).items():
        each = estimators.estimates(POLICY, episodes, weight, 2)
        mean = np.einsum("b,bsa->sa", probability, each)
        spread = probability @ ((each - mean) ** 2).sum(axis=(1, 2))
        found[name] = (mean, 2 * spread)
    return found


def test_every_estimator_is_unbiased_but_the_one_with_the_mean_of_its_own_batch(pairs):
    assert len(pairs) == 7
    for name, (mean, _) in pairs.items():
        factor = 1 / 2 if name == moments.SAME else 1.0  # 1 - 1/n
        np.testing.assert_allclose(mean, factor * GRADIENT, atol=1e-13, err_msg=name)


def test_variances_are_those_over_every_batch(pairs):
    exact = moments.exact_variances(MDP, LOGITS, FITTED, 2, STEPS)
    assert list(exact) == list(pairs)
    for name, (_, spread) in pairs.items():
        assert exact[name] == pytest.approx(spread, rel=1e-10), name


def test_estimates_are_sums_of_scores():
    episodes = sample(MDP, POLICY, 6, STEPS, np.random.default_rng(0))
    weight = np.random.default_rng(1).normal(size=(6, STEPS))
    expected = np.zeros((2, *POLICY.shape))
    for episode, step in np.ndindex(6, STEPS):
        s, a = episodes.states[episode, step], episodes.actions[episode, step]
        score = np.eye(ACTIONS)[a] - POLICY[s]
        expected[episode // 3, s] += weight[episode, step] * score / 3
    np.testing.assert_allclose(
        estimators.estimates(POLICY, episodes, weight, 3), expected, atol=1e-14
    )


def test_fitted_values_are_mean_rewards_to_go():
    episodes = sample(MDP, POLICY, 20000, STEPS, np.random.default_rng(0))
    found, exact = estimators.fitted_values(MDP, episodes), values(MDP, POLICY)[0]
    np.testing.assert_allclose(found, exact, atol=0.1)
    one = Episodes(*(field[:1] for field in vars(episodes).values()))
    seen = np.isin(np.arange(len(MDP.start)), one.states)
    togo = rewards_to_go(one.rewards, MDP.discount)
    np.testing.assert_allclose(estimators.fitted_values(MDP, one)[~seen], togo.mean())


def test_joint_test_is_a_standard_normal_number_and_sees_a_small_bias():
    rng = np.random.default_rng(0)
    mixing = rng.normal(size=(5, 5))
    draws = [rng.normal(size=(60, 5)) @ mixing for _ in range(2000)]
    found = np.array([moments.hotelling(rows, np.zeros(5)) for rows in draws])
    assert abs(found.mean()) < 0.12
    assert abs(found.std() - 1) < 0.1
    assert 0.002 < (found > 2.326).mean() < 0.022  # 1 % of standard normal numbers exceed 2.326
    assert moments.hotelling(rng.normal(size=(4000, 5)) + 0.1, np.zeros(5)) > 5


@pytest.mark.parametrize("power", [1, 2, 4])
def test_moments_of_weighted_returns(power):
    behaviour = softmax(np.random.default_rng(8).normal(size=LOGITS.shape))
    episodes, probability = every_episode(behaviour)
    weight = (POLICY / behaviour)[episodes.states, episodes.actions].prod(axis=1)
    returns = rewards_to_go(episodes.rewards, MDP.discount)[:, 0]
    expected = [probability @ (weight**power * returns**k) for k in range(5)]
    found = importance.moments(MDP, POLICY, behaviour, power, 4) @ MDP.start
    np.testing.assert_allclose(found, expected, rtol=1e-11)


def test_second_moment_with_a_weight_for_each_reward():
    behaviour = softmax(np.random.default_rng(8).normal(size=LOGITS.shape))
    episodes, probability = every_episode(behaviour)
    ratios = (POLICY / behaviour)[episodes.states, episodes.actions].cumprod(axis=1)
    estimate = (ratios * episodes.rewards * MDP.discount ** np.arange(STEPS)).sum(axis=1)
    found = importance.per_decision_square(MDP, POLICY, behaviour) @ MDP.start
    assert found == pytest.approx(probability @ estimate**2, rel=1e-11)


@pytest.mark.slow
def test_the_short_run_writes_numbers_and_figures(tmp_path):
    assert estimators.main(["--short", "--out", str(tmp_path)]) == 0
    document = json.loads((tmp_path / "estimators.json").read_text(encoding="utf-8"))
    assert all(document["checks"].values())
    assert len(document["checks"]) == 8
    assert document["estimators"][moments.SAME]["exact_bias"] == -1 / 8
    for figure in ("variance", "weights", "ascent"):
        assert (tmp_path / f"estimators_{figure}.png").stat().st_size > 10_000


def test_importance_sampling_runs_alone(tmp_path):
    assert importance.main(["--short", "--out", str(tmp_path)]) == 0
    document = json.loads((tmp_path / "importance.json").read_text(encoding="utf-8"))
    assert len(document["importance"]) == 13
    assert (tmp_path / "importance_weights.png").exists()


def test_a_wrong_option_gets_one_sentence(capsys, tmp_path):
    with pytest.raises(SystemExit):
        estimators.main(["--batches", "20", "--out", str(tmp_path)])
    assert "200 at least" in capsys.readouterr().err
