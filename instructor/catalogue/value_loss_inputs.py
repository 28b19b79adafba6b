"""Wrong value losses: what is compared with what, and where gradients go."""

from instructor.catalogue import Mistake
from instructor.catalogue.value_loss import instead

MISTAKES: list[Mistake] = [
    # Shapes.
    instead(
        "value_loss_broadcast",
        "The two tensors broadcast, so every prediction is compared with every return.",
        "The shapes of the two tensors that are subtracted, and the shape of the result.",
        "return ((value_net(observation).squeeze(-1) - returns) ** 2).mean()",
    ),
    instead(
        "value_loss_broadcast_summed",
        "Every prediction is compared with every return, and all those squares are added up.",
        "The shapes of the two tensors that are subtracted, and the shape of the result.",
        "squares = (value_net(observation) - returns.reshape(-1)) ** 2",
        "return squares.sum() / len(squares)",
    ),
    instead(
        "value_loss_mean_return",
        "Every prediction is compared with the mean of all the returns.",
        "Which return belongs to which prediction?",
        "return ((value_net(observation) - returns.mean()) ** 2).mean()",
    ),
    instead(
        "value_loss_first_return",
        "Every prediction is compared with the first return of the batch.",
        "Which return belongs to which prediction?",
        "return ((value_net(observation) - returns[0]) ** 2).mean()",
    ),
    instead(
        "value_loss_next_return",
        "The prediction of a step is compared with the return of the step after it.",
        "Which return belongs to which prediction?",
        "return ((value_net(observation) - returns.roll(-1, 0)) ** 2).mean()",
    ),
    instead(
        "value_loss_of_the_mean_observation",
        "The observations are averaged before the network sees them, so no step has a value of its own.",
        "What goes into the network, and what comes out of it?",
        "value = value_net(observation.mean(0, keepdim=True))",
        "return ((value - returns) ** 2).mean()",
    ),
    # What the predictions are compared with.
    instead(
        "value_loss_standardized_returns",
        "The returns are standardized first, but V(s) should predict them in units of reward.",
        "What happens to the network's target when all the rewards are doubled?",
        "targets = (returns - returns.mean()) / (returns.std() + EPSILON)",
        "return ((value_net(observation) - targets) ** 2).mean()",
    ),
    instead(
        "value_loss_centered_returns",
        "The mean of the returns is subtracted first, so the network never learns how high returns are.",
        "A batch in which all the returns are the same.",
        "return ((value_net(observation) - (returns - returns.mean())) ** 2).mean()",
    ),
    instead(
        "value_loss_both_standardized",
        "Predictions and returns are standardized separately before they are compared.",
        "A network whose predictions are all twice as large as they should be.",
        "values = value_net(observation)",
        "values = (values - values.mean()) / (values.std() + EPSILON)",
        "targets = (returns - returns.mean()) / (returns.std() + EPSILON)",
        "return ((values - targets) ** 2).mean()",
    ),
    instead(
        "value_loss_return_or_advantage",
        "The network is trained to predict the weights of the policy's loss, which may not be the returns.",
        "Which of the arguments always holds the returns?",
        'targets = kwargs.get("return_or_advantage", returns)',
        "return ((value_net(observation) - targets) ** 2).mean()",
    ),
    instead(
        "value_loss_bootstrapped",
        "The value of the next step is added, but the return already includes the rewards that follow.",
        "What does G_t include besides the reward of step t?",
        "values = value_net(observation)",
        "targets = returns + 0.95 * values.detach().roll(-1, 0)",
        "return ((values - targets) ** 2).mean()",
    ),
    instead(
        "value_loss_positive_values",
        "Negative predictions are replaced by zero, though a value can be negative.",
        "A batch whose rewards are all negative.",
        "return ((torch.relu(value_net(observation)) - returns) ** 2).mean()",
    ),
    instead(
        "value_loss_squashed_values",
        "The predictions are squeezed into the range from -1 to 1, but returns can lie outside it.",
        "A return of ten.",
        "return ((torch.tanh(value_net(observation)) - returns) ** 2).mean()",
    ),
    instead(
        "value_loss_absolute_returns",
        "The sign of the returns is dropped.",
        "A batch whose rewards are all negative.",
        "return ((value_net(observation) - returns.abs()) ** 2).mean()",
    ),
    instead(
        "value_loss_log_probability",
        "The network's output is normalized like a policy's, which turns a single number into a constant.",
        "What does `value_net(observation)` return, and what do you do with it?",
        "return ((torch.log_softmax(value_net(observation), dim=-1) - returns) ** 2).mean()",
    ),
    instead(
        "value_loss_whole_returns",
        "The returns are turned into whole numbers.",
        "A return between 0 and 1.",
        "return ((value_net(observation) - returns.long()) ** 2).mean()",
    ),
    # The gradient and the arguments.
    instead(
        "value_loss_detached",
        "The loss is cut off from the value network's computation graph, so the network gets no gradient.",
        "Does your loss require a gradient?",
        "return ((value_net(observation).detach() - returns) ** 2).mean()",
    ),
    instead(
        "value_loss_rebuilt_tensor",
        "The loss is cut off from the value network's computation graph, so the network gets no gradient.",
        "The gradients of the network's parameters after `loss.backward()`.",
        "values = torch.tensor(value_net(observation).tolist(), requires_grad=True)",
        "return ((values - returns) ** 2).mean()",
    ),
    instead(
        "value_loss_rebuilt_loss",
        "The loss is cut off from the value network's computation graph, so the network gets no gradient.",
        "The gradients of the network's parameters after `loss.backward()`.",
        "loss = ((value_net(observation) - returns) ** 2).mean()",
        "return torch.tensor(loss.item(), requires_grad=True)",
    ),
    instead(
        "value_loss_one_factor_detached",
        "One factor of the square is cut off from the network, which halves the gradient.",
        "The derivative of the loss with respect to V(s), worked out by hand.",
        "difference = value_net(observation) - returns",
        "return (difference * difference.detach()).mean()",
    ),
    instead(
        "value_loss_plain_number",
        "The loss comes out as a plain number, which has no gradient.",
        "The type of what the function hands back.",
        "return ((value_net(observation) - returns) ** 2).mean().item()",
    ),
    instead(
        "value_loss_backward_inside",
        "The loss function already computes the gradients, which is the training loop's job.",
        "The gradients of the network's parameters right after the loss function is called.",
        "loss = ((value_net(observation) - returns) ** 2).mean()",
        "loss.backward(retain_graph=True)",
        "return loss",
    ),
    instead(
        "value_loss_changes_the_returns",
        "The values are subtracted from the returns in place, which overwrites the caller's returns.",
        "The tensor that you pass as returns, before and after the call.",
        "returns -= value_net(observation)",
        "return (returns**2).mean()",
    ),
]
