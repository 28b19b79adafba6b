"""Which cases there are: the visible ones and the hidden ones, made by the recipes in `cases`."""

from __future__ import annotations

from typing import Any

from instructor.cases import (
    HIDDEN_PREFIX,
    Cases,
    Draws,
    Inputs,
    advantage_case,
    ppo_case,
    returns_case,
    returns_known_values,
    rollout_case,
    scripted_env,
    training_case,
    value_case,
    vpg_case,
    with_all_alike,
    with_outlier,
)

LONG = 104  # steps of an episode that is longer than a limit somebody may have set
VPG, PPO = "get_vanilla_policy_gradient_loss", "get_PPO_policy_gradient_loss"


def loop(collected: int, epochs: int, minibatch_size: int, **options: Any) -> dict[str, Any]:
    """The options of train_policy_gradient that every training case sets."""
    return {
        "rollouts_before_training": collected,
        "training_epochs_per_rollout": epochs,
        "minibatch_size": minibatch_size,
        **options,
    }


def visible_cases() -> Cases:
    """The cases of solution.json."""
    d = Draws(2024)
    scripted = scripted_env(d, 3, 3, lengths=[3, 1, 5, 2, 4, 1, 2, LONG])
    grid: Inputs = {"set_target": [3, 1], "set_state": [2, 2], "grid_size": 5, "episode_length": 6}
    cases: Cases = {
        "returns_known_values": ("returns", returns_known_values()),
        "returns_unequal_episodes": (
            "returns",
            returns_case(d, [4, 1, 6, 1, 3], tail=3, discounts=[0.8, 0.0, 1.0]),
        ),
        "returns_default_discount": ("returns", returns_case(d, [2, 5, 1], tail=3, discounts=None)),
        "vpg_loss_three_actions": ("vpg_loss", vpg_case(d, 8, 4, 3, rarest=-4, sign=-1)),
        "vpg_loss_rare_action": ("vpg_loss", vpg_case(d, 5, 3, 2, rarest=-12, sign=1)),
        "rollouts_unequal_episodes": ("rollouts", rollout_case(d, 3, 3, scripted, [6, 2])),
        "rollouts_grid_world": (
            "rollouts",
            rollout_case(d, 4, 5, {**grid, "dimensions": 2}, [3, 1]),
        ),
        "value_loss_batch": ("value_loss", value_case(d, 7, 3)),
        "value_loss_large_returns": ("value_loss", value_case(d, 4, 3, offset=20.0)),
        "advantages_batch": ("advantages", with_outlier(d, 20, advantage_case(d, 6, 3))),
        "advantages_tiny_differences": (
            "advantages",
            with_all_alike(d, 6, advantage_case(d, 5, 3, scale=3e-10)),
        ),
        "ppo_loss_default_clip": ("ppo_loss", ppo_case(d, 4, 3, None, (1, -1))),
        "ppo_loss_positive_advantages": (
            "ppo_loss",
            ppo_case(d, 3, 4, 0.35, (1,), repeat=2),
        ),
        "ppo_loss_negative_advantages": (
            "ppo_loss",
            ppo_case(d, 3, 2, 0.1, (-1,), far=(0.5,), repeat=2),
        ),
    }
    training = {
        "training_policy_only": training_case(
            d, [3, 1, 4, 2, 3, 4], VPG, 0.4, stand_ins=True, **loop(3, 3, 3, ppo_clip=0.35)
        ),
        "training_value_net": training_case(
            d, [5, 1, 4, 3], VPG, 0.3, stand_ins=True, critic=0.6, **loop(2, 2, 4, ppo_clip=0.3)
        ),
        "training_advantages": training_case(
            *(d, [4, 2, 1, 4], VPG, 0.3),
            **loop(2, 2, 4, ppo_clip=0.6),
            stand_ins=True,
            critic=0.4,
            with_advantages=True,
        ),
        "training_weightless_critic": training_case(
            *(d, [2, 4, 3, 1], VPG, 0.4),
            **loop(2, 2, 3, ppo_clip=0.25),
            stand_ins=True,
            critic=0.0,
            with_advantages=True,
        ),
        "training_vpg_end_to_end": training_case(
            d, [4, 1, 3, 2, 5, 3], VPG, 0.3, stand_ins=False, **loop(3, 2, 5)
        ),
        "training_ppo_end_to_end": training_case(
            *(d, [5, 2, 4, 4, 1, 5], PPO, 0.5),
            **loop(3, 3, 4, ppo_clip=0.1),
            stand_ins=False,
            critic=0.3,
            with_advantages=True,
        ),
    }
    return cases | {name: ("training", inputs) for name, inputs in training.items()}


def hidden_cases() -> Cases:
    """The cases of the hidden key."""
    d = Draws(7_319)
    scripted = scripted_env(d, 4, 3, lengths=[2, 4, 1, 6, 1, 3, LONG, 4])
    grid: Inputs = {"set_target": 4, "set_state": 1, "grid_size": 6, "episode_length": 5}
    cases: Cases = {
        "returns_unequal_episodes": (
            "returns",
            returns_case(d, [1, 5, 2, 1, 11], tail=4, discounts=[0.6, 1.0, 0.0]),
        ),
        "returns_default_discount": ("returns", returns_case(d, [1, 4, 3], tail=3, discounts=None)),
        "vpg_loss_four_actions": ("vpg_loss", vpg_case(d, 11, 3, 4, rarest=-5, sign=-1)),
        "vpg_loss_rare_action": ("vpg_loss", vpg_case(d, 6, 4, 2, rarest=-12, sign=1)),
        "rollouts_unequal_episodes": ("rollouts", rollout_case(d, 4, 3, scripted, [6, 2])),
        "rollouts_grid_world": (
            "rollouts",
            rollout_case(d, 2, 3, {**grid, "dimensions": 1}, [3, 2]),
        ),
        "value_loss_batch": ("value_loss", value_case(d, 9, 4)),
        "value_loss_large_returns": ("value_loss", value_case(d, 5, 4, offset=-15.0)),
        "advantages_batch": ("advantages", with_outlier(d, 19, advantage_case(d, 5, 3))),
        "advantages_tiny_differences": (
            "advantages",
            with_all_alike(d, 4, advantage_case(d, 7, 3, scale=2e-10)),
        ),
        "ppo_loss_mixed_signs": ("ppo_loss", ppo_case(d, 3, 4, 0.15, (1, -1))),
        "ppo_loss_positive_advantages": (
            "ppo_loss",
            ppo_case(d, 4, 3, None, (1,), repeat=2),
        ),
        "ppo_loss_negative_advantages": (
            "ppo_loss",
            ppo_case(d, 4, 3, 0.3, (-1,), far=(0.5,), repeat=2),
        ),
    }
    training = {
        "training_policy_only": training_case(
            d, [2, 3, 5, 1], VPG, 0.4, stand_ins=True, **loop(2, 3, 4, ppo_clip=0.5)
        ),
        "training_value_net": training_case(
            d,
            [3, 2, 4, 5, 1, 2],
            VPG,
            0.1,
            stand_ins=True,
            critic=0.9,
            **loop(3, 2, 5, ppo_clip=0.3),
        ),
        "training_advantages": training_case(
            *(d, [3, 2, 3, 1, 5, 3], VPG, 0.3),
            **loop(3, 2, 5, ppo_clip=0.4),
            stand_ins=True,
            critic=0.7,
            with_advantages=True,
        ),
        "training_weightless_critic": training_case(
            *(d, [4, 1, 2, 5], VPG, 0.4),
            **loop(2, 2, 4, ppo_clip=0.45),
            stand_ins=True,
            critic=0.0,
            with_advantages=True,
        ),
        "training_vpg_end_to_end": training_case(
            d, [5, 3, 1, 4], VPG, 0.3, stand_ins=False, **loop(2, 2, 3)
        ),
        "training_ppo_end_to_end": training_case(
            *(d, [3, 5, 3, 2, 6, 4], PPO, 0.5),
            **loop(3, 3, 5, ppo_clip=0.15),
            stand_ins=False,
            critic=0.5,
            with_advantages=True,
        ),
    }
    cases |= {name: ("training", inputs) for name, inputs in training.items()}
    return {HIDDEN_PREFIX + name: case for name, case in cases.items()}
