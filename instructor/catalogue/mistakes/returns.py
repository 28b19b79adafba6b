"""Wrong returns: the discount, the rewards that are added, the ends of episodes, shapes and types."""

import textwrap

from grading.wire import BY_CHANCE
from instructor.catalogue.mistakes import Mistake, edited, rewritten, told_by
from instructor.catalogue.reference_lines.returns import (
    FLAG,
    LOOP,
    RESET,
    RESULT,
    SIGNATURE,
    STEP,
    STORE,
    ZEROS,
)
from tests.scenarios import telltales

# Correct by itself; the mistakes below fill in what is done with the rewards of one episode.
PER_EPISODE = """
    rewards = rollout_buffer.rewards.reshape(-1, 1)
    ends = [step + 1 for step, end in enumerate(rollout_buffer.terminateds) if end]
    returns = torch.zeros_like(rewards)
    for start, end in zip([0] + ends, ends):
        episode = rewards[start:end]
        exponents = torch.arange(float(len(episode))).reshape(-1, 1)
"""


def _body(name: str, misconception: str, look: str, body: str, before: str = "") -> Mistake:
    """Another body of the function; `before` stands before the function."""
    body = textwrap.indent(textwrap.dedent(body).strip("\n"), "    ")
    return rewritten(name, misconception, look, before + SIGNATURE + body + "\n")


def _per_episode(name: str, misconception: str, look: str, *lines: str) -> Mistake:
    """Other lines for the returns of one episode."""
    inner = "".join(f"        {line}\n" for line in lines)
    return _body(name, misconception, look, PER_EPISODE + inner + "    return returns\n")


def _hard_coded(name: str, discount: str) -> Mistake:
    """A number in the place of the discount factor."""
    return edited(
        name,
        "The discount factor is a fixed number; the one handed to the function has no effect.",
        "Call it with two different discount factors and compare.",
        (STEP, STEP.replace("discount_factor", discount)),
    )


MISTAKES = [
    # How the rewards are discounted.
    _hard_coded("returns_hard_coded_discount", "0.95"),
    _hard_coded("returns_hard_coded_discount_of_99", "0.99"),
    _hard_coded("returns_hard_coded_discount_of_90", "0.9"),
    edited(
        "returns_discount_times_lambda",
        "The discount factor is multiplied by another number, a λ that this formula does not have.",
        "By which factor does a reward shrink from one step to the next?",
        (STEP, STEP.replace("discount_factor", "0.95 * discount_factor")),
    ),
    edited(
        "returns_discount_squared",
        "A reward is discounted twice for each step, so later rewards fade twice as fast.",
        "By which factor does a reward shrink from one step to the next?",
        (STEP, STEP.replace("discount_factor", "discount_factor**2")),
    ),
    edited(
        "returns_one_minus_discount",
        "One minus the discount factor is used as the discount factor.",
        "A discount factor close to 1: do later rewards then count almost fully?",
        (STEP, STEP.replace("discount_factor", "(1 - discount_factor)")),
    ),
    edited(
        "returns_root_of_discount",
        "The square root of the discount factor is used, so later rewards fade half as fast.",
        "By which factor does a reward shrink from one step to the next?",
        (STEP, STEP.replace("discount_factor", "discount_factor**0.5")),
    ),
    edited(
        "returns_of_standardized_rewards",
        "The rewards are standardized before they are added up.",
        "A buffer in which every reward is 1.",
        (
            LOOP,
            "    rewards = rollout_buffer.rewards\n"
            "    rewards = (rewards - rewards.mean()) / (rewards.std() + 1e-8)\n" + LOOP,
        ),
        (STEP, STEP.replace("rollout_buffer.rewards[step]", "rewards[step]")),
    ),
    edited(
        "returns_of_centered_rewards",
        "The mean of the rewards is subtracted from them before they are added up.",
        "A buffer in which every reward is 1.",
        (
            STEP,
            STEP.replace(
                "rollout_buffer.rewards[step]",
                "(\n            rollout_buffer.rewards[step] - rollout_buffer.rewards.mean()\n        )",
            ),
        ),
    ),
    edited(
        "returns_of_scaled_rewards",
        "The returns are divided by how large the rewards are, or by their spread.",
        "The return of an episode's last step, beside the reward of that step.",
        (
            STEP,
            STEP.replace(
                "rollout_buffer.rewards[step]",
                "(\n            rollout_buffer.rewards[step] / rollout_buffer.rewards.std()\n        )",
            ),
        ),
    ),
    edited(
        "returns_of_clipped_rewards",
        "Every reward is brought into the range from -1 to 1 before the rewards are added up.",
        "The return of a step with a large reward.",
        (STEP, STEP.replace("rewards[step]", "rewards[step].clamp(-1, 1)")),
    ),
    edited(
        "returns_of_absolute_rewards",
        "The sign of the rewards is dropped before they are added up.",
        "The return of a step with a negative reward.",
        (STEP, STEP.replace("rewards[step]", "rewards[step].abs()")),
    ),
    _per_episode(
        "returns_mean_of_the_episode_subtracted",
        "The mean return of each episode is subtracted, but the returns should stay as they are.",
        "The returns of an episode of one step.",
        "total = 0.0",
        "for step in reversed(range(start, end)):",
        "    total = rewards[step] + discount_factor * total",
        "    returns[step] = total",
        "returns[start:end] -= returns[start:end].mean()",
    ),
    _per_episode(
        "returns_divided_by_length",
        "Every return is divided by the length of its episode.",
        "Is there a division in the formula?",
        "total = 0.0",
        "for step in reversed(range(start, end)):",
        "    total = rewards[step] + discount_factor * total",
        "    returns[step] = total / len(episode)",
    ),
    _per_episode(
        "returns_discounted_in_proportion",
        "A reward is multiplied by γ times its distance, not by γ to the power of its distance.",
        "The factor of a reward two steps ahead, in the formula and in your code.",
        "for step in range(len(episode)):",
        "    factors = discount_factor * exponents[: len(episode) - step]",
        "    factors[0] = 1.0",
        "    returns[start + step] = (factors * episode[step:]).sum()",
    ),
    _per_episode(
        "returns_weighted_mean",
        "The discounted rewards are averaged, but a return is their sum.",
        "Is there a division in the formula?",
        "for step in range(len(episode)):",
        "    factors = discount_factor ** exponents[: len(episode) - step]",
        "    returns[start + step] = (factors * episode[step:]).sum() / factors.sum()",
    ),
    _per_episode(
        "returns_standardized_per_episode",
        "The returns of each episode are standardized, but they should stay in units of reward.",
        "The returns of an episode whose rewards are all large.",
        "total = 0.0",
        "for step in reversed(range(start, end)):",
        "    total = rewards[step] + discount_factor * total",
        "    returns[step] = total",
        "own = returns[start:end]",
        "returns[start:end] = (own - own.mean()) / (own.std(unbiased=False) + 1e-8)",
    ),
    edited(
        "returns_other_default",
        "The default value of the discount factor has been changed, although callers rely on the original.",
        "The first line of your function, compared with the one you were given.",
        (SIGNATURE, SIGNATURE.replace("0.95", "0.99")),
    ),
    edited(
        "returns_zero_means_default",
        "A discount factor of zero is taken to mean that none was given.",
        "What is the truth value of 0.0?",
        (LOOP, "    discount_factor = discount_factor or 0.95\n" + LOOP),
    ),
    edited(
        "returns_undiscounted",
        "Later rewards count as much as the first one; they are not discounted.",
        "Where does γ enter your sum?",
        (STEP, STEP.replace("discount_factor * ", "")),
    ),
    _per_episode(
        "returns_discounted_once",
        "Every later reward is multiplied by γ just once, however far away it is.",
        "The factor of a reward two steps ahead, in the formula and in your code.",
        "for step in range(start, end):",
        "    returns[step] = rewards[step] + discount_factor * rewards[step + 1 : end].sum()",
    ),
    _per_episode(
        "returns_divided_by_distance",
        "The first reward of the sum is divided by 1, the next by 2, and so on; γ has no effect.",
        "Where does γ enter your sum?",
        "for step in range(len(episode)):",
        "    returns[start + step] = (episode[step:] / (exponents[: len(episode) - step] + 1)).sum()",
    ),
    edited(
        "returns_own_reward_discounted",
        "The step's own reward is discounted as well, so every exponent is one too high.",
        "The exponent of γ in the first term of the formula.",
        (
            STEP,
            "        following_return = discount_factor * (\n"
            "            rollout_buffer.rewards[step] + following_return\n"
            "        )\n",
        ),
    ),
    edited(
        "returns_discount_on_the_reward",
        "Every reward is multiplied by γ exactly once, the step's own one like those far away.",
        "Work out by hand, with γ, the return of an episode's second-to-last step.",
        (
            STEP,
            "        following_return = (\n"
            "            discount_factor * rollout_buffer.rewards[step] + following_return\n"
            "        )\n",
        ),
    ),
    edited(
        "returns_discount_to_the_step",
        "The recursion multiplies by a power of the discount that depends on the step's number.",
        "From G_{t+1} to G_t, how many more factors of γ does each reward get?",
        (STEP, STEP.replace("discount_factor", "discount_factor**step")),
    ),
    edited(
        "returns_discount_compounded",
        "The factor before the following return shrinks on every pass through the loop.",
        "Print the factor that you multiply by on each pass through the loop.",
        (LOOP, "    discount = 1.0\n" + LOOP),
        (STEP, STEP.replace("discount_factor", "discount")),
        (STORE, STORE + "        discount = discount * discount_factor\n"),
    ),
    _body(
        "returns_discount_from_buffer_start",
        "The discount is counted from the start of the buffer, not from the step whose return is computed.",
        "The exponent of γ on the very first reward of the second episode.",
        """
        returns = torch.zeros((rollout_buffer.final_size, 1))
        following_return = 0.0
        for step in reversed(range(rollout_buffer.final_size)):
            if rollout_buffer.terminateds[step]:
                following_return = 0.0
            reward = rollout_buffer.rewards[step]
            following_return = following_return + discount_factor**step * reward
            returns[step] = following_return
        return returns
        """,
    ),
    _per_episode(
        "returns_discount_from_episode_start",
        "The discount is counted from the start of the episode, not from the step whose return is computed.",
        "The exponent of γ on r_t in the return of step t itself.",
        "discounted = discount_factor**exponents * episode",
        "returns[start:end] = discounted.flip(0).cumsum(0).flip(0)",
    ),
    _per_episode(
        "returns_discount_from_the_end",
        "The last reward of the episode gets full weight, and rewards nearer to the step get less.",
        "For which reward in the sum is the exponent of γ zero?",
        "discounted = discount_factor ** exponents.flip(0) * episode",
        "returns[start:end] = discounted.flip(0).cumsum(0).flip(0)",
    ),
    _per_episode(
        "returns_divided_by_powers",
        "The code divides by powers of γ, which fails once they are so small that they round to zero.",
        "A discount factor of zero, and a very long episode.",
        "powers = discount_factor**exponents",
        "returns[start:end] = (powers * episode).flip(0).cumsum(0).flip(0) / powers",
    ),
    # Which rewards are added.
    _per_episode(
        "returns_whole_episode",
        "Every step gets the return of its whole episode, including rewards from before that step.",
        "Which reward does the sum for step t begin with?",
        "returns[start:end] = (discount_factor**exponents * episode).sum()",
    ),
    _per_episode(
        "returns_past_rewards",
        "The rewards up to a step are added up, not those from the step on.",
        "Does a return look back at past rewards or ahead to future ones?",
        "total = 0.0",
        "for step in range(start, end):",
        "    total = rewards[step] + discount_factor * total",
        "    returns[step] = total",
    ),
    _per_episode(
        "returns_one_step_ahead",
        "Only the step's reward and the next one are added, but the sum should run to the episode's end.",
        "How many terms does the formula have for the first step of an episode?",
        "returns[start:end] = episode",
        "returns[start : end - 1] += discount_factor * episode[1:]",
    ),
    edited(
        "returns_only_own_reward",
        "Every step gets just its own reward, without those that follow.",
        "How many terms does the formula have for the first step of an episode?",
        (STEP, STEP.replace(" + discount_factor * following_return", "")),
    ),
    edited(
        "returns_only_last_reward",
        "Only the last reward of an episode is handed back through it; the others are left out.",
        "How many terms does the formula have for the first step of an episode?",
        (
            RESET,
            FLAG + "            following_return = rollout_buffer.rewards[step]\n        else:\n",
        ),
        (STEP, "            following_return = discount_factor * following_return\n"),
    ),
    _body(
        "returns_moving_average",
        "Each return is an average of its step's reward and the return that follows, weighted with 1 - γ and γ.",
        "The factor before r_t in the formula.",
        """
            returns = torch.zeros((rollout_buffer.final_size, 1))
            for step in reversed(range(rollout_buffer.final_size)):
                reward = rollout_buffer.rewards[step]
                if rollout_buffer.terminateds[step]:
                    average = reward
                else:
                    average = (1 - discount_factor) * reward + discount_factor * average
                returns[step] = average
            return returns
        """,
    ),
    _body(
        "returns_discount_added_per_doubling",
        "Rewards from four steps ahead on are discounted too little.",
        "With which power of the discount factor does each later reward count?",
        """
            returns = rollout_buffer.rewards.reshape(-1, 1).clone()
            goes_on = ~rollout_buffer.terminateds.reshape(-1, 1)
            weight, ahead = discount_factor, 1
            while ahead < len(returns):
                shifted = torch.cat((returns[ahead:], torch.zeros_like(returns[:ahead])))
                follows = torch.cat((goes_on[ahead:], torch.zeros_like(goes_on[:ahead])))
                returns = returns + weight * goes_on * shifted
                goes_on = goes_on & follows
                weight, ahead = weight * discount_factor, 2 * ahead
            return returns
        """,
    ),
    _body(
        "returns_short_horizon",
        "Only a limited number of steps ahead is added up; the rewards after them are left out.",
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
    edited(
        "returns_own_reward_left_out",
        "The return of a step leaves out the reward of that step itself.",
        "The return of the last step of an episode.",
        (STEP + STORE, STORE + STEP),
    ),
    edited(
        "returns_last_reward_twice",
        "The reward of an episode's last step is counted twice.",
        "Follow the loop by hand through an episode of a single step.",
        (
            "            following_return = 0.0\n",
            "            following_return = rollout_buffer.rewards[step]\n",
        ),
    ),
    _per_episode(
        "returns_averaged",
        "The return is divided by the number of remaining steps, as if it were a mean and not a sum.",
        "Is there a division in the formula?",
        "total = 0.0",
        "for step in reversed(range(start, end)):",
        "    total = rewards[step] + discount_factor * total",
        "    returns[step] = total / (end - step)",
    ),
    edited(
        "returns_bellman_weights",
        "Every return is 1 - γ times as large as in the formula.",
        "The factor before r_t in the formula.",
        (
            STEP,
            STEP.replace(
                "rollout_buffer.rewards[step] + discount_factor * following_return",
                "(\n            (1 - discount_factor) * rollout_buffer.rewards[step]\n"
                "            + discount_factor * following_return\n        )",
            ),
        ),
    ),
    # Where an episode ends.
    edited(
        "returns_not_reset",
        "Rewards of the next episode flow into the returns of the one before.",
        "The return of the last step of the first episode.",
        (RESET, ""),
    ),
    edited(
        "returns_reset_after_the_step",
        "The last step of an episode is counted as the first step of the next one.",
        "If a step's flag in `terminateds` is True, which episode does that step belong to?",
        (RESET, ""),
        (STORE, STORE + RESET),
    ),
    edited(
        "returns_flag_of_the_step_before",
        "The running sum is reset at an episode's first step, before that step's reward is added.",
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
        "The return of an episode's last step is zero, although earlier returns contain its reward.",
        "The formula for t = T.",
        (STORE, STORE + FLAG + "            returns[step] = 0.0\n"),
    ),
    _body(
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
    _body(
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
    edited(
        "returns_twenty_steps",
        "Every episode is taken to last twenty steps, whatever the buffer says.",
        "Which field of the buffer says where an episode ends?",
        (FLAG, "        if (step + 1) % 20 == 0:\n"),
    ),
    # Where the loop begins and ends.
    edited(
        "returns_first_step_missed",
        "The loop leaves out the first step of the buffer, whose return stays zero.",
        "The first and the last index that your loop visits.",
        (LOOP, "    for step in range(rollout_buffer.final_size - 1, 0, -1):\n"),
    ),
    edited(
        "returns_last_step_missed",
        "The range of the loop is off by one, so the return of the buffer's last step stays zero.",
        "The first and the last index that your loop visits.",
        (LOOP, "    for step in range(rollout_buffer.final_size - 2, -1, -1):\n"),
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
    _body(
        "returns_first_episode_only",
        "Only the steps of the first episode get a return; those of later episodes stay at zero.",
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
    _body(
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
    # What is done to the sums afterwards.
    edited(
        "returns_standardized",
        "The returns are standardized here; they should still be in units of reward.",
        "The last thing you do before you hand the returns back.",
        (RESULT, "    return (returns - returns.mean()) / (returns.std() + EPSILON)\n"),
    ),
    edited(
        "returns_mean_subtracted",
        "The mean is subtracted from the returns as a baseline, which the formula does not ask for.",
        "The last thing you do before you hand the returns back.",
        (RESULT, "    return returns - returns.mean()\n"),
    ),
    edited(
        "returns_scaled_to_one",
        "The returns are divided by the largest one, but they should stay in units of reward.",
        "What happens to the result when all the rewards are doubled?",
        (RESULT, "    return returns / (returns.abs().max() + EPSILON)\n"),
    ),
    edited(
        "returns_scaled",
        "The returns are divided by their standard deviation; they should stay in units of reward.",
        "What happens to the result when all the rewards are doubled?",
        (RESULT, "    return returns / returns.std()\n"),
    ),
    edited(
        "returns_divided_by_size",
        "Every return is divided by the number of steps in the buffer.",
        "Is there a division in the formula?",
        (STORE, "        returns[step] = following_return / rollout_buffer.final_size\n"),
    ),
    edited(
        "returns_sign",
        "The returns have the wrong sign.",
        "The return of a step after which all rewards are positive.",
        (STORE, "        returns[step] = -following_return\n"),
    ),
    _per_episode(
        "returns_summed_twice",
        "The returns themselves are added up once more, from each step to the episode's end.",
        "The formula for t = T - 1.",
        "total = 0.0",
        "for step in reversed(range(start, end)):",
        "    total = rewards[step] + discount_factor * total",
        "    returns[step] = total",
        "returns[start:end] = returns[start:end].flip(0).cumsum(0).flip(0)",
    ),
    # The order of the rows.
    _body(
        "returns_back_to_front",
        "The returns come out in reverse: the first row belongs to the last step.",
        "In which order are the rows put into the result?",
        """
        returns = []
        following_return = 0.0
        for step in reversed(range(rollout_buffer.final_size)):
            if rollout_buffer.terminateds[step]:
                following_return = 0.0
            following_return = rollout_buffer.rewards[step] + discount_factor * following_return
            returns.append(following_return)
        return torch.stack(returns).unsqueeze(1)
        """,
    ),
    _body(
        "returns_each_episode_reversed",
        "Within each episode, the returns are in reverse order.",
        "The returns of a single two-step episode, worked out by hand.",
        """
        returns, episode = [], []
        for step in range(rollout_buffer.final_size):
            episode.append(rollout_buffer.rewards[step])
            last_of_all = step == rollout_buffer.final_size - 1
            if rollout_buffer.terminateds[step] or last_of_all:
                following_return = 0.0
                for reward in reversed(episode):
                    following_return = reward + discount_factor * following_return
                    returns.append(following_return)
                episode = []
        return torch.stack(returns).unsqueeze(1)
        """,
    ),
    # Shape and type.
    edited(
        "returns_flat",
        "The returns come out as a one-dimensional tensor, not as a column.",
        "The shape of the result, and the shape the docstring promises.",
        (RESULT, "    return returns.squeeze(-1)\n"),
    ),
    edited(
        "returns_row",
        "The returns come out as one row; each step should have a row of its own.",
        "The shape of the result, and the shape the docstring promises.",
        (RESULT, "    return returns.T\n"),
    ),
    _body(
        "returns_square",
        "A column and a flat tensor broadcast to a square, so every step is combined with every other one.",
        "The shapes of the two tensors that you add or multiply last.",
        """
        returns = torch.zeros((rollout_buffer.final_size, 1))
        following_return = 0.0
        for step in reversed(range(rollout_buffer.final_size)):
            returns[step] = following_return
            following_return = rollout_buffer.rewards[step] + discount_factor * following_return
            if step > 0 and rollout_buffer.terminateds[step - 1]:
                following_return = 0.0
        return rollout_buffer.rewards + discount_factor * returns
        """,
    ),
    edited(
        "returns_float64",
        "The returns are in double precision; the networks compute in single precision.",
        "The dtype of the result.",
        (ZEROS, ZEROS.replace(", 1))", ", 1), dtype=torch.float64)")),
    ),
    edited(
        "returns_from_numpy",
        "The returns are in double precision; the networks compute in single precision.",
        "The dtype of the result.",
        (ZEROS, "    returns = np.zeros((rollout_buffer.final_size, 1))\n"),
        (STORE, "        returns[step] = float(following_return)\n"),
        (RESULT, "    return torch.from_numpy(returns)\n"),
    ),
    edited(
        "returns_float16",
        "The returns are in half precision, which keeps only about three digits of each.",
        "The dtype of the result.",
        (ZEROS, ZEROS.replace(", 1))", ", 1), dtype=torch.float16)")),
    ),
    edited(
        "returns_numpy",
        "The returns come out as a NumPy array, not as a tensor.",
        "The type of what the function hands back.",
        (RESULT, "    return returns.numpy()\n"),
    ),
    edited(
        "returns_list",
        "The returns come out as a list, not as a tensor.",
        "The type of what the function hands back.",
        (RESULT, "    return returns.tolist()\n"),
    ),
    edited(
        "returns_integers",
        "The tensor for the returns holds integers, so everything after the decimal point is lost.",
        "The dtype of the tensor that you fill in the loop.",
        (ZEROS, ZEROS.replace(", 1))", ", 1), dtype=torch.int64)")),
    ),
    edited(
        "returns_truncated",
        "The returns are turned into whole numbers along the way.",
        "A reward between 0 and 1.",
        (STORE, "        returns[step] = int(following_return)\n"),
    ),
    edited(
        "returns_like_the_flags",
        "The tensor for the returns has the dtype of the flags, so it can hold only True and False.",
        "The dtype of the tensor that you fill in the loop.",
        (ZEROS, "    returns = torch.zeros_like(rollout_buffer.terminateds).unsqueeze(1)\n"),
    ),
    # The buffer is used again afterwards.
    edited(
        "returns_overwrites_rewards",
        "The function changes the buffer, although it is needed again later.",
        "The rewards in the buffer before and after the call.",
        (ZEROS, "    returns = rollout_buffer.rewards\n"),
        (RESULT, "    return returns.unsqueeze(1)\n"),
    ),
    edited(
        "returns_overwrites_through_a_view",
        "The function changes the buffer, although it is needed again later.",
        "The rewards in the buffer before and after the call.",
        (ZEROS, "    returns = rollout_buffer.rewards.reshape(-1, 1).detach()\n"),
    ),
    edited(
        "returns_overwrites_last_rewards",
        "The function changes the buffer, although it is needed again later.",
        "The rewards in the buffer before and after the call.",
        (
            RESET + STEP,
            "        if rollout_buffer.terminateds[step]:\n"
            "            following_return = rollout_buffer.rewards[step]\n"
            "        else:\n"
            "            following_return *= discount_factor\n"
            "            following_return += rollout_buffer.rewards[step]\n",
        ),
    ),
    edited(
        "returns_replaces_rewards",
        "The function changes the buffer, although it is needed again later.",
        "The rewards in the buffer before and after the call.",
        (RESULT, "    rollout_buffer.rewards = returns\n" + RESULT),
    ),
    # What an earlier call has left behind.
    _body(
        "returns_remembered_by_size",
        "The function gives back the returns of an earlier call, although the buffer is a different one.",
        "Call the function twice, with buffers of the same size but different rewards.",
        """
        size = rollout_buffer.final_size
        if (size, discount_factor) in _known:
            return _known[size, discount_factor].clone()
        returns = torch.zeros((size, 1))
        following_return = 0.0
        for step in reversed(range(size)):
            if rollout_buffer.terminateds[step]:
                following_return = 0.0
            following_return = rollout_buffer.rewards[step] + discount_factor * following_return
            returns[step] = following_return
        _known[size, discount_factor] = returns.clone()
        return returns
        """,
        before="_known = {}\n\n\n",
    ),
    _body(
        "returns_remembered_whatever_the_discount",
        "The function gives back an earlier call's returns, although the discount factor is a different one.",
        "Call it twice, with the same buffer and two discount factors.",
        """
        key = tuple(rollout_buffer.rewards.tolist())
        if key not in _known:
            returns = torch.zeros((rollout_buffer.final_size, 1))
            following_return = 0.0
            for step in reversed(range(rollout_buffer.final_size)):
                if rollout_buffer.terminateds[step]:
                    following_return = 0.0
                following_return = rollout_buffer.rewards[step] + discount_factor * following_return
                returns[step] = following_return
            _known[key] = returns
        return _known[key].clone()
        """,
        before="_known = {}\n\n\n",
    ),
    # What a probe tells, whatever the code looks like.
    told_by(
        BY_CHANCE,
        "returns_another_each_time",
        "Called twice with the same arguments, the function returns something else the second time.",
        "What in your function is drawn at random, or kept from one call to the next?",
        (RESULT, "    return returns * (1 + torch.rand(()))\n"),
    ),
    told_by(
        telltales.PROPORTIONAL,
        "returns_not_in_proportion",
        "When all rewards are doubled, the returns are not.",
        "What happens to the rewards or the returns besides weighting and adding?",
        (RESULT, "    return returns.sign() * returns.abs().sqrt()\n"),
    ),
    told_by(
        telltales.DISCOUNT,
        "returns_without_effect_of_the_discount",
        "The discount factor has no effect on the returns.",
        "Call it with two different discount factors and compare.",
        (STEP, STEP.replace("discount_factor", "0.5")),
    ),
    told_by(
        telltales.OTHER_EPISODES,
        "returns_of_other_episodes",
        "A reward changes the returns of another episode.",
        "The return of the last step of the first episode.",
        (RESET, RESET.replace("= 0.0", "= following_return / 2")),
    ),
    told_by(
        telltales.EARLIER,
        "returns_of_earlier_rewards",
        "A reward changes the returns of steps that come after it.",
        "Which reward does the sum for step t begin with?",
        (STORE, "        returns[step:] += following_return\n"),
    ),
    told_by(
        telltales.OWN_REWARD,
        "returns_other_weight_of_the_own_reward",
        "A step's own reward does not enter its return as it is.",
        "The first term of the formula.",
        (STEP, STEP.replace("rollout_buffer.r", "2 * rollout_buffer.r")),
    ),
    told_by(
        telltales.FADING,
        "returns_other_weights_of_later_rewards",
        "A later reward enters the return with another weight than in the formula.",
        "The factor of a reward two steps ahead, in the formula and in your code.",
        (STEP, STEP.replace("discount_factor", "discount_factor**3")),
    ),
]
