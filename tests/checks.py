"""The checks that the visible and the hidden tests share."""

from grading.judge.compare import Answer


def check_returns(answer: Answer) -> None:
    """The returns are right, and the buffer holds the same after the call as before it."""
    answer.tensors("returns")
    answer.exactly(
        "the buffer is unchanged",
        "get_returns changes the rollout buffer, which is used again afterwards.",
    )


def check_loss(answer: Answer) -> None:
    """The loss and its gradient for every parameter are right; the function changes nothing else."""
    answer.loss()
    answer.exactly(
        "the arguments are unchanged",
        f"{answer.function} changes a tensor it was given, which is used again afterwards.",
    )
    answer.exactly(
        "no gradient is left behind",
        f"{answer.function} calls backward itself; that is the training loop's task.",
    )
    answer.loss_of_one_step()


def check_steps(answer: Answer) -> None:
    """The buffer and the mean last reward are right; seed and policy end in the right state."""
    for field in ("actions", "observations", "old_logits", "rewards", "terminateds"):
        answer.tensors(field)
    answer.numbers("mean last reward")
    answer.exactly(
        "seed afterwards",
        "The seed array is not used once per step: it ends in another state than it should.",
    )
    answer.exactly(
        "logits carry a gradient",
        "The recorded log-probabilities still carry a gradient; they are data for later.",
    )
    answer.exactly("back in training mode", "The policy is left in evaluation mode.")
    answer.numbers("mean last reward, second call")


def check_advantages(answer: Answer) -> None:
    """The advantages are right and carry no gradient; the function changes nothing else."""
    answer.tensors("advantages")
    answer.exactly(
        "carries a gradient",
        "The advantages still carry a gradient to the value network; they are data for the policy.",
    )
    if "equal differences give small advantages" in answer.case.expected:
        answer.exactly(
            "equal differences give small advantages",
            "Where all the differences are the same, some advantages are too large, or no numbers.",
        )
    answer.exactly(
        "the arguments are unchanged",
        "get_advantages changes a tensor it was given, which is used again afterwards.",
    )
    answer.exactly(
        "the value network can still learn",
        "After get_advantages the value network's parameters take no gradient any more.",
    )


def check_training(answer: Answer) -> None:
    """The lists that the loop returns and the networks that it has trained are right.

    Where the loop is tested with stand-ins, it must also shuffle the steps anew in every epoch.
    """
    for values in ("final_rewards", "losses_actor", "losses_critic", "lr"):
        answer.numbers(values)
    answer.tensors("trained")
    answer.exactly(
        "steps of the scheduler",
        "The learning rate scheduler is not stepped once for every optimizer step.",
    )
    if "the steps are mixed" in answer.case.expected:
        answer.exactly(
            "the steps are mixed",
            "In some epoch every minibatch holds steps that followed one another: nothing was shuffled.",
        )
        answer.exactly(
            "every epoch is shuffled anew",
            "Two epochs have the same minibatches, as if they had been shuffled in the same way.",
        )
