"""Wrong advantages: the difference, shapes and types, the gradient, the standardization."""

from grading.wire import BY_CHANCE
from instructor.catalogue.mistakes import Mistake, edited, rewritten, told_by
from instructor.catalogue.reference_lines.advantages import BODY, DIFFERENCE, RESULT
from tests.scenarios import telltales


def _body(name: str, misconception: str, look: str, *lines: str) -> Mistake:
    """Another body of the function."""
    return edited(name, misconception, look, (BODY, "".join(f"    {line}\n" for line in lines)))


def _difference(name: str, misconception: str, look: str, *lines: str) -> Mistake:
    """Other lines for the difference between returns and values."""
    new = "".join(f"        {line}\n" for line in lines)
    return edited(name, misconception, look, (DIFFERENCE, new))


def _result(name: str, misconception: str, look: str, *lines: str) -> Mistake:
    """Other lines for what is made of the difference."""
    new = "".join(f"        {line}\n" for line in lines)
    return edited(name, misconception, look, (RESULT, new))


MISTAKES = [
    # What is subtracted from what.
    _difference(
        "advantages_sign",
        "The advantages have the wrong sign, so better steps count as worse ones.",
        "A step that turned out better than expected: is its advantage positive?",
        "advantages = value_net(observations) - returns",
    ),
    _difference(
        "advantages_absolute",
        "The sign of the difference is dropped, so steps worse than expected count like better ones.",
        "A step that turned out worse than expected.",
        "advantages = (returns - value_net(observations)).abs()",
    ),
    _difference(
        "advantages_squared",
        "The difference is squared, as in the loss of the value network.",
        "A step that turned out worse than expected.",
        "advantages = (returns - value_net(observations)) ** 2",
    ),
    _difference(
        "advantages_without_values",
        "The values have no effect on the result, so the advantages are just standardized returns.",
        "Does your result change when the network's predictions do?",
        "advantages = returns",
    ),
    _difference(
        "advantages_only_values",
        "The advantages use only the value network's predictions and ignore the returns.",
        "Where do the returns enter your advantages?",
        "advantages = value_net(observations)",
    ),
    _difference(
        "advantages_added",
        "Return and value are added, but an advantage is how far the return exceeds the value.",
        "A network that predicts every return exactly.",
        "advantages = returns + value_net(observations)",
    ),
    _difference(
        "advantages_relative",
        "The return is seen in proportion to the value, so steps with a small value count for more.",
        "Compare the first line of the formula with your code.",
        "advantages = returns / value_net(observations) - 1",
    ),
    _difference(
        "advantages_bootstrapped",
        "The value of the next step is added, but the return already includes the rewards that follow.",
        "What does G_t include besides the reward of step t?",
        "values = value_net(observations)",
        "advantages = returns + 0.95 * values.roll(-1, 0) - values",
    ),
    _difference(
        "advantages_next_value",
        "The value of the next step is subtracted, not that of the step itself.",
        "Which value belongs to which return?",
        "values = value_net(observations)",
        "advantages = returns - torch.cat((values[1:], values[-1:] * 0))",
    ),
    _difference(
        "advantages_standardized_returns",
        "The returns are standardized before the subtraction, so the values are in a different unit.",
        "The units of the two quantities in your subtraction.",
        "returns = (returns - returns.mean()) / (returns.std() + EPSILON)",
        "advantages = returns - value_net(observations)",
    ),
    _difference(
        "advantages_both_standardized",
        "Returns and values are standardized separately before they are subtracted.",
        "A network whose predictions are all ten times too large.",
        "values = value_net(observations)",
        "values = (values - values.mean()) / (values.std() + EPSILON)",
        "advantages = (returns - returns.mean()) / (returns.std() + EPSILON) - values",
    ),
    _body(
        "advantages_returns_standardized_first",
        "The returns are standardized before the subtraction, but the values are in units of reward.",
        "In which units are the returns, and in which are the values?",
        "with torch.no_grad():",
        "    standardized = (returns - returns.mean()) / (returns.std() + EPSILON)",
        "    return standardized - value_net(observations)",
    ),
    _body(
        "advantages_parts_standardized",
        "Returns and values are standardized separately, but it is their difference that matters.",
        "The mean and the standard deviation of your result.",
        "with torch.no_grad():",
        "    values = value_net(observations)",
        "    standardized = [(x - x.mean()) / (x.std() + EPSILON) for x in (returns, values)]",
        "    return standardized[0] - standardized[1]",
    ),
    _difference(
        "advantages_positive_values",
        "Negative values are replaced by zero, though a value can be negative.",
        "A batch whose rewards are all negative.",
        "advantages = returns - torch.relu(value_net(observations))",
    ),
    _difference(
        "advantages_positive_only",
        "Steps that turned out worse than expected are treated as if they went exactly as expected.",
        "A step that turned out worse than expected.",
        "advantages = torch.relu(returns - value_net(observations))",
    ),
    # Shapes and types.
    _difference(
        "advantages_broadcast",
        "In effect every value is subtracted from every return, not only from that of its own step.",
        "The shapes of the two tensors that are subtracted, and the shape of the result.",
        "advantages = returns - value_net(observations).squeeze(-1)",
    ),
    _difference(
        "advantages_broadcast_column",
        "The values have no effect on the result, so the advantages are just standardized returns.",
        "The shapes of the two tensors that are subtracted, and the shape of the result.",
        "advantages = returns - value_net(observations).squeeze(-1)",
        "advantages = advantages.mean(1, keepdim=True)",
    ),
    _difference(
        "advantages_flat",
        "The advantages come out as a one-dimensional tensor, not as a column.",
        "The shape of the result, and the shape the docstring promises.",
        "advantages = (returns - value_net(observations)).squeeze(-1)",
    ),
    _difference(
        "advantages_row",
        "The advantages come out as one row; each step should have a row of its own.",
        "The shape of the result, and the shape the docstring promises.",
        "advantages = (returns - value_net(observations)).reshape(1, -1)",
    ),
    _difference(
        "advantages_float64",
        "The advantages are in double precision; the networks compute in single precision.",
        "The dtype of the result.",
        "advantages = (returns - value_net(observations)).double()",
    ),
    _difference(
        "advantages_whole_numbers",
        "The differences are turned into whole numbers before they are standardized.",
        "A return that exceeds its value by a half.",
        "advantages = (returns - value_net(observations)).long().float()",
    ),
    _result(
        "advantages_numpy",
        "The advantages come out as a NumPy array, not as a tensor.",
        "The type of what the function hands back.",
        "advantages = (advantages - advantages.mean()) / (advantages.std() + EPSILON)",
        "return advantages.numpy()",
    ),
    _result(
        "advantages_list",
        "The advantages come out as a list, not as a tensor.",
        "The type of what the function hands back.",
        "advantages = (advantages - advantages.mean()) / (advantages.std() + EPSILON)",
        "return advantages.tolist()",
    ),
    # The gradient.
    _body(
        "advantages_gradient_not_cut",
        "The policy's loss sends gradients through the advantages into the value network.",
        "Does your result require a gradient?",
        "advantages = returns - value_net(observations)",
        "return (advantages - advantages.mean()) / (advantages.std() + EPSILON)",
    ),
    _body(
        "advantages_network_frozen",
        "The value network's parameters stay frozen after the call, so the network can no longer learn.",
        "The `requires_grad` of the network's parameters after the call.",
        "value_net.requires_grad_(False)",
        "advantages = returns - value_net(observations)",
        "return (advantages - advantages.mean()) / (advantages.std() + EPSILON)",
    ),
    # What belongs to the caller, and what an earlier call has left behind.
    _difference(
        "advantages_change_the_returns",
        "The caller's returns are changed in place, although the value loss needs them later.",
        "The tensor that you pass as returns, before and after the call.",
        "returns -= value_net(observations)",
        "advantages = returns",
    ),
    _difference(
        "advantages_center_the_returns",
        "The caller's returns are changed in place, although the value loss needs them later.",
        "The tensor that you pass as returns, before and after the call.",
        "returns -= returns.mean()",
        "advantages = returns - value_net(observations)",
    ),
    rewritten(
        "advantages_running_statistics",
        "The mean and the standard deviation also include the batches of earlier calls.",
        "Does the same call give the same result when another call comes before it?",
        """
            _seen = []


            def get_advantages(value_net, observations, returns):
                with torch.no_grad():
                    advantages = returns - value_net(observations)
                    _seen.append(advantages)
                    everything = torch.cat(_seen)
                    return (advantages - everything.mean()) / (everything.std() + EPSILON)
            """,
    ),
    # Steps of the standardization left out.
    _result(
        "advantages_not_standardized",
        "The differences are handed back as they are, without being standardized.",
        "The mean and the standard deviation of your result.",
        "return advantages",
    ),
    _result(
        "advantages_only_centered",
        "Only the mean is subtracted, so the advantages stay in units of reward.",
        "The standard deviation of your result.",
        "return advantages - advantages.mean()",
    ),
    _result(
        "advantages_only_scaled",
        "The differences are divided by their standard deviation, but their mean is left in.",
        "The mean of your result.",
        "return advantages / (advantages.std() + EPSILON)",
    ),
    edited(
        "advantages_raw_where_alike",
        "When all the differences are the same, they are returned without being standardized.",
        "What the formula gives for a batch in which all the differences are the same.",
        (
            RESULT,
            "        if advantages.std() < 1e-6:\n            return advantages\n" + RESULT,
        ),
    ),
    # The denominator.
    _result(
        "advantages_population_std",
        "The population standard deviation is used, with N in the denominator.",
        "A batch of two steps, worked out by hand.",
        "spread = advantages.std(unbiased=False)",
        "return (advantages - advantages.mean()) / (spread + EPSILON)",
    ),
    _result(
        "advantages_variance",
        "The variance is used where the standard deviation belongs.",
        "What happens to your result when all the rewards are doubled?",
        "return (advantages - advantages.mean()) / (advantages.var() + EPSILON)",
    ),
    _result(
        "advantages_root_of_std",
        "A square root is taken of a number that is the standard deviation already.",
        "What happens to your result when all the rewards are doubled?",
        "return (advantages - advantages.mean()) / (advantages.std().sqrt() + EPSILON)",
    ),
    _result(
        "advantages_standard_error",
        "The standard error of the mean is used where the standard deviation belongs.",
        "The standard deviation of your result.",
        "spread = advantages.std() / len(advantages) ** 0.5",
        "return (advantages - advantages.mean()) / (spread + EPSILON)",
    ),
    _result(
        "advantages_multiplied",
        "The differences are multiplied by the standard deviation.",
        "The standard deviation of your result.",
        "return (advantages - advantages.mean()) * (advantages.std() + EPSILON)",
    ),
    _result(
        "advantages_mean_absolute_deviation",
        "The mean absolute deviation is used where the standard deviation belongs.",
        "The standard deviation of your result.",
        "centered = advantages - advantages.mean()",
        "return centered / (centered.abs().mean() + EPSILON)",
    ),
    _result(
        "advantages_mean_absolute_deviation_of_a_sample",
        "The mean absolute deviation, with N - 1, is used where the standard deviation belongs.",
        "The standard deviation of your result.",
        "centered = advantages - advantages.mean()",
        "spread = centered.abs().sum() / (len(centered) - 1)",
        "return centered / (spread + EPSILON)",
    ),
    _result(
        "advantages_spread_about_zero",
        "The spread of the differences is measured around zero, not around their mean.",
        "A batch in which every step is better than expected by about ten.",
        "spread = (advantages**2).sum().div(len(advantages) - 1).sqrt()",
        "return (advantages - advantages.mean()) / (spread + EPSILON)",
    ),
    _result(
        "advantages_unit_length",
        "The advantages are scaled to a vector of length one.",
        "The standard deviation of your result.",
        "centered = advantages - advantages.mean()",
        "return centered / (centered.norm() + EPSILON)",
    ),
    _result(
        "advantages_scaled_to_largest",
        "The advantages are divided by the largest of them.",
        "The standard deviation of your result.",
        "centered = advantages - advantages.mean()",
        "return centered / (centered.abs().max() + EPSILON)",
    ),
    _result(
        "advantages_zero_to_one",
        "The advantages are scaled to the range from 0 to 1, so none of them is negative.",
        "A step that turned out worse than expected.",
        "span = advantages.max() - advantages.min()",
        "return (advantages - advantages.min()) / (span + EPSILON)",
    ),
    _result(
        "advantages_minus_one_to_one",
        "The advantages are scaled to the range from -1 to 1, whatever their spread.",
        "The mean and the standard deviation of your result.",
        "span = advantages.max() - advantages.min()",
        "return 2 * (advantages - advantages.min()) / (span + EPSILON) - 1",
    ),
    _result(
        "advantages_spread_of_returns",
        "The standard deviation of the returns is used, not that of the differences.",
        "Which quantity is the standard deviation taken of in the formula?",
        "return (advantages - advantages.mean()) / (returns.std() + EPSILON)",
    ),
    # The numerator.
    _result(
        "advantages_mean_of_returns",
        "The mean of the returns is subtracted, not the mean of the differences.",
        "Which quantity is the mean taken of in the formula?",
        "return (advantages - returns.mean()) / (advantages.std() + EPSILON)",
    ),
    _result(
        "advantages_mean_of_values",
        "The mean of the predictions is subtracted, not the mean of the differences.",
        "Which quantity is the mean taken of in the formula?",
        "mean = value_net(observations).mean()",
        "return (advantages - mean) / (advantages.std() + EPSILON)",
    ),
    _result(
        "advantages_median",
        "The median is subtracted where the mean belongs.",
        "The mean of your result.",
        "return (advantages - advantages.median()) / (advantages.std() + EPSILON)",
    ),
    _result(
        "advantages_smallest_subtracted",
        "The smallest difference is subtracted where the mean belongs.",
        "The mean of your result.",
        "return (advantages - advantages.min()) / (advantages.std() + EPSILON)",
    ),
    _result(
        "advantages_mean_added",
        "The mean is added where it should be taken away.",
        "The mean of your result.",
        "return (advantages + advantages.mean()) / (advantages.std() + EPSILON)",
    ),
    # Axes and brackets.
    _result(
        "advantages_wrong_axis",
        "The standard deviation is taken within each step, and a single number has none.",
        "Over which dimension do you average?",
        "mean = advantages.mean(dim=1, keepdim=True)",
        "spread = advantages.std(dim=1, keepdim=True)",
        "return (advantages - mean) / (spread + EPSILON)",
    ),
    _result(
        "advantages_wrong_axis_for_the_mean",
        "All the advantages are zero, whatever the returns and the values are.",
        "Over which dimension do you average?",
        "mean = advantages.mean(dim=1, keepdim=True)",
        "return (advantages - mean) / (advantages.std() + EPSILON)",
    ),
    _result(
        "advantages_only_the_mean_divided",
        "Only the mean is divided by the standard deviation, since division comes before subtraction.",
        "The order in which Python evaluates `a - b / c`.",
        "return advantages - advantages.mean() / (advantages.std() + EPSILON)",
    ),
    _result(
        "advantages_mean_after_scaling",
        "The differences are scaled first, but the mean that is then subtracted is not scaled.",
        "The mean of your result.",
        "return advantages / (advantages.std() + EPSILON) - advantages.mean()",
    ),
    # What is added to the standard deviation.
    _result(
        "advantages_epsilon_outside",
        "EPSILON is not added to the divisor, which matters where the differences are tiny or all the same.",
        "A batch in which all the differences are the same.",
        "return (advantages - advantages.mean()) / advantages.std() + EPSILON",
    ),
    _result(
        "advantages_no_epsilon",
        "EPSILON is not added to the divisor, which matters where the differences are tiny or all the same.",
        "A batch in which all the differences are the same.",
        "return (advantages - advantages.mean()) / advantages.std()",
    ),
    _result(
        "advantages_epsilon_above",
        "EPSILON stands in the numerator, so a division by zero is still possible.",
        "A batch in which all the differences are the same.",
        "return (advantages - advantages.mean() + EPSILON) / advantages.std()",
    ),
    _result(
        "advantages_large_epsilon",
        "The number added to the standard deviation is not EPSILON but a much larger one.",
        "A batch whose differences are tiny.",
        "return (advantages - advantages.mean()) / (advantages.std() + 1e-8)",
    ),
    _result(
        "advantages_epsilon_in_the_root",
        "EPSILON is added to the variance, under the square root, where it has a larger effect.",
        "A batch whose differences are tiny.",
        "spread = torch.sqrt(advantages.var() + EPSILON)",
        "return (advantages - advantages.mean()) / spread",
    ),
    _result(
        "advantages_one_added",
        "The number 1 is added to the standard deviation, which makes small advantages even smaller.",
        "The standard deviation of your result.",
        "return (advantages - advantages.mean()) / (advantages.std() + 1)",
    ),
    # Advantages clipped afterwards.
    _result(
        "advantages_squashed",
        "The standardized advantages go through a hyperbolic tangent.",
        "The largest of your advantages.",
        "advantages = (advantages - advantages.mean()) / (advantages.std() + EPSILON)",
        "return torch.tanh(advantages)",
    ),
    _result(
        "advantages_statistics_of_returns",
        "Mean and standard deviation are those of the returns, not those of the differences.",
        "Which quantity are mean and standard deviation taken of in the formula?",
        "return (advantages - returns.mean()) / (returns.std() + EPSILON)",
    ),
    _result(
        "advantages_spread_about_mean_of_returns",
        "The mean of the returns is used for the differences, and their spread is taken about it too.",
        "Which quantity is the mean taken of in the formula?",
        "centered = advantages - returns.mean()",
        "spread = ((centered**2).sum() / (len(centered) - 1)).sqrt()",
        "return centered / (spread + EPSILON)",
    ),
    _result(
        "advantages_mean_and_spread_swapped",
        "The standard deviation is subtracted, and the mean is divided by.",
        "The mean of your result.",
        "return (advantages - advantages.std()) / (advantages.mean() + EPSILON)",
    ),
    _result(
        "advantages_sum_subtracted",
        "The sum of the differences is subtracted, not their mean.",
        "The mean of your result.",
        "return (advantages - advantages.sum()) / (advantages.std() + EPSILON)",
    ),
    _result(
        "advantages_divided_by_largest",
        "The differences are divided by the largest of them and keep their mean.",
        "Which two statistics does the formula use?",
        "return advantages / (advantages.abs().max() + EPSILON)",
    ),
    _result(
        "advantages_cut_off_at_zero",
        "Negative advantages become zero, so bad actions are never discouraged.",
        "The smallest of your advantages.",
        "advantages = (advantages - advantages.mean()) / (advantages.std() + EPSILON)",
        "return advantages.clamp(min=0)",
    ),
    _result(
        "advantages_absolute_afterwards",
        "The sign of the standardized advantages is dropped, so bad actions count like good ones.",
        "The smallest of your advantages.",
        "advantages = (advantages - advantages.mean()) / (advantages.std() + EPSILON)",
        "return advantages.abs()",
    ),
    _result(
        "advantages_softmax",
        "The advantages are turned into weights that add up to one.",
        "The sign of the smallest of your advantages.",
        "return torch.softmax(advantages, dim=0)",
    ),
    _result(
        "advantages_range",
        "The difference of largest and smallest is divided by, not the standard deviation.",
        "Which measure of spread does the formula use?",
        "spread = advantages.max() - advantages.min()",
        "return (advantages - advantages.mean()) / (spread + EPSILON)",
    ),
    _result(
        "advantages_clipped",
        "The advantages are clipped at -1 and 1 after they are standardized.",
        "The largest of your advantages.",
        "advantages = (advantages - advantages.mean()) / (advantages.std() + EPSILON)",
        "return advantages.clamp(-1, 1)",
    ),
    edited(
        "advantages_rescaled_values",
        "The values are rescaled with mean and spread of the returns, but they are in units of reward.",
        "In which unit does the value network predict the return?",
        (
            DIFFERENCE,
            "        values = value_net(observations) * returns.std() + returns.mean()\n"
            "        advantages = returns - values\n",
        ),
    ),
    _result(
        "advantages_exponentiated",
        "The exponential of the advantages is returned, as another method weights its steps.",
        "Can an advantage be negative?",
        "advantages = (advantages - advantages.mean()) / (advantages.std() + EPSILON)",
        "return advantages.exp()",
    ),
    edited(
        "advantages_population_std_of_returns",
        "The divisor is the spread of the returns, and that of a population, with N in the denominator.",
        "Of which numbers does the formula take the standard deviation, and what is it divided by?",
        (RESULT, RESULT.replace("advantages.std()", "returns.std(unbiased=False)")),
    ),
    edited(
        "advantages_outliers_clipped",
        "Advantages far from the mean are clipped, although they show which steps stood out.",
        "A batch of twenty steps, one of which turned out far better than all others.",
        (RESULT, RESULT.replace("(adv", "((adv", 1)[:-1] + ").clamp(-3, 3)\n"),
    ),
    # What a probe tells, whatever the code looks like.
    told_by(
        BY_CHANCE,
        "advantages_another_each_time",
        "Called twice with the same arguments, the function returns something else the second time.",
        "What in your function is drawn at random, or kept from one call to the next?",
        (RESULT, RESULT.replace("return (", "return (1 + torch.rand(())) * (")),
    ),
    told_by(
        telltales.VALUES,
        "advantages_whatever_the_values",
        "The value network makes no difference to the advantages.",
        "Call it with two different value networks and compare.",
        (DIFFERENCE, "        advantages = returns**3\n"),
    ),
    told_by(
        telltales.RETURNS,
        "advantages_whatever_the_returns",
        "The returns make no difference to the advantages.",
        "Call it with two different sets of returns and compare.",
        (DIFFERENCE, "        advantages = value_net(observations) ** 3\n"),
    ),
    told_by(
        telltales.ROWS,
        "advantages_order_of_steps",
        "The advantages depend on the order in which the steps stand in the batch.",
        "Do the advantages stay with their steps when the rows change places?",
        (DIFFERENCE, DIFFERENCE.replace("returns -", "returns.roll(1, 0) -")),
    ),
    told_by(
        telltales.MOVED,
        "advantages_of_higher_returns",
        "When all returns grow by the same number, the advantages change.",
        "The mean of your result.",
        (RESULT, RESULT.replace("- advantages.mean()", "- advantages.mean() / 2")),
    ),
    told_by(
        telltales.STRETCHED,
        "advantages_of_larger_units",
        "When returns and values are twice as large, the advantages change.",
        "The standard deviation of your result.",
        (RESULT, RESULT.replace("advantages.std()", "advantages.std() ** 1.5")),
    ),
    told_by(
        telltales.HIGHER,
        "advantages_of_a_better_step",
        "A step with a higher return does not get a higher advantage.",
        "The advantage of a step whose return grows.",
        (DIFFERENCE, DIFFERENCE.replace("returns - ", "2 * ").replace(")\n", ") - returns\n")),
    ),
]
