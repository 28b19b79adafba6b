"""The seven parts of the assignment, in the order in which they are reported."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """What a part is called and which function it asks for.

    probed: whether its scenario can call the function again with one thing changed.
    """

    name: str
    title: str
    function: str
    section: str  # of the handout
    probed: bool = True


TOTAL_POINTS = 100  # of the visible and the hidden tests together

PARTS = {
    part.name: part
    for part in (
        Part("returns", "Returns", "get_returns", "Part 1: returns"),
        Part(
            "vpg_loss",
            "Policy gradient loss",
            "get_vanilla_policy_gradient_loss",
            "Part 2: the policy gradient loss",
        ),
        Part("rollouts", "Rollouts", "collect_rollouts", "Part 3: rollouts"),
        Part("value_loss", "Value loss", "get_value_net_loss", "Part 5: the value network"),
        Part("advantages", "Advantages", "get_advantages", "Part 6: advantages"),
        Part("ppo_loss", "PPO loss", "get_PPO_policy_gradient_loss", "Part 7: PPO"),
        Part(
            "training",
            "Training loop",
            "train_policy_gradient",
            "Part 4: the training loop",
            probed=False,
        ),
    )
}
