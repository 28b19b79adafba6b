"""Which cases there are: the visible and the hidden ones, made with `instructor.keys.recipes`."""

from __future__ import annotations

from typing import Any

from instructor.keys.recipes import (
    EVERYTHING,
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
    training_alone_case,
    training_case,
    value_case,
    vpg_case,
    with_all_alike,
    with_outlier,
    with_second_buffer,
)

LONG = 104  # steps of an episode: more than a submission's own limit is likely to allow
VPG, PPO = "get_vanilla_policy_gradient_loss", "get_PPO_policy_gradient_loss"


def loop(collected: int, epochs: int, **options: Any) -> dict[str, Any]:
    """The options of train_policy_gradient that every training case sets."""
    return {
        "rollouts_before_training": collected,
        "training_epochs_per_rollout": epochs,
        **options,
    }


def visible_cases() -> Cases:
    """The cases of solution.json."""
    d = Draws(2024)
    scripted = scripted_env(d, 3, 3, [3, 1, 5, 2, 4, 1, 2, LONG], taste=3.0)
    grid: Inputs = {"set_target": [3, 1], "set_state": [2, 2], "grid_size": 5, "episode_length": 6}
    cases: Cases = {
        "returns_known_values": ("returns", returns_known_values()),
        "returns_unequal_episodes": (
            "returns",
            with_second_buffer(
                d, [2, 7, 1, 5, 3], returns_case(d, [4, 1, 6, 1, 2, 4], [0.8, 0.0, 1.0])
            ),
        ),
        "returns_default_discount": ("returns", returns_case(d, [2, 5, 1, 3], discounts=None)),
        "vpg_loss_three_actions": ("vpg_loss", vpg_case(d, 8, 4, 3, rarest=-4, sign=-1)),
        "vpg_loss_rare_action": ("vpg_loss", vpg_case(d, 5, 3, 2, rarest=-12, sign=1)),
        "rollouts_unequal_episodes": ("rollouts", rollout_case(d, 3, 3, scripted, [6, 2])),
        "rollouts_grid_world": (
            "rollouts",
            # So sure that its probabilities, taken for log-probabilities, are not all but equal.
            rollout_case(d, 4, 5, {**grid, "dimensions": 2}, [3, 1], sureness=4.5),
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
            ppo_case(d, 3, 2, 0.12, (-1,), far=(0.5,), repeat=2),
        ),
    }
    training = {
        "training_policy_only": training_alone_case(
            d, [5, 1, 6, 4, 3, 7], EVERYTHING, **loop(3, 3, ppo_clip=0.35)
        ),
        "training_value_net": training_alone_case(
            d, [9, 4, 8, 6, 1, 12], 6, critic=0.6, **loop(3, 2, ppo_clip=0.3)
        ),
        "training_advantages": training_alone_case(
            d, [8, 5, 7, 6, 10, 4], 6, critic=0.4, with_advantages=True, **loop(3, 2, ppo_clip=0.6)
        ),
        "training_weightless_critic": training_alone_case(
            d, [13, 9, 5, 16], 7, critic=0.0, with_advantages=True, **loop(2, 2, ppo_clip=0.25)
        ),
        "training_vpg_end_to_end": training_case(d, [4, 1, 3, 2, 5, 3], VPG, 0.1, **loop(3, 4)),
        "training_ppo_end_to_end": training_case(
            d,
            [5, 2, 4, 4, 1, 5],
            PPO,
            0.5,
            critic=0.3,
            with_advantages=True,
            **loop(3, 5, ppo_clip=0.1),
        ),
    }
    return cases | {name: ("training", inputs) for name, inputs in training.items()}


def hidden_cases() -> Cases:
    """The cases of the hidden key."""
    d = Draws(7_319)
    scripted = scripted_env(d, 4, 3, [2, 4, 1, 6, 1, 3, LONG, 4], taste=3.0)
    grid: Inputs = {"set_target": 4, "set_state": 1, "grid_size": 6, "episode_length": 5}
    cases: Cases = {
        "returns_unequal_episodes": (
            "returns",
            with_second_buffer(
                d, [6, 3, 1, 8, 5], returns_case(d, [1, 5, 2, 1, 11, 3], [0.6, 1.0, 0.0])
            ),
        ),
        "returns_default_discount": ("returns", returns_case(d, [1, 4, 3, 2], discounts=None)),
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
        # In this order of the signs the mean of the clipped terms is not the smaller one.
        "ppo_loss_mixed_signs": ("ppo_loss", ppo_case(d, 3, 4, 0.15, (-1, 1))),
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
        "training_policy_only": training_alone_case(
            d, [4, 7, 5, 3], EVERYTHING, **loop(2, 3, ppo_clip=0.5)
        ),
        "training_value_net": training_alone_case(
            d, [7, 11, 4, 9, 5, 7], 8, critic=0.9, **loop(3, 2, ppo_clip=0.3)
        ),
        "training_advantages": training_alone_case(
            d, [6, 9, 7, 11, 1, 10], 5, critic=0.7, with_advantages=True, **loop(3, 2, ppo_clip=0.4)
        ),
        "training_weightless_critic": training_alone_case(
            d, [12, 8, 15, 6], 6, critic=0.0, with_advantages=True, **loop(2, 2, ppo_clip=0.45)
        ),
        "training_vpg_end_to_end": training_case(d, [5, 3, 1, 4], VPG, 0.1, **loop(2, 4)),
        "training_ppo_end_to_end": training_case(
            d,
            [3, 5, 3, 2, 6, 4],
            PPO,
            0.5,
            critic=0.5,
            with_advantages=True,
            **loop(3, 5, ppo_clip=0.15),
        ),
    }
    cases |= {name: ("training", inputs) for name, inputs in training.items()}
    return {HIDDEN_PREFIX + name: case for name, case in cases.items()}
