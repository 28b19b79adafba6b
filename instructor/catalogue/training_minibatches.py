"""Training with wrong minibatches: which steps they hold, what weight they have, what is recorded."""

import functools

from instructor.catalogue import edited
from instructor.catalogue.training_data import (
    CHOICE,
    LOOK_ROWS,
    LOOK_WEIGHT,
    MINIBATCH,
    RETURNS,
    SHUFFLE,
)
from instructor.catalogue.training_loop import (
    BACKWARD,
    COLLECTED,
    EPOCHS,
    INDICES,
    LOOK_COUNT,
    LOOK_GRADIENT,
    LOOK_LISTS,
    LOSS,
    RECORD_ACTOR,
    RECORD_CRITIC,
)

CRITIC = "                loss_critic = get_value_net_loss(**loss_arguments)\n"
ASKED = "        if get_advantages is not None:\n"
LOOK_ZERO = "A run with a critic whose loss has a multiplier of zero."


_edits = functools.partial(edited, "training")


MISTAKES = [
    _edits(
        "indices_of_first_collection",
        "The number of steps is determined only once, but collections differ in length.",
        "How many steps the second collection has, and which of them are trained on.",
        (INDICES, "        if base_rollout == 0:\n    " + INDICES),
    ),
    _edits(
        "minibatches_overlap",
        "Neighbouring minibatches have a step in common.",
        LOOK_COUNT,
        (MINIBATCH, MINIBATCH.replace("minibatch_size]", "minibatch_size + 1]")),
    ),
    _edits(
        "weights_shuffled_twice",
        "The weights of the policy's loss are shuffled, and then indexed with the shuffled indices again.",
        LOOK_ROWS,
        (
            SHUFFLE,
            SHUFFLE
            + "            shuffled = (returns if advantages is None else advantages)[indices]\n",
        ),
        (CHOICE, "return_or_advantage = shuffled\n"),
    ),
    _edits(
        "small_minibatch_counts_less",
        "The loss of a smaller minibatch is scaled down, although the loss is a mean already.",
        "The loss and the optimizer step of an epoch's last minibatch.",
        (
            LOSS,
            LOSS.replace("= loss_actor", "= (loss_actor")[:-1]
            + ") * len(minibatch) / minibatch_size\n",
        ),
    ),
    _edits(
        "steps_twice",
        "The optimizer steps twice per minibatch, and the second step uses the actor's gradient again.",
        LOOK_GRADIENT,
        (
            BACKWARD,
            """\
                loss_actor.backward()
                if loss_critic.requires_grad:
                    optimizer.step()
                    (critic_loss_multiplier * loss_critic).backward()
""",
        ),
    ),
    _edits(
        "mean_losses_per_epoch",
        "The mean losses of each epoch are recorded, not the losses of every optimizer step.",
        LOOK_LISTS,
        (EPOCHS, EPOCHS + "            actor, critic = [], []\n"),
        (RECORD_ACTOR, "                actor.append(loss_actor.item())\n"),
        (RECORD_CRITIC, "                critic.append(loss_critic.item())\n"),
        (
            "    return losses_actor, losses_critic",
            "            losses_actor.append(np.mean(actor))\n"
            "            losses_critic.append(np.mean(critic))\n"
            "    return losses_actor, losses_critic",
        ),
    ),
    _edits(
        "own_discount",
        "The training loop passes a discount factor of its own choice to `get_returns`.",
        "The arguments that `get_returns` is called with.",
        (RETURNS, "        returns = get_returns(rollout_buffer, 0.99)\n"),
    ),
    _edits(
        "seeds_every_collection",
        "The random generator is seeded again at every collection, so its random numbers repeat.",
        "Which random numbers are drawn in the first and in the second collection?",
        (COLLECTED, COLLECTED + "        np.random.seed(0)\n"),
    ),
    _edits(
        "advantages_only_with_critic_weight",
        "The advantages are used only if the multiplier of the critic's loss is not zero.",
        LOOK_WEIGHT,
        (ASKED, "        if get_advantages is not None and critic_loss_multiplier > 0:\n"),
    ),
    _edits(
        "critic_loss_skipped",
        "If the multiplier of the critic's loss is zero, that loss is not computed and zeros are recorded.",
        LOOK_ZERO,
        (
            CRITIC,
            "                loss_critic = torch.tensor([0.0])\n"
            "                if critic_loss_multiplier:\n"
            f"    {CRITIC}",
        ),
    ),
]
