"""Wrong value losses: what is made of the differences."""

from instructor.catalogue import Change, Mistake

SIGNATURE = "def get_value_net_loss(value_net, observation, returns, **kwargs):\n"
PREDICTION = "    return ((value_net(observation) - returns) ** 2).mean()\n"


def instead(name: str, misconception: str, look: str, *lines: str) -> Mistake:
    """A mistake with other last lines."""
    new = "".join(f"    {line}\n" for line in lines)
    return Mistake(name, "value_loss", misconception, look, Change(edits=((PREDICTION, new),)))


MISTAKES = [
    # From the squares to one number.
    instead(
        "value_loss_sum",
        "The squared differences are only summed, so the loss grows with the batch size.",
        "What does the formula divide by?",
        "return ((value_net(observation) - returns) ** 2).sum()",
    ),
    instead(
        "value_loss_half",
        "Half of the mean squared difference is used, as is common elsewhere.",
        "Compare the factor before your sum with the one in the formula.",
        "return 0.5 * ((value_net(observation) - returns) ** 2).mean()",
    ),
    instead(
        "value_loss_root",
        "The square root of the mean is taken, which changes the gradient.",
        "What happens to the loss when all the differences are doubled?",
        "return ((value_net(observation) - returns) ** 2).mean().sqrt()",
    ),
    instead(
        "value_loss_norm",
        "The loss is the length of the vector of differences, not their mean square.",
        "What happens to the loss when all the differences are doubled?",
        "return torch.norm(value_net(observation) - returns)",
    ),
    instead(
        "value_loss_per_step",
        "The result has one loss per step, but the whole batch should have a single loss.",
        "The shape of the result.",
        "return (value_net(observation) - returns) ** 2",
    ),
    instead(
        "value_loss_fixed_batch_size",
        "The sum is divided by a fixed number of steps, but a minibatch may be smaller.",
        "A batch of three steps.",
        "return ((value_net(observation) - returns) ** 2).sum() / 64",
    ),
    instead(
        "value_loss_one_step_less",
        "The sum is divided by N - 1, as in a sample variance.",
        "A batch of a single step.",
        "squares = (value_net(observation) - returns) ** 2",
        "return squares.sum() / (len(squares) - 1)",
    ),
    instead(
        "value_loss_divided_by_observations",
        "The sum is divided by the number of values in the observations, not by the number of steps.",
        "What does the formula divide by?",
        "return ((value_net(observation) - returns) ** 2).sum() / observation.numel()",
    ),
    instead(
        "value_loss_worst_step",
        "Only the step with the largest difference counts.",
        "What does (1/N) Σ stand for?",
        "return ((value_net(observation) - returns) ** 2).max()",
    ),
    instead(
        "value_loss_median",
        "The median of the squares is taken, so a single step decides the loss.",
        "What does (1/N) Σ stand for?",
        "return ((value_net(observation) - returns) ** 2).median()",
    ),
    # What is squared, and whether.
    instead(
        "value_loss_not_squared",
        "The differences are not squared, so predictions that are too high and too low cancel out.",
        "Two steps, one predicted too high and the other too low by the same amount.",
        "return (value_net(observation) - returns).mean()",
    ),
    instead(
        "value_loss_square_of_mean",
        "The mean difference is squared, after errors in opposite directions have cancelled out.",
        "Two steps, one predicted too high and the other too low by the same amount.",
        "return (value_net(observation) - returns).mean() ** 2",
    ),
    instead(
        "value_loss_variance",
        "The mean difference is subtracted first, so an error shared by all predictions is not penalized.",
        "A network whose predictions are all too high by one.",
        "difference = value_net(observation) - returns",
        "return ((difference - difference.mean()) ** 2).mean()",
    ),
    instead(
        "value_loss_absolute",
        "The absolute differences are averaged, not the squared ones.",
        "What happens to the loss when all the differences are doubled?",
        "return (value_net(observation) - returns).abs().mean()",
    ),
    instead(
        "value_loss_huber",
        "For large differences, the loss grows linearly and not with the square.",
        "The loss for a difference larger than one, worked out by hand.",
        "return torch.nn.functional.smooth_l1_loss(value_net(observation), returns)",
    ),
    instead(
        "value_loss_only_returns_squared",
        "Only the returns are squared, not the differences.",
        "The order in which Python evaluates `a - b ** 2`.",
        "return (value_net(observation) - returns**2).mean()",
    ),
    instead(
        "value_loss_difference_of_squares",
        "Predictions and returns are squared separately and only then subtracted.",
        "The place of the brackets in the formula.",
        "return (value_net(observation) ** 2 - returns**2).mean()",
    ),
    instead(
        "value_loss_fourth_power",
        "The differences are squared twice.",
        "What happens to the loss when all the differences are doubled?",
        "squares = (value_net(observation) - returns) ** 2",
        "return (squares**2).mean()",
    ),
    instead(
        "value_loss_sign",
        "Minimizing this loss drives the predictions away from the returns.",
        "The sign of your loss.",
        "return -((value_net(observation) - returns) ** 2).mean()",
    ),
    instead(
        "value_loss_plus",
        "Prediction and return are added, but the loss should measure the distance between them.",
        "A network that predicts every return exactly.",
        "return ((value_net(observation) + returns) ** 2).mean()",
    ),
    instead(
        "value_loss_relative",
        "The differences are divided by the returns, so small returns count for more.",
        "Compare the quantity that you square with the bracket in the formula.",
        "return ((value_net(observation) / returns - 1) ** 2).mean()",
    ),
    instead(
        "value_loss_clipped",
        "The differences are clipped first, so a large error teaches the network nothing.",
        "A prediction that is far from its return.",
        "difference = torch.clamp(value_net(observation) - returns, -1, 1)",
        "return (difference**2).mean()",
    ),
    instead(
        "value_loss_clipped_by_ppo",
        "PPO's clipping of the ratio is applied to the value network's error.",
        "Which of the two losses has an ε in its formula?",
        'ppo_clip = kwargs.get("ppo_clip", 0.2)',
        "difference = value_net(observation) - returns",
        "return (torch.clamp(difference, -ppo_clip, ppo_clip) ** 2).mean()",
    ),
    instead(
        "value_loss_only_too_low",
        "Only the predictions that are too low count as errors.",
        "A prediction that is higher than its return.",
        "return (torch.relu(returns - value_net(observation)) ** 2).mean()",
    ),
    instead(
        "value_loss_weight_decay",
        "A penalty on the parameters is added that the formula does not have.",
        "A network that predicts every return exactly.",
        "penalty = sum((parameter**2).sum() for parameter in value_net.parameters())",
        "return ((value_net(observation) - returns) ** 2).mean() + 0.1 * penalty",
    ),
    Mistake(
        "value_loss_no_kwargs",
        "value_loss",
        "The function no longer accepts the extra arguments that the training loop passes.",
        "The first line of your function, compared with the one you were given.",
        Change(edits=((SIGNATURE, SIGNATURE.replace(", **kwargs", "")),)),
    ),
]
