"""Which cases there are: the visible ones and the hidden ones, made by the recipes in `cases`."""

from __future__ import annotations

from instructor.cases import (
    HIDDEN_PREFIX,
    Cases,
    Draws,
    advantage_case,
    policy_case,
    ppo_case,
    returns_case,
    returns_known_values,
    rollout_case,
    scripted_env,
    training_case,
    value_case,
)

VPG, PPO = "get_vanilla_policy_gradient_loss", "get_PPO_policy_gradient_loss"


def visible_cases() -> Cases:
    """The cases of solution.json."""
    d = Draws(2024)
    scripted = scripted_env(d, 3, 3, lengths=[3, 1, 5, 2])
    grid = {"set_target": [3, 1], "set_state": [2, 2], "grid_size": 5, "episode_length": 6}
    return {
        "returns_known_values": ("returns", returns_known_values()),
        "returns_unequal_episodes": ("returns", returns_case(d, [4, 1, 6, 1, 3], 3, 0.8)),
        "returns_default_discount": ("returns", returns_case(d, [2, 5, 1], 2, None)),
        "vpg_loss_mixed_signs": ("vpg_loss", policy_case(d, 8, 4, 3)),
        "vpg_loss_two_actions": ("vpg_loss", policy_case(d, 5, 3, 2, signs=1)),
        "rollouts_unequal_episodes": ("rollouts", rollout_case(d, 3, 3, scripted, 4)),
        "rollouts_grid_world": ("rollouts", rollout_case(d, 4, 5, {**grid, "dimensions": 2}, 2)),
        "value_loss_batch": ("value_loss", value_case(d, 7, 3)),
        "value_loss_large_returns": ("value_loss", value_case(d, 4, 3, offset=20.0)),
        "advantages_batch": ("advantages", advantage_case(d, 6, 3)),
        "advantages_tiny_differences": ("advantages", advantage_case(d, 5, 3, scale=3e-10)),
        "ppo_loss_default_clip": ("ppo_loss", ppo_case(d, 4, 3, None, (1, -1))),
        "ppo_loss_positive_advantages": ("ppo_loss", ppo_case(d, 3, 4, 0.35, (1,), extra=2)),
        "ppo_loss_negative_advantages": ("ppo_loss", ppo_case(d, 3, 2, 0.1, (-1,), extra=2)),
        "training_policy_only": (
            "training",
            training_case(
                d,
                [3, 1, 4, 2, 3, 4],
                VPG,
                learning_rate=0.2,
                critic=None,
                stand_ins=True,
                rollouts_before_training=3,
                training_epochs_per_rollout=2,
                minibatch_size=3,
                ppo_clip=0.35,
            ),
        ),
        "training_with_value_net": (
            "training",
            training_case(
                d,
                [4, 3, 1, 5],
                VPG,
                learning_rate=0.1,
                critic=0.4,
                stand_ins=True,
                rollouts_before_training=2,
                training_epochs_per_rollout=2,
                minibatch_size=4,
                ppo_clip=0.6,
            ),
        ),
        "training_vpg_end_to_end": (
            "training",
            training_case(
                d,
                [4, 1, 3, 2, 5, 3],
                VPG,
                learning_rate=0.3,
                critic=None,
                stand_ins=False,
                rollouts_before_training=3,
                training_epochs_per_rollout=2,
                minibatch_size=5,
            ),
        ),
        "training_ppo_end_to_end": (
            "training",
            training_case(
                d,
                [5, 2, 4, 4, 1, 5],
                PPO,
                learning_rate=0.5,
                critic=0.3,
                stand_ins=False,
                rollouts_before_training=3,
                training_epochs_per_rollout=3,
                minibatch_size=4,
                ppo_clip=0.1,
            ),
        ),
    }


def hidden_cases() -> Cases:
    """The cases of the hidden key."""
    d = Draws(7_319)
    scripted = scripted_env(d, 4, 3, lengths=[2, 4, 1, 6, 1])
    grid = {"set_target": 4, "set_state": 1, "grid_size": 6, "episode_length": 7, "dimensions": 1}
    cases: Cases = {
        "returns_unequal_episodes": ("returns", returns_case(d, [1, 5, 2, 1, 7], 4, 0.9)),
        "returns_undiscounted": ("returns", returns_case(d, [3, 1, 4], 2, 1.0)),
        "returns_default_discount": ("returns", returns_case(d, [1, 4, 3], 1, None)),
        "vpg_loss_mixed_signs": ("vpg_loss", policy_case(d, 11, 3, 4)),
        "vpg_loss_two_actions": ("vpg_loss", policy_case(d, 6, 4, 2, signs=-1)),
        "rollouts_unequal_episodes": ("rollouts", rollout_case(d, 4, 3, scripted, 5)),
        "rollouts_grid_world": ("rollouts", rollout_case(d, 2, 3, grid, 2)),
        "value_loss_batch": ("value_loss", value_case(d, 9, 4)),
        "value_loss_large_returns": ("value_loss", value_case(d, 5, 4, offset=-15.0)),
        "advantages_batch": ("advantages", advantage_case(d, 4, 3)),
        "advantages_tiny_differences": ("advantages", advantage_case(d, 7, 3, scale=2e-10)),
        "ppo_loss_mixed_signs": ("ppo_loss", ppo_case(d, 3, 4, 0.15, (1, -1))),
        "ppo_loss_positive_advantages": ("ppo_loss", ppo_case(d, 4, 3, None, (1,), extra=2)),
        "ppo_loss_negative_advantages": ("ppo_loss", ppo_case(d, 4, 3, 0.3, (-1,), extra=2)),
        "training_policy_only": (
            "training",
            training_case(
                d,
                [2, 4, 5, 1],
                VPG,
                learning_rate=0.2,
                critic=None,
                stand_ins=True,
                rollouts_before_training=2,
                training_epochs_per_rollout=3,
                minibatch_size=4,
                ppo_clip=0.5,
            ),
        ),
        "training_with_value_net": (
            "training",
            training_case(
                d,
                [3, 2, 4, 1, 5, 2],
                VPG,
                learning_rate=0.1,
                critic=0.7,
                stand_ins=True,
                rollouts_before_training=3,
                training_epochs_per_rollout=2,
                minibatch_size=5,
                ppo_clip=0.4,
            ),
        ),
        "training_vpg_end_to_end": (
            "training",
            training_case(
                d,
                [5, 2, 1, 6],
                VPG,
                learning_rate=0.3,
                critic=None,
                stand_ins=False,
                rollouts_before_training=2,
                training_epochs_per_rollout=2,
                minibatch_size=3,
            ),
        ),
        "training_ppo_end_to_end": (
            "training",
            training_case(
                d,
                [3, 5, 3, 2, 6, 4],
                PPO,
                learning_rate=0.5,
                critic=0.5,
                stand_ins=False,
                rollouts_before_training=3,
                training_epochs_per_rollout=3,
                minibatch_size=5,
                ppo_clip=0.15,
            ),
        ),
    }
    return {HIDDEN_PREFIX + name: case for name, case in cases.items()}
