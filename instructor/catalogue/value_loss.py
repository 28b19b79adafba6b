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
        "The squared differences are added up; the loss then grows with the size of the batch.",
        "What does the formula divide by?",
        "return ((value_net(observation) - returns) ** 2).sum()",
    ),
    instead(
        "value_loss_half",
        "Half of the mean squared difference is used, as is common elsewhere.",
        "Compare the factor before the sum with the formula's.",
        "return 0.5 * ((value_net(observation) - returns) ** 2).mean()",
    ),
    instead(
        "value_loss_root",
        "A square root is taken of the mean, which has another gradient.",
        "What happens to the loss when all the differences are doubled?",
        "return ((value_net(observation) - returns) ** 2).mean().sqrt()",
    ),
    instead(
        "value_loss_norm",
        "The length of the vector of differences is not their mean square.",
        "What happens to the loss when all the differences are doubled?",
        "return torch.norm(value_net(observation) - returns)",
    ),
    instead(
        "value_loss_per_step",
        "There is one loss per step; the batch as a whole should have a single one.",
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
        "The sum is divided by N - 1, as in a sample's variance.",
        "A batch of a single step.",
        "squares = (value_net(observation) - returns) ** 2",
        "return squares.sum() / (len(squares) - 1)",
    ),
    instead(
        "value_loss_divided_by_observations",
        "The sum is divided by the count of all numbers in the observations, not of the steps.",
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
        "The median of the squares lets one step speak for all of them.",
        "What does (1/N) Σ stand for?",
        "return ((value_net(observation) - returns) ** 2).median()",
    ),
    # What is squared, and whether.
    instead(
        "value_loss_not_squared",
        "Without a square, too high and too low predictions cancel each other.",
        "Two steps, one predicted too high and the other as much too low.",
        "return (value_net(observation) - returns).mean()",
    ),
    instead(
        "value_loss_square_of_mean",
        "The mean is squared; predictions that are too high and too low have cancelled before.",
        "Two steps, one predicted too high and the other as much too low.",
        "return (value_net(observation) - returns).mean() ** 2",
    ),
    instead(
        "value_loss_variance",
        "The mean of the differences is taken away first, so an error common to all is not seen.",
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
        "For large differences this loss grows like the difference itself, not like its square.",
        "A difference larger than one, worked out by hand.",
        "return torch.nn.functional.smooth_l1_loss(value_net(observation), returns)",
    ),
    instead(
        "value_loss_only_returns_squared",
        "The square belongs to the difference; here it is applied to the returns alone.",
        "The order in which Python works out `a - b ** 2`.",
        "return (value_net(observation) - returns**2).mean()",
    ),
    instead(
        "value_loss_difference_of_squares",
        "The difference of two squares is not the square of the difference.",
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
        "Prediction and return are added; the distance between them is what counts.",
        "A network that predicts every return exactly.",
        "return ((value_net(observation) + returns) ** 2).mean()",
    ),
    instead(
        "value_loss_relative",
        "The differences are divided by the returns, so small returns count for more.",
        "Compare the bracket in the formula with yours.",
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
        "The clipping that PPO has for its ratio is applied to the value network's error.",
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
        "The function no longer accepts the further arguments of the training loop.",
        "The first line of the function, beside the one you were given.",
        Change(edits=((SIGNATURE, SIGNATURE.replace(", **kwargs", "")),)),
    ),
]
