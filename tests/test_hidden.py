"""The tests that are kept back: the same questions as in test_visible.py, asked of other data."""

import pytest

from tests.checks import check_advantages, check_returns, check_steps, check_training


@pytest.mark.part("returns", points=3)
def test_hidden_returns_unequal_episodes(answer):
    """Episodes of different lengths, some of one step, and a tail that has not terminated."""
    check_returns(answer)


@pytest.mark.part("returns", points=2)
def test_hidden_returns_undiscounted(answer):
    """Rewards far in the future count in full."""
    check_returns(answer)


@pytest.mark.part("returns", points=2)
def test_hidden_returns_default_discount(answer):
    """Without a discount factor."""
    check_returns(answer)


@pytest.mark.part("vpg_loss", points=4)
def test_hidden_vpg_loss_mixed_signs(answer):
    """Weights of both signs; every action is taken."""
    answer.loss()


@pytest.mark.part("vpg_loss", points=3)
def test_hidden_vpg_loss_two_actions(answer):
    """Two actions, a batch of another size."""
    answer.loss()


@pytest.mark.part("rollouts", points=5)
def test_hidden_rollouts_unequal_episodes(answer):
    """Episodes of different lengths."""
    check_steps(answer)


@pytest.mark.part("rollouts", points=3)
def test_hidden_rollouts_grid_world(answer):
    """The grid world on a line."""
    check_steps(answer)


@pytest.mark.part("value_loss", points=2)
def test_hidden_value_loss_batch(answer):
    """A batch of several steps."""
    answer.loss()


@pytest.mark.part("value_loss", points=1)
def test_hidden_value_loss_large_returns(answer):
    """Returns far from what the network predicts."""
    answer.loss()


@pytest.mark.part("advantages", points=4)
def test_hidden_advantages_batch(answer):
    """A small batch."""
    check_advantages(answer)


@pytest.mark.part("advantages", points=3)
def test_hidden_advantages_tiny_differences(answer):
    """Returns so close to the predictions that EPSILON counts."""
    check_advantages(answer)


@pytest.mark.part("ppo_loss", points=4)
def test_hidden_ppo_loss_mixed_signs(answer):
    """Ratios on every side of the band, advantages of both signs."""
    answer.loss()


@pytest.mark.part("ppo_loss", points=2)
def test_hidden_ppo_loss_positive_advantages(answer):
    """Positive advantages only."""
    answer.loss()


@pytest.mark.part("ppo_loss", points=2)
def test_hidden_ppo_loss_negative_advantages(answer):
    """Negative advantages only."""
    answer.loss()


@pytest.mark.part("training", points=3)
def test_hidden_training_policy_only(answer):
    """No value network; stand-ins for every function the loop calls."""
    check_training(answer)


@pytest.mark.part("training", points=3)
def test_hidden_training_with_value_net(answer):
    """Value network, advantages and a multiplier; stand-ins."""
    check_training(answer)


@pytest.mark.end_to_end
@pytest.mark.part("training", points=2)
def test_hidden_training_vpg_end_to_end(answer):
    """The whole of the submission: policy gradient on returns."""
    check_training(answer)


@pytest.mark.end_to_end
@pytest.mark.part("training", points=2)
def test_hidden_training_ppo_end_to_end(answer):
    """The whole of the submission: PPO with advantages and a value network."""
    check_training(answer)
