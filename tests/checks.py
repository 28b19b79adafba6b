"""What the visible and the hidden tests ask in the same words."""

from grading.compare import Answer


def check_returns(answer: Answer) -> None:
    """The returns; and the buffer holds after the call what it held before."""
    answer.tensor("returns")
    changed = "get_returns changes the rollout buffer, which is used again afterwards."
    answer.unchanged("rewards afterwards", changed)
    answer.unchanged("terminateds afterwards", changed)


def check_steps(answer: Answer) -> None:
    """The buffer, the mean last reward, and what must be left as it was."""
    answer.tensor("actions", "observations", "old_logits", "rewards", "terminateds")
    answer.numbers("mean last reward")
    answer.unchanged(
        "seed afterwards",
        "The seed array is not used once per step: it ends in another state than it should.",
    )
    answer.unchanged(
        "logits carry a gradient",
        "The recorded log-probabilities still carry a gradient; they are data for later.",
    )
    answer.unchanged("back in training mode", "The policy is left in evaluation mode.")


def check_advantages(answer: Answer) -> None:
    """The advantages; nothing may flow back through them, and the returns are needed again."""
    answer.tensor("advantages")
    answer.unchanged(
        "carries a gradient",
        "The advantages still carry a gradient to the value network; they are data for the policy.",
    )
    answer.unchanged("returns afterwards", "get_advantages changes the returns it was given.")


def check_training(answer: Answer) -> None:
    """What the loop returned, and the networks as it leaves them.

    Rounding grows over many optimizer steps, so the numbers are held less closely here.
    """
    answer.numbers("final_rewards", "losses_actor", "losses_critic", "lr", within=1e-3)
    answer.trained(within=1e-3)
