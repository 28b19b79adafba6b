"""The hidden tests: the same checks as in tests/test_visible.py, on other data."""

import pytest

from tests.checks import (
    check_advantages,
    check_loss,
    check_returns,
    check_steps,
    check_training,
)


@pytest.mark.part("returns", points=4)
def test_hidden_returns_unequal_episodes(answer):
    """Episodes of different lengths, several discount factors; then another buffer of that size."""
    check_returns(answer)


@pytest.mark.part("returns", points=3)
def test_hidden_returns_default_discount(answer):
    """The function is called without a discount factor."""
    check_returns(answer)


@pytest.mark.part("vpg_loss", points=4)
def test_hidden_vpg_loss_four_actions(answer):
    """`return_or_advantage` has both signs; every action is taken."""
    check_loss(answer)


@pytest.mark.part("vpg_loss", points=3)
def test_hidden_vpg_loss_rare_action(answer):
    """Two actions; one of those taken is very improbable under the policy."""
    check_loss(answer)


@pytest.mark.part("rollouts", points=5)
def test_hidden_rollouts_unequal_episodes(answer):
    """Episodes of different lengths."""
    check_steps(answer)


@pytest.mark.part("rollouts", points=3)
def test_hidden_rollouts_grid_world(answer):
    """The grid world on a line."""
    check_steps(answer)


@pytest.mark.part("training", points=2)
def test_hidden_training_policy_only(answer):
    """No value network; stand-ins for every function the loop calls."""
    check_training(answer)


@pytest.mark.part("training", points=2)
def test_hidden_training_value_net(answer):
    """A value network, but no advantages; stand-ins."""
    check_training(answer)


@pytest.mark.part("training", points=1)
def test_hidden_training_advantages(answer):
    """Value network and advantages; stand-ins."""
    check_training(answer)


@pytest.mark.part("training", points=1)
def test_hidden_training_weightless_critic(answer):
    """The critic's loss has weight 0 but is recorded. The policy is given advantages. Stand-ins."""
    check_training(answer)


@pytest.mark.end_to_end
@pytest.mark.part("training", points=2)
def test_hidden_training_vpg_end_to_end(answer):
    """All functions of the submission together: policy gradient on returns."""
    check_training(answer)


@pytest.mark.end_to_end
@pytest.mark.part("training", points=2)
def test_hidden_training_ppo_end_to_end(answer):
    """All functions of the submission together: PPO with advantages and a value network."""
    check_training(answer)


@pytest.mark.part("value_loss", points=2)
def test_hidden_value_loss_batch(answer):
    """A batch of several steps."""
    check_loss(answer)


@pytest.mark.part("value_loss", points=1)
def test_hidden_value_loss_large_returns(answer):
    """Returns far from what the network predicts."""
    check_loss(answer)


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
    check_loss(answer)


@pytest.mark.part("ppo_loss", points=2)
def test_hidden_ppo_loss_positive_advantages(answer):
    """Positive advantages only."""
    check_loss(answer)


@pytest.mark.part("ppo_loss", points=2)
def test_hidden_ppo_loss_negative_advantages(answer):
    """Negative advantages only."""
    check_loss(answer)
