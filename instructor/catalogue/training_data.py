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
LOOK_ROWS = (
    "Take the same row of every tensor passed to the losses: do they all belong to the same step?"
)
LOOK_WEIGHT = "What `return_or_advantage` holds, with `get_advantages` and without it."
LOOK_ONCE = "How often per collection are returns and advantages computed, and from which steps?"
LOOK_OLD = "At what point were the `old_logits` passed to the losses computed?"
LOOK_RETURNS = "What `returns` holds when the losses are called."
LOOK_CLIP = "Which `ppo_clip` is the loss called with when training is given a different value?"


_edits = functools.partial(edited, "training")


def _collected(name: str, misconception: str, look: str, arguments: str) -> Mistake:
    """Other arguments of collect_rollouts."""
    return _edits(name, misconception, look, (COLLECT_ARGUMENTS, arguments))


def _in_order(name: str, misconception: str, old: str) -> Mistake:
    """One field is taken in the order it was collected in, the others shuffled."""
    new = old.replace("[minibatch]", "[start : start + minibatch_size]")
    return _edits(name, misconception, LOOK_ROWS, (old, new))


def _not_sliced(name: str, argument: str, old: str) -> Mistake:
    """One argument of the losses holds the whole collection."""
    return _edits(
        f"{name}_not_sliced",
        f"`{argument}` covers all collected steps, but the other data only those of the minibatch.",
        LOOK_ROWS,
        (old, old.replace("[minibatch]", "")),
    )


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
        "Each collection also counts the episodes of earlier ones, so the collections get longer.",
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
        "Every collection draws from a fresh copy of the seed, so all collections get the same numbers.",
        LOOK_SEED,
        (
            COLLECTION,
            "        own_seed = None if rollout_seed is None else np.copy(rollout_seed)\n"
            + COLLECTION.replace("seed=rollout_seed", "seed=own_seed"),
        ),
    ),
    _edits(
        "collects_once",
        "The rollouts are collected only once, so later rounds train on the data of an outdated policy.",
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
        "All rollouts are collected with a copy of the policy made before training.",
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
        "The returns are standardized, but the critic should learn them in units of reward.",
        LOOK_RETURNS,
        (
            RETURNS,
            RETURNS + "        returns = (returns - returns.mean()) / (returns.std() + EPSILON)\n",
        ),
    ),
    _edits(
        "returns_per_minibatch",
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
    _edits(
        "advantages_per_minibatch",
        "The advantages are computed per minibatch, so each minibatch has its own mean and spread.",
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
        "The advantages are computed again in every epoch, so they change along with the value network.",
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
        "The advantages are computed again at every optimizer step, so they change with the value network.",
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
        "Each minibatch rescales the returns or advantages, but they should be passed on unchanged.",
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
        "The losses are given the returns even when there are advantages to use.",
        LOOK_WEIGHT,
        (CHOICE, "return_or_advantage = returns\n"),
    ),
    _edits(
        "value_net_decides",
        "Whether the policy's loss gets returns or advantages depends on the wrong condition.",
        LOOK_WEIGHT,
        (CHOICE, CHOICE.replace("advantages is None", "value_net is None")),
    ),
    _edits(
        "multiplier_decides",
        "Whether the policy's loss gets returns or advantages depends on the wrong condition.",
        LOOK_WEIGHT,
        (CHOICE, CHOICE.replace("advantages is None", "critic_loss_multiplier == 0")),
    ),
    _edits(
        "advantages_for_returns",
        "The value network is trained to predict the advantages, but it should predict the returns.",
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
        "The actions are shuffled on their own, so they no longer match their observations.",
        LOOK_ROWS,
        (ACTION, "rollout_buffer.actions[np.random.permutation(minibatch)]"),
    ),
    _edits(
        "likeliest_action",
        "The losses are given the action that is most probable now, not the one that was taken.",
        "Where does the `action` passed to the losses come from?",
        (ACTION, f"policy({OBSERVATION}).argmax(dim=1, keepdim=True)"),
    ),
    _edits(
        "old_logits_recomputed",
        "The old log-probabilities are computed again with the policy after it has changed.",
        LOOK_OLD,
        (OLD_LOGITS, f"policy({OBSERVATION}).detach()"),
    ),
    _edits(
        "old_logits_per_epoch",
        "The policy of the last epoch is used as the old policy, not the one that collected the rollouts.",
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
        "Compare the `old_logits` passed to the losses with those in the rollout buffer.",
        (OLD_LOGITS, OLD_LOGITS + ".exp()"),
    ),
    _edits(
        "clip_hard_coded",
        "The clip value is fixed in the code, so the one passed as an argument has no effect.",
        LOOK_CLIP,
        (CLIP, CLIP.replace(": ppo_clip", ": 0.2")),
    ),
    _edits(
        "clip_omitted",
        "The clip value is not passed on, so the loss uses its default value.",
        LOOK_CLIP,
        (CLIP, ""),
    ),
    _edits(
        "policy_for_value_net",
        "The critic's loss is given the policy in place of the value network.",
        "Which network is passed to the losses under each argument name?",
        ('"value_net": value_net', '"value_net": policy'),
    ),
    _edits(
        "value_net_for_policy",
        "The actor's loss is given the value network in place of the policy.",
        "Which network is passed to the losses under each argument name?",
        ('"policy": policy', '"policy": value_net'),
    ),
    _not_sliced("weights", "return_or_advantage", WEIGHT),
    _not_sliced("returns", "returns", RETURN),
    _not_sliced("observation", "observation", OBSERVATION),
    _not_sliced("action", "action", ACTION),
    _not_sliced("old_logits", "old_logits", OLD_LOGITS),
    _edits(
        "value_net_only_with_advantages",
        "The losses are given the value network only when advantages are used.",
        "What the losses receive as `value_net` when there is a value network but no `get_advantages`.",
        (
            VALUE_NET,
            '                    "value_net": value_net if get_advantages is not None else None,\n',
        ),
    ),
    _edits(
        "truth_of_a_tensor",
        "The code tests whether a tensor of many numbers is true, not whether there is a tensor.",
        LOOK_WEIGHT,
        (CHOICE, "return_or_advantage = advantages if advantages else returns\n"),
    ),
]
