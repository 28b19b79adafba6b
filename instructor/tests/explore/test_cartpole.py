"""explore/cartpole.py: the dynamics against Gymnasium, the mathematics against differences and sums."""

import json
from dataclasses import replace
from typing import Any

import gymnasium
import numpy as np
import pytest

from explore import cartpole
from explore.cartpole_estimates import estimates, every_sequence, exact, measure
from explore.cartpole_learner import (
    BASE,
    FACTORS,
    LIMIT,
    ONE,
    SETTINGS,
    SOFTMAX,
    STEP,
    RunningMean,
    logistic,
    play,
    returns,
    softmax,
    step,
    train,
)

WEIGHTS = np.array([0.3, -0.5, 1.0, 2.0])


@pytest.mark.parametrize("weights", [(0, 0, 0, 0), (-0.7, 2, 4, 7.5), (-5, -5, 0, 0)])
def test_every_step_is_gymnasiums(weights):
    env: Any = gymnasium.make("CartPole-v1", max_episode_steps=LIMIT)
    played = play(
        logistic, np.array(weights, float)[:, None], np.random.default_rng(1).random((204, 4))
    )
    draws = np.random.default_rng(1).random((204, 4))
    for place in range(4):
        env.reset(seed=0)
        env.unwrapped.state = 0.1 * draws[:4, place] - 0.05
        for t in range(played.lengths[place]):
            before, right = np.array(env.unwrapped.state), played.right[t, place]
            np.testing.assert_allclose(played.observations[t, :, place], before, rtol=0, atol=1e-6)
            state, over = step(before[:, None], np.array([right]))
            _, reward, terminated, truncated, _ = env.step(int(right))
            np.testing.assert_allclose(state[:, 0], env.unwrapped.state, rtol=0, atol=1e-12)
            assert over[0] == terminated
            assert reward == 1
            assert (terminated or truncated) == (t == played.lengths[place] - 1)


def test_gymnasium_learns_the_same_weights():
    mine = train(BASE, seed=5, seeds=2, episodes=30)["weights"][:, :, ONE, 0]
    np.testing.assert_allclose(mine, cartpole.in_gymnasium(5, 30), rtol=0, atol=1e-9)


@pytest.mark.parametrize("policy", [logistic, softmax])
def test_the_gradient_is_that_of_the_log_probabilities(policy):
    rng = np.random.default_rng(2)
    shape = (4,) if policy is logistic else (2, 4)
    weights, draws = rng.normal(size=shape), rng.random((44, 1))
    played = play(policy, weights[..., None], draws)
    multipliers = rng.normal(size=(len(played.right), 1))

    def weighted(weights):
        """Σ_t multiplier_t log π(a_t | s_t) of the episode played above."""
        chances = [policy(weights[..., None], s) for s in played.observations]
        taken = [chance[int(right[0]), 0] for chance, right in zip(chances, played.right)]
        return multipliers[:, 0] @ np.log(taken)

    actions = (1,) if policy is logistic else (0, 1)
    by_hand = np.concatenate([played.gradient(multipliers, a)[:, 0] for a in actions])
    differences = []
    for move in 1e-5 * np.eye(weights.size):
        up, down = weights + move.reshape(shape), weights - move.reshape(shape)
        differences.append((weighted(up) - weighted(down)) / 2e-5)
    np.testing.assert_allclose(by_hand, differences, rtol=1e-6, atol=1e-8)


def test_returns_are_those_of_the_recursion():
    lengths, rows = np.array([1, 3, 7]), 7
    for discount in (1.0, 0.9):
        expected = np.zeros((rows, 3))
        for place, length in enumerate(lengths):
            following = 0.0
            for t in reversed(range(length)):
                following = expected[t, place] = 1 + discount * following
        to_go, playing = returns(replace(BASE, discount=discount), lengths, rows)
        np.testing.assert_allclose(to_go, expected, rtol=1e-14)
        assert (playing == (expected > 0)).all()
        whole, _ = returns(replace(BASE, discount=discount, to_go=False), lengths, rows)
        np.testing.assert_allclose(whole, expected[0] * playing, rtol=1e-14)
        normal, _ = returns(replace(BASE, discount=discount, normalize=True), lengths, rows)
        seen = expected[:, 2]
        np.testing.assert_allclose(normal[:, 2], (seen - seen.mean()) / seen.std(), rtol=1e-8)


def test_a_baseline_knows_earlier_episodes_only():
    baseline = RunningMean("time", (1,))
    first, second = np.array([[3.0], [2.0], [1.0]]), np.array([[5.0], [4.0]])
    there = np.ones((3, 1), bool)
    np.testing.assert_array_equal(baseline.before(first, there), np.zeros((3, 1)))
    np.testing.assert_array_equal(baseline.before(second, there[:2]), first[:2])
    np.testing.assert_array_equal(baseline.before(first, there), [[4.0], [3.0], [1.0]])


def test_sums_over_all_sequences():
    played, chance = every_sequence(WEIGHTS)
    assert chance.sum() == pytest.approx(1, abs=1e-12)
    assert len(set(played.lengths)) > 2  # or the return would not depend on the actions
    assert max(exact(WEIGHTS).values()) < 1e-7
    # The sums can also show a difference: these estimates have another mean than the base.
    mean = {s.label: estimates(s, played, played, chance) @ chance for s in SETTINGS}
    for label in ("returns normalized", "more discounting, γ = 0.9", "no discounting, γ = 1"):
        assert np.abs(mean[label] - mean[BASE.label]).max() > 1e-3


def test_softmax_takes_half_the_step():
    four, eight = (train(s, seed=3, seeds=2, episodes=10)["weights"] for s in (BASE, SOFTMAX))
    np.testing.assert_allclose(
        (eight[:, 1] - eight[:, 0])[:, :, :-1], four[:, :, 1:], rtol=0, atol=1e-11
    )
    np.testing.assert_allclose(eight.sum(axis=1) - eight[:1].sum(axis=1), 0, rtol=0, atol=1e-11)
    assert np.abs(four[-1]).max() > 0.1


def test_measured_at_a_policy():
    found = measure("a coin", seed=0, episodes=1000)
    assert all(z < 6 for z in found["z"].values())
    of = {label: numbers["variance / |mean|²"] for label, numbers in found["estimates"].items()}
    assert of["whole-episode return, γ = 1"] > 2 * of["no discounting, γ = 1"]
    assert of[BASE.label] > 3 * of["5 episodes per update"]
    grows = found["rounding grows"]
    assert len(grows) == len(FACTORS)
    assert grows == sorted(grows)


@pytest.mark.slow
def test_short_run(tmp_path):
    assert cartpole.main(["--short", "--out", str(tmp_path)]) == 0
    found = json.loads((tmp_path / "cartpole.json").read_text(encoding="utf-8"))
    assert len(found["checks"]) == 4
    assert all(found["checks"].values())
    row = found["trainings"][BASE.label]
    assert row["steps"][ONE] == STEP
    assert np.shape(row["evaluation of every seed"]) == (len(FACTORS), 3)
    for ending in ("learning", "curves", "ablation", "variance", "softmax"):
        assert (tmp_path / f"cartpole_{ending}.png").stat().st_size > 10_000


def test_a_wrong_option_gets_a_sentence(tmp_path, capsys):
    with pytest.raises(SystemExit):
        cartpole.main(["--seeds", "1", "--out", str(tmp_path)])
    assert "--seeds from 2" in capsys.readouterr().err
