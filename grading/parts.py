"""The seven parts of the assignment, in the order in which they are written and reported."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """What a part is called and which function it asks for."""

    name: str
    title: str
    function: str


TOTAL_POINTS = 100  # of the visible and the hidden tests together

PARTS = {
    part.name: part
    for part in (
        Part("returns", "Returns", "get_returns"),
        Part("vpg_loss", "Policy gradient loss", "get_vanilla_policy_gradient_loss"),
        Part("rollouts", "Rollouts", "collect_rollouts"),
        Part("value_loss", "Value loss", "get_value_net_loss"),
        Part("advantages", "Advantages", "get_advantages"),
        Part("ppo_loss", "PPO loss", "get_PPO_policy_gradient_loss"),
        Part("training", "Training loop", "train_policy_gradient"),
    )
}
