"""Wrong returns: where an episode ends, and the ends of the loop."""

from instructor.catalogue.returns import LOOP, STEP, STORE, edited, rewritten

FLAG = "        if rollout_buffer.terminateds[step]:\n"
RESET = FLAG + "            following_return = 0.0\n"
ZEROS = "    returns = torch.zeros((rollout_buffer.final_size, 1))\n"

MISTAKES = [
    # The reset at the end of an episode.
    edited(
        "returns_not_reset",
        "Rewards of the next episode flow into the returns of the one before.",
        "The return of the last step of the first episode.",
        (RESET, ""),
    ),
    edited(
        "returns_reset_after_the_step",
        "The running sum is reset one step too late, after the episode's last step has been added.",
        "If a step's flag in `terminateds` is True, which episode does that step belong to?",
        (RESET, ""),
        (STORE, STORE + RESET),
    ),
    edited(
        "returns_flag_of_the_step_before",
        "The flag of the previous step is read, so the running sum is reset in the wrong place.",
        "At which step of an episode is the flag in `terminateds` True?",
        (FLAG, "        if rollout_buffer.terminateds[step - 1]:\n"),
    ),
    edited(
        "returns_flag_inverted",
        "The flag is read the wrong way round: the sum is reset at every step except an episode's last.",
        "What does True in `terminateds` say about a step?",
        (FLAG, FLAG.replace("if ", "if not ")),
    ),
    edited(
        "returns_zero_at_the_end",
        "The reward of an episode's last step is left out, and its return is zero.",
        "The formula for t = T.",
        (STEP, "        else:\n    " + STEP),
    ),
    edited(
        "returns_last_step_stays_zero",
        "The return of an episode's last step is set to zero, although that step's reward was already added.",
        "The formula for t = T.",
        (STORE, STORE + FLAG + "            returns[step] = 0.0\n"),
    ),
    edited(
        "returns_reset_at_zero_reward",
        "A reward of zero is taken for the end of an episode.",
        "Which field of the buffer says where an episode ends?",
        (
            FLAG,
            "        if rollout_buffer.terminateds[step] or rollout_buffer.rewards[step] == 0:\n",
        ),
    ),
    edited(
        "returns_episodes_as_long_as_the_first",
        "All episodes are taken to be as long as the first one.",
        "A buffer whose episodes differ in length.",
        (LOOP, "    length = int(rollout_buffer.terminateds.int().argmax()) + 1\n" + LOOP),
        (FLAG, "        if (step + 1) % length == 0:\n"),
    ),
    edited(
        "returns_twenty_steps",
        "Every episode is taken to last twenty steps, whatever the buffer says.",
        "Which field of the buffer says where an episode ends?",
        (FLAG, "        if (step + 1) % 20 == 0:\n"),
    ),
    # The ends of the loop.
    edited(
        "returns_first_step_missed",
        "The loop stops before the first step of the buffer, whose return stays zero.",
        "The first and the last index that your loop visits.",
        (LOOP, "    for step in range(rollout_buffer.final_size - 1, 0, -1):\n"),
    ),
    edited(
        "returns_last_step_missed",
        "The range of the loop is off by one, so the return of the buffer's last step stays zero.",
        "The first and the last index that your loop visits.",
        (LOOP, "    for step in range(rollout_buffer.final_size - 2, -1, -1):\n"),
    ),
    rewritten(
        "returns_first_episode_only",
        "The loop stops after the first episode, so the steps of later episodes keep a return of zero.",
        "The returns of the second episode.",
        """
        returns = torch.zeros((rollout_buffer.final_size, 1))
        for start in range(rollout_buffer.final_size):
            for step in range(start, rollout_buffer.final_size):
                returns[start] += discount_factor ** (step - start) * rollout_buffer.rewards[step]
                if rollout_buffer.terminateds[step]:
                    break
            if rollout_buffer.terminateds[start]:
                break
        return returns
        """,
    ),
    rewritten(
        "returns_stops_before_the_last_step",
        "The reward of an episode's last step is left out, and its return is zero.",
        "The last term of the sum, r_T.",
        """
        returns = torch.zeros((rollout_buffer.final_size, 1))
        for start in range(rollout_buffer.final_size):
            for step in range(start, rollout_buffer.final_size):
                if rollout_buffer.terminateds[step]:
                    break
                returns[start] += discount_factor ** (step - start) * rollout_buffer.rewards[step]
        return returns
        """,
    ),
    rewritten(
        "returns_equal_lengths",
        "Every episode is assumed to be as long as the first one, but lengths may differ.",
        "Two episodes of different length.",
        """
        length = int(rollout_buffer.terminateds.flatten().int().argmax()) + 1
        rewards = rollout_buffer.rewards.reshape(-1, length)
        discounts = discount_factor ** torch.arange(length)
        returns = torch.zeros_like(rewards)
        for step in range(length):
            returns[:, step] = (rewards[:, step:] * discounts[: length - step]).sum(1)
        return returns.reshape(-1, 1)
        """,
    ),
    edited(
        "returns_last_reward_lost",
        "The buffer's last reward is missing from the returns of the steps before it.",
        "The return of the second-to-last step.",
        (
            LOOP,
            "    returns[-1] = rollout_buffer.rewards[-1]\n"
            + LOOP.replace("final_size", "final_size - 1"),
        ),
    ),
    edited(
        "returns_average_length",
        "All episodes are assumed to have the same length, but the flags say where each one ends.",
        "Two episodes of different lengths.",
        (FLAG, "        if (step + 1) % length == 0:\n"),
        (
            ZEROS,
            ZEROS
            + "    episodes = int(rollout_buffer.terminateds.sum())\n"
            + "    length = rollout_buffer.final_size // max(episodes, 1)\n",
        ),
    ),
    rewritten(
        "returns_single_steps_left_out",
        "Episodes of a single step are left out, and their return stays zero.",
        "The return of an episode that has one step.",
        """
            rewards, size = rollout_buffer.rewards, rollout_buffer.final_size
            returns = torch.zeros((size, 1))
            ends = np.flatnonzero(np.asarray(rollout_buffer.terminateds)).tolist()
            first = 0
            for last in sorted({*ends, size - 1}):
                if last > first:
                    returns[last] = rewards[last]
                    for step in range(last - 1, first - 1, -1):
                        returns[step] = rewards[step] + discount_factor * returns[step + 1]
                first = last + 1
            return returns
        """,
    ),
    rewritten(
        "returns_short_horizon",
        "Rewards far in the future are left out of the sum, although they still count a little.",
        "The return of the first step of a long episode.",
        """
            returns = torch.zeros((rollout_buffer.final_size, 1))
            for first in range(rollout_buffer.final_size):
                weight = 1.0
                for step in range(first, rollout_buffer.final_size):
                    if weight < 0.01:
                        break
                    returns[first] += weight * rollout_buffer.rewards[step]
                    weight *= discount_factor
                    if rollout_buffer.terminateds[step]:
                        break
            return returns
        """,
    ),
]
