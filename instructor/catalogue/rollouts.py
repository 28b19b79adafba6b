"""Wrong ways to collect rollouts."""

import functools

from instructor.catalogue import Mistake, edited

START = "    rollout_buffer = utils.RolloutBuffer()\n"
EVAL = "    policy.eval()\n"
EPISODES = "    for _ in utils.rollout_progress(num_rollouts, base_rollout, num_total_rollouts):\n"
RESET = "        observation = env.reset()\n"
LOGITS = """\
            with torch.no_grad():
                logits = policy(observation)
"""
SAMPLE = "            action = utils.distribution_sample(logits, seed=seed)\n"
STEP = "            next_observation, terminated, reward = env.step(action)\n"
ADD = "            rollout_buffer.add(action, logits, observation, terminated, reward)\n"
ADVANCE = "            observation = next_observation\n"
LAST = "        last_rewards.append(float(reward))\n"
TRAIN = "    policy.train()\n"
FINALIZE = "    rollout_buffer.finalize()\n"
MEAN = "float(np.mean(last_rewards))"

LOOK_SEED = "What `seed` looks like before and after each call of `utils.distribution_sample`."
LOOK_FLAGS = "The recorded `terminateds` of two short episodes, step by step."
LOOK_MEAN = "Which rewards go into the second value that is returned?"
LOOK_OBSERVATIONS = "The recorded observations of one episode, one below the other."
LOOK_LOGITS = "What each row of the recorded `old_logits` says, beside its observation."
LOOK_ACTION = "How does the action come about, in the order of the lines?"
LOOK_MODE = "The value of `policy.training` before, during and after the episodes."


_edits = functools.partial(edited, "rollouts")


def _recorded(name: str, misconception: str, look: str, arguments: str) -> Mistake:
    """Other arguments of rollout_buffer.add."""
    add = f"            rollout_buffer.add({arguments})\n"
    return _edits(name, misconception, look, (ADD, add))


MISTAKES = [
    _recorded(
        "next_observation",
        "The observation after the step is recorded, not the one the action was chosen in.",
        LOOK_OBSERVATIONS,
        "action, logits, next_observation, terminated, reward",
    ),
    _recorded(
        "probabilities",
        "The buffer keeps log-probabilities, but probabilities are recorded.",
        LOOK_LOGITS,
        "action, logits.exp(), observation, terminated, reward",
    ),
    _recorded(
        "chosen_log_probability",
        "The buffer keeps the log-probabilities of all actions, not only of the one taken.",
        "The shape of the recorded `old_logits`.",
        "action, logits.gather(1, action), observation, terminated, reward",
    ),
    _recorded(
        "action_one_hot",
        "The buffer keeps the number of the action, not a row of zeros and a one.",
        "The shape of the recorded `actions`.",
        "torch.nn.functional.one_hot(action, logits.shape[-1]), logits, observation,"
        " terminated, reward",
    ),
    _recorded(
        "never_terminated",
        "The last step of an episode is not marked, so the episodes run into each other.",
        LOOK_FLAGS,
        "action, logits, observation, False, reward",
    ),
    _recorded(
        "terminated_inverted",
        "The recorded flag says that the episode goes on, while it should say that it ended.",
        LOOK_FLAGS,
        "action, logits, observation, not terminated, reward",
    ),
    _recorded(
        "flag_and_reward_swapped",
        "The reward and the end of the episode are handed to the buffer in the wrong order.",
        "The order of the arguments of `rollout_buffer.add`.",
        "action, logits, observation, reward, terminated",
    ),
    _edits(
        "flag_before_step",
        "The last step of an episode is not marked, so the episodes run into each other.",
        LOOK_FLAGS,
        (STEP, "            was_terminated = terminated\n" + STEP),
        (ADD, ADD.replace("terminated", "was_terminated")),
    ),
    _edits(
        "reward_before_step",
        "The reward of the step before is recorded, not the one this action led to.",
        "Which action did each recorded reward follow?",
        (STEP, "            previous_reward = reward\n" + STEP),
        (ADD, ADD.replace("reward", "previous_reward")),
    ),
    _edits(
        "cumulative_reward",
        "The rewards are added up before they are recorded; the buffer keeps those of one step.",
        "The recorded rewards of one episode, step by step.",
        (RESET, RESET + "        total_reward = 0.0\n"),
        (ADD, "            total_reward += reward\n" + ADD.replace("reward", "total_reward")),
    ),
    _edits(
        "next_logits",
        "The log-probabilities after the step are recorded, not those the action was drawn from.",
        LOOK_LOGITS,
        (STEP, STEP + LOGITS.replace("observation", "next_observation")),
    ),
    _edits(
        "flag_and_reward_unpacked_swapped",
        "What the environment's step returns is taken in another order: the reward counts as the flag.",
        "The order of the three things that `env.step` returns.",
        (STEP, "            next_observation, reward, terminated = env.step(action)\n"),
    ),
    _edits(
        "last_step_left_out",
        "The last step of an episode belongs to it as well, but it is not recorded.",
        "How many steps does the buffer hold for an episode of known length?",
        (ADD, "            if not terminated:\n    " + ADD),
    ),
    _edits(
        "buffer_per_episode",
        "Every episode begins a new buffer, so only the last one is returned.",
        "How many steps does the buffer hold after several episodes?",
        (RESET, "        rollout_buffer = utils.RolloutBuffer()\n" + RESET),
    ),
    _edits(
        "not_finalized",
        "The buffer is returned before its lists have become tensors.",
        "The type of the fields of the buffer that is returned.",
        (FINALIZE, ""),
    ),
    _edits(
        "observation_not_advanced",
        "The policy is shown the first observation of the episode at every step.",
        LOOK_OBSERVATIONS,
        (ADVANCE, ""),
    ),
    _edits(
        "observation_in_place",
        "The observation is overwritten in place, and the buffer's earlier rows change with it.",
        LOOK_OBSERVATIONS,
        (ADVANCE, "            observation[:] = next_observation\n"),
    ),
    _edits(
        "logits_once_per_episode",
        "The policy is asked once per episode, and does not react to what it observes.",
        LOOK_LOGITS,
        (
            RESET,
            RESET + "        with torch.no_grad():\n            logits = policy(observation)\n",
        ),
        (LOGITS, ""),
    ),
    _edits(
        "reset_once",
        "Each rollout is an episode of its own, but only the first one starts afresh.",
        "How long is each episode, and where does it start?",
        (EPISODES, "    observation = env.reset()\n" + EPISODES),
        (RESET, ""),
    ),
    _edits(
        "logits_with_gradient",
        "The recorded log-probabilities still hang on the policy that made them.",
        "Do the recorded `old_logits` require a gradient?",
        (LOGITS, "            logits = policy(observation)\n"),
    ),
    _edits(
        "action_drawn_twice",
        "The action that is recorded and the one that is taken are two different draws.",
        LOOK_ACTION,
        (STEP, STEP.replace("(action)", "(utils.distribution_sample(logits, seed=seed))")),
    ),
    _edits(
        "greedy",
        "The likeliest action is always taken; the policy is a distribution to draw from.",
        LOOK_ACTION,
        (SAMPLE, "            action = logits.argmax(dim=1, keepdim=True)\n"),
    ),
    _edits(
        "sampled_from_probabilities",
        "The sampler expects log-probabilities, but it is given probabilities.",
        "What `utils.distribution_sample` does with its first argument.",
        (SAMPLE, SAMPLE.replace("logits,", "logits.exp(),")),
    ),
    _edits(
        "three_steps",
        "Every call of the environment's step is another step, with an observation of its own.",
        "How often does the environment move for one action?",
        (
            STEP,
            "            next_observation = env.step(action)[0]\n"
            "            terminated = env.step(action)[1]\n"
            "            reward = env.step(action)[2]\n",
        ),
    ),
    _edits(
        "all_rollouts_at_once",
        "The number for the progress bar decides how many episodes are played.",
        "Which argument says how many episodes this call plays?",
        (EPISODES, EPISODES.replace("(num_rollouts,", "(num_total_rollouts or num_rollouts,")),
    ),
    _edits(
        "seed_not_passed",
        "The seed never reaches the sampler, so a run cannot be repeated.",
        LOOK_SEED,
        (SAMPLE, "            action = utils.distribution_sample(logits)\n"),
    ),
    _edits(
        "seed_per_episode",
        "Every episode starts from the same seed again, so all draw the same numbers.",
        LOOK_SEED,
        (RESET, "        own_seed = None if seed is None else np.copy(seed)\n" + RESET),
        (SAMPLE, SAMPLE.replace("seed=seed", "seed=own_seed")),
    ),
    _edits(
        "seed_per_step",
        "Every step draws with a fresh copy of the seed, so all draw the same number.",
        LOOK_SEED,
        (SAMPLE, SAMPLE.replace("seed=seed", "seed=None if seed is None else np.copy(seed)")),
    ),
    _edits(
        "seed_copied",
        "The caller's array stays as it was, so the next collection repeats these draws.",
        LOOK_SEED,
        (START, START + "    seed = None if seed is None else np.copy(seed)\n"),
    ),
    _edits(
        "seed_rolled_twice",
        "The sampler already moves on to the next seed; here another one is skipped.",
        LOOK_SEED,
        (
            SAMPLE,
            SAMPLE
            + "            if seed is not None:\n                seed[:] = np.roll(seed, 1)\n",
        ),
    ),
    _edits(
        "training_mode",
        "The policy acts in training mode, where layers such as dropout disturb it.",
        LOOK_MODE,
        (EVAL, ""),
    ),
    _edits(
        "training_mode_after_first",
        "The policy goes back to training mode after the first episode, before the others.",
        LOOK_MODE,
        (TRAIN, ""),
        (LAST, LAST + "        policy.train()\n"),
    ),
    _edits(
        "left_in_eval_mode",
        "The policy is not put back into training mode after it has acted.",
        LOOK_MODE,
        (TRAIN, ""),
    ),
    _edits(
        "reward_renamed",
        "The last reward is read from a variable that the steps never change.",
        "Which variable holds the reward when an episode is over?",
        (STEP, STEP.replace("reward", "step_reward")),
        (ADD, ADD.replace("reward", "step_reward")),
    ),
    _edits(
        "episode_sum",
        "All rewards of an episode are added up; asked for is the one at its last step.",
        LOOK_MEAN,
        (RESET, RESET + "        total_reward = 0.0\n"),
        (ADD, ADD + "            total_reward += reward\n"),
        (LAST, "        last_rewards.append(float(total_reward))\n"),
    ),
    _edits(
        "mean_of_all_steps",
        "The rewards of all steps are averaged; asked for are those at the last steps.",
        LOOK_MEAN,
        (MEAN, "float(rollout_buffer.rewards.mean())"),
    ),
    _edits(
        "sum_over_episodes",
        "The last rewards are added up; the result then grows with the number of episodes.",
        LOOK_MEAN,
        (MEAN, "float(np.sum(last_rewards))"),
    ),
    _edits(
        "last_episode_only",
        "Only the last episode's reward is returned; all episodes count.",
        LOOK_MEAN,
        (MEAN, "float(last_rewards[-1])"),
    ),
    _edits(
        "best_reward",
        "The best reward is kept for every episode; asked for is the one at its last step.",
        LOOK_MEAN,
        (RESET, RESET + "        best_reward = -np.inf\n"),
        (ADD, ADD + "            best_reward = max(best_reward, reward)\n"),
        (LAST, "        last_rewards.append(float(best_reward))\n"),
    ),
    _edits(
        "second_draw_recorded",
        "The action that is recorded and the one that is taken are two different draws.",
        LOOK_ACTION,
        (ADD, SAMPLE + ADD),
    ),
    _edits(
        "recorded_before_the_step",
        "Flag and reward are recorded before the step, so each stands with the step after its own.",
        "The flag and the reward in the first row of the buffer.",
        (ADD, ""),
        (STEP, ADD + STEP),
    ),
    _recorded(
        "observation_and_logits_swapped",
        "Observation and log-probabilities are handed to the buffer in the wrong order.",
        "The order of the arguments of `rollout_buffer.add`.",
        "action, observation, logits, terminated, reward",
    ),
    _edits(
        "rewards_added_up",
        "The rewards so far are added up; a step's reward is what this one step brought.",
        "The recorded rewards, beside what `env.step` returned.",
        (STEP, STEP.replace("reward", "step_reward") + "            reward += step_reward\n"),
    ),
    _edits(
        "ends_after_one_episode",
        "The function returns within its loop, after the first episode.",
        "How many episodes does the buffer hold, and how many were asked for?",
        (
            TRAIN + FINALIZE + f"    return rollout_buffer, {MEAN}\n",
            "        policy.train()\n        rollout_buffer.finalize()\n"
            f"        return rollout_buffer, {MEAN}\n",
        ),
    ),
]
