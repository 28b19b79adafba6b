"""Wrong returns: which rewards are added up, and how they are discounted."""

import textwrap

from instructor.catalogue import Change, Mistake

SIGNATURE = "def get_returns(rollout_buffer, discount_factor=0.95):\n"
LOOP = "    for step in reversed(range(rollout_buffer.final_size)):\n"
STEP = (
    "        following_return = rollout_buffer.rewards[step] + discount_factor * following_return\n"
)
STORE = "        returns[step] = following_return\n"
RESULT = "    return returns\n"

# Correct by itself; the mistakes below fill in what is done with the rewards of one episode.
PER_EPISODE = """
    rewards = rollout_buffer.rewards.reshape(-1, 1)
    ends = [step + 1 for step, end in enumerate(rollout_buffer.terminateds) if end]
    returns = torch.zeros_like(rewards)
    for start, end in zip([0] + ends, ends):
        episode = rewards[start:end]
        exponents = torch.arange(float(len(episode))).reshape(-1, 1)
"""


def edited(name: str, misconception: str, look: str, *edits: tuple[str, str]) -> Mistake:
    """A mistake made by edits of the reference."""
    return Mistake(name, "returns", misconception, look, Change(edits=edits))


def rewritten(name: str, misconception: str, look: str, body: str, before: str = "") -> Mistake:
    """A mistake with another body of get_returns; `before` stands before the function."""
    body = textwrap.indent(textwrap.dedent(body).strip("\n"), "    ")
    change = Change(functions=before + SIGNATURE + body + "\n")
    return Mistake(name, "returns", misconception, look, change)


def _per_episode(name: str, misconception: str, look: str, *lines: str) -> Mistake:
    inner = "".join(f"        {line}\n" for line in lines)
    return rewritten(name, misconception, look, PER_EPISODE + inner + "    return returns\n")


MISTAKES = [
    # How the rewards are discounted.
    edited(
        "returns_hard_coded_discount",
        "The discount factor is a fixed number; the one handed to the function has no effect.",
        "Call it with two different discount factors and compare.",
        (STEP, STEP.replace("discount_factor", "0.95")),
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
        "The discount is applied to the step's own reward, not to what follows it.",
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
        "The discount factor itself shrinks on every pass through the loop, so the discounting is too strong.",
        "Print the factor that you multiply by on each pass through the loop.",
        (LOOP, "    discount = 1.0\n" + LOOP),
        (STEP, STEP.replace("discount_factor", "discount")),
        (STORE, STORE + "        discount = discount * discount_factor\n"),
    ),
    rewritten(
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
        "The reward and the next step's return are averaged with the weights 1 - γ and γ.",
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
]
