"""Wrong losses of the vanilla policy gradient: log-probabilities, gradient, weights, sign and mean."""

from grading.wire import BY_CHANCE
from instructor.catalogue.mistakes import Mistake, edited, told_by
from instructor.catalogue.reference_lines.vpg_loss import BODY, LOSS, SIGNATURE
from tests.scenarios import telltales


def _of_the_actions(name: str, misconception: str, look: str, expression: str) -> Mistake:
    """Another expression for the log-probabilities of the actions taken."""
    return edited(name, misconception, look, (BODY, f"    log_probability = {expression}\n" + LOSS))


def _loss(name: str, misconception: str, look: str, *lines: str) -> Mistake:
    """Other last lines, from the right log-probabilities on."""
    return edited(name, misconception, look, (LOSS, "".join(f"    {line}\n" for line in lines)))


MISTAKES = [
    # Which log-probabilities.
    edited(
        "vpg_loss_new_actions",
        "New actions are drawn in the loss, but it is about the actions that were taken.",
        "Where do the actions come from whose log-probabilities you use?",
        (
            BODY,
            "    action = torch.distributions.Categorical(logits=policy(observation)).sample().reshape(-1, 1)\n"
            + BODY,
        ),
    ),
    _of_the_actions(
        "vpg_loss_broadcast",
        "In effect every log-probability is multiplied by every weight, not only by that of its own step.",
        "The shapes of the two tensors that are multiplied, and the shape of their product.",
        "policy(observation).gather(1, action).squeeze(-1)",
    ),
    _of_the_actions(
        "vpg_loss_all_pairs",
        "Every row is indexed with the actions of all steps, not only with its own action.",
        "The shape of the log-probabilities after those of the taken actions are selected.",
        "policy(observation)[:, action.squeeze(-1)]",
    ),
    _of_the_actions(
        "vpg_loss_categorical_shapes",
        "Every row of log-probabilities is combined with the actions of all rows.",
        "The shape of the log-probabilities of the actions.",
        "torch.distributions.Categorical(logits=policy(observation)).log_prob(action)",
    ),
    _of_the_actions(
        "vpg_loss_rows_by_action",
        "The action selects a row of the log-probabilities, but each row stands for a step.",
        "Which dimension of the policy's output runs over the actions?",
        "policy(observation)[action.squeeze(-1)]",
    ),
    _of_the_actions(
        "vpg_loss_gather_along_steps",
        "The log-probabilities are gathered along the steps, not along the actions.",
        "Which dimension of the policy's output runs over the actions?",
        "policy(observation).gather(0, action)",
    ),
    _of_the_actions(
        "vpg_loss_flat_index",
        "The log-probabilities of all actions are read from the first row.",
        "Two observations with different probabilities, and the same action in both.",
        "torch.take(policy(observation), action)",
    ),
    _of_the_actions(
        "vpg_loss_best_action",
        "The most probable action is used, not the one that was taken.",
        "A step in which an improbable action was taken.",
        "policy(observation).max(dim=1, keepdim=True).values",
    ),
    _of_the_actions(
        "vpg_loss_no_action",
        "The loss averages over all actions, whichever one was taken.",
        "Where does your loss use `action`?",
        "policy(observation)",
    ),
    _of_the_actions(
        "vpg_loss_sum_over_actions",
        "The log-probabilities of all actions are added up, whichever one was taken.",
        "Where does your loss use `action`?",
        "policy(observation).sum(dim=1, keepdim=True)",
    ),
    _of_the_actions(
        "vpg_loss_mean_over_actions_too",
        "The sum is divided by the number of steps times the number of actions, so the loss is too small.",
        "How many numbers is the mean taken over?",
        "policy(observation) * torch.zeros_like(policy(observation)).scatter(1, action, 1.0)",
    ),
    _of_the_actions(
        "vpg_loss_two_actions_only",
        "The loss treats the action as a coin toss, but there may be more than two actions.",
        "A policy with three actions, and a step in which the third was taken.",
        "torch.distributions.Bernoulli(policy(observation)[:, 1:2].exp(), validate_args=False)"
        ".log_prob(action.float())",
    ),
    edited(
        "vpg_loss_width_guessed",
        "The number of actions is guessed from the actions that were taken.",
        "A minibatch in which the last of the possible actions was never taken.",
        (
            BODY,
            """\
    logs = policy(observation)
    taken = torch.nn.functional.one_hot(action.squeeze(1))
    return -((logs * taken).sum(dim=1, keepdim=True) * return_or_advantage).mean()
""",
        ),
    ),
    edited(
        "vpg_loss_single_step_squeezed",
        "In a minibatch of one step, the batch dimension is lost.",
        "The shapes of your tensors when there is only one step.",
        (
            BODY,
            """\
    log_probability = policy(observation).gather(1, action.squeeze().unsqueeze(1))
"""
            + LOSS,
        ),
    ),
    # What the policy gives.
    _of_the_actions(
        "vpg_loss_probability",
        "The probability of the action is used where its logarithm belongs.",
        "What does `policy(observation)` return, and what does the formula ask for?",
        "policy(observation).exp().gather(1, action)",
    ),
    _of_the_actions(
        "vpg_loss_log_of_log",
        "The logarithm is taken of numbers that are log-probabilities already.",
        "What does `policy(observation)` return, and are any of these numbers positive?",
        "torch.log(policy(observation)).gather(1, action)",
    ),
    _of_the_actions(
        "vpg_loss_categorical_of_probabilities",
        "The distribution treats the policy's log-probabilities as if they were probabilities.",
        "What a distribution expects as its first argument, and what the policy gives.",
        "torch.distributions.Categorical(policy(observation)).log_prob(action.squeeze(1))[:, None]",
    ),
    _of_the_actions(
        "vpg_loss_softmax_over_steps",
        "The probabilities are normalized over the batch, not over the actions.",
        "The dimension over which you normalize.",
        "torch.log_softmax(policy(observation), dim=0).gather(1, action)",
    ),
    _of_the_actions(
        "vpg_loss_softmax_over_everything",
        "The probabilities are normalized over the batch and the actions together.",
        "The exponentials of your log-probabilities, added up in each row.",
        "(policy(observation) - policy(observation).logsumexp((0, 1))).gather(1, action)",
    ),
    _of_the_actions(
        "vpg_loss_base_ten",
        "The logarithm is taken to the base ten.",
        "Which logarithm does the assignment mean by log?",
        "torch.log10(policy(observation).exp()).gather(1, action)",
    ),
    _of_the_actions(
        "vpg_loss_base_two",
        "The logarithm is taken to the base two.",
        "Which logarithm does the assignment mean by log?",
        "torch.log2(policy(observation).exp()).gather(1, action)",
    ),
    _of_the_actions(
        "vpg_loss_probabilities_as_scores",
        "The probabilities are handed on as if they were log-probabilities, and normalized once more.",
        "What does your distribution expect: probabilities or their logarithms?",
        "torch.log_softmax(policy(observation).exp(), dim=1).gather(1, action)",
    ),
    _of_the_actions(
        "vpg_loss_first_action",
        "The first action of the batch is used for every step.",
        "A batch in which two steps have different actions.",
        "policy(observation)[:, [int(action[0])]]",
    ),
    _of_the_actions(
        "vpg_loss_complement",
        "The logarithm of one minus the probability is used.",
        "Does the loss fall when the action becomes more probable?",
        "torch.log(1 - policy(observation).exp()).gather(1, action)",
    ),
    _of_the_actions(
        "vpg_loss_log_of_shifted_probability",
        "A number is added to the probability before its logarithm is taken.",
        "An action with a log-probability of -15.",
        "torch.log(policy(observation).exp() + 1e-6).gather(1, action)",
    ),
    edited(
        "vpg_loss_probabilities_clamped",
        "Probabilities near zero and one are clamped, which changes the loss of those actions.",
        "The loss and its gradient for an action that is very improbable under the policy.",
        (
            BODY,
            """\
    probability = policy(observation).exp().gather(1, action)
    return -(probability.clamp(0.01, 0.99).log() * return_or_advantage).mean()
""",
        ),
    ),
    _of_the_actions(
        "vpg_loss_own_probability",
        "Each step is also weighted by its action's probability, which the sampling already accounts for.",
        "Compare the factors in your sum with those in the formula.",
        "(policy(observation).exp() * policy(observation)).gather(1, action)",
    ),
    # The gradient.
    _of_the_actions(
        "vpg_loss_detached",
        "The loss is cut off from the policy's computation graph, so no gradient reaches the policy.",
        "Does your loss require a gradient?",
        "policy(observation).detach().gather(1, action)",
    ),
    _of_the_actions(
        "vpg_loss_rebuilt_tensor",
        "The loss is cut off from the policy's computation graph, so no gradient reaches the policy.",
        "The gradients of the policy's parameters after `loss.backward()`.",
        "torch.tensor(policy(observation).gather(1, action).tolist(), requires_grad=True)",
    ),
    _loss(
        "vpg_loss_rebuilt_loss",
        "The loss is cut off from the policy's computation graph, so no gradient reaches the policy.",
        "The gradients of the policy's parameters after `loss.backward()`.",
        "loss = -(log_probability * return_or_advantage).mean()",
        "return torch.tensor(loss.item(), requires_grad=True)",
    ),
    _loss(
        "vpg_loss_plain_number",
        "The loss comes out as a plain number, which has no gradient.",
        "The type of what the function hands back.",
        "return -(log_probability * return_or_advantage).mean().item()",
    ),
    _loss(
        "vpg_loss_backward_inside",
        "The loss function already computes the gradients, which is the training loop's job.",
        "The gradients of the policy's parameters right after the loss function is called.",
        "loss = -(log_probability * return_or_advantage).mean()",
        "loss.backward(retain_graph=True)",
        "return loss",
    ),
    _loss(
        "vpg_loss_ratio_to_itself",
        "The loss uses the ratio of the policy to itself: the gradient is right, but the value is not.",
        "The value of your loss for two different policies and the same batch.",
        "ratio = torch.exp(log_probability - log_probability.detach())",
        "return -(ratio * return_or_advantage).mean()",
    ),
    # The weights.
    _loss(
        "vpg_loss_mean_weight",
        "In effect every log-probability is multiplied by every weight, not only by that of its own step.",
        "The shapes of the two tensors that are multiplied, and the shape of their product.",
        "return -log_probability.mean() * return_or_advantage.mean()",
    ),
    _loss(
        "vpg_loss_total_weight",
        "In effect every step gets the sum of all weights, not its own weight.",
        "Which weight belongs to which step?",
        "return -(log_probability * return_or_advantage.sum()).mean()",
    ),
    _loss(
        "vpg_loss_standardized_weights",
        "The weights are standardized here, but the loss should use them unchanged.",
        "What happens to your loss when all the weights are doubled?",
        "weights = return_or_advantage - return_or_advantage.mean()",
        "weights = weights / (return_or_advantage.std() + EPSILON)",
        "return -(log_probability * weights).mean()",
    ),
    _loss(
        "vpg_loss_centered_weights",
        "The mean of the weights is subtracted here, but the loss should use the weights unchanged.",
        "A batch in which all the weights are the same.",
        "weights = return_or_advantage - return_or_advantage.mean()",
        "return -(log_probability * weights).mean()",
    ),
    _loss(
        "vpg_loss_no_weights",
        "The weights are left out, so every action that was taken is encouraged alike.",
        "A step with a negative weight.",
        "return -log_probability.mean()",
    ),
    _loss(
        "vpg_loss_divided_by_absolute_weights",
        "In effect the sum is divided by the sum of the absolute weights, not by the number of steps.",
        "What happens to the loss when all the weights are doubled?",
        "return -(log_probability * return_or_advantage).sum() / return_or_advantage.abs().sum()",
    ),
    _loss(
        "vpg_loss_scaled_weights",
        "The weights are divided by their standard deviation here, but the loss should use them unchanged.",
        "A batch in which all the weights are doubled.",
        "weights = return_or_advantage / (return_or_advantage.std() + 1e-8)",
        "return -(log_probability * weights).mean()",
    ),
    _loss(
        "vpg_loss_largest_weight_one",
        "The weights are divided by the largest of them here, but the loss should use them unchanged.",
        "A batch in which all the weights are doubled.",
        "weights = return_or_advantage / return_or_advantage.abs().max()",
        "return -(log_probability * weights).mean()",
    ),
    _loss(
        "vpg_loss_weights_sum_to_one",
        "The weights are divided by their sum here, but the loss should use them unchanged.",
        "What do your weights add up to?",
        "weights = return_or_advantage / return_or_advantage.sum()",
        "return -(log_probability * weights).mean()",
    ),
    _loss(
        "vpg_loss_discounted_rows",
        "The terms are discounted with their place in the batch, but a batch is not one episode.",
        "Does the loss change when the rows of the batch change places?",
        "factors = 0.95 ** torch.arange(float(len(action))).reshape(-1, 1)",
        "return -(log_probability * return_or_advantage * factors).mean()",
    ),
    _loss(
        "vpg_loss_half",
        "The loss is halved, as the squared error of a regression is elsewhere.",
        "Compare the factor before your sum with the one in the formula.",
        "return -0.5 * (log_probability * return_or_advantage).mean()",
    ),
    _loss(
        "vpg_loss_squared_weights",
        "The weights are squared, so bad actions are encouraged like good ones.",
        "A step with a negative weight.",
        "return -(log_probability * return_or_advantage**2).mean()",
    ),
    _loss(
        "vpg_loss_divided_by_weights",
        "In effect the sum is divided by the sum of the weights, not by the number of steps.",
        "What stands before the sum in the formula?",
        "return -(log_probability * return_or_advantage).sum() / return_or_advantage.sum()",
    ),
    _loss(
        "vpg_loss_positive_weights_only",
        "Steps with a negative weight are left out, though the policy should learn from them.",
        "A step that turned out worse than expected.",
        "return -(log_probability * return_or_advantage.clamp(min=0)).mean()",
    ),
    _loss(
        "vpg_loss_absolute_weights",
        "The sign of the weights is dropped, so bad actions are encouraged like good ones.",
        "A step that turned out worse than expected.",
        "return -(log_probability * return_or_advantage.abs()).mean()",
    ),
    _loss(
        "vpg_loss_whole_weights",
        "The weights are turned into whole numbers.",
        "A weight between 0 and 1.",
        "return -(log_probability * return_or_advantage.long()).mean()",
    ),
    _loss(
        "vpg_loss_returns_from_kwargs",
        "The returns that the training loop also passes are used in place of the weights.",
        "Which of the arguments holds the weights w_i?",
        'return -(log_probability * kwargs.get("returns", return_or_advantage)).mean()',
    ),
    edited(
        "vpg_loss_weights_changed_in_place",
        "The weights are multiplied in place, so the caller finds them changed.",
        "The tensor that you pass as weights, before and after the call.",
        (
            LOSS,
            "    with torch.no_grad():\n"
            "        return_or_advantage *= -1\n"
            "    return (log_probability * return_or_advantage).mean()\n",
        ),
    ),
    # From the terms to one number.
    _loss(
        "vpg_loss_sign",
        "Minimizing this loss makes good actions less probable: its sign is the wrong way round.",
        "What happens to the probability of a good action when the optimizer makes the loss smaller?",
        "return (log_probability * return_or_advantage).mean()",
    ),
    _loss(
        "vpg_loss_absolute_loss",
        "The absolute value of the loss is taken, which changes the gradient when the loss is negative.",
        "A batch in which all the weights are negative.",
        "return (log_probability * return_or_advantage).mean().abs()",
    ),
    _loss(
        "vpg_loss_sum",
        "The terms are only summed, so the loss grows with the batch size.",
        "What does the formula divide by?",
        "return -(log_probability * return_or_advantage).sum()",
    ),
    _loss(
        "vpg_loss_fixed_batch_size",
        "The sum is divided by a fixed number of steps, but a minibatch may be smaller.",
        "A batch of three steps.",
        "return -(log_probability * return_or_advantage).sum() / 64",
    ),
    _loss(
        "vpg_loss_one_step_less",
        "The sum is divided by N - 1, as in a sample variance.",
        "A batch of a single step.",
        "terms = log_probability * return_or_advantage",
        "return -terms.sum() / (len(terms) - 1)",
    ),
    _loss(
        "vpg_loss_divided_by_observations",
        "The sum is divided by the number of values in the observations, not by the number of steps.",
        "What does the formula divide by?",
        "return -(log_probability * return_or_advantage).sum() / observation.numel()",
    ),
    _loss(
        "vpg_loss_mean_twice",
        "The sum of the terms is divided by the square of the number of steps.",
        "How does your loss change when every step appears in the batch twice?",
        "return -(log_probability * return_or_advantage).mean() / len(observation)",
    ),
    _loss(
        "vpg_loss_first_step_only",
        "Only the first step of the batch counts.",
        "Two batches that begin with the same step.",
        "return -(log_probability * return_or_advantage)[0].mean()",
    ),
    _loss(
        "vpg_loss_last_step_only",
        "Only the last step of the batch counts.",
        "Two batches that end with the same step.",
        "return -(log_probability * return_or_advantage)[-1].mean()",
    ),
    _loss(
        "vpg_loss_per_step",
        "The result has one loss per step, but the whole batch should have a single loss.",
        "The shape of the result.",
        "return -(log_probability * return_or_advantage)",
    ),
    _loss(
        "vpg_loss_median",
        "The median of the terms is taken, so a single step decides the loss.",
        "What does (1/N) Σ stand for?",
        "return -(log_probability * return_or_advantage).median()",
    ),
    # Other losses.
    _loss(
        "vpg_loss_squared_terms",
        "The terms are squared, as in a regression loss.",
        "Compare the powers in your sum with those in the formula.",
        "return ((log_probability * return_or_advantage) ** 2).mean()",
    ),
    _loss(
        "vpg_loss_distance_to_the_weights",
        "The loss trains the log-probabilities to predict the weights.",
        "How are log π and w combined in the formula?",
        "return ((log_probability - return_or_advantage) ** 2).mean()",
    ),
    _loss(
        "vpg_loss_weights_added",
        "The weights are added or subtracted, so they make no difference to the gradient.",
        "How are log π and w combined in the formula?",
        "return -(log_probability + return_or_advantage).mean()",
    ),
    _loss(
        "vpg_loss_entropy_bonus",
        "An entropy bonus is added that the formula does not have.",
        "Which terms does your loss have that the formula does not?",
        "entropy = -(policy(observation).exp() * policy(observation)).sum(1).mean()",
        "return -(log_probability * return_or_advantage).mean() - 0.01 * entropy",
    ),
    _loss(
        "vpg_loss_weight_decay",
        "A penalty on the parameters is added that the formula does not have.",
        "Which terms does your loss have that the formula does not?",
        "penalty = sum((parameter**2).sum() for parameter in policy.parameters())",
        "return -(log_probability * return_or_advantage).mean() + 0.01 * penalty",
    ),
    _loss(
        "vpg_loss_importance_ratio",
        "The loss of another method is used, which has a ratio to the policy that collected the rollout.",
        "Does an old policy appear in the formula?",
        'old_logits = kwargs.get("old_logits", policy(observation).detach())',
        "ratio = torch.exp(log_probability - old_logits.gather(1, action))",
        "return -(ratio * return_or_advantage).mean()",
    ),
    # The signature.
    edited(
        "vpg_loss_no_kwargs",
        "The function no longer accepts the extra arguments that the training loop passes.",
        "The first line of your function, compared with the one you were given.",
        (SIGNATURE, SIGNATURE.replace(", **kwargs", "")),
    ),
    # What a probe tells, whatever the code looks like.
    told_by(
        BY_CHANCE,
        "vpg_loss_another_each_time",
        "Called twice with the same arguments, the function returns something else the second time.",
        "What in your function is drawn at random, or kept from one call to the next?",
        (LOSS, LOSS.replace(".mean()", ".mean() * (1 + torch.rand(()))")),
    ),
    told_by(
        telltales.NOTHING_ADDED,
        "vpg_loss_without_weights",
        "There is a loss even where all weights are zero.",
        "The loss of a batch whose weights are all zero.",
        (LOSS, LOSS.replace(".mean()", ".mean() + (log_probability**2).mean()")),
    ),
    told_by(
        telltales.IN_PROPORTION,
        "vpg_loss_not_in_proportion",
        "When all weights are doubled, the loss is not.",
        "What happens to the weights before they are multiplied?",
        (LOSS, LOSS.replace("return_or_advantage", "return_or_advantage**3")),
    ),
    told_by(
        telltales.ANY_ORDER,
        "vpg_loss_order_of_steps",
        "The loss depends on the order in which the steps stand in the batch.",
        "Does the loss change when the rows of the batch change places?",
        (LOSS, LOSS.replace("return_or_advantage", "return_or_advantage.roll(1, 0)")),
    ),
    told_by(
        telltales.GIVEN_TWICE,
        "vpg_loss_number_of_steps",
        "A batch in which every step stands twice has another loss.",
        "The loss of a batch, and that of the same batch with every step twice.",
        (LOSS, LOSS.replace(".mean()", ".sum() / len(action) ** 0.5")),
    ),
    told_by(
        telltales.ACTIONS,
        "vpg_loss_whatever_the_actions",
        "The loss does not depend on which actions were taken.",
        "Where does your loss use `action`?",
        (BODY, "    log_probability = policy(observation).amin(1, keepdim=True)\n" + LOSS),
    ),
]
