"""Wrong ways to collect rollouts: the episodes, the actions, the seed, what is recorded."""

from instructor.catalogue.mistakes import Mistake, edited, told_by
from instructor.catalogue.reference_lines.rollouts import (
    ADD,
    ADVANCE,
    BUFFER,
    EPISODES,
    EVAL,
    FINALIZE,
    FUNCTION,
    LAST,
    LAST_REWARDS,
    LOGITS,
    MEAN,
    RESET,
    SAMPLE,
    STEP,
    STEPS,
    TRAIN,
)
from tests.scenarios import telltales

LOOK_SEED = "What `seed` looks like before and after each call of `utils.distribution_sample`."
LOOK_FLAGS = "The recorded `terminateds` of two short episodes, step by step."
LOOK_MEAN = "Which rewards go into the second value that is returned?"
LOOK_OBSERVATIONS = "The recorded observations of one episode, step by step."
LOOK_LOGITS = (
    "Each row of the recorded `old_logits`, together with the observation in the same row."
)
LOOK_ACTION = "The lines in which the action is chosen, taken and recorded, one after the other."
LOOK_MODE = "The value of `policy.training` before, during and after the episodes."


def _recorded(name: str, misconception: str, look: str, arguments: str) -> Mistake:
    """Other arguments of rollout_buffer.add."""
    add = f"            rollout_buffer.add({arguments})\n"
    return edited(name, misconception, look, (ADD, add))


MISTAKES = [
    # How many episodes are played.
    edited(
        "rollouts_all_rollouts_at_once",
        "The argument meant for the progress bar decides how many episodes are played.",
        "Which argument says how many episodes this call plays?",
        (EPISODES, EPISODES.replace("(num_rollouts,", "(num_total_rollouts or num_rollouts,")),
    ),
    edited(
        "rollouts_counted_from_base",
        "Fewer episodes are played because of `base_rollout`, which only says how many were played before.",
        "How many episodes the buffer holds when `base_rollout` is not zero.",
        (EPISODES, "    for _ in range(base_rollout, num_rollouts):\n"),
    ),
    edited(
        "rollouts_ends_after_one_episode",
        "Only one episode is played, however many were asked for.",
        "How many episodes does the buffer hold, and how many were asked for?",
        (
            TRAIN + FINALIZE + f"    return rollout_buffer, {MEAN}\n",
            "        policy.train()\n        rollout_buffer.finalize()\n"
            f"        return rollout_buffer, {MEAN}\n",
        ),
    ),
    edited(
        "rollouts_one_more",
        "One episode more is played than was asked for.",
        "How many episodes does the buffer hold, and how many were asked for?",
        (EPISODES, EPISODES.replace("(num_rollouts,", "(num_rollouts + 1,")),
    ),
    edited(
        "rollouts_one_more_in_the_mean",
        "One episode more is played than was asked for.",
        "How many episodes does the buffer hold, and how many were asked for?",
        (EPISODES, EPISODES.replace("(num_rollouts,", "(num_rollouts + 1,")),
        (MEAN, "float(np.sum(last_rewards) / num_rollouts)"),
    ),
    edited(
        "rollouts_buffer_per_episode",
        "Every episode starts a new buffer, so only the last episode is returned.",
        "How many steps does the buffer hold after several episodes?",
        (RESET, "        rollout_buffer = utils.RolloutBuffer()\n" + RESET),
    ),
    # How an episode begins and goes on.
    edited(
        "rollouts_stepped_twice",
        "The environment takes two steps for every action that is recorded.",
        "How often is the environment stepped, and how many steps does the buffer hold?",
        (
            STEP,
            "            next_observation = env.step(action)[0]\n"
            "            _, terminated, reward = env.step(action)\n",
        ),
    ),
    edited(
        "rollouts_stepped_twice_first_kept",
        "The environment takes two steps for every action that is recorded.",
        "How often is the environment stepped, and how many steps does the buffer hold?",
        (
            STEP,
            "            _, terminated, reward = env.step(action)\n"
            "            next_observation, terminated, _ = env.step(action)\n",
        ),
    ),
    edited(
        "rollouts_stepped_twice_last_kept",
        "The environment takes two steps for every action that is recorded.",
        "How often is the environment stepped, and how many steps does the buffer hold?",
        (
            STEP,
            "            env.step(action)\n" + STEP,
        ),
    ),
    edited(
        "rollouts_reset_once",
        "Only the first episode starts afresh, although each rollout should be an episode of its own.",
        "How long is each episode, and where does it start?",
        (EPISODES, "    observation = env.reset()\n" + EPISODES),
        (RESET, ""),
    ),
    edited(
        "rollouts_reset_unseen",
        "An episode begins with the last observation of the one before it.",
        "The first recorded observation of every episode.",
        (EPISODES, "    observation = env.reset()\n" + EPISODES),
        (RESET, ""),
        (LAST, LAST + "        env.reset()\n"),
    ),
    edited(
        "rollouts_observation_not_advanced",
        "The policy is shown the first observation of the episode at every step.",
        LOOK_OBSERVATIONS,
        (ADVANCE, ""),
    ),
    edited(
        "rollouts_observation_in_place",
        "The observation is overwritten in place, and the buffer's earlier rows change with it.",
        LOOK_OBSERVATIONS,
        (ADVANCE, "            observation[:] = next_observation\n"),
    ),
    edited(
        "rollouts_three_steps",
        "`env.step` is called more than once per action, but each call is another step.",
        "How many times is the environment stepped for one action?",
        (
            STEP,
            "            next_observation = env.step(action)[0]\n"
            "            terminated = env.step(action)[1]\n"
            "            reward = env.step(action)[2]\n",
        ),
    ),
    edited(
        "rollouts_step_limit",
        "An episode is cut off after a fixed number of steps, but only the environment should end it.",
        "An episode of more than a hundred steps.",
        (
            STEPS,
            "        for _ in range(100):\n            if terminated:\n                break\n",
        ),
    ),
    edited(
        "rollouts_flag_and_reward_unpacked_swapped",
        "The values that `env.step` returns are unpacked in the wrong order: the reward is used as the flag.",
        "The order of the three things that `env.step` returns.",
        (STEP, "            next_observation, reward, terminated = env.step(action)\n"),
    ),
    # How an action is chosen.
    edited(
        "rollouts_logits_once_per_episode",
        "The policy is evaluated only once per episode, so its actions ignore later observations.",
        LOOK_LOGITS,
        (
            RESET,
            RESET + "        with torch.no_grad():\n            logits = policy(observation)\n",
        ),
        (LOGITS, ""),
    ),
    edited(
        "rollouts_action_drawn_twice",
        "The recorded action and the action taken come from two different draws.",
        LOOK_ACTION,
        (STEP, STEP.replace("(action)", "(utils.distribution_sample(logits, seed=seed))")),
    ),
    edited(
        "rollouts_second_draw_recorded",
        "The recorded action and the action taken come from two different draws.",
        LOOK_ACTION,
        (ADD, SAMPLE + ADD),
    ),
    edited(
        "rollouts_greedy",
        "The most probable action is always taken, but the policy is a distribution to draw from.",
        LOOK_ACTION,
        (SAMPLE, "            action = logits.argmax(dim=1, keepdim=True)\n"),
    ),
    edited(
        "rollouts_sampled_from_probabilities",
        "The sampler expects log-probabilities, but it is given probabilities.",
        "What `utils.distribution_sample` does with its first argument.",
        (SAMPLE, SAMPLE.replace("logits,", "logits.exp(),")),
    ),
    # The seed.
    edited(
        "rollouts_seed_not_passed",
        "The seed never reaches the sampler, so a run cannot be repeated.",
        LOOK_SEED,
        (SAMPLE, "            action = utils.distribution_sample(logits)\n"),
    ),
    edited(
        "rollouts_seed_per_episode",
        "Every episode starts from the same seed, so all episodes draw the same random numbers.",
        LOOK_SEED,
        (RESET, "        own_seed = None if seed is None else np.copy(seed)\n" + RESET),
        (SAMPLE, SAMPLE.replace("seed=seed", "seed=own_seed")),
    ),
    edited(
        "rollouts_seed_per_step",
        "Every step draws with the same seed, so all steps use the same random number.",
        LOOK_SEED,
        (SAMPLE, SAMPLE.replace("seed=seed", "seed=None if seed is None else np.copy(seed)")),
    ),
    edited(
        "rollouts_seed_copied",
        "The caller's seed array is left unchanged, so the next collection repeats the same draws.",
        LOOK_SEED,
        (BUFFER, BUFFER + "    seed = None if seed is None else np.copy(seed)\n"),
    ),
    edited(
        "rollouts_seed_rolled_twice",
        "The seed is advanced once more here, although the sampler already moves on to the next one.",
        LOOK_SEED,
        (
            SAMPLE,
            SAMPLE
            + "            if seed is not None:\n                seed[:] = np.roll(seed, 1)\n",
        ),
    ),
    # Training mode and eval mode.
    edited(
        "rollouts_training_mode",
        "The policy acts in training mode, where layers such as dropout disturb it.",
        LOOK_MODE,
        (EVAL, ""),
    ),
    edited(
        "rollouts_training_mode_after_first",
        "The policy returns to training mode after the first episode, before the others are played.",
        LOOK_MODE,
        (TRAIN, ""),
        (LAST, LAST + "        policy.train()\n"),
    ),
    edited(
        "rollouts_left_in_eval_mode",
        "The policy is not put back into training mode after it has acted.",
        LOOK_MODE,
        (TRAIN, ""),
    ),
    # What is recorded of a step.
    _recorded(
        "rollouts_next_observation",
        "The observation after the step is recorded, not the one the action was based on.",
        LOOK_OBSERVATIONS,
        "action, logits, next_observation, terminated, reward",
    ),
    _recorded(
        "rollouts_next_logits",
        "The log-probabilities after the step are recorded, not those the action was drawn from.",
        LOOK_LOGITS,
        "action, policy(next_observation).detach(), observation, terminated, reward",
    ),
    _recorded(
        "rollouts_probabilities",
        "Probabilities are recorded, but the buffer should hold log-probabilities.",
        LOOK_LOGITS,
        "action, logits.exp(), observation, terminated, reward",
    ),
    _recorded(
        "rollouts_chosen_log_probability",
        "Only the log-probability of the action taken is recorded, but the buffer should hold all of them.",
        "The shape of the recorded `old_logits`.",
        "action, logits.gather(1, action), observation, terminated, reward",
    ),
    edited(
        "rollouts_logits_with_gradient",
        "The recorded log-probabilities are still attached to the policy's computation graph.",
        "Do the recorded `old_logits` require a gradient?",
        (LOGITS, "            logits = policy(observation)\n"),
    ),
    _recorded(
        "rollouts_action_one_hot",
        "The action is recorded as a row of zeros and a one, but the buffer should hold its number.",
        "The shape of the recorded `actions`.",
        "torch.nn.functional.one_hot(action, logits.shape[-1]), logits, observation,"
        " terminated, reward",
    ),
    _recorded(
        "rollouts_observation_and_logits_swapped",
        "Observation and log-probabilities are handed to the buffer in the wrong order.",
        "The order of the arguments of `rollout_buffer.add`.",
        "action, observation, logits, terminated, reward",
    ),
    _recorded(
        "rollouts_never_terminated",
        "The last step of an episode is not flagged as its end, so the episodes run together.",
        LOOK_FLAGS,
        "action, logits, observation, False, reward",
    ),
    edited(
        "rollouts_flag_before_step",
        "The last step of an episode is not flagged as its end, so the episodes run together.",
        LOOK_FLAGS,
        (STEP, "            was_terminated = terminated\n" + STEP),
        (ADD, ADD.replace("terminated", "was_terminated")),
    ),
    _recorded(
        "rollouts_terminated_inverted",
        "A recorded flag of True means that the episode goes on, but it should mean that the episode ended.",
        LOOK_FLAGS,
        "action, logits, observation, not terminated, reward",
    ),
    _recorded(
        "rollouts_flag_and_reward_swapped",
        "The reward and the flag for the episode's end are passed to the buffer in the wrong order.",
        "The order of the arguments of `rollout_buffer.add`.",
        "action, logits, observation, reward, terminated",
    ),
    edited(
        "rollouts_recorded_before_the_step",
        "Flag and reward are recorded before the step is taken, so they end up one row too late.",
        "The flag and the reward in the first row of the buffer.",
        (ADD, ""),
        (STEP, ADD + STEP),
    ),
    edited(
        "rollouts_reward_before_step",
        "The reward of the previous step is recorded, not the reward that this action led to.",
        "Which action did each recorded reward follow?",
        (STEP, "            previous_reward = reward\n" + STEP),
        (ADD, ADD.replace("reward", "previous_reward")),
    ),
    edited(
        "rollouts_cumulative_reward",
        "The rewards are added up before they are recorded, but each row should hold one step's reward.",
        "The recorded rewards of one episode, step by step.",
        (RESET, RESET + "        total_reward = 0.0\n"),
        (ADD, "            total_reward += reward\n" + ADD.replace("reward", "total_reward")),
    ),
    edited(
        "rollouts_rewards_added_up",
        "The rewards so far are added up, but each row should hold the reward of a single step.",
        "The recorded rewards, compared with what `env.step` returned.",
        (STEP, STEP.replace("reward", "step_reward") + "            reward += step_reward\n"),
    ),
    _recorded(
        "rollouts_only_last_reward",
        "Only the last reward of an episode is recorded; the others are replaced by zero.",
        "The recorded rewards of one episode, step by step.",
        "action, logits, observation, terminated, reward if terminated else 0.0",
    ),
    edited(
        "rollouts_rewards_clipped",
        "The rewards are clipped before they are recorded, so large ones look alike.",
        "The rewards from the environment, compared with those in the buffer.",
        (STEP, STEP + "            reward = max(-1.0, min(1.0, reward))\n"),
    ),
    edited(
        "rollouts_uniform_actions",
        "The actions are drawn with equal chances, whatever the policy says.",
        LOOK_ACTION,
        (SAMPLE, SAMPLE.replace("(logits,", "(torch.zeros_like(logits),")),
    ),
    edited(
        "rollouts_first_reward",
        "The reward of an episode's first step is kept, but the one of its last step is asked for.",
        LOOK_MEAN,
        (RESET, RESET + "        first_reward = None\n"),
        (
            ADD,
            ADD + "            first_reward = reward if first_reward is None else first_reward\n",
        ),
        (LAST, LAST.replace("float(reward)", "float(first_reward)")),
    ),
    edited(
        "rollouts_rewards_as_signs",
        "Only the sign of each reward is used, in the buffer and in the mean.",
        "The rewards from the environment, compared with those in the buffer.",
        (STEP, STEP + "            reward = float(np.sign(float(reward)))\n"),
    ),
    edited(
        "rollouts_signs_of_rewards",
        "Only the sign of each reward is recorded.",
        "The rewards from the environment, compared with those in the buffer.",
        (ADD, ADD.replace(", reward)", ", float(np.sign(float(reward))))")),
    ),
    edited(
        "rollouts_last_step_left_out",
        "The last step of an episode is not recorded, although it belongs to the episode.",
        "How many steps does the buffer hold for an episode of known length?",
        (ADD, "            if not terminated:\n    " + ADD),
    ),
    edited(
        "rollouts_not_finalized",
        "The buffer that is returned does not hold the steps as tensors.",
        "The type of the fields of the buffer that is returned.",
        (FINALIZE, ""),
    ),
    # The mean of the last rewards.
    edited(
        "rollouts_reward_renamed",
        "The last reward of every episode counts as zero, whatever it was.",
        "Which variable holds the reward when an episode is over?",
        (STEP, STEP.replace("reward", "step_reward")),
        (ADD, ADD.replace("reward", "step_reward")),
    ),
    edited(
        "rollouts_episode_sum",
        "All rewards of an episode are added up, but only the reward of its last step is asked for.",
        LOOK_MEAN,
        (RESET, RESET + "        total_reward = 0.0\n"),
        (ADD, ADD + "            total_reward += reward\n"),
        (LAST, "        last_rewards.append(float(total_reward))\n"),
    ),
    edited(
        "rollouts_mean_of_all_steps",
        "The rewards of all steps are averaged, but only those of the episodes' last steps are asked for.",
        LOOK_MEAN,
        (MEAN, "float(rollout_buffer.rewards.mean())"),
    ),
    edited(
        "rollouts_sum_over_episodes",
        "The last rewards are only summed, so the result grows with the number of episodes.",
        LOOK_MEAN,
        (MEAN, "float(np.sum(last_rewards))"),
    ),
    edited(
        "rollouts_last_episode_only",
        "Only the last episode's reward is returned, but all episodes should count.",
        LOOK_MEAN,
        (MEAN, "float(last_rewards[-1])"),
    ),
    edited(
        "rollouts_best_reward",
        "The best reward of each episode is kept, but the reward of its last step is asked for.",
        LOOK_MEAN,
        (RESET, RESET + "        best_reward = -np.inf\n"),
        (ADD, ADD + "            best_reward = max(best_reward, reward)\n"),
        (LAST, "        last_rewards.append(float(best_reward))\n"),
    ),
    edited(
        "rollouts_mean_of_last_rows",
        "The mean is taken over the buffer's last rows, but these are not the last steps of the episodes.",
        LOOK_MEAN,
        (MEAN, "float(torch.as_tensor(rollout_buffer.rewards[-num_rollouts:]).mean())"),
    ),
    edited(
        "rollouts_last_rewards_kept",
        "The mean also includes the episodes of earlier calls.",
        "The second returned value when the function is called a second time.",
        (LAST_REWARDS, ""),
        (FUNCTION, "last_rewards = []\n\n\n" + FUNCTION),
    ),
    # What a probe tells, whatever the code looks like.
    told_by(
        telltales.DRAWN,
        "rollouts_other_draws",
        "The actions played are not those that the sampler draws with these log-probabilities and seeds.",
        "What the sampler is given, and what `env.step` is given.",
        (SAMPLE, SAMPLE.replace("logits", "logits.roll(1, 1)")),
    ),
    told_by(
        telltales.RECORDS_ACTIONS,
        "rollouts_other_actions",
        "The recorded actions are not those that `env.step` was given.",
        LOOK_ACTION,
        (ADD, ADD.replace("action", "(action + 1) % logits.shape[1]")),
    ),
    told_by(
        telltales.RECORDS_OBSERVATIONS,
        "rollouts_other_observations",
        "The recorded observations are not those that the environment returned before each action.",
        LOOK_OBSERVATIONS,
        (ADD, ADD.replace("observation", "2 * observation")),
    ),
    told_by(
        telltales.RECORDS_OLD_LOGITS,
        "rollouts_other_logits",
        "The recorded log-probabilities are not the policy's where the action was taken.",
        LOOK_LOGITS,
        (ADD, ADD.replace("logits", "logits / 2")),
    ),
    told_by(
        telltales.RECORDS_REWARDS,
        "rollouts_other_rewards",
        "The recorded rewards are not those that `env.step` returned.",
        "The recorded rewards, compared with what `env.step` returned.",
        (ADD, ADD.replace("reward)", "2 * reward)")),
    ),
    told_by(
        telltales.RECORDS_FLAGS,
        "rollouts_other_flags",
        "The recorded flags are not those that `env.step` returned.",
        "The recorded flags of one episode, step by step.",
        (ADD, ADD.replace("terminated", "reward > 0")),
    ),
]
