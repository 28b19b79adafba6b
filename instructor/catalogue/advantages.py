"""Wrong advantages: the difference, the gradient, shapes and types."""

from instructor.catalogue import Change, Mistake

DIFFERENCE = "        advantages = returns - value_net(observations)\n"
RESULT = "        return (advantages - advantages.mean()) / (advantages.std() + EPSILON)\n"
BODY = "    with torch.no_grad():\n" + DIFFERENCE + RESULT


def edited(name: str, misconception: str, look: str, old: str, *lines: str) -> Mistake:
    """A mistake with other lines, indented as in the function, for an old text."""
    new = "".join(f"    {line}\n" for line in lines)
    return Mistake(name, "advantages", misconception, look, Change(edits=((old, new),)))


def difference(name: str, misconception: str, look: str, *lines: str) -> Mistake:
    """Other lines for the difference between returns and values."""
    return edited(name, misconception, look, DIFFERENCE, *(f"    {line}" for line in lines))


def result(name: str, misconception: str, look: str, *lines: str) -> Mistake:
    """Other lines for what is made of the difference."""
    return edited(name, misconception, look, RESULT, *(f"    {line}" for line in lines))


MISTAKES = [
    # What is subtracted from what.
    difference(
        "advantages_sign",
        "The return is subtracted from the value, so better steps count as worse ones.",
        "A step that turned out better than expected: is its advantage positive?",
        "advantages = value_net(observations) - returns",
    ),
    difference(
        "advantages_absolute",
        "The sign of the difference is dropped, so steps worse than expected count like better ones.",
        "A step that turned out worse than expected.",
        "advantages = (returns - value_net(observations)).abs()",
    ),
    difference(
        "advantages_squared",
        "The difference is squared, as in the loss of the value network.",
        "A step that turned out worse than expected.",
        "advantages = (returns - value_net(observations)) ** 2",
    ),
    difference(
        "advantages_without_values",
        "The values have no effect on the result, so the advantages are just standardized returns.",
        "Does your result change when the network's predictions do?",
        "advantages = returns",
    ),
    difference(
        "advantages_only_values",
        "The advantages use only the value network's predictions and ignore the returns.",
        "Where do the returns enter your advantages?",
        "advantages = value_net(observations)",
    ),
    difference(
        "advantages_added",
        "Return and value are added, but an advantage is how far the return exceeds the value.",
        "A network that predicts every return exactly.",
        "advantages = returns + value_net(observations)",
    ),
    difference(
        "advantages_relative",
        "The difference is divided by the value, so steps with a small value count for more.",
        "Compare the first line of the formula with your code.",
        "advantages = returns / value_net(observations) - 1",
    ),
    difference(
        "advantages_bootstrapped",
        "The value of the next step is added, but the return already includes the rewards that follow.",
        "What does G_t include besides the reward of step t?",
        "values = value_net(observations)",
        "advantages = returns + 0.95 * values.roll(-1, 0) - values",
    ),
    difference(
        "advantages_next_value",
        "The value of the next step is subtracted, not that of the step itself.",
        "Which value belongs to which return?",
        "values = value_net(observations)",
        "advantages = returns - torch.cat((values[1:], values[-1:] * 0))",
    ),
    difference(
        "advantages_standardized_returns",
        "The returns are standardized before the subtraction, so the values are in a different unit.",
        "The units of the two quantities in your subtraction.",
        "returns = (returns - returns.mean()) / (returns.std() + EPSILON)",
        "advantages = returns - value_net(observations)",
    ),
    difference(
        "advantages_both_standardized",
        "Returns and values are standardized separately before they are subtracted.",
        "A network whose predictions are all ten times too large.",
        "values = value_net(observations)",
        "values = (values - values.mean()) / (values.std() + EPSILON)",
        "advantages = (returns - returns.mean()) / (returns.std() + EPSILON) - values",
    ),
    difference(
        "advantages_positive_values",
        "Negative values are replaced by zero, though a value can be negative.",
        "A batch whose rewards are all negative.",
        "advantages = returns - torch.relu(value_net(observations))",
    ),
    difference(
        "advantages_positive_only",
        "Steps that turned out worse than expected are treated as if they went exactly as expected.",
        "A step that turned out worse than expected.",
        "advantages = torch.relu(returns - value_net(observations))",
    ),
    # Shapes and types.
    difference(
        "advantages_broadcast",
        "The two tensors broadcast, so every value is subtracted from every return.",
        "The shapes of the two tensors that are subtracted, and the shape of the result.",
        "advantages = returns - value_net(observations).squeeze(-1)",
    ),
    difference(
        "advantages_broadcast_column",
        "The values have no effect on the result, so the advantages are just standardized returns.",
        "The shapes of the two tensors that are subtracted, and the shape of the result.",
        "advantages = returns - value_net(observations).squeeze(-1)",
        "advantages = advantages.mean(1, keepdim=True)",
    ),
    difference(
        "advantages_flat",
        "The advantages come out as a one-dimensional tensor, not as a column.",
        "The shape of the result, and the shape the docstring promises.",
        "advantages = (returns - value_net(observations)).squeeze(-1)",
    ),
    difference(
        "advantages_row",
        "The advantages come out as one row; each step should have a row of its own.",
        "The shape of the result, and the shape the docstring promises.",
        "advantages = (returns - value_net(observations)).reshape(1, -1)",
    ),
    difference(
        "advantages_float64",
        "The advantages are in double precision; the networks compute in single precision.",
        "The dtype of the result.",
        "advantages = (returns - value_net(observations)).double()",
    ),
    difference(
        "advantages_whole_numbers",
        "The differences are turned into whole numbers before they are standardized.",
        "A return that exceeds its value by a half.",
        "advantages = (returns - value_net(observations)).long().float()",
    ),
    result(
        "advantages_numpy",
        "The advantages come out as a NumPy array, not as a tensor.",
        "The type of what the function hands back.",
        "advantages = (advantages - advantages.mean()) / (advantages.std() + EPSILON)",
        "return advantages.numpy()",
    ),
    result(
        "advantages_list",
        "The advantages come out as a list, not as a tensor.",
        "The type of what the function hands back.",
        "advantages = (advantages - advantages.mean()) / (advantages.std() + EPSILON)",
        "return advantages.tolist()",
    ),
    # The gradient, and what belongs to the caller.
    edited(
        "advantages_gradient_not_cut",
        "The policy's loss sends gradients through the advantages into the value network.",
        "Does your result require a gradient?",
        BODY,
        "advantages = returns - value_net(observations)",
        "return (advantages - advantages.mean()) / (advantages.std() + EPSILON)",
    ),
    edited(
        "advantages_network_frozen",
        "The value network's parameters stay frozen after the call, so the network can no longer learn.",
        "The `requires_grad` of the network's parameters after the call.",
        BODY,
        "value_net.requires_grad_(False)",
        "advantages = returns - value_net(observations)",
        "return (advantages - advantages.mean()) / (advantages.std() + EPSILON)",
    ),
    difference(
        "advantages_change_the_returns",
        "The caller's returns are changed in place, although the value loss needs them later.",
        "The tensor that you pass as returns, before and after the call.",
        "returns -= value_net(observations)",
        "advantages = returns",
    ),
    difference(
        "advantages_center_the_returns",
        "The caller's returns are changed in place, although the value loss needs them later.",
        "The tensor that you pass as returns, before and after the call.",
        "returns -= returns.mean()",
        "advantages = returns - value_net(observations)",
    ),
    Mistake(
        "advantages_running_statistics",
        "advantages",
        "The mean and the standard deviation also include the batches of earlier calls.",
        "Does the same call give the same result when another call comes before it?",
        Change(
            functions="""
            _seen = []


            def get_advantages(value_net, observations, returns):
                with torch.no_grad():
                    advantages = returns - value_net(observations)
                    _seen.append(advantages)
                    everything = torch.cat(_seen)
                    return (advantages - everything.mean()) / (everything.std() + EPSILON)
            """
        ),
    ),
]
