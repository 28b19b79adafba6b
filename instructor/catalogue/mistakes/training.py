"""Wrong training: what is collected, what the losses are given, minibatches, optimizer steps."""

from instructor.catalogue.mistakes import Mistake, edited, told_by
from instructor.catalogue.reference_lines.training import (
    ACTION,
    BACKWARD,
    CHOICE,
    CLIP,
    COLLECT,
    COLLECT_ARGUMENTS,
    COLLECTED,
    COLLECTIONS,
    CRITIC_LOSS,
    EPOCHS,
    IF_ADVANTAGES,
    IF_SCHEDULER,
    IMPORT,
    INDICES,
    LEARNING_RATE,
    LISTS,
    LOSS,
    MINIBATCH,
    MINIBATCHES,
    OBSERVATION,
    OLD_LOGITS,
    RECORD_ACTOR,
    RECORD_CRITIC,
    RESULT,
    RETURNS,
    SCHEDULER,
    SHUFFLE,
    STEP,
    TARGET,
    VALUE_NET,
    WEIGHT,
    ZERO,
)
from tests.scenarios import telltales

INNER = " " * 16  # what is done for every minibatch
OF_BOTH = INNER + 'trained = [p for group in optimizer.param_groups for p in group["params"]]\n'

LOOK_COLLECTION = "The arguments `collect_rollouts` is called with, at every collection."
LOOK_LENGTH = "How many episodes does each buffer hold, and how many were asked for in all?"
LOOK_SEED = "What `rollout_seed` looks like before and after each collection."
LOOK_ROWS = (
    "Take the same row of every tensor passed to the losses: do they all belong to the same step?"
)
LOOK_WEIGHT = "What `return_or_advantage` holds, with `get_advantages` and without it."
LOOK_ONCE = "How often per collection are returns and advantages computed, and from which steps?"
LOOK_OLD = "At what point were the `old_logits` passed to the losses computed?"
LOOK_RETURNS = "What `returns` holds when the losses are called."
LOOK_CLIP = "Which `ppo_clip` is the loss called with when training is given a different value?"
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


def _collected(name: str, misconception: str, look: str, arguments: str) -> Mistake:
    """Other arguments of collect_rollouts."""
    return edited(name, misconception, look, (COLLECT_ARGUMENTS, arguments))


def _in_order(name: str, misconception: str, old: str) -> Mistake:
    """One field is taken in the order it was collected in, the others shuffled."""
    new = old.replace("[minibatch]", "[start : start + minibatch_size]")
    return edited(name, misconception, LOOK_ROWS, (old, new))


def _not_sliced(name: str, argument: str, old: str) -> Mistake:
    """One argument of the losses holds the whole collection."""
    return edited(
        name,
        f"`{argument}` covers all collected steps, but the other data only those of the minibatch.",
        LOOK_ROWS,
        (old, old.replace("[minibatch]", "")),
    )


def _minibatch(name: str, misconception: str, look: str, expression: str) -> Mistake:
    """Another expression for the steps of a minibatch."""
    return edited(
        name, misconception, look, (MINIBATCH, f"                minibatch = {expression}\n")
    )


def _loss(name: str, misconception: str, expression: str) -> Mistake:
    """Another expression for the sum of the losses."""
    return edited(name, misconception, LOOK_LOSS, (LOSS, f"                loss = {expression}\n"))


def _outdented(lines: str) -> str:
    """The lines one level further left."""
    return "".join(line[4:] for line in lines.splitlines(keepends=True))


MISTAKES = [
    # What is collected.
    _collected(
        "training_collects_all_rollouts",
        "Every collection plays as many episodes as the whole training should.",
        LOOK_LENGTH,
        "env, policy, rollouts, base_rollout, rollouts, seed=rollout_seed",
    ),
    _collected(
        "training_collects_one_rollout",
        "Every collection plays a single episode, however many were asked for.",
        LOOK_LENGTH,
        "env, policy, 1, base_rollout, rollouts, seed=rollout_seed",
    ),
    _collected(
        "training_growing_collections",
        "Each collection also counts the episodes of earlier ones, so the collections get longer.",
        LOOK_LENGTH,
        "env, policy, base_rollout + num_rollouts, base_rollout, rollouts, seed=rollout_seed",
    ),
    edited(
        "training_collects_once",
        "The rollouts are collected only once, so later rounds train on the data of an outdated policy.",
        LOOK_COLLECTION,
        (COLLECT, "        if base_rollout == 0:\n    " + COLLECT.replace("\n ", "\n     ")),
    ),
    edited(
        "training_collects_twice",
        "The buffer and the mean last reward come from two different collections.",
        "How many episodes are played for one round of training?",
        (
            COLLECT,
            COLLECT.replace(", mean_last_reward", ", _")
            + COLLECT.replace("rollout_buffer, ", "_, "),
        ),
    ),
    edited(
        "training_first_policy_collects",
        "All rollouts are played by the policy as it was before the training.",
        LOOK_COLLECTION,
        (IMPORT, "import copy\n\n" + IMPORT),
        (LISTS, LISTS + "    old_policy = copy.deepcopy(policy)\n"),
        (COLLECT_ARGUMENTS, COLLECT_ARGUMENTS.replace("policy", "old_policy")),
    ),
    edited(
        "training_keeps_old_rollouts",
        "The steps of earlier collections are kept and trained on again.",
        "How many steps are trained on after the second collection?",
        (LISTS, LISTS + "    everything = {}\n"),
        (
            COLLECTED,
            COLLECTED + "        for field, rows in rollout_buffer.dump().items():\n"
            "            everything[field] = everything.get(field, []) + rows\n"
            "        rollout_buffer.load(everything)\n",
        ),
    ),
    # The random numbers.
    _collected(
        "training_seed_not_passed",
        "The rollouts are not drawn with the seeds that training was given.",
        LOOK_SEED,
        "env, policy, num_rollouts, base_rollout, rollouts",
    ),
    edited(
        "training_seed_copied",
        "Every collection draws from a fresh copy of the seed, so all collections get the same numbers.",
        LOOK_SEED,
        (
            COLLECT,
            "        own_seed = None if rollout_seed is None else np.copy(rollout_seed)\n"
            + COLLECT.replace("seed=rollout_seed", "seed=own_seed"),
        ),
    ),
    edited(
        "training_seeds_every_collection",
        "The random generator is seeded again at every collection, so its random numbers repeat.",
        "Which random numbers are drawn in the first and in the second collection?",
        (COLLECTED, COLLECTED + "        np.random.seed(0)\n"),
    ),
    # How many collections and epochs there are.
    edited(
        "training_collection_per_rollout",
        "There is one collection per rollout, although each collection plays several rollouts.",
        LOOK_ROUNDS,
        (COLLECTIONS, "    for base_rollout in range(rollouts):\n"),
    ),
    edited(
        "training_last_collection_trained",
        "Training begins only after all rollouts are collected, and it uses only the last collection.",
        LOOK_ROUNDS,
        (
            COLLECTED,
            COLLECTED
            + "        if base_rollout + num_rollouts < rollouts:\n            continue\n",
        ),
    ),
    edited(
        "training_returns_early",
        "Training ends after the first collection, however many rollouts were asked for.",
        LOOK_ROUNDS,
        (RESULT, "    " + RESULT),
    ),
    edited(
        "training_one_epoch",
        "The collected steps are used for only one epoch, however many epochs were asked for.",
        LOOK_EPOCHS,
        (EPOCHS, "        for _ in range(1):\n"),
    ),
    edited(
        "training_epoch_missing",
        "Every collection is used for one epoch less than was asked for.",
        LOOK_EPOCHS,
        (EPOCHS, EPOCHS.replace("range(", "range(1, ")),
    ),
    # Returns and advantages of a collection.
    edited(
        "training_rewards_for_returns",
        "The rewards of single steps are used where the returns belong.",
        LOOK_RETURNS,
        (RETURNS, "        returns = rollout_buffer.rewards.reshape(-1, 1)\n"),
    ),
    edited(
        "training_returns_standardized",
        "The returns are standardized, but the critic should learn them in units of reward.",
        LOOK_RETURNS,
        (
            RETURNS,
            RETURNS + "        returns = (returns - returns.mean()) / (returns.std() + EPSILON)\n",
        ),
    ),
    edited(
        "training_returns_per_minibatch",
        "The returns are computed within each minibatch, so they do not follow an episode to its end.",
        LOOK_ONCE,
        (
            MINIBATCH,
            MINIBATCH + "                steps = utils.RolloutBuffer()\n"
            "                ends = rollout_buffer.terminateds[minibatch]\n"
            "                rewards = rollout_buffer.rewards[minibatch]\n"
            '                steps.load({"rewards": rewards, "terminateds": ends})\n'
            "                returns[minibatch] = get_returns(steps)\n",
        ),
    ),
    edited(
        "training_own_discount",
        "The training loop passes a discount factor of its own choice to `get_returns`.",
        "The arguments that `get_returns` is called with.",
        (RETURNS, "        returns = get_returns(rollout_buffer, 0.99)\n"),
    ),
    edited(
        "training_own_discount_of_90",
        "The training loop passes a discount factor of its own choice to `get_returns`.",
        "The arguments that `get_returns` is called with.",
        (RETURNS, "        returns = get_returns(rollout_buffer, 0.9)\n"),
    ),
    edited(
        "training_advantages_per_minibatch",
        "The advantages are computed per minibatch, so each minibatch has its own mean and spread.",
        LOOK_ONCE,
        (
            CHOICE,
            "                return_or_advantage = returns[minibatch]\n"
            "                if get_advantages is not None:\n"
            "                    return_or_advantage = get_advantages(\n"
            f"                        value_net, {OBSERVATION}, returns[minibatch]\n"
            "                    )\n",
        ),
        (WEIGHT, '"return_or_advantage": return_or_advantage'),
    ),
    edited(
        "training_advantages_per_epoch",
        "The advantages are computed again in every epoch, so they change along with the value network.",
        LOOK_ONCE,
        (
            SHUFFLE,
            SHUFFLE + "            if get_advantages is not None:\n"
            "                observations = rollout_buffer.observations\n"
            "                advantages = get_advantages(value_net, observations, returns)\n",
        ),
    ),
    edited(
        "training_advantages_per_step",
        "The advantages are computed again at every optimizer step, so they change with the value network.",
        LOOK_ONCE,
        (
            CHOICE,
            "                return_or_advantage = returns\n"
            "                if get_advantages is not None:\n"
            "                    return_or_advantage = get_advantages(\n"
            "                        value_net, rollout_buffer.observations, returns\n"
            "                    )\n",
        ),
    ),
    # Returns or advantages.
    edited(
        "training_always_returns",
        "The losses are given the returns even when there are advantages to use.",
        LOOK_WEIGHT,
        (CHOICE, "                return_or_advantage = returns\n"),
    ),
    edited(
        "training_value_net_decides",
        "Whether the policy's loss gets returns or advantages depends on the wrong condition.",
        LOOK_WEIGHT,
        (CHOICE, CHOICE.replace("advantages is None", "value_net is None")),
    ),
    edited(
        "training_multiplier_decides",
        "Whether the policy's loss gets returns or advantages depends on the wrong condition.",
        LOOK_WEIGHT,
        (CHOICE, CHOICE.replace("advantages is None", "critic_loss_multiplier == 0")),
    ),
    edited(
        "training_advantages_only_with_critic_weight",
        "The advantages are used only if the multiplier of the critic's loss is not zero.",
        LOOK_WEIGHT,
        (IF_ADVANTAGES, "        if get_advantages is not None and critic_loss_multiplier > 0:\n"),
    ),
    edited(
        "training_truth_of_a_tensor",
        "The code tests whether a tensor of many numbers is true, not whether there is a tensor.",
        LOOK_WEIGHT,
        (CHOICE, "                return_or_advantage = advantages if advantages else returns\n"),
    ),
    edited(
        "training_advantages_for_returns",
        "The value network is trained to predict the advantages, but it should predict the returns.",
        LOOK_RETURNS,
        (TARGET, '"returns": return_or_advantage[minibatch]'),
    ),
    edited(
        "training_weights_standardized",
        "Each minibatch rescales the returns or advantages, but they should be passed on unchanged.",
        LOOK_WEIGHT,
        (
            CHOICE,
            CHOICE + "                weight = return_or_advantage[minibatch]\n"
            "                weight = (weight - weight.mean()) / (weight.std() + EPSILON)\n",
        ),
        (WEIGHT, '"return_or_advantage": weight'),
    ),
    edited(
        "training_minibatch_standardized",
        "The advantages are standardized once more within every minibatch.",
        "What the losses receive as `return_or_advantage`, compared with what `get_advantages` returned.",
        (
            CHOICE,
            CHOICE
            + """\
                if advantages is not None and len(minibatch) > 1:
                    part = advantages[minibatch]
                    return_or_advantage = advantages.clone()
                    return_or_advantage[minibatch] = (part - part.mean()) / (part.std() + EPSILON)
""",
        ),
    ),
    edited(
        "training_lone_returns_standardized",
        "Without advantages, the policy's loss gets standardized returns, not the returns themselves.",
        "What the losses receive as `return_or_advantage` when there is no `get_advantages`.",
        (
            CHOICE,
            """\
                if advantages is None:
                    return_or_advantage = (returns - returns.mean()) / (returns.std() + EPSILON)
                else:
                    return_or_advantage = advantages
""",
        ),
    ),
    # How the steps are shuffled.
    edited(
        "training_no_shuffle",
        "Each minibatch holds steps that followed one another in the rollout.",
        LOOK_SHUFFLE,
        (SHUFFLE, ""),
    ),
    _minibatch(
        "training_shuffle_unused",
        "Each minibatch holds steps that followed one another in the rollout.",
        LOOK_SHUFFLE,
        "slice(start, start + minibatch_size)",
    ),
    edited(
        "training_shuffle_once",
        "Every epoch of a collection has the same minibatches.",
        LOOK_SHUFFLE,
        (SHUFFLE, ""),
        (EPOCHS, _outdented(SHUFFLE) + EPOCHS),
    ),
    edited(
        "training_minibatches_shuffled",
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
    edited(
        "training_tensor_shuffled_by_numpy",
        "NumPy's shuffle fails on a torch tensor: some steps appear more than once and others are lost.",
        "Sort the shuffled indices: does every number appear exactly once?",
        (INDICES, "        indices = torch.arange(rollout_buffer.final_size)\n"),
    ),
    edited(
        "training_shuffle_per_minibatch",
        "The steps are shuffled again within an epoch, so some are repeated and others left out.",
        LOOK_SHUFFLE,
        (SHUFFLE, ""),
        (MINIBATCH, "                np.random.shuffle(indices)\n" + MINIBATCH),
    ),
    _minibatch(
        "training_drawn_with_replacement",
        "Each minibatch is drawn independently, so some steps are repeated and others left out.",
        LOOK_SHUFFLE,
        "np.random.choice(indices, minibatch_size)",
    ),
    # Which steps a minibatch holds.
    edited(
        "training_indices_of_first_collection",
        "The number of steps is determined only once, but collections differ in length.",
        "How many steps the second collection has, and which of them are trained on.",
        (INDICES, "        if base_rollout == 0:\n    " + INDICES),
    ),
    _minibatch(
        "training_whole_buffer",
        "Every optimizer step uses all collected steps, not a minibatch of them.",
        LOOK_COUNT,
        "indices",
    ),
    _minibatch(
        "training_slice_end",
        "The slice's end is given as a length, not as a position, so later minibatches are empty.",
        LOOK_COUNT,
        "indices[start:minibatch_size]",
    ),
    edited(
        "training_last_minibatch_dropped",
        "The last minibatch of an epoch, which may be smaller, is left out.",
        LOOK_COUNT,
        (MINIBATCHES, MINIBATCHES.replace("len(indices),", "len(indices) - minibatch_size + 1,")),
    ),
    edited(
        "training_first_minibatch_only",
        "An epoch ends after its first minibatch, and the other steps are not used.",
        LOOK_COUNT,
        (LEARNING_RATE, LEARNING_RATE + "                break\n"),
    ),
    edited(
        "training_overlapping_minibatches",
        "Minibatches begin at every position, so each step is used many times per epoch.",
        LOOK_COUNT,
        (MINIBATCHES, "            for start in range(len(indices)):\n"),
    ),
    edited(
        "training_minibatches_overlap",
        "Neighbouring minibatches have a step in common.",
        LOOK_COUNT,
        (MINIBATCH, MINIBATCH.replace("minibatch_size]", "minibatch_size + 1]")),
    ),
    edited(
        "training_number_of_minibatches",
        "The minibatch size is used as the number of minibatches.",
        LOOK_COUNT,
        (
            MINIBATCHES + MINIBATCH,
            "            for minibatch in np.array_split(indices, minibatch_size):\n",
        ),
    ),
    # Data in different orders.
    _in_order(
        "training_observation_in_order",
        "The observations are not shuffled along with the actions taken in them.",
        OBSERVATION,
    ),
    _in_order(
        "training_action_in_order",
        "The actions are not shuffled along with the observations they were taken in.",
        ACTION,
    ),
    _in_order(
        "training_old_logits_in_order",
        "The old log-probabilities are not shuffled along with the steps they belong to.",
        OLD_LOGITS,
    ),
    _in_order(
        "training_weight_in_order",
        "The returns or advantages are not shuffled along with the steps they belong to.",
        WEIGHT,
    ),
    _in_order(
        "training_returns_in_order",
        "The value network's targets are not shuffled along with the observations.",
        TARGET,
    ),
    edited(
        "training_action_shuffled_apart",
        "The actions are shuffled on their own, so they no longer match their observations.",
        LOOK_ROWS,
        (ACTION, "rollout_buffer.actions[np.random.permutation(minibatch)]"),
    ),
    edited(
        "training_weights_shuffled_twice",
        "The weights of the policy's loss are shuffled, and then indexed with the shuffled indices again.",
        LOOK_ROWS,
        (
            SHUFFLE,
            SHUFFLE
            + "            shuffled = (returns if advantages is None else advantages)[indices]\n",
        ),
        (CHOICE, "                return_or_advantage = shuffled\n"),
    ),
    # Data of the whole collection.
    edited(
        "training_weights_flat",
        "The policy's loss is given its weights as a one-dimensional tensor, not as a column.",
        "The shape of `return_or_advantage` when the losses are called.",
        (WEIGHT, f"{WEIGHT}.squeeze(-1)"),
    ),
    edited(
        "training_returns_flat",
        "The losses are given the returns as a one-dimensional tensor, not as a column.",
        "The shape of `returns` when the losses are called.",
        (TARGET, f"{TARGET}.squeeze(-1)"),
    ),
    _not_sliced("training_weights_not_sliced", "return_or_advantage", WEIGHT),
    _not_sliced("training_returns_not_sliced", "returns", TARGET),
    _not_sliced("training_observation_not_sliced", "observation", OBSERVATION),
    _not_sliced("training_action_not_sliced", "action", ACTION),
    _not_sliced("training_old_logits_not_sliced", "old_logits", OLD_LOGITS),
    # What else the losses are given.
    edited(
        "training_likeliest_action",
        "The losses are given the action that is most probable now, not the one that was taken.",
        "Where does the `action` passed to the losses come from?",
        (ACTION, f"policy({OBSERVATION}).argmax(dim=1, keepdim=True)"),
    ),
    edited(
        "training_old_logits_recomputed",
        "The old log-probabilities are computed again with the policy after it has changed.",
        LOOK_OLD,
        (OLD_LOGITS, f"policy({OBSERVATION}).detach()"),
    ),
    edited(
        "training_old_logits_per_epoch",
        "The policy of the last epoch is used as the old policy, not the one that collected the rollouts.",
        LOOK_OLD,
        (
            SHUFFLE,
            SHUFFLE + "            with torch.no_grad():\n"
            "                rollout_buffer.old_logits = policy(rollout_buffer.observations)\n",
        ),
    ),
    edited(
        "training_old_probabilities",
        "The losses expect log-probabilities of the old policy, but are given probabilities.",
        "Compare the `old_logits` passed to the losses with those in the rollout buffer.",
        (OLD_LOGITS, OLD_LOGITS + ".exp()"),
    ),
    edited(
        "training_clip_hard_coded",
        "The clip value is fixed in the code, so the one passed as an argument has no effect.",
        LOOK_CLIP,
        (CLIP, CLIP.replace(": ppo_clip", ": 0.2")),
    ),
    edited(
        "training_clip_omitted",
        "The clip value is not passed on, so the loss uses its default value.",
        LOOK_CLIP,
        (CLIP, ""),
    ),
    edited(
        "training_policy_for_value_net",
        "The critic's loss is given the policy in place of the value network.",
        "Which network is passed to the losses under each argument name?",
        ('"value_net": value_net', '"value_net": policy'),
    ),
    edited(
        "training_value_net_for_policy",
        "The actor's loss is given the value network in place of the policy.",
        "Which network is passed to the losses under each argument name?",
        ('"policy": policy', '"policy": value_net'),
    ),
    edited(
        "training_value_net_only_with_advantages",
        "The losses are given the value network only when advantages are used.",
        "What the losses receive as `value_net` when there is a value network but no `get_advantages`.",
        (
            VALUE_NET,
            '                    "value_net": value_net if get_advantages is not None else None,\n',
        ),
    ),
    # The sum of the losses.
    _loss(
        "training_multiplier_ignored",
        "The critic's loss counts in full, whatever its multiplier is.",
        "loss_actor + loss_critic",
    ),
    _loss(
        "training_multiplier_on_actor",
        "The multiplier is applied to the actor's loss, but it belongs to the critic's.",
        "critic_loss_multiplier * loss_actor + loss_critic",
    ),
    _loss(
        "training_multiplier_on_both",
        "The multiplier is applied to both losses, but it belongs to the critic's alone.",
        "critic_loss_multiplier * (loss_actor + loss_critic)",
    ),
    _loss(
        "training_critic_subtracted",
        "The critic's loss is subtracted, so the value network learns to be wrong.",
        "loss_actor - critic_loss_multiplier * loss_critic",
    ),
    _loss(
        "training_actor_only",
        "The value network does not learn: no optimizer step uses the gradient of the critic's loss.",
        "loss_actor",
    ),
    _loss(
        "training_losses_share_a_weight",
        "The multiplier of the critic's loss also takes weight from the actor's loss.",
        "(1 - critic_loss_multiplier) * loss_actor + critic_loss_multiplier * loss_critic",
    ),
    _loss(
        "training_multiplier_hard_coded",
        "The critic's multiplier is fixed in the code, so the one passed as an argument has no effect.",
        "loss_actor + 0.5 * loss_critic",
    ),
    edited(
        "training_small_minibatch_counts_less",
        "The loss of a smaller minibatch is scaled down, although the loss is a mean already.",
        "The loss and the optimizer step of an epoch's last minibatch.",
        (
            LOSS,
            LOSS.replace("= loss_actor", "= (loss_actor")[:-1]
            + ") * len(minibatch) / minibatch_size\n",
        ),
    ),
    edited(
        "training_critic_loss_skipped",
        "If the multiplier of the critic's loss is zero, zeros are recorded in place of that loss.",
        "A run with a critic whose loss has a multiplier of zero.",
        (
            CRITIC_LOSS,
            "                loss_critic = torch.tensor([0.0])\n"
            "                if critic_loss_multiplier:\n"
            f"    {CRITIC_LOSS}",
        ),
    ),
    # The optimizer step.
    edited(
        "training_no_zero_grad",
        "Gradients add up from step to step, because the old ones are never cleared.",
        LOOK_GRADIENT,
        (ZERO, ""),
    ),
    edited(
        "training_zero_grad_after_backward",
        "The parameters never change, because no optimizer step uses the gradient of the loss.",
        LOOK_STEP,
        (ZERO + BACKWARD, BACKWARD + ZERO),
    ),
    edited(
        "training_zero_grad_per_epoch",
        "The gradients are cleared only once per epoch, so they add up over the minibatches.",
        LOOK_GRADIENT,
        (ZERO, ""),
        (SHUFFLE, SHUFFLE + _outdented(ZERO)),
    ),
    edited(
        "training_zero_grad_per_collection",
        "The gradients are cleared only once per collection, so they add up over epochs and minibatches.",
        LOOK_GRADIENT,
        (ZERO, ""),
        (COLLECTED, COLLECTED + _outdented(_outdented(ZERO))),
    ),
    edited(
        "training_zero_grad_of_policy",
        "Only the policy's gradients are cleared; those of the value network add up.",
        LOOK_GRADIENT,
        (ZERO, "                policy.zero_grad()\n"),
    ),
    edited(
        "training_no_backward",
        "The parameters never change, because no optimizer step uses the gradient of the loss.",
        LOOK_STEP,
        (BACKWARD, ""),
    ),
    edited(
        "training_no_step",
        "The parameters never change, because no optimizer step uses the gradient of the loss.",
        LOOK_STEP,
        (STEP, ""),
    ),
    edited(
        "training_step_with_next_minibatch",
        "Each minibatch's optimizer step waits for the next minibatch, so the last step is never taken.",
        LOOK_STEP,
        (ZERO + BACKWARD + STEP, BACKWARD),
        (MINIBATCH, MINIBATCH + STEP + ZERO),
    ),
    edited(
        "training_step_per_epoch",
        "There is one optimizer step per epoch, not one for each minibatch.",
        LOOK_STEP,
        (SHUFFLE, SHUFFLE + _outdented(ZERO)),
        (ZERO + BACKWARD + STEP, BACKWARD),
        (LEARNING_RATE, LEARNING_RATE + _outdented(STEP)),
    ),
    edited(
        "training_step_and_scheduler_per_epoch",
        "There is one optimizer step per epoch, not one for each minibatch.",
        LOOK_STEP,
        (SHUFFLE, SHUFFLE + _outdented(ZERO)),
        (ZERO + BACKWARD + STEP, BACKWARD),
        (LEARNING_RATE, _outdented(STEP + LEARNING_RATE)),
    ),
    edited(
        "training_steps_twice",
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
    edited(
        "training_gradient_clipped",
        "The gradient is clipped before the optimizer step, which this algorithm does not ask for.",
        LOOK_GRADIENT,
        (
            BACKWARD,
            BACKWARD + "                torch.nn.utils.clip_grad_norm_(policy.parameters(), 0.5)\n",
        ),
    ),
    edited(
        "training_gradient_clipped_at_one",
        "The gradient is clipped before the optimizer step, which this algorithm does not ask for.",
        LOOK_GRADIENT,
        (
            BACKWARD,
            BACKWARD + "                torch.nn.utils.clip_grad_norm_(policy.parameters(), 1.0)\n",
        ),
    ),
    edited(
        "training_gradient_of_both_clipped",
        "The gradient is clipped before the optimizer step, which this algorithm does not ask for.",
        LOOK_GRADIENT,
        (BACKWARD, BACKWARD + OF_BOTH + INNER + "torch.nn.utils.clip_grad_norm_(trained, 0.5)\n"),
    ),
    edited(
        "training_gradient_of_both_clipped_at_one",
        "The gradient is clipped before the optimizer step, which this algorithm does not ask for.",
        LOOK_GRADIENT,
        (BACKWARD, BACKWARD + OF_BOTH + INNER + "torch.nn.utils.clip_grad_norm_(trained, 1.0)\n"),
    ),
    edited(
        "training_policy_copied",
        "The policy never changes, because no optimizer step uses the gradient of the actor's loss.",
        LOOK_PARAMETERS,
        (IMPORT, "import copy\n\n" + IMPORT),
        (LISTS, LISTS + "    policy = copy.deepcopy(policy)\n"),
    ),
    edited(
        "training_optimizer_recreated",
        "A new optimizer for the policy alone replaces the one that was passed in.",
        LOOK_PARAMETERS,
        (
            COLLECTED,
            COLLECTED + '        learning_rate = optimizer.param_groups[0]["lr"]\n'
            "        optimizer = torch.optim.Adam(policy.parameters(), lr=learning_rate)\n",
        ),
    ),
    # The learning rate scheduler.
    edited(
        "training_scheduler_per_epoch",
        "The learning rate scheduler is stepped once per epoch, not once per optimizer step.",
        LOOK_SCHEDULER,
        (
            LEARNING_RATE,
            LEARNING_RATE.replace(SCHEDULER, "") + _outdented(IF_SCHEDULER + SCHEDULER),
        ),
    ),
    edited(
        "training_rate_and_scheduler_per_epoch",
        "The learning rate scheduler is stepped once per epoch, not once per optimizer step.",
        LOOK_SCHEDULER,
        (LEARNING_RATE, _outdented(LEARNING_RATE)),
    ),
    edited(
        "training_scheduler_per_collection",
        "The learning rate scheduler is stepped once per collection, not once per optimizer step.",
        LOOK_SCHEDULER,
        (
            LEARNING_RATE,
            LEARNING_RATE.replace(SCHEDULER, "") + _outdented(_outdented(IF_SCHEDULER + SCHEDULER)),
        ),
    ),
    edited(
        "training_scheduler_not_stepped",
        "The learning rate scheduler is never stepped, so the learning rate stays as it is.",
        LOOK_SCHEDULER,
        (LEARNING_RATE, LEARNING_RATE.replace(SCHEDULER, "")),
    ),
    # What is recorded.
    edited(
        "training_losses_per_epoch",
        "The losses are recorded once per epoch, not once per optimizer step.",
        LOOK_LISTS,
        (RECORD_ACTOR + RECORD_CRITIC, ""),
        (LEARNING_RATE, LEARNING_RATE + _outdented(RECORD_ACTOR + RECORD_CRITIC)),
    ),
    edited(
        "training_mean_losses_per_epoch",
        "The mean losses of each epoch are recorded, not the losses of every optimizer step.",
        LOOK_LISTS,
        (EPOCHS, EPOCHS + "            actor, critic = [], []\n"),
        (RECORD_ACTOR, "                actor.append(loss_actor.item())\n"),
        (RECORD_CRITIC, "                critic.append(loss_critic.item())\n"),
        (
            RESULT,
            "            losses_actor.append(np.mean(actor))\n"
            "            losses_critic.append(np.mean(critic))\n" + RESULT,
        ),
    ),
    edited(
        "training_losses_attached",
        "The recorded losses are still attached to the computation graph they came from.",
        "The type of what the two lists of losses hold.",
        (RECORD_ACTOR, "                losses_actor.append(loss_actor)\n"),
        (RECORD_CRITIC, "                losses_critic.append(loss_critic)\n"),
    ),
    edited(
        "training_total_loss_for_actor",
        "The sum of both losses is recorded as the actor's loss.",
        "What an entry of `losses_actor` stands for.",
        (RECORD_ACTOR, RECORD_ACTOR.replace("(loss_actor", "(loss")),
    ),
    edited(
        "training_critic_loss_weighted",
        "The critic's loss is recorded after the multiplier has changed it.",
        "What an entry of `losses_critic` stands for.",
        (RECORD_CRITIC, RECORD_CRITIC.replace("(loss_", "(critic_loss_multiplier * loss_")),
    ),
    edited(
        "training_last_reward_only",
        "Only the last collection's reward is returned, but every collection should have an entry.",
        LOOK_LISTS,
        (COLLECTED, "        final_rewards = [mean_last_reward]\n"),
    ),
    edited(
        "training_lists_swapped",
        "The four lists are returned in another order than callers expect.",
        LOOK_LISTS,
        (RESULT, "    return losses_actor, losses_critic, lr, final_rewards\n"),
    ),
    edited(
        "training_loss_lists_swapped",
        "The lists of the actor's and the critic's losses are returned in each other's place.",
        LOOK_LISTS,
        (RESULT, "    return losses_critic, losses_actor, final_rewards, lr\n"),
    ),
    edited(
        "training_scheduler_twice",
        "The learning rate scheduler is stepped twice for each optimizer step.",
        LOOK_SCHEDULER,
        (SCHEDULER, SCHEDULER + SCHEDULER),
    ),
    edited(
        "training_weights_and_returns_exchanged",
        "Returns and advantages are handed to the losses in each other's place.",
        LOOK_WEIGHT,
        (WEIGHT, '"return_or_advantage": returns[minibatch]'),
        (TARGET, '"returns": return_or_advantage[minibatch]'),
    ),
    edited(
        "training_mean_of_all_rewards",
        "The mean of all rewards is recorded, but the one of the last rewards is asked for.",
        LOOK_LISTS,
        (COLLECTED, "        final_rewards.append(float(rollout_buffer.rewards.mean()))\n"),
    ),
    edited(
        "training_rewards_per_rollout",
        "The mean last reward is recorded once per rollout, not once per collection.",
        LOOK_LISTS,
        (COLLECTED, "        final_rewards += [mean_last_reward] * num_rollouts\n"),
    ),
    edited(
        "training_rewards_per_epoch",
        "The mean last reward is recorded once per epoch, not once per collection.",
        LOOK_LISTS,
        (COLLECTED, ""),
        (SHUFFLE, SHUFFLE + "    " + COLLECTED),
    ),
    # What a loss is given, and which steps, whatever the code looks like.
    told_by(
        telltales.ONCE,
        "training_steps_used_unequally",
        "In an epoch, some steps are used more than once or not at all.",
        LOOK_COUNT,
        (MINIBATCH, MINIBATCH + INNER + "minibatch = np.append(minibatch[:-1], minibatch[:1])\n"),
    ),
    told_by(
        telltales.GIVES_OBSERVATIONS,
        "training_other_observations",
        "The losses are given other observations than those of their steps.",
        LOOK_ROWS,
        (OBSERVATION, "2 * " + OBSERVATION),
    ),
    told_by(
        telltales.GIVES_ACTIONS,
        "training_other_actions",
        "The losses are given other actions than those that were taken in these steps.",
        LOOK_ROWS,
        (ACTION, "0 * " + ACTION),
    ),
    told_by(
        telltales.GIVES_OLD_LOGITS,
        "training_other_old_logits",
        "The losses are given other old_logits than those that were recorded with these steps.",
        LOOK_OLD,
        (OLD_LOGITS, "2 * " + OLD_LOGITS),
    ),
    told_by(
        telltales.GIVES_RETURNS,
        "training_other_returns",
        "The losses are given other returns than `get_returns` gives for these steps.",
        LOOK_RETURNS,
        (TARGET, TARGET + " * 2"),
    ),
    told_by(
        telltales.GIVES_WEIGHTS,
        "training_other_weights",
        "The policy's loss is given other weights than those that were computed for these steps.",
        LOOK_WEIGHT,
        (WEIGHT, WEIGHT + " * 2"),
    ),
    told_by(
        telltales.GIVES_CLIP,
        "training_other_clip",
        "The losses are given another clip value than the training loop was.",
        LOOK_CLIP,
        (CLIP, CLIP.replace(": ppo_clip", ": 2 * ppo_clip")),
    ),
    told_by(
        telltales.GIVES_SEED,
        "training_other_seed",
        "The rollouts are not drawn with the seeds that training was given.",
        LOOK_SEED,
        (COLLECT_ARGUMENTS, COLLECT_ARGUMENTS + " + 1"),
    ),
]
