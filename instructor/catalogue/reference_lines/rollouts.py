"""The lines of `collect_rollouts`."""

FUNCTION = "def collect_rollouts("
BUFFER = "    rollout_buffer = utils.RolloutBuffer()\n"
LAST_REWARDS = "    last_rewards = []\n"
EVAL = "    policy.eval()\n"
EPISODES = "    for _ in utils.rollout_progress(num_rollouts, base_rollout, num_total_rollouts):\n"
RESET = "        observation = env.reset()\n"
STEPS = "        while not terminated:\n"
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

# What is done in every step, and in every episode.
ONE_STEP = LOGITS + SAMPLE + STEP + ADD + ADVANCE
ALL_EPISODES = (
    EPISODES
    + RESET
    + "        terminated = False\n"
    + "        reward = 0.0\n"
    + STEPS
    + ONE_STEP
    + LAST
)
