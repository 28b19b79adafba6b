"""What students are given does what it says."""

import subprocess
import sys

import numpy as np
import pytest
import torch

import utils
from grading.kit import KIT
from grading.worker.exercise import import_submission
from instructor.catalogue import REFERENCE


@pytest.fixture(scope="module")
def reference():
    return import_submission(REFERENCE)


def test_known_returns(reference):
    buffer = utils.RolloutBuffer()
    rewards = [*range(10), 10] * 2
    buffer.load({"rewards": rewards, "terminateds": [reward == 10 for reward in rewards]})
    known = [1.9883, 3.9766, 5.9531, 7.9062, 9.8125, 11.625, 13.25, 14.5, 15.0, 14.0, 10.0]
    returns = reference.get_returns(buffer, discount_factor=0.5)
    np.testing.assert_allclose(returns.numpy().ravel(), known * 2, atol=6e-5)


def test_known_loss(reference):
    torch.manual_seed(0)
    policy = utils.SimpleReLuNetwork(3, 2, out_logsoftmax=True, fixed_init=[0.5, 0.5])
    observation, action = torch.rand((4, 3)), torch.randint(low=0, high=2, size=(4, 1))
    loss = reference.get_vanilla_policy_gradient_loss(
        policy, observation, action, torch.rand((4, 1))
    )
    assert loss.item() == pytest.approx(0.3363, abs=1e-4)


def test_importing_utils_does_not_import_matplotlib_or_gymnasium():
    code = "import utils, sys; assert not {'matplotlib', 'gymnasium'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=KIT, check=True)


def test_network_layout():
    net = utils.SimpleReLuNetwork(3, 2, hidden_dims=[5, 7])
    shapes = {
        name: tuple(value.shape) for name, value in net.state_dict().items() if "weight" in name
    }
    expected = {0: (5, 3), 2: (5, 5), 4: (7, 5), 6: (2, 7)}
    assert shapes == {f"net.{index}.weight": shape for index, shape in expected.items()}
    probabilities = utils.SimpleReLuNetwork(3, 2, out_logsoftmax=True)(torch.rand(4, 3)).exp()
    torch.testing.assert_close(probabilities.sum(dim=1), torch.ones(4))


class TestGridWorld:
    def test_observation_reward_and_end(self):
        env = utils.GridWorldPointTargetEnv(10, 3, 2, set_target=[3, 4], set_state=[0, 0])
        observation = env.reset()
        assert (observation.shape, observation.dtype) == ((1, 4), torch.float32)
        np.testing.assert_allclose(observation[0], [-0.4, -0.2, -1, -1], atol=1e-6)
        observation, terminated, reward = env.step(torch.tensor([[2]]))  # against the wall
        assert (terminated, reward) == (False, -0.5)
        assert env.state == [0, 0]
        env.step(torch.tensor([[1]]))
        observation, terminated, _ = env.step(torch.tensor([[3]]))
        assert terminated
        np.testing.assert_allclose(observation[0], [-0.4, -0.2, -0.8, -0.8], atol=1e-6)

    @pytest.mark.parametrize(("action", "state"), [(0, 4), (1, 5), (2, 6)])
    def test_line(self, action, state):
        env = utils.GridWorldPointTargetEnv(dimensions=1, set_state=5)
        env.reset()
        env.step(torch.tensor([[action]]))
        assert env.state == [state]

    @pytest.mark.parametrize(
        ("action", "move"), [(0, (0, 0)), (1, (1, 0)), (2, (-1, 0)), (3, (0, 1)), (4, (0, -1))]
    )
    def test_plane(self, action, move):
        env = utils.GridWorldPointTargetEnv(set_state=[5, 5])
        env.reset()
        env.step(torch.tensor([[action]]))
        assert env.state == [5 + move[0], 5 + move[1]]

    def test_upper_wall_is_grid_size(self):
        env = utils.GridWorldPointTargetEnv(grid_size=4, dimensions=1, set_state=3)
        env.reset()
        for _ in range(3):
            env.step(torch.tensor([[2]]))
        assert env.state == [4]

    def test_seeded_reset_leaves_the_global_generator_alone(self):
        env = utils.GridWorldPointTargetEnv()
        before = np.random.get_state()[1].copy()  # type: ignore[index]
        first = env.reset(seed=3)
        assert torch.equal(first, env.reset(seed=3))
        assert not torch.equal(first, env.reset(seed=4))
        assert (np.random.get_state()[1] == before).all()  # type: ignore[index]

    def test_reset_follows_the_global_seed(self):
        env = utils.GridWorldPointTargetEnv()
        np.random.seed(5)
        first = env.reset()
        np.random.seed(5)
        assert torch.equal(first, env.reset())

    def test_starts_are_uniform_and_below_grid_size(self):
        env = utils.GridWorldPointTargetEnv(grid_size=4, dimensions=1)
        np.random.seed(0)
        drawn: list[float] = []
        for _ in range(2000):
            env.reset()
            drawn += [env.state[0], env.target[0]]
        counts = np.unique(drawn, return_counts=True)
        assert counts[0].tolist() == [0, 1, 2, 3]
        assert counts[1].min() > 900

    def test_bad_arguments(self):
        with pytest.raises(ValueError, match="dimensions must be 1 or 2"):
            utils.GridWorldPointTargetEnv(dimensions=3)
        with pytest.raises(ValueError, match="a point needs 2 numbers"):
            utils.GridWorldPointTargetEnv(set_state=[1, 2, 3])


class TestRolloutBuffer:
    def test_collects(self):
        buffer = utils.RolloutBuffer()
        buffer.add(torch.tensor([[1]]), torch.tensor([[-0.5, -1.0]]), torch.zeros(1, 3), False, 2)
        buffer.add(
            torch.tensor([[0]]),
            torch.tensor([[-0.7, -0.7]]),
            torch.ones(1, 3),
            True,
            torch.tensor(3.0),
        )
        buffer.finalize()
        assert buffer.final_size == 2
        assert buffer.actions.tolist() == [[1], [0]]
        assert buffer.observations.tolist() == [[0.0] * 3, [1.0] * 3]
        assert buffer.old_logits.shape == (2, 2)
        # One number per step, in no column: solutions written elsewhere count on it.
        assert buffer.rewards.tolist() == [2.0, 3.0]
        assert buffer.terminateds.tolist() == [False, True]
        for field, dtype in buffer.FIELDS.items():
            assert getattr(buffer, field).dtype == dtype
        with pytest.raises(RuntimeError, match="already finalized"):
            buffer.finalize()
        with pytest.raises(RuntimeError, match="nothing can be added"):
            buffer.add(0, 0, 0, True, 0)
        copy = utils.RolloutBuffer().load(buffer.dump())
        for field in buffer.FIELDS:
            assert torch.equal(getattr(copy, field), getattr(buffer, field))

    def test_load_returns_the_buffer_and_takes_lists_arrays_and_columns(self):
        buffer = utils.RolloutBuffer()
        assert buffer.load({"rewards": [1, 2], "terminateds": [False, True]}) is buffer
        assert (buffer.final_size, buffer.actions) == (2, None)
        for column in ([[1], [2]], np.array([[1], [2]]), torch.tensor([[1], [2]])):
            buffer.load({"rewards": column, "terminateds": [[0], [1]], "actions": [4, 5]})
            assert buffer.rewards.tolist() == [1.0, 2.0]
            assert buffer.terminateds.tolist() == [False, True]
            assert buffer.actions.tolist() == [[4], [5]]
        with pytest.raises(RuntimeError, match="already finalized"):
            buffer.finalize()

    def test_dump_holds_plain_lists_of_every_field(self):
        buffer = utils.RolloutBuffer()
        buffer.add(torch.tensor([[1]]), torch.tensor([[-0.5, -1.0]]), torch.zeros(1, 3), True, 2.0)
        buffer.finalize()
        assert buffer.dump() == {
            "actions": [[1]],
            "observations": [[0.0, 0.0, 0.0]],
            "old_logits": [[-0.5, -1.0]],
            "rewards": [2.0],
            "terminateds": [True],
        }

    def test_a_buffer_without_steps_is_finalized_all_the_same(self):
        buffer = utils.RolloutBuffer()
        buffer.finalize()
        assert (buffer.final_size, buffer.rewards.shape) == (0, (0,))


class TestDistributionSample:
    def test_draws_never_change(self):
        seed = np.array([3, 14, 15, 92, 65])
        logits = torch.log(torch.tensor([[0.2, 0.3, 0.5]]))
        uniforms = [np.random.RandomState(s).random_sample() for s in (3, 65, 92, 15, 14)]
        expected = [int(np.searchsorted([0.2, 0.5], u, side="right")) for u in uniforms]
        assert [utils.distribution_sample(logits, seed).item() for _ in range(5)] == expected
        assert seed.tolist() == [3, 14, 15, 92, 65]

    def test_shape_type_and_rolling(self):
        seed = [1, 2, 3]
        action = utils.distribution_sample(torch.zeros(1, 4), seed)
        assert (action.shape, action.dtype) == ((1, 1), torch.int64)
        assert list(seed) == [3, 1, 2]
        assert utils.distribution_sample(torch.zeros(6, 4), np.array([1])).shape == (6, 1)
        assert utils.distribution_sample(torch.zeros(6, 4)).shape == (6, 1)

    @pytest.mark.parametrize("seeded", [True, False])
    def test_one_row_may_come_without_its_dimension(self, seeded):
        logits = torch.log(torch.tensor([0.2, 0.3, 0.5]))
        drawn = []
        for row in (logits, logits.unsqueeze(0)):
            np.random.seed(1)
            seed = np.array([3, 14, 15]) if seeded else None
            drawn.append(torch.cat([utils.distribution_sample(row, seed) for _ in range(6)]))
        assert drawn[0].shape == (6, 1)
        assert drawn[0].dtype == torch.int64
        assert torch.equal(*drawn)

    def test_a_certain_action_is_always_drawn(self):
        logits = torch.tensor([[-1e9, 0.0, -1e9]])
        for seed in range(50):
            assert utils.distribution_sample(logits, np.array([seed])).item() == 1

    @pytest.mark.parametrize("seeded", [True, False])
    def test_frequencies(self, seeded):
        torch.manual_seed(0)
        probabilities = torch.tensor([0.1, 0.6, 0.3])
        logits = probabilities.log().expand(20_000, 3)
        actions = utils.distribution_sample(logits, np.array([7]) if seeded else None)
        frequencies = torch.bincount(actions.ravel(), minlength=3) / len(actions)
        torch.testing.assert_close(frequencies, probabilities, atol=0.015, rtol=0)


def test_success_rate_counts_episodes_that_end_at_the_target():
    env = utils.GridWorldPointTargetEnv(10, dimensions=1)
    place = [
        [-1 + 0.2 * target, -1 + 0.2 * state] for target, state in [(3, 2), (3, 3), (5, 5), (5, 6)]
    ]
    buffer = utils.RolloutBuffer()
    buffer.load(
        {"rewards": [0.0] * 4, "observations": place, "terminateds": [False, True, False, True]}
    )
    assert utils.get_success_rate(env, buffer) == 0.5


def test_gym_environment_follows_seeds():
    env = utils.OpenAIGymEnv()
    assert (env.num_observations, env.num_actions) == (4, 2)
    first = env.reset(seed=1)
    assert (first.shape, first.dtype) == ((1, 4), torch.float32)
    assert torch.equal(first, env.reset(seed=1))
    observation, terminated, reward = env.step(torch.tensor([[1]]))
    assert (observation.shape, terminated, reward) == ((1, 4), False, 1.0)
    np.random.seed(2)
    second = env.reset()
    np.random.seed(2)
    assert torch.equal(second, env.reset())
    acrobot = utils.OpenAIGymEnv(name="Acrobot-v1")
    assert acrobot.reset().abs().max() <= 1
    with pytest.raises(ValueError, match="no discrete actions"):
        utils.OpenAIGymEnv(name="Pendulum-v1")


def test_progress_is_quiet_without_a_watcher_and_counts_with_one(monkeypatch, capsys):
    assert list(utils.rollout_progress(3, 0, 400)) == [0, 1, 2]
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    for base in range(0, 400, 200):
        assert len(list(utils.rollout_progress(200, base, 400))) == 200
    assert "400/400" in capsys.readouterr().err
    assert utils._bar is None
