"""The return as a product: which rewards a step counts, with which weights, and what becomes of the sums."""

from instructor.catalogue.formulas import Formula, Term

SOURCE = """
def get_returns(rollout_buffer, discount_factor=0.95):
    rewards = rollout_buffer.rewards.double().reshape(-1)
    ends = rollout_buffer.terminateds.reshape(-1)
    size = len(rewards)
    step, other = torch.arange(size)[:, None], torch.arange(size)[None, :]
    gamma = $discount
    $rewards
    episode = $episodes
    same = episode[:, None] == episode[None, :]
    first, last = same.int().argmax(1, keepdim=True), size - 1 - same.flip(1).int().argmax(1, keepdim=True)
    $counted
    weights = torch.where(same & counted, ($weight) + torch.zeros(size, size).double(), 0.0)
    returns = weights @ rewards
    $mean
    $result
    return returns$form
"""

COUNTED = "counted, lag = other >= step, other - step"
EPISODES = "ends.int().cumsum(0) - ends.int()"

PER_EPISODE = """
    for start in first.unique().tolist():
        own = returns[start : int(last[start]) + 1]
        {}
"""
PER_EPISODE_OF_REWARDS = """
    numbers = ends.int().cumsum(0) - ends.int()
    for number in numbers.unique():
        own = rewards[numbers == number]
        rewards[numbers == number] = {}
"""

FORMULA = Formula(
    SOURCE,
    {
        "discount": Term(
            "discount_factor",
            (
                ("returns_undiscounted", "1.0"),
                ("returns_hard_coded_discount", "0.95"),
                ("returns_hard_coded_discount_of_99", "0.99"),
                ("returns_hard_coded_discount_of_90", "0.9"),
                ("returns_discount_times_lambda", "0.95 * discount_factor"),
                ("returns_discount_squared", "discount_factor**2"),
                ("returns_root_of_discount", "discount_factor**0.5"),
                ("returns_one_minus_discount", "1 - discount_factor"),
            ),
        ),
        "rewards": Term(
            "",
            (
                (
                    "returns_of_standardized_rewards",
                    "rewards = (rewards - rewards.mean()) / (rewards.std() + 1e-8)",
                ),
                (
                    "returns_of_standardized_rewards",
                    "rewards = (rewards - rewards.mean()) / (rewards.std(unbiased=False) + 1e-8)",
                ),
                (
                    "returns_of_standardized_rewards",
                    PER_EPISODE_OF_REWARDS.format(
                        "(own - own.mean()) / (own.std(unbiased=False) + 1e-8)"
                    ),
                ),
                ("returns_of_centered_rewards", "rewards = rewards - rewards.mean()"),
                ("returns_of_centered_rewards", PER_EPISODE_OF_REWARDS.format("own - own.mean()")),
                ("returns_of_scaled_rewards", "rewards = rewards / rewards.std()"),
                ("returns_of_scaled_rewards", "rewards = rewards / rewards.std(unbiased=False)"),
                ("returns_of_scaled_rewards", "rewards = rewards / rewards.abs().max()"),
                ("returns_of_clipped_rewards", "rewards = rewards.clamp(-1, 1)"),
                ("returns_of_clipped_rewards", "rewards = rewards.sign()"),
                ("returns_of_absolute_rewards", "rewards = rewards.abs()"),
            ),
        ),
        "episodes": Term(
            EPISODES,
            (
                ("returns_not_reset", "torch.zeros(size)"),
                ("returns_reset_after_the_step", "ends.int().cumsum(0)"),
                (
                    "returns_flag_of_the_step_before",
                    "ends.roll(1).int().cumsum(0) - ends.roll(1).int()",
                ),
                (
                    "returns_equal_lengths",
                    "torch.arange(size) // (int(ends.int().argmax()) + 1)",
                ),
                (
                    "returns_average_length",
                    "torch.arange(size) // max(size // int(ends.sum()), 1)",
                ),
            ),
        ),
        "counted": Term(
            COUNTED,
            (
                ("returns_own_reward_left_out", "counted, lag = other > step, other - step - 1"),
                ("returns_own_reward_left_out", "counted, lag = other > step, other - step"),
                ("returns_whole_episode", "counted, lag = other >= 0, other - first"),
                ("returns_whole_episode", "counted, lag = other >= 0, other - step"),
                ("returns_past_rewards", "counted, lag = other <= step, step - other"),
                ("returns_past_rewards", "counted, lag = other <= step, other - first"),
                (
                    "returns_one_step_ahead",
                    "counted, lag = (other == step) | (other == step + 1), other - step",
                ),
                ("returns_only_own_reward", "counted, lag = other == step, other - step"),
                (
                    "returns_only_last_reward",
                    "counted, lag = (other == last) & (other >= step), other - step",
                ),
                (
                    "returns_zero_at_the_end",
                    "counted, lag = (other >= step) & (other < last), other - step",
                ),
                (
                    "returns_short_horizon",
                    "counted, lag = (other >= step) & (other < step + 5), other - step",
                ),
                (
                    "returns_short_horizon",
                    "counted, lag = (other >= step) & (other < step + 10), other - step",
                ),
            ),
        ),
        "weight": Term(
            "gamma ** lag.clamp(min=0).double()",
            (
                ("returns_own_reward_discounted", "gamma ** (lag.clamp(min=0).double() + 1)"),
                ("returns_discount_on_the_reward", "gamma"),
                (
                    "returns_discount_from_buffer_start",
                    "gamma ** other.double()",
                ),
                ("returns_discount_from_buffer_start", "gamma ** step.double()"),
                ("returns_discount_from_episode_start", "gamma ** (other - first).double()"),
                ("returns_discount_from_episode_start", "gamma ** (step - first).double()"),
                ("returns_discount_from_the_end", "gamma ** (last - other).clamp(min=0).double()"),
                ("returns_discounted_in_proportion", "torch.where(lag > 0, gamma * lag, 1.0)"),
                ("returns_discounted_in_proportion", "gamma * lag.double()"),
                ("returns_discounted_in_proportion", "gamma * (lag.double() + 1)"),
                ("returns_discounted_once", "torch.where(lag > 0, gamma, 1.0).double()"),
                ("returns_divided_by_distance", "1 / (1 + lag.clamp(min=0).double())"),
                (
                    "returns_bellman_weights",
                    "(1 - gamma) * gamma ** lag.clamp(min=0).double()",
                ),
                (
                    "returns_discount_to_the_step",
                    "gamma ** ((other * (other - 1) - step * (step - 1)) / 2).clamp(min=0).double()",
                ),
            ),
        ),
        "mean": Term(
            "",
            (
                ("returns_averaged", "returns = returns / (same & counted).sum(1).clamp(min=1)"),
                ("returns_divided_by_length", "returns = returns / same.sum(1)"),
                ("returns_divided_by_size", "returns = returns / size"),
                ("returns_weighted_mean", "returns = returns / weights.sum(1)"),
            ),
        ),
        "result": Term(
            "",
            (
                (
                    "returns_standardized",
                    "returns = (returns - returns.mean()) / (returns.std() + 1e-8)",
                ),
                (
                    "returns_standardized",
                    "returns = (returns - returns.mean()) / (returns.std(unbiased=False) + 1e-8)",
                ),
                ("returns_mean_subtracted", "returns = returns - returns.mean()"),
                (
                    "returns_mean_of_the_episode_subtracted",
                    PER_EPISODE.format("returns[start : start + len(own)] = own - own.mean()"),
                ),
                (
                    "returns_standardized_per_episode",
                    PER_EPISODE.format(
                        "returns[start : start + len(own)] = "
                        "(own - own.mean()) / (own.std(unbiased=False) + 1e-8)"
                    ),
                ),
                ("returns_scaled_to_one", "returns = returns / returns.abs().max()"),
                ("returns_scaled_to_one", "returns = returns / returns.max()"),
                ("returns_scaled", "returns = returns / returns.std()"),
                ("returns_scaled", "returns = returns / returns.std(unbiased=False)"),
                ("returns_back_to_front", "returns = returns.flip(0)"),
                (
                    "returns_each_episode_reversed",
                    PER_EPISODE.format("returns[start : start + len(own)] = own.flip(0)"),
                ),
                ("returns_last_step_stays_zero", "returns[ends] = 0.0"),
                ("returns_sign", "returns = -returns"),
                ("returns_summed_twice", "returns = (same & counted).double() @ returns"),
            ),
        ),
        "form": Term(
            ".float().reshape(-1, 1)",
            (
                ("returns_flat", ".float()"),
                ("returns_row", ".float().reshape(1, -1)"),
                ("returns_float64", ".reshape(-1, 1)"),
            ),
        ),
    },
    others=("returns_equal_lengths", "returns_short_horizon"),
)
