"""The seven parts of the assignment, in the one order in which all of the kit names them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """What a part is called and which function it asks for.

    number: its place in the assignment, from 1.
    probed: whether its scenario can call the function again with one thing changed.
    """

    number: int
    name: str
    title: str
    function: str
    probed: bool = True

    @property
    def section(self) -> str:
        """The heading of its section in the handout."""
        return f"Part {self.number}: {self.title}"


TOTAL_POINTS = 100  # of the visible and the hidden tests together

PARTS = {
    part.name: part
    for part in (
        Part(1, "returns", "Returns", "get_returns"),
        Part(2, "vpg_loss", "Policy gradient loss", "get_vanilla_policy_gradient_loss"),
        Part(3, "rollouts", "Rollouts", "collect_rollouts"),
        Part(4, "training", "Training loop", "train_policy_gradient", probed=False),
        Part(5, "value_loss", "Value loss", "get_value_net_loss"),
        Part(6, "advantages", "Advantages", "get_advantages"),
        Part(7, "ppo_loss", "PPO loss", "get_PPO_policy_gradient_loss"),
    )
}
