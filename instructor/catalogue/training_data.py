"""Training with the wrong data: what is collected and what the losses are given."""

import functools

from instructor.catalogue import Mistake, edited

IMPORTS = "import numpy as np\n"
LISTS = "    losses_actor, losses_critic, final_rewards, lr = [], [], [], []\n"
COLLECTION = """\
        rollout_buffer, mean_last_reward = collect_rollouts(
            env, policy, num_rollouts, base_rollout, rollouts, seed=rollout_seed
        )
"""
COLLECT_ARGUMENTS = "env, policy, num_rollouts, base_rollout, rollouts, seed=rollout_seed"
COLLECTED = "        final_rewards.append(mean_last_reward)\n"
RETURNS = "        returns = get_returns(rollout_buffer)\n"
SHUFFLE = "            np.random.shuffle(indices)\n"
MINIBATCH = "                minibatch = indices[start : start + minibatch_size]\n"
CHOICE = "return_or_advantage = returns if advantages is None else advantages\n"
OBSERVATION = "rollout_buffer.observations[minibatch]"
OLD_LOGITS = "rollout_buffer.old_logits[minibatch]"
ACTION = "rollout_buffer.actions[minibatch]"
WEIGHT = '"return_or_advantage": return_or_advantage[minibatch]'
RETURN = '"returns": returns[minibatch]'
VALUE_NET = '                    "value_net": value_net,\n'
CLIP = '                    "ppo_clip": ppo_clip,\n'

LOOK_COLLECTION = "The arguments `collect_rollouts` is called with, at every collection."
LOOK_LENGTH = "How many episodes does each buffer hold, and how many were asked for in all?"
LOOK_SEED = "What `rollout_seed` looks like before and after each collection."
LOOK_ROWS = "Take one row of every tensor the losses are given: do they belong to the same step?"
LOOK_WEIGHT = "What `return_or_advantage` holds, with `get_advantages` and without it."
LOOK_ONCE = "How often per collection is this computed, and from which steps?"
LOOK_OLD = "When were the `old_logits` computed that the losses are given?"
LOOK_RETURNS = "What `returns` holds when the losses are called."
LOOK_CLIP = "Which `ppo_clip` the loss is called with, when training was given another one."


_edits = functools.partial(edited, "training")


def _collected(name: str, misconception: str, look: str, arguments: str) -> Mistake:
    """Other arguments of collect_rollouts."""
    return _edits(name, misconception, look, (COLLECT_ARGUMENTS, arguments))


def _in_order(name: str, misconception: str, old: str) -> Mistake:
    """One field is taken in the order it was collected in, the others shuffled."""
    new = old.replace("[minibatch]", "[start : start + minibatch_size]")
    return _edits(name, misconception, LOOK_ROWS, (old, new))


MISTAKES = [
    _collected(
        "collects_all_rollouts",
        "Every collection plays as many episodes as the whole training should.",
        LOOK_LENGTH,
        "env, policy, rollouts, base_rollout, rollouts, seed=rollout_seed",
    ),
    _collected(
        "collects_one_rollout",
        "Every collection plays a single episode, however many were asked for.",
        LOOK_LENGTH,
        "env, policy, 1, base_rollout, rollouts, seed=rollout_seed",
    ),
    _collected(
        "growing_collections",
        "The episodes of earlier collections are counted in, so collections become longer.",
        LOOK_LENGTH,
        "env, policy, base_rollout + num_rollouts, base_rollout, rollouts, seed=rollout_seed",
    ),
    _collected(
        "seed_not_passed",
        "The seed never reaches the rollouts, so a training run cannot be repeated.",
        LOOK_SEED,
        "env, policy, num_rollouts, base_rollout, rollouts",
    ),
    _edits(
        "seed_copied",
        "Every collection draws from a fresh copy of the seed, so all draw the same numbers.",
        LOOK_SEED,
        (
            COLLECTION,
            "        own_seed = None if rollout_seed is None else np.copy(rollout_seed)\n"
            + COLLECTION.replace("seed=rollout_seed", "seed=own_seed"),
        ),
    ),
    _edits(
        "collects_once",
        "The rollouts are collected once; later rounds train on what an old policy did.",
        LOOK_COLLECTION,
        (COLLECTION, "        if base_rollout == 0:\n    " + COLLECTION.replace("\n ", "\n     ")),
    ),
    _edits(
        "collects_twice",
        "The buffer and the mean last reward come from two different collections.",
        "How many episodes are played for one round of training?",
        (
            COLLECTION,
            COLLECTION.replace(", mean_last_reward", ", _")
            + COLLECTION.replace("rollout_buffer, ", "_, "),
        ),
    ),
    _edits(
        "first_policy_collects",
        "A copy of the policy from before the training collects all rollouts.",
        LOOK_COLLECTION,
        (IMPORTS, "import copy\n\n" + IMPORTS),
        (LISTS, LISTS + "    old_policy = copy.deepcopy(policy)\n"),
        (COLLECT_ARGUMENTS, COLLECT_ARGUMENTS.replace("policy", "old_policy")),
    ),
    _edits(
        "keeps_old_rollouts",
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
    _edits(
        "rewards_for_returns",
        "The rewards of single steps are used where the returns belong.",
        LOOK_RETURNS,
        (RETURNS, "        returns = rollout_buffer.rewards\n"),
    ),
    _edits(
        "returns_standardized",
        "The returns are standardized, while the critic learns them in units of reward.",
        LOOK_RETURNS,
        (
            RETURNS,
            RETURNS + "        returns = (returns - returns.mean()) / (returns.std() + EPSILON)\n",
        ),
    ),
    _edits(
        "returns_per_minibatch",
        "A return follows an episode to its end, but here only the steps of a minibatch are seen.",
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
    _edits(
        "advantages_per_minibatch",
        "The advantages are made per minibatch, so their mean and spread differ from the whole's.",
        LOOK_ONCE,
        (
            CHOICE,
            "return_or_advantage = returns[minibatch]\n"
            "                if get_advantages is not None:\n"
            "                    return_or_advantage = get_advantages(\n"
            f"                        value_net, {OBSERVATION}, returns[minibatch]\n"
            "                    )\n",
        ),
        (WEIGHT, '"return_or_advantage": return_or_advantage'),
    ),
    _edits(
        "advantages_per_epoch",
        "The advantages change from epoch to epoch, along with the value network.",
        LOOK_ONCE,
        (
            SHUFFLE,
            SHUFFLE + "            if get_advantages is not None:\n"
            "                observations = rollout_buffer.observations\n"
            "                advantages = get_advantages(value_net, observations, returns)\n",
        ),
    ),
    _edits(
        "advantages_per_step",
        "The advantages change with every optimizer step, along with the value network.",
        LOOK_ONCE,
        (
            CHOICE,
            "return_or_advantage = returns\n"
            "                if get_advantages is not None:\n"
            "                    return_or_advantage = get_advantages(\n"
            "                        value_net, rollout_buffer.observations, returns\n"
            "                    )\n",
        ),
    ),
    _edits(
        "weights_standardized",
        "Returns and advantages are passed on as they are; here each minibatch rescales them.",
        LOOK_WEIGHT,
        (
            CHOICE,
            CHOICE + "                weight = return_or_advantage[minibatch]\n"
            "                weight = (weight - weight.mean()) / (weight.std() + EPSILON)\n",
        ),
        (WEIGHT, '"return_or_advantage": weight'),
    ),
    _edits(
        "always_returns",
        "The losses are given the returns even where there are advantages.",
        LOOK_WEIGHT,
        (CHOICE, "return_or_advantage = returns\n"),
    ),
    _edits(
        "value_net_decides",
        "The policy's loss does not get advantages exactly where they were asked for.",
        LOOK_WEIGHT,
        (CHOICE, CHOICE.replace("advantages is None", "value_net is None")),
    ),
    _edits(
        "multiplier_decides",
        "The policy's loss does not get advantages exactly where they were asked for.",
        LOOK_WEIGHT,
        (CHOICE, CHOICE.replace("advantages is None", "critic_loss_multiplier == 0")),
    ),
    _edits(
        "advantages_for_returns",
        "The value network should predict returns, but it is given the advantages.",
        LOOK_RETURNS,
        (RETURN, '"returns": return_or_advantage[minibatch]'),
    ),
    _in_order(
        "observation_in_order",
        "The observations are not shuffled along with the actions taken in them.",
        OBSERVATION,
    ),
    _in_order(
        "action_in_order",
        "The actions are not shuffled along with the observations they were taken in.",
        ACTION,
    ),
    _in_order(
        "old_logits_in_order",
        "The old log-probabilities are not shuffled along with the steps they belong to.",
        OLD_LOGITS,
    ),
    _in_order(
        "weight_in_order",
        "The returns or advantages are not shuffled along with the steps they belong to.",
        WEIGHT,
    ),
    _in_order(
        "returns_in_order",
        "The value network's targets are not shuffled along with the observations.",
        RETURN,
    ),
    _edits(
        "action_shuffled_apart",
        "The actions are shuffled on their own, so they lose the observations they belong to.",
        LOOK_ROWS,
        (ACTION, "rollout_buffer.actions[np.random.permutation(minibatch)]"),
    ),
    _edits(
        "likeliest_action",
        "The losses are given the action the policy likes best now, not the one it took.",
        "Where does the `action` that the losses are given come from?",
        (ACTION, f"policy({OBSERVATION}).argmax(dim=1, keepdim=True)"),
    ),
    _edits(
        "old_logits_recomputed",
        "The old log-probabilities are asked of the policy anew, after it has changed.",
        LOOK_OLD,
        (OLD_LOGITS, f"policy({OBSERVATION}).detach()"),
    ),
    _edits(
        "old_logits_per_epoch",
        "The old policy is the one that collected the rollouts, not that of the last epoch.",
        LOOK_OLD,
        (
            SHUFFLE,
            SHUFFLE + "            with torch.no_grad():\n"
            "                rollout_buffer.old_logits = policy(rollout_buffer.observations)\n",
        ),
    ),
    _edits(
        "old_probabilities",
        "The losses expect log-probabilities of the old policy, but are given probabilities.",
        "Compare `old_logits` as the losses get it with the rollout buffer's.",
        (OLD_LOGITS, OLD_LOGITS + ".exp()"),
    ),
    _edits(
        "clip_hard_coded",
        "The clip is fixed in the code; the argument has no influence.",
        LOOK_CLIP,
        (CLIP, CLIP.replace(": ppo_clip", ": 0.2")),
    ),
    _edits(
        "clip_omitted",
        "The clip is not passed on, so the loss falls back on its own default.",
        LOOK_CLIP,
        (CLIP, ""),
    ),
    _edits(
        "policy_for_value_net",
        "The critic's loss is given the policy in place of the value network.",
        "Which module does each name among the losses' arguments stand for?",
        ('"value_net": value_net', '"value_net": policy'),
    ),
    _edits(
        "value_net_for_policy",
        "The actor's loss is given the value network in place of the policy.",
        "Which module does each name among the losses' arguments stand for?",
        ('"policy": policy', '"policy": value_net'),
    ),
    _edits(
        "weights_not_sliced",
        "`return_or_advantage` holds all collected steps, the other data those of the minibatch.",
        LOOK_ROWS,
        (WEIGHT, '"return_or_advantage": return_or_advantage'),
    ),
    _edits(
        "returns_not_sliced",
        "`returns` holds all collected steps, the other data those of the minibatch.",
        LOOK_ROWS,
        (RETURN, '"returns": returns'),
    ),
    _edits(
        "value_net_only_with_advantages",
        "The losses are given the value network only where there are advantages.",
        "What `value_net` holds where there is a value network but no `get_advantages`.",
        (
            VALUE_NET,
            '                    "value_net": value_net if get_advantages is not None else None,\n',
        ),
    ),
    _edits(
        "truth_of_a_tensor",
        "A tensor of many numbers is asked whether it is true; whether there is one is meant.",
        LOOK_WEIGHT,
        (CHOICE, "return_or_advantage = advantages if advantages else returns\n"),
    ),
]
