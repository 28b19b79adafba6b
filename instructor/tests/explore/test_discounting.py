"""explore/discounting.py: every way to compute returns against exact fractions, and what must fail."""

import json
from fractions import Fraction

import numpy as np
import pytest

from explore import discounting

ONE = (discounting.by_loop, discounting.by_toeplitz, discounting.by_filter)
MANY = (
    discounting.many_by_loop,
    discounting.many_by_filter_each,
    discounting.many_by_doubling,
    discounting.many_by_groups,
)


def exact(rewards, terminated, discount):
    """Sums of fractions, term by term: no rounding before the end."""
    returns = []
    for step in range(len(rewards)):
        total, weight = Fraction(0), Fraction(1)
        for reward, last in zip(rewards[step:], terminated[step:]):
            total += weight * Fraction(float(reward))
            weight *= Fraction(discount)
            if last:
                break
        returns.append(float(total))
    return np.array(returns)


@pytest.mark.parametrize("discount", [0.25, 0.99, 1.0])
@pytest.mark.parametrize("method", ONE)
def test_one_episode_by_hand_and_exactly(method, discount):
    by_hand = [1 + 2 * discount + 4 * discount**2, 2 + 4 * discount, 4]
    np.testing.assert_allclose(method(np.array([1.0, 2.0, 4.0]), discount), by_hand, rtol=1e-15)
    rewards = np.random.default_rng(1).standard_normal(60)
    wanted = exact(rewards, np.zeros(60, dtype=bool), discount)
    np.testing.assert_allclose(method(rewards, discount), wanted, rtol=0, atol=1e-13)


LAYOUTS = {
    "one step": [1],
    "unfinished": [0],
    "all single steps": [1] * 7,
    "longer and longer": [int(k in (0, 2, 5, 9, 14, 20, 27, 35, 44)) for k in range(50)],
    "no end": [0] * 33,
    "finished": [0] * 16 + [1] + [0] * 15 + [1],
    "tail of one": [0, 0, 1, 0],
}


@pytest.mark.parametrize("discount", [0.25, 0.99, 1.0])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("method", MANY)
def test_many_episodes_exactly(method, layout, discount):
    terminated = np.array(LAYOUTS[layout], dtype=bool)
    rewards = np.random.default_rng(2).standard_normal(len(terminated))
    kept = rewards.copy()
    returns = method(rewards, terminated, discount)
    wanted = exact(rewards, terminated, discount)
    np.testing.assert_allclose(returns, wanted, rtol=0, atol=1e-13)
    np.testing.assert_array_equal(rewards, kept)  # what is given is not changed


@pytest.mark.parametrize("method", MANY)
def test_nothing_leaks_from_the_next_episode(method):
    rewards = np.array([1.0, 1.0, np.inf, 1e300, 1.0])
    terminated = np.array([False, True, False, True, False])
    returns = method(rewards, terminated, 0.5)
    np.testing.assert_array_equal(returns[[0, 1, 3, 4]], [1.5, 1.0, 1e300, 1.0])


def test_the_two_that_fail_are_right_where_they_may_be():
    rng = np.random.default_rng(3)
    rewards, terminated = discounting.make_episodes(rng, 200, 9)
    wanted = exact(rewards, terminated, 0.9)
    found = discounting.subtracted(rewards, terminated, 0.9)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12)
    alone = exact(rewards, np.zeros(200, dtype=bool), 0.9)
    np.testing.assert_allclose(discounting.rescaled(rewards, 0.9), alone, rtol=1e-12)


def test_the_two_that_fail_fail():
    returns = discounting.rescaled(np.ones(2000), 0.5)
    np.testing.assert_allclose(returns[:900], 2.0, rtol=1e-12)
    assert np.isnan(returns[1100:]).all()
    rewards, terminated = np.array([0.1, 0.1, 1e17]), np.array([False, True, True])
    assert abs(discounting.subtracted(rewards, terminated, 1.0)[0] - 0.2) > 0.1
    assert discounting.many_by_doubling(rewards, terminated, 1.0)[0] == 0.2


def test_powers_that_underflow_do_not_stop_doubling():
    rewards = np.random.default_rng(4).standard_normal(5000)
    returns = discounting.many_by_doubling(rewards, np.zeros(5000, dtype=bool), 0.5)
    wanted = discounting.by_loop(rewards, 0.5)
    np.testing.assert_allclose(returns, wanted, rtol=0, atol=1e-14)


def test_episodes_that_are_made():
    rewards, terminated = discounting.make_episodes(np.random.default_rng(5), 10_000, 20)
    ends, lengths = discounting.episodes(terminated)
    assert not terminated[-1]
    assert ends[-1] == 9_999
    assert lengths.sum() == 10_000
    assert lengths.min() >= 1
    assert lengths.max() <= 39
    assert abs(lengths.mean() - 20) < 3
    assert rewards.min() >= -1
    assert rewards.max() <= 0


@pytest.mark.slow
def test_short_run(tmp_path):
    assert discounting.main(["--short", "--out", str(tmp_path)]) == 0
    numbers = json.loads((tmp_path / "discounting.json").read_text(encoding="utf-8"))
    assert numbers["checks"]
    assert all(numbers["checks"].values())
    assert len(numbers["one episode"]["seconds"]["loop"]) == 5
    for figure in ("one_episode", "many_episodes", "failures"):
        assert (tmp_path / f"discounting_{figure}.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    "options",
    [["--discount", "0"], ["--discount", "1.5"], ["--discount", "nan"], ["--longest", "10"]],
)
def test_wrong_options(options, tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        discounting.main([*options, "--out", str(tmp_path)])
    assert ended.value.code == 2
    assert options[0] in capsys.readouterr().err
