"""The tests you are given. Each has the name of its case in solution.json, which holds its data.

They read as a specification: `answer` is what your function returned for the case, and each line says
what it must be. `tests/scenarios/` shows how your function was called.
"""

import pytest

from tests.checks import (
    check_advantages,
    check_loss,
    check_returns,
    check_steps,
    check_training,
)

# -- get_returns --


@pytest.mark.part("returns", points=1)
def test_returns_known_values(answer):
    """Two episodes of the same length."""
    check_returns(answer)


@pytest.mark.part("returns", points=4)
def test_returns_unequal_episodes(answer):
    """Episodes of different lengths, some of one step; then another buffer of the same size.

    There are several discount factors, among them 0 and 1, the smallest and the largest possible.
    """
    check_returns(answer)


@pytest.mark.part("returns", points=2)
def test_returns_default_discount(answer):
    """The function is called without a discount factor. The rewards are whole numbers."""
    check_returns(answer)


# -- get_vanilla_policy_gradient_loss --


@pytest.mark.part("vpg_loss", points=4)
def test_vpg_loss_three_actions(answer):
    """`return_or_advantage` has both signs; every action is taken."""
    check_loss(answer)


@pytest.mark.part("vpg_loss", points=3)
def test_vpg_loss_rare_action(answer):
    """Two actions; one of those taken is very improbable under the policy."""
    check_loss(answer)


# -- collect_rollouts --


@pytest.mark.part("rollouts", points=5)
def test_rollouts_unequal_episodes(answer):
    """Episodes of different lengths; the buffer has to hold every step as it was taken."""
    check_steps(answer)


@pytest.mark.part("rollouts", points=3)
def test_rollouts_grid_world(answer):
    """The grid world with two dimensions."""
    check_steps(answer)


# -- train_policy_gradient --


@pytest.mark.part("training", points=2)
def test_training_policy_only(answer):
    """No value network; a minibatch holds all steps. Every function the loop calls is a stand-in."""
    check_training(answer)


@pytest.mark.part("training", points=2)
def test_training_value_net(answer):
    """A value network is trained, but the policy is given returns. Minibatches; stand-ins again.

    Every epoch uses each step once, shuffled anew. How it is shuffled does not matter.
    """
    check_training(answer)


@pytest.mark.part("training", points=1)
def test_training_advantages(answer):
    """Value network and advantages. Minibatches and stand-ins again."""
    check_training(answer)


@pytest.mark.part("training", points=1)
def test_training_weightless_critic(answer):
    """The critic's loss has weight 0 but is recorded. The policy is given advantages. Stand-ins."""
    check_training(answer)


@pytest.mark.end_to_end
@pytest.mark.part("training", points=2)
def test_training_vpg_end_to_end(answer):
    """All your functions together: policy gradient on returns; a minibatch holds all steps."""
    check_training(answer)


@pytest.mark.end_to_end
@pytest.mark.part("training", points=2)
def test_training_ppo_end_to_end(answer):
    """All your functions together: PPO, advantages, a value network; a minibatch holds all steps."""
    check_training(answer)


# -- get_value_net_loss --


@pytest.mark.part("value_loss", points=2)
def test_value_loss_batch(answer):
    """A batch of several steps."""
    check_loss(answer)


@pytest.mark.part("value_loss", points=1)
def test_value_loss_large_returns(answer):
    """Returns far from what the network predicts, all on one side."""
    check_loss(answer)


# -- get_advantages --


@pytest.mark.part("advantages", points=4)
def test_advantages_batch(answer):
    """A small batch, in which it matters whether a variance is divided by N or by N - 1."""
    check_advantages(answer)


@pytest.mark.part("advantages", points=3)
def test_advantages_tiny_differences(answer):
    """Returns so close to the predictions that EPSILON counts."""
    check_advantages(answer)


# -- get_PPO_policy_gradient_loss --


@pytest.mark.part("ppo_loss", points=4)
def test_ppo_loss_default_clip(answer):
    """Ratios below, inside and above the band, each with advantages of both signs."""
    check_loss(answer)


@pytest.mark.part("ppo_loss", points=2)
def test_ppo_loss_positive_advantages(answer):
    """Positive advantages only, and a wide band."""
    check_loss(answer)


@pytest.mark.part("ppo_loss", points=2)
def test_ppo_loss_negative_advantages(answer):
    """Negative advantages only, and a narrow band."""
    check_loss(answer)
