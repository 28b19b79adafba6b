"""Wrong value losses: what is compared with what, what is made of the differences, the gradient."""

from instructor.catalogue.mistakes import Mistake, edited
from instructor.catalogue.reference_lines.value_loss import LOSS, SIGNATURE


def _loss(name: str, misconception: str, look: str, *lines: str) -> Mistake:
    """Other lines for the loss."""
    return edited(name, misconception, look, (LOSS, "".join(f"    {line}\n" for line in lines)))


MISTAKES = [
    # From the squares to one number.
    _loss(
        "value_loss_sum",
        "The squared differences are only summed, so the loss grows with the batch size.",
        "What does the formula divide by?",
        "return ((value_net(observation) - returns) ** 2).sum()",
    ),
    _loss(
        "value_loss_half",
        "Half of the mean squared difference is used, as is common elsewhere.",
        "Compare the factor before your sum with the one in the formula.",
        "return 0.5 * ((value_net(observation) - returns) ** 2).mean()",
    ),
    _loss(
        "value_loss_root",
        "The square root of the mean is taken, which changes the gradient.",
        "What happens to the loss when all the differences are doubled?",
        "return ((value_net(observation) - returns) ** 2).mean().sqrt()",
    ),
    _loss(
        "value_loss_norm",
        "The loss is the length of the vector of differences, not their mean square.",
        "What happens to the loss when all the differences are doubled?",
        "return torch.norm(value_net(observation) - returns)",
    ),
    _loss(
        "value_loss_per_step",
        "The result has one loss per step, but the whole batch should have a single loss.",
        "The shape of the result.",
        "return (value_net(observation) - returns) ** 2",
    ),
    _loss(
        "value_loss_fixed_batch_size",
        "The sum is divided by a fixed number of steps, but a minibatch may be smaller.",
        "A batch of three steps.",
        "return ((value_net(observation) - returns) ** 2).sum() / 64",
    ),
    _loss(
        "value_loss_one_step_less",
        "The sum is divided by N - 1, as in a sample variance.",
        "A batch of a single step.",
        "squares = (value_net(observation) - returns) ** 2",
        "return squares.sum() / (len(squares) - 1)",
    ),
    _loss(
        "value_loss_divided_by_observations",
        "The sum is divided by the number of values in the observations, not by the number of steps.",
        "What does the formula divide by?",
        "return ((value_net(observation) - returns) ** 2).sum() / observation.numel()",
    ),
    _loss(
        "value_loss_worst_step",
        "Only the step with the largest difference counts.",
        "What does (1/N) Σ stand for?",
        "return ((value_net(observation) - returns) ** 2).max()",
    ),
    _loss(
        "value_loss_median",
        "The median of the squares is taken, so a single step decides the loss.",
        "What does (1/N) Σ stand for?",
        "return ((value_net(observation) - returns) ** 2).median()",
    ),
    _loss(
        "value_loss_weight_decay",
        "A penalty on the parameters is added that the formula does not have.",
        "A network that predicts every return exactly.",
        "penalty = sum((parameter**2).sum() for parameter in value_net.parameters())",
        "return ((value_net(observation) - returns) ** 2).mean() + 0.1 * penalty",
    ),
    # What is squared, and whether.
    _loss(
        "value_loss_not_squared",
        "The differences are not squared, so predictions that are too high and too low cancel out.",
        "Two steps, one predicted too high and the other too low by the same amount.",
        "return (value_net(observation) - returns).mean()",
    ),
    _loss(
        "value_loss_square_of_mean",
        "The mean difference is squared, after errors in opposite directions have cancelled out.",
        "Two steps, one predicted too high and the other too low by the same amount.",
        "return (value_net(observation) - returns).mean() ** 2",
    ),
    _loss(
        "value_loss_variance",
        "The mean difference is subtracted first, so an error shared by all predictions is not penalized.",
        "A network whose predictions are all too high by one.",
        "difference = value_net(observation) - returns",
        "return ((difference - difference.mean()) ** 2).mean()",
    ),
    _loss(
        "value_loss_absolute",
        "The absolute differences are averaged, not the squared ones.",
        "What happens to the loss when all the differences are doubled?",
        "return (value_net(observation) - returns).abs().mean()",
    ),
    _loss(
        "value_loss_huber",
        "For large differences, the loss grows linearly and not with the square.",
        "The loss for a difference larger than one, worked out by hand.",
        "return torch.nn.functional.smooth_l1_loss(value_net(observation), returns)",
    ),
    _loss(
        "value_loss_only_returns_squared",
        "Only the returns are squared, not the differences.",
        "The order in which Python evaluates `a - b ** 2`.",
        "return (value_net(observation) - returns**2).mean()",
    ),
    _loss(
        "value_loss_difference_of_squares",
        "Predictions and returns are squared separately and only then subtracted.",
        "The place of the brackets in the formula.",
        "return (value_net(observation) ** 2 - returns**2).mean()",
    ),
    _loss(
        "value_loss_fourth_power",
        "The differences are squared twice.",
        "What happens to the loss when all the differences are doubled?",
        "squares = (value_net(observation) - returns) ** 2",
        "return (squares**2).mean()",
    ),
    _loss(
        "value_loss_sign",
        "Minimizing this loss drives the predictions away from the returns.",
        "The sign of your loss.",
        "return -((value_net(observation) - returns) ** 2).mean()",
    ),
    _loss(
        "value_loss_plus",
        "Prediction and return are added, but the loss should measure the distance between them.",
        "A network that predicts every return exactly.",
        "return ((value_net(observation) + returns) ** 2).mean()",
    ),
    _loss(
        "value_loss_relative",
        "The differences are divided by the returns, so small returns count for more.",
        "Compare the quantity that you square with the bracket in the formula.",
        "return ((value_net(observation) / returns - 1) ** 2).mean()",
    ),
    _loss(
        "value_loss_clipped",
        "The differences are clipped first, so a large error teaches the network nothing.",
        "A prediction that is far from its return.",
        "difference = torch.clamp(value_net(observation) - returns, -1, 1)",
        "return (difference**2).mean()",
    ),
    _loss(
        "value_loss_over_variance",
        "The squared differences are divided by the variance of the returns.",
        "What happens to the loss when returns and predictions are doubled?",
        "return ((value_net(observation) - returns) ** 2).mean() / returns.var()",
    ),
    _loss(
        "value_loss_scaled_returns",
        "The returns are divided by their standard deviation first, but the network should predict the returns.",
        "What does a network with a loss of zero predict?",
        "scaled = returns / (returns.std() + 1e-8)",
        "return ((value_net(observation) - scaled) ** 2).mean()",
    ),
    _loss(
        "value_loss_doubled",
        "The loss is multiplied by two.",
        "Compare the factor before your sum with the one in the formula.",
        "return 2 * ((value_net(observation) - returns) ** 2).mean()",
    ),
    _loss(
        "value_loss_log_cosh",
        "The logarithm of the hyperbolic cosine is used, not the square.",
        "A prediction that is far from its return.",
        "return torch.log(torch.cosh(value_net(observation) - returns)).mean()",
    ),
    _loss(
        "value_loss_cubed",
        "The absolute differences are raised to the third power, not squared.",
        "What happens to the loss when all the differences are doubled?",
        "return ((value_net(observation) - returns).abs() ** 3).mean()",
    ),
    _loss(
        "value_loss_only_too_high",
        "Only predictions that are too high count.",
        "A prediction that lies below its return.",
        "return (torch.relu(value_net(observation) - returns) ** 2).mean()",
    ),
    _loss(
        "value_loss_clipped_by_ppo",
        "PPO's clipping of the ratio is applied to the value network's error.",
        "Which of the two losses has an ε in its formula?",
        'ppo_clip = kwargs.get("ppo_clip", 0.2)',
        "difference = value_net(observation) - returns",
        "return (torch.clamp(difference, -ppo_clip, ppo_clip) ** 2).mean()",
    ),
    _loss(
        "value_loss_only_too_low",
        "Only the predictions that are too low count as errors.",
        "A prediction that is higher than its return.",
        "return (torch.relu(returns - value_net(observation)) ** 2).mean()",
    ),
    # Which return belongs to which prediction.
    _loss(
        "value_loss_broadcast",
        "The two tensors broadcast, so every prediction is compared with every return.",
        "The shapes of the two tensors that are subtracted, and the shape of the result.",
        "return ((value_net(observation).squeeze(-1) - returns) ** 2).mean()",
    ),
    _loss(
        "value_loss_broadcast_summed",
        "Every prediction is compared with every return, and all those squares are added up.",
        "The shapes of the two tensors that are subtracted, and the shape of the result.",
        "squares = (value_net(observation) - returns.reshape(-1)) ** 2",
        "return squares.sum() / len(squares)",
    ),
    _loss(
        "value_loss_mean_return",
        "Every prediction is compared with the mean of all the returns.",
        "Which return belongs to which prediction?",
        "return ((value_net(observation) - returns.mean()) ** 2).mean()",
    ),
    _loss(
        "value_loss_first_return",
        "Every prediction is compared with the first return of the batch.",
        "Which return belongs to which prediction?",
        "return ((value_net(observation) - returns[0]) ** 2).mean()",
    ),
    _loss(
        "value_loss_next_return",
        "The prediction of a step is compared with the return of the step after it.",
        "Which return belongs to which prediction?",
        "return ((value_net(observation) - returns.roll(-1, 0)) ** 2).mean()",
    ),
    _loss(
        "value_loss_of_the_mean_observation",
        "The observations are averaged before the network sees them, so no step has a value of its own.",
        "What goes into the network, and what comes out of it?",
        "value = value_net(observation.mean(0, keepdim=True))",
        "return ((value - returns) ** 2).mean()",
    ),
    # What is done to predictions and returns before they are compared.
    _loss(
        "value_loss_standardized_returns",
        "The returns are standardized first, but V(s) should predict them in units of reward.",
        "What happens to the network's target when all the rewards are doubled?",
        "targets = (returns - returns.mean()) / (returns.std() + EPSILON)",
        "return ((value_net(observation) - targets) ** 2).mean()",
    ),
    _loss(
        "value_loss_centered_returns",
        "The mean of the returns is subtracted first, so the network never learns how high returns are.",
        "A batch in which all the returns are the same.",
        "return ((value_net(observation) - (returns - returns.mean())) ** 2).mean()",
    ),
    _loss(
        "value_loss_both_standardized",
        "Predictions and returns are standardized separately before they are compared.",
        "A network whose predictions are all twice as large as they should be.",
        "values = value_net(observation)",
        "values = (values - values.mean()) / (values.std() + EPSILON)",
        "targets = (returns - returns.mean()) / (returns.std() + EPSILON)",
        "return ((values - targets) ** 2).mean()",
    ),
    _loss(
        "value_loss_return_or_advantage",
        "The network is trained to predict the weights of the policy's loss, which may not be the returns.",
        "Which of the arguments always holds the returns?",
        'targets = kwargs.get("return_or_advantage", returns)',
        "return ((value_net(observation) - targets) ** 2).mean()",
    ),
    _loss(
        "value_loss_bootstrapped",
        "The value of the next step is added, but the return already includes the rewards that follow.",
        "What does G_t include besides the reward of step t?",
        "values = value_net(observation)",
        "targets = returns + 0.95 * values.detach().roll(-1, 0)",
        "return ((values - targets) ** 2).mean()",
    ),
    _loss(
        "value_loss_positive_values",
        "Negative predictions are replaced by zero, though a value can be negative.",
        "A batch whose rewards are all negative.",
        "return ((torch.relu(value_net(observation)) - returns) ** 2).mean()",
    ),
    _loss(
        "value_loss_squashed_values",
        "The predictions are squeezed into the range from -1 to 1, but returns can lie outside it.",
        "A return of ten.",
        "return ((torch.tanh(value_net(observation)) - returns) ** 2).mean()",
    ),
    _loss(
        "value_loss_absolute_returns",
        "The sign of the returns is dropped.",
        "A batch whose rewards are all negative.",
        "return ((value_net(observation) - returns.abs()) ** 2).mean()",
    ),
    _loss(
        "value_loss_log_probability",
        "The network's output is normalized like a policy's, which turns a single number into a constant.",
        "What does `value_net(observation)` return, and what do you do with it?",
        "return ((torch.log_softmax(value_net(observation), dim=-1) - returns) ** 2).mean()",
    ),
    _loss(
        "value_loss_whole_returns",
        "The returns are turned into whole numbers.",
        "A return between 0 and 1.",
        "return ((value_net(observation) - returns.long()) ** 2).mean()",
    ),
    # The gradient.
    _loss(
        "value_loss_detached",
        "The loss is cut off from the value network's computation graph, so the network gets no gradient.",
        "Does your loss require a gradient?",
        "return ((value_net(observation).detach() - returns) ** 2).mean()",
    ),
    _loss(
        "value_loss_rebuilt_tensor",
        "The loss is cut off from the value network's computation graph, so the network gets no gradient.",
        "The gradients of the network's parameters after `loss.backward()`.",
        "values = torch.tensor(value_net(observation).tolist(), requires_grad=True)",
        "return ((values - returns) ** 2).mean()",
    ),
    _loss(
        "value_loss_rebuilt_loss",
        "The loss is cut off from the value network's computation graph, so the network gets no gradient.",
        "The gradients of the network's parameters after `loss.backward()`.",
        "loss = ((value_net(observation) - returns) ** 2).mean()",
        "return torch.tensor(loss.item(), requires_grad=True)",
    ),
    _loss(
        "value_loss_one_factor_detached",
        "One factor of the square is cut off from the network, which halves the gradient.",
        "The derivative of the loss with respect to V(s), worked out by hand.",
        "difference = value_net(observation) - returns",
        "return (difference * difference.detach()).mean()",
    ),
    _loss(
        "value_loss_plain_number",
        "The loss comes out as a plain number, which has no gradient.",
        "The type of what the function hands back.",
        "return ((value_net(observation) - returns) ** 2).mean().item()",
    ),
    _loss(
        "value_loss_backward_inside",
        "The loss function already computes the gradients, which is the training loop's job.",
        "The gradients of the network's parameters right after the loss function is called.",
        "loss = ((value_net(observation) - returns) ** 2).mean()",
        "loss.backward(retain_graph=True)",
        "return loss",
    ),
    # The arguments.
    _loss(
        "value_loss_changes_the_returns",
        "The values are subtracted from the returns in place, which overwrites the caller's returns.",
        "The tensor that you pass as returns, before and after the call.",
        "returns -= value_net(observation)",
        "return (returns**2).mean()",
    ),
    edited(
        "value_loss_no_kwargs",
        "The function no longer accepts the extra arguments that the training loop passes.",
        "The first line of your function, compared with the one you were given.",
        (SIGNATURE, SIGNATURE.replace(", **kwargs", "")),
    ),
]
