"""`explore.trust_region` and `explore.policy_optimizers`: the five updates and what they share."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

import utils
from explore import policy_optimizers as optimizers
from explore import trust_region
from explore.policy_optimizers import Batch, flat, flat_gradient, mean_kl, set_flat, surrogate

GRID, CARTPOLE = trust_region.WORLDS


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture
def case():
    """A policy in float64 and a batch of its own."""
    torch.manual_seed(0)
    policy = utils.SimpleReLuNetwork(2, 3, True, hidden_dims=(6,)).double()
    observation = torch.randn(50, 2).double()
    old = policy(observation).detach()
    advantage = torch.randn(50, 1).double()
    return policy, Batch(observation, torch.multinomial(old.exp(), 1), old, advantage)


def fisher_of(policy, batch):
    """Fisher's matrix: the mean of score scoreᵀ over the states and all actions, plus damping."""
    total = optimizers.DAMPING * torch.eye(len(flat(policy))).double()
    for row in policy(batch.observation):
        for entry in row:
            score = flat_gradient(entry, policy)
            total += float(entry.detach().exp()) / len(batch.action) * torch.outer(score, score)
    return total


@pytest.mark.slow
def test_it_runs(tmp_path):
    assert trust_region.main(["--short", "--seed", "2", "--out", str(tmp_path)]) == 0
    found = json.loads((tmp_path / "trust_region.json").read_text(encoding="utf-8"))
    assert len(found["runs"]) == 2 * 5 * 2
    assert all(np.isfinite(run["KL"]).all() for run in found["runs"])
    assert found["grid world, TRPO"]["updates over the limit"] == 0
    for name in ("curves", "KL", "seeds"):
        assert (tmp_path / f"trust_region_{name}.png").stat().st_size > 10_000


def test_one_seed_is_refused_with_a_sentence(tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        trust_region.main(["--seeds", "1", "--out", str(tmp_path)])
    assert stop.value.code == 2
    assert "--seeds must be 2 or more" in capsys.readouterr().err


def test_the_kl_is_that_of_torch(case):
    _, batch = case
    other = torch.log_softmax(torch.randn(50, 3).double(), dim=1)
    expected = torch.nn.functional.kl_div(
        other, batch.old_logits, reduction="batchmean", log_target=True
    )
    assert float(mean_kl(batch.old_logits, other)) == pytest.approx(float(expected), rel=1e-12)


def test_the_surrogate_weighs_advantages_with_the_ratio(case):
    policy, batch = case
    set_flat(policy, 0.5 * flat(policy))
    rows, action = np.arange(50), batch.action[:, 0].numpy()
    new = policy(batch.observation).detach().exp().numpy()[rows, action]
    old = batch.old_logits.exp().numpy()[rows, action]
    expected = (new / old * batch.advantage[:, 0].numpy()).mean()
    assert surrogate(policy, batch).item() == pytest.approx(expected, rel=1e-12)


def test_vanilla_goes_along_the_gradient(case):
    policy, batch = case
    start, gradient = flat(policy), flat_gradient(surrogate(policy, batch), policy)
    optimizers.vanilla(policy, np.random.default_rng(0))(batch)
    torch.testing.assert_close(flat(policy), start + optimizers.VANILLA_RATE * gradient)


def test_natural_solves_with_the_damped_fisher_matrix(case):
    policy, batch = case
    start, gradient = flat(policy), flat_gradient(surrogate(policy, batch), policy)
    expected = torch.linalg.solve(fisher_of(policy, batch), gradient)
    direction, curvature = optimizers.natural_direction(policy, batch, iterations=200)
    torch.testing.assert_close(direction, expected, rtol=1e-6, atol=1e-8)
    assert curvature == pytest.approx(float(gradient @ expected), rel=1e-6)
    few, _ = optimizers.natural_direction(policy, batch)
    optimizers.natural(policy, np.random.default_rng(0))(batch)
    torch.testing.assert_close(flat(policy), start + optimizers.NATURAL_RATE * few)


def test_trpo_improves_within_the_limit_and_hardly_below_it(case):
    policy, batch = case
    start, before = flat(policy), surrogate(policy, batch).item()
    direction, _ = optimizers.natural_direction(policy, batch)
    optimizers.trpo(policy, np.random.default_rng(0))(batch)
    kl = mean_kl(batch.old_logits, policy(batch.observation)).item()
    assert optimizers.KL_LIMIT / 3 < kl <= optimizers.KL_LIMIT
    assert surrogate(policy, batch).item() > before
    cosine = torch.nn.functional.cosine_similarity(flat(policy) - start, direction, dim=0)
    assert float(cosine) == pytest.approx(1, abs=1e-9)


def test_trpo_tries_the_quadratic_model_first(case, monkeypatch):
    policy, batch = case
    monkeypatch.setattr(optimizers, "KL_LIMIT", 1e-6)  # so little that the model is right
    direction, curvature = optimizers.natural_direction(policy, batch)
    of_damping = optimizers.DAMPING * float(direction @ direction) / curvature
    optimizers.trpo(policy, np.random.default_rng(0))(batch)
    kl = mean_kl(batch.old_logits, policy(batch.observation)).item()
    assert kl == pytest.approx(1e-6 * (1 - of_damping), rel=0.01)


def test_trpo_goes_back_where_nothing_helps(case, monkeypatch):
    policy, batch = case
    start = flat(policy)
    direction = -flat_gradient(surrogate(policy, batch), policy)  # downhill
    monkeypatch.setattr(optimizers, "natural_direction", lambda *_: (direction, 1.0))
    optimizers.trpo(policy, np.random.default_rng(0))(batch)
    assert torch.equal(flat(policy), start)


def test_the_price_of_kl_follows_what_the_update_did(case, monkeypatch):
    policy, batch = case
    start, betas = flat(policy), []
    direction = torch.randn(len(start)).double()

    def kl_after(size):
        set_flat(policy, start + size * direction)
        return mean_kl(batch.old_logits, policy(batch.observation)).item()

    sizes = np.geomspace(1e-3, 10, 2000)
    right = next(size for size in sizes if kl_after(size) > optimizers.KL_LIMIT)
    ends = iter((3.0, 3.0, 0.0, 0.0, 0.0, right, 0.0))

    def descend(loss, *_):
        kl = kl_after(2.0)  # moves the policy, so that the loss shows β
        betas.append((loss(batch) + surrogate(policy, batch)).item() / kl)
        kl_after(next(ends))

    monkeypatch.setattr(optimizers, "descend", descend)
    update = optimizers.ppo_kl(policy, np.random.default_rng(0))
    for _ in range(7):
        update(batch)
    np.testing.assert_allclose(betas, [1, 2, 4, 2, 1, 0.5, 0.5], rtol=1e-6)


def test_minibatches_have_every_row_once_an_epoch():
    rows = list(optimizers.minibatches(450, 3, np.random.default_rng(0)))
    assert [len(r) for r in rows] == [225] * 6
    for epoch in range(3):
        assert sorted(np.concatenate(rows[2 * epoch : 2 * epoch + 2])) == list(range(450))
    assert [len(r) for r in optimizers.minibatches(7, 1, np.random.default_rng(0))] == [7]


def collected(world):
    torch.manual_seed(0)
    policy = utils.SimpleReLuNetwork(world.inputs, world.actions, True, hidden_dims=(8,))
    value_net = utils.SimpleReLuNetwork(world.inputs, 1, fixed_init=(0.0, 7.0), hidden_dims=(8,))
    envs = [world.make() for _ in range(world.runners)]
    found = trust_region.collect(world, envs, policy, value_net, np.random.default_rng(0))
    return policy, *found


def test_a_rollout_in_the_grid_world_is_one_walk_after_another():
    policy, buffer, returns = collected(replace(GRID, runners=3))
    assert buffer.final_size == 60
    assert np.flatnonzero(buffer.terminateds).tolist() == [19, 39, 59]
    torch.testing.assert_close(policy(buffer.observations), buffer.old_logits)
    np.testing.assert_allclose(buffer.rewards.reshape(3, 20).sum(dim=1), returns, rtol=1e-5)
    target, state = ((buffer.observations + 1) * 5).reshape(3, 20, 2).unbind(dim=2)
    moves = buffer.actions.reshape(3, 20) - 1
    torch.testing.assert_close(
        (state + moves).clamp(0, 10)[:, :-1], state[:, 1:], atol=1e-4, rtol=0
    )
    after = (state + moves).clamp(0, 10)
    torch.testing.assert_close(
        -(after - target).abs() / 10, buffer.rewards.reshape(3, 20), atol=1e-4, rtol=0
    )


def test_a_rollout_of_cartpole_that_is_cut_off_ends_in_the_value():
    _, buffer, returns = collected(replace(CARTPOLE, runners=4, length=60))
    rewards, ends = buffer.rewards.reshape(4, 60), buffer.terminateds.reshape(4, 60)
    for reward, end, first in zip(rewards, ends, returns):
        assert end[-1]
        assert torch.all(reward[:-1] == 1)
        assert float(reward[-1]) == pytest.approx(1 + 0.99 * 7) or float(reward[-1]) == 1
        assert first == int(np.flatnonzero(end)[0]) + 1
    assert int(ends.sum()) > 4, "some fell before the end"
    assert float(rewards[:, -1].max()) > 1, "some were cut off"


def test_the_best_return_of_the_grid_world_is_that_of_going_straight():
    total = 0.0
    for state in range(10):
        for target in range(10):
            env = utils.GridWorldPointTargetEnv(dimensions=1, set_state=state, set_target=target)
            env.reset(seed=0)
            for _ in range(20):
                action = 1 + np.sign(target - env.state[0])
                total += env.step(torch.tensor([[int(action)]]))[2]
    assert GRID.best == pytest.approx(total / 100)
    assert GRID.best == pytest.approx(-0.66)


def test_a_run_is_repeated_by_its_seed():
    job = ("PPO-clip", replace(GRID, runners=2, updates=2), 5)
    assert trust_region.train(job) == trust_region.train(job)


def test_all_methods_start_from_the_same_batch():
    world = replace(GRID, runners=3, updates=1)
    firsts = {trust_region.train((m, world, 4))["returns"][0] for m in trust_region.METHODS}
    assert len(firsts) == 1
