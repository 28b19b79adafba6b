"""Wrong advantages: how they are standardized."""

from instructor.catalogue import Mistake
from instructor.catalogue.advantages import result

MISTAKES: list[Mistake] = [
    # Steps left out.
    result(
        "advantages_not_standardized",
        "The differences are handed back as they are, without being standardized.",
        "The mean and the standard deviation of your result.",
        "return advantages",
    ),
    result(
        "advantages_only_centered",
        "Only the mean is subtracted; the advantages keep the unit of the rewards.",
        "The standard deviation of your result.",
        "return advantages - advantages.mean()",
    ),
    result(
        "advantages_only_scaled",
        "The differences are divided by their standard deviation, but their mean is left in.",
        "The mean of your result.",
        "return advantages / (advantages.std() + EPSILON)",
    ),
    # The denominator.
    result(
        "advantages_population_std",
        "The standard deviation is that of a population, with N in the denominator.",
        "A batch of two steps, worked out by hand.",
        "spread = advantages.std(unbiased=False)",
        "return (advantages - advantages.mean()) / (spread + EPSILON)",
    ),
    result(
        "advantages_variance",
        "The variance is used where the standard deviation belongs.",
        "What happens to your result when all the rewards are doubled?",
        "return (advantages - advantages.mean()) / (advantages.var() + EPSILON)",
    ),
    result(
        "advantages_root_of_std",
        "A square root is taken of what is the standard deviation already.",
        "What happens to your result when all the rewards are doubled?",
        "return (advantages - advantages.mean()) / (advantages.std().sqrt() + EPSILON)",
    ),
    result(
        "advantages_standard_error",
        "The standard error of the mean is used where the standard deviation belongs.",
        "The standard deviation of your result.",
        "spread = advantages.std() / len(advantages) ** 0.5",
        "return (advantages - advantages.mean()) / (spread + EPSILON)",
    ),
    result(
        "advantages_multiplied",
        "The differences are multiplied by the standard deviation.",
        "The standard deviation of your result.",
        "return (advantages - advantages.mean()) * (advantages.std() + EPSILON)",
    ),
    result(
        "advantages_mean_absolute_deviation",
        "The mean distance from the mean is not the standard deviation.",
        "The standard deviation of your result.",
        "centered = advantages - advantages.mean()",
        "return centered / (centered.abs().mean() + EPSILON)",
    ),
    result(
        "advantages_spread_about_zero",
        "The spread is measured from zero, not from the mean.",
        "A batch in which every step is better than expected by about ten.",
        "spread = (advantages**2).sum().div(len(advantages) - 1).sqrt()",
        "return (advantages - advantages.mean()) / (spread + EPSILON)",
    ),
    result(
        "advantages_unit_length",
        "The advantages are scaled to a vector of length one.",
        "The standard deviation of your result.",
        "centered = advantages - advantages.mean()",
        "return centered / (centered.norm() + EPSILON)",
    ),
    result(
        "advantages_scaled_to_largest",
        "The advantages are divided by the largest of them.",
        "The standard deviation of your result.",
        "centered = advantages - advantages.mean()",
        "return centered / (centered.abs().max() + EPSILON)",
    ),
    result(
        "advantages_zero_to_one",
        "The advantages are scaled to the range from 0 to 1, so none of them is negative.",
        "A step that turned out worse than expected.",
        "span = advantages.max() - advantages.min()",
        "return (advantages - advantages.min()) / (span + EPSILON)",
    ),
    result(
        "advantages_spread_of_returns",
        "The standard deviation is that of the returns, not that of the differences.",
        "What is std taken of in the formula?",
        "return (advantages - advantages.mean()) / (returns.std() + EPSILON)",
    ),
    result(
        "advantages_clipped",
        "After they are standardized, the advantages are cut off at -1 and 1.",
        "The largest of your advantages.",
        "advantages = (advantages - advantages.mean()) / (advantages.std() + EPSILON)",
        "return advantages.clamp(-1, 1)",
    ),
    # The numerator.
    result(
        "advantages_mean_of_returns",
        "The mean that is subtracted is that of the returns, not that of the differences.",
        "What is mean taken of in the formula?",
        "return (advantages - returns.mean()) / (advantages.std() + EPSILON)",
    ),
    result(
        "advantages_median",
        "The median is subtracted where the mean belongs.",
        "The mean of your result.",
        "return (advantages - advantages.median()) / (advantages.std() + EPSILON)",
    ),
    result(
        "advantages_smallest_subtracted",
        "The smallest difference is subtracted where the mean belongs.",
        "The mean of your result.",
        "return (advantages - advantages.min()) / (advantages.std() + EPSILON)",
    ),
    result(
        "advantages_mean_added",
        "The mean is added where it should be taken away.",
        "The mean of your result.",
        "return (advantages + advantages.mean()) / (advantages.std() + EPSILON)",
    ),
    # Axes, brackets and EPSILON.
    result(
        "advantages_wrong_axis",
        "Mean and standard deviation are taken within each step, which is a single number.",
        "Over which dimension do you average?",
        "mean = advantages.mean(dim=1, keepdim=True)",
        "spread = advantages.std(dim=1, keepdim=True)",
        "return (advantages - mean) / (spread + EPSILON)",
    ),
    result(
        "advantages_wrong_axis_for_the_mean",
        "The mean is taken within each step, which is a single number, and nothing is left.",
        "Over which dimension do you average?",
        "mean = advantages.mean(dim=1, keepdim=True)",
        "return (advantages - mean) / (advantages.std() + EPSILON)",
    ),
    result(
        "advantages_only_the_mean_divided",
        "Only the mean is divided by the standard deviation, since division binds more tightly.",
        "The order in which Python works out `a - b / c`.",
        "return advantages - advantages.mean() / (advantages.std() + EPSILON)",
    ),
    result(
        "advantages_mean_after_scaling",
        "The differences are scaled first, and a mean that is not scaled is then subtracted.",
        "The mean of your result.",
        "return advantages / (advantages.std() + EPSILON) - advantages.mean()",
    ),
    result(
        "advantages_epsilon_outside",
        "EPSILON is added to the quotient, so a division by zero is still possible.",
        "A batch in which all the differences are the same.",
        "return (advantages - advantages.mean()) / advantages.std() + EPSILON",
    ),
    result(
        "advantages_no_epsilon",
        "Where all the differences are the same, this divides zero by zero.",
        "A batch in which all the differences are the same.",
        "return (advantages - advantages.mean()) / advantages.std()",
    ),
    result(
        "advantages_epsilon_above",
        "EPSILON stands in the numerator, so a division by zero is still possible.",
        "A batch in which all the differences are the same.",
        "return (advantages - advantages.mean() + EPSILON) / advantages.std()",
    ),
    result(
        "advantages_large_epsilon",
        "The number added to the standard deviation is not EPSILON but a much larger one.",
        "A batch whose differences are tiny.",
        "return (advantages - advantages.mean()) / (advantages.std() + 1e-5)",
    ),
    result(
        "advantages_epsilon_in_the_root",
        "EPSILON is added to the variance, under the root, where it weighs more.",
        "A batch whose differences are tiny.",
        "spread = torch.sqrt(advantages.var() + EPSILON)",
        "return (advantages - advantages.mean()) / spread",
    ),
    result(
        "advantages_one_added",
        "One is added to the standard deviation, so small advantages become smaller still.",
        "The standard deviation of your result.",
        "return (advantages - advantages.mean()) / (advantages.std() + 1)",
    ),
]
