"""Training with a damaged loop or wrong optimizer steps."""

import functools

from instructor.catalogue import Mistake, edited

IMPORTS = "import numpy as np\n"
LISTS = "    losses_actor, losses_critic, final_rewards, lr = [], [], [], []\n"
COLLECTIONS = "    for base_rollout in range(0, rollouts, rollouts_before_training):\n"
COLLECTED = "        final_rewards.append(mean_last_reward)\n"
SHUFFLE = "            np.random.shuffle(indices)\n"
EPOCHS = "        for _ in range(training_epochs_per_rollout):\n"
MINIBATCHES = "            for start in range(0, len(indices), minibatch_size):\n"
MINIBATCH = "                minibatch = indices[start : start + minibatch_size]\n"
LOSS = "                loss = loss_actor + critic_loss_multiplier * loss_critic\n"
ZERO = "                optimizer.zero_grad()\n"
BACKWARD = "                loss.backward()\n"
STEP = "                optimizer.step()\n"
RECORD_ACTOR = "                losses_actor.append(loss_actor.detach().numpy())\n"
RECORD_CRITIC = "                losses_critic.append(loss_critic.detach().numpy())\n"
RECORD_LR = """\
                if lr_sched is not None:
                    lr.append(optimizer.param_groups[0]["lr"])
                    lr_sched.step()
"""
SCHEDULER = "                    lr_sched.step()\n"
AFTER_THE_MINIBATCHES = "            if lr_sched is not None:\n"
INDICES = "        indices = np.arange(rollout_buffer.final_size)\n"
RETURN = "    return losses_actor, losses_critic, final_rewards, lr"

LOOK_STEP = (
    "In which order do the calls around an optimizer step come, and what does each of them do?"
)
LOOK_GRADIENT = "The gradient of one parameter just before each optimizer step."
LOOK_LOSS = (
    "The gradient of `loss` with respect to the parameters of the policy and of the value network."
)
LOOK_SCHEDULER = "How often the scheduler is stepped in one epoch of several minibatches."
LOOK_SHUFFLE = "Print `minibatch` over two epochs."
LOOK_COUNT = (
    "How many optimizer steps does one epoch take, and which collected steps does each of them use?"
)
LOOK_EPOCHS = "How often does a round of training go through the collected steps?"
LOOK_ROUNDS = (
    "How many collections are there, how long is each one, and how many are used for training?"
)
LOOK_LISTS = "The length of the four returned lists, and what each entry stands for."
LOOK_PARAMETERS = "Which parameters does the optimizer update, and which ones receive a gradient?"


_edits = functools.partial(edited, "training")


def _loss(name: str, misconception: str, expression: str) -> Mistake:
    new = f"                loss = {expression}\n"
    return _edits(name, misconception, LOOK_LOSS, (LOSS, new))


def _minibatch(name: str, misconception: str, look: str, expression: str) -> Mistake:
    new = f"                minibatch = {expression}\n"
    return _edits(name, misconception, look, (MINIBATCH, new))


def _outdented(lines: str) -> str:
    """The lines one level further left."""
    return "".join(line[4:] for line in lines.splitlines(keepends=True))


MISTAKES = [
    _edits(
        "no_zero_grad",
        "Gradients add up from step to step, because the old ones are never cleared.",
        LOOK_GRADIENT,
        (ZERO, ""),
    ),
    _edits(
        "zero_grad_after_backward",
        "The parameters never change, because no optimizer step uses the gradient of the loss.",
        LOOK_STEP,
        (ZERO + BACKWARD, BACKWARD + ZERO),
    ),
    _edits(
        "zero_grad_per_epoch",
        "The gradients are cleared only once per epoch, so they add up over the minibatches.",
        LOOK_GRADIENT,
        (ZERO, ""),
        (SHUFFLE, SHUFFLE + _outdented(ZERO)),
    ),
    _edits(
        "zero_grad_of_policy",
        "Only the policy's gradients are cleared; those of the value network add up.",
        LOOK_GRADIENT,
        (ZERO, "                policy.zero_grad()\n"),
    ),
    _edits(
        "no_backward",
        "The parameters never change, because no optimizer step uses the gradient of the loss.",
        LOOK_STEP,
        (BACKWARD, ""),
    ),
    _edits(
        "no_step",
        "The parameters never change, because no optimizer step uses the gradient of the loss.",
        LOOK_STEP,
        (STEP, ""),
    ),
    _edits(
        "step_with_next_minibatch",
        "Each minibatch's optimizer step waits for the next minibatch, so the last step is never taken.",
        LOOK_STEP,
        (ZERO + BACKWARD + STEP, BACKWARD),
        (MINIBATCH, MINIBATCH + STEP + ZERO),
    ),
    _edits(
        "step_per_epoch",
        "There is one optimizer step per epoch, not one for each minibatch.",
        LOOK_STEP,
        (SHUFFLE, SHUFFLE + _outdented(ZERO)),
        (ZERO + BACKWARD + STEP, BACKWARD),
        (RECORD_LR, RECORD_LR + _outdented(STEP)),
    ),
    _edits(
        "gradient_clipped",
        "The gradient is clipped before the optimizer step, which this algorithm does not ask for.",
        LOOK_GRADIENT,
        (
            BACKWARD,
            BACKWARD + "                torch.nn.utils.clip_grad_norm_(policy.parameters(), 0.5)\n",
        ),
    ),
    _edits(
        "policy_copied",
        "The losses use a copy of the policy, but the optimizer updates the original.",
        LOOK_PARAMETERS,
        (IMPORTS, "import copy\n\n" + IMPORTS),
        (LISTS, LISTS + "    policy = copy.deepcopy(policy)\n"),
    ),
    _edits(
        "optimizer_recreated",
        "A new optimizer for the policy alone replaces the one that was passed in.",
        LOOK_PARAMETERS,
        (
            COLLECTED,
            COLLECTED + '        learning_rate = optimizer.param_groups[0]["lr"]\n'
            "        optimizer = torch.optim.Adam(policy.parameters(), lr=learning_rate)\n",
        ),
    ),
    _loss(
        "multiplier_ignored",
        "The critic's loss counts in full, whatever its multiplier is.",
        "loss_actor + loss_critic",
    ),
    _loss(
        "multiplier_on_actor",
        "The multiplier is applied to the actor's loss, but it belongs to the critic's.",
        "critic_loss_multiplier * loss_actor + loss_critic",
    ),
    _loss(
        "multiplier_on_both",
        "The multiplier is applied to both losses, but it belongs to the critic's alone.",
        "critic_loss_multiplier * (loss_actor + loss_critic)",
    ),
    _loss(
        "critic_subtracted",
        "The critic's loss is subtracted, so the value network learns to be wrong.",
        "loss_actor - critic_loss_multiplier * loss_critic",
    ),
    _loss(
        "actor_only",
        "The critic's loss is left out, so the value network does not learn.",
        "loss_actor",
    ),
    _edits(
        "no_shuffle",
        "The steps stay in the order of the rollout, so neighbouring steps share a minibatch.",
        LOOK_SHUFFLE,
        (SHUFFLE, ""),
    ),
    _minibatch(
        "shuffle_unused",
        "The steps stay in the order of the rollout, so neighbouring steps share a minibatch.",
        LOOK_SHUFFLE,
        "slice(start, start + minibatch_size)",
    ),
    _edits(
        "shuffle_once",
        "The steps are shuffled once per collection, so every epoch has the same minibatches.",
        LOOK_SHUFFLE,
        (SHUFFLE, ""),
        (EPOCHS, _outdented(SHUFFLE) + EPOCHS),
    ),
    _edits(
        "minibatches_shuffled",
        "Only the order of the minibatches is random; each one still holds consecutive steps.",
        LOOK_SHUFFLE,
        (SHUFFLE, ""),
        (MINIBATCHES, MINIBATCHES.replace("range(0, len(indices), minibatch_size)", "starts")),
        (
            EPOCHS,
            "        starts = list(range(0, rollout_buffer.final_size, minibatch_size))\n"
            + EPOCHS
            + "            np.random.shuffle(starts)\n",
        ),
    ),
    _edits(
        "tensor_shuffled_by_numpy",
        "NumPy's shuffle fails on a torch tensor: some steps appear more than once and others are lost.",
        "Sort the shuffled indices: does every number appear exactly once?",
        (INDICES, "        indices = torch.arange(rollout_buffer.final_size)\n"),
    ),
    _edits(
        "shuffle_per_minibatch",
        "The steps are shuffled again within an epoch, so some are repeated and others left out.",
        LOOK_SHUFFLE,
        (SHUFFLE, ""),
        (MINIBATCH, "                np.random.shuffle(indices)\n" + MINIBATCH),
    ),
    _minibatch(
        "drawn_with_replacement",
        "Each minibatch is drawn independently, so some steps are repeated and others left out.",
        LOOK_SHUFFLE,
        "np.random.choice(indices, minibatch_size)",
    ),
    _minibatch(
        "whole_buffer",
        "Every optimizer step uses all collected steps, not a minibatch of them.",
        LOOK_COUNT,
        "indices",
    ),
    _minibatch(
        "slice_end",
        "The slice's end is given as a length, not as a position, so later minibatches are empty.",
        LOOK_COUNT,
        "indices[start:minibatch_size]",
    ),
    _edits(
        "last_minibatch_dropped",
        "The last minibatch of an epoch, which may be smaller, is left out.",
        LOOK_COUNT,
        (MINIBATCHES, MINIBATCHES.replace("len(indices),", "len(indices) - minibatch_size + 1,")),
    ),
    _edits(
        "first_minibatch_only",
        "An epoch ends after its first minibatch, and the other steps are not used.",
        LOOK_COUNT,
        (RECORD_LR, RECORD_LR + "                break\n"),
    ),
    _edits(
        "overlapping_minibatches",
        "Minibatches begin at every position, so each step is used many times per epoch.",
        LOOK_COUNT,
        (MINIBATCHES, "            for start in range(len(indices)):\n"),
    ),
    _edits(
        "number_of_minibatches",
        "The minibatch size is used as the number of minibatches.",
        LOOK_COUNT,
        (
            MINIBATCHES + MINIBATCH,
            "            for minibatch in np.array_split(indices, minibatch_size):\n",
        ),
    ),
    _edits(
        "one_epoch",
        "The collected steps are used for only one epoch, however many epochs were asked for.",
        LOOK_EPOCHS,
        (EPOCHS, "        for _ in range(1):\n"),
    ),
    _edits(
        "epoch_missing",
        "The loop counts from one and stops before the number of epochs, so one epoch is missing.",
        LOOK_EPOCHS,
        (EPOCHS, EPOCHS.replace("range(", "range(1, ")),
    ),
    _edits(
        "collection_per_rollout",
        "There is one collection per rollout, although each collection plays several rollouts.",
        LOOK_ROUNDS,
        (COLLECTIONS, "    for base_rollout in range(rollouts):\n"),
    ),
    _edits(
        "last_collection_trained",
        "Training begins only after all rollouts are collected, and it uses only the last collection.",
        LOOK_ROUNDS,
        (
            COLLECTED,
            COLLECTED
            + "        if base_rollout + num_rollouts < rollouts:\n            continue\n",
        ),
    ),
    _edits(
        "returns_early",
        "The function returns within its loop, after the first collection.",
        LOOK_ROUNDS,
        (RETURN, "    " + RETURN),
    ),
    _edits(
        "scheduler_per_epoch",
        "The learning rate scheduler is stepped once per epoch, not once per optimizer step.",
        LOOK_SCHEDULER,
        (RECORD_LR, RECORD_LR.replace(SCHEDULER, "") + AFTER_THE_MINIBATCHES + SCHEDULER[4:]),
    ),
    _edits(
        "scheduler_per_collection",
        "The learning rate scheduler is stepped once per collection, not once per optimizer step.",
        LOOK_SCHEDULER,
        (RECORD_LR, RECORD_LR.replace(SCHEDULER, "") + AFTER_THE_MINIBATCHES[4:] + SCHEDULER[8:]),
    ),
    _edits(
        "scheduler_not_stepped",
        "The learning rate scheduler is never stepped, so the learning rate stays as it is.",
        LOOK_SCHEDULER,
        (RECORD_LR, RECORD_LR.replace(SCHEDULER, "")),
    ),
    _edits(
        "losses_per_epoch",
        "The losses are recorded once per epoch, not once per optimizer step.",
        LOOK_LISTS,
        (RECORD_ACTOR + RECORD_CRITIC, ""),
        (RECORD_LR, RECORD_LR + _outdented(RECORD_ACTOR + RECORD_CRITIC)),
    ),
    _edits(
        "losses_attached",
        "The recorded losses are still attached to the computation graph they came from.",
        "The type of what the two lists of losses hold.",
        (RECORD_ACTOR, "                losses_actor.append(loss_actor)\n"),
        (RECORD_CRITIC, "                losses_critic.append(loss_critic)\n"),
    ),
    _edits(
        "total_loss_for_actor",
        "The sum of both losses is recorded as the actor's loss.",
        "What an entry of `losses_actor` stands for.",
        (RECORD_ACTOR, RECORD_ACTOR.replace("(loss_actor", "(loss")),
    ),
    _edits(
        "critic_loss_weighted",
        "The critic's loss is recorded after the multiplier has changed it.",
        "What an entry of `losses_critic` stands for.",
        (RECORD_CRITIC, RECORD_CRITIC.replace("(loss_", "(critic_loss_multiplier * loss_")),
    ),
    _edits(
        "last_reward_only",
        "Only the last collection's reward is returned, but every collection should have an entry.",
        LOOK_LISTS,
        (COLLECTED, "        final_rewards = [mean_last_reward]\n"),
    ),
    _edits(
        "rewards_per_epoch",
        "The mean last reward is recorded once per epoch, not once per collection.",
        LOOK_LISTS,
        (COLLECTED, ""),
        (SHUFFLE, SHUFFLE + "    " + COLLECTED),
    ),
]
