"""Wrong losses of the vanilla policy gradient: sign, mean and terms that do not belong there."""

from instructor.catalogue import Mistake
from instructor.catalogue.vpg_loss import LOSS, SIGNATURE, edited, loss

MISTAKES: list[Mistake] = [
    loss(
        "vpg_loss_sign",
        "Minimizing this loss makes good actions less probable: its sign is the wrong way round.",
        "What happens to the probability of a good action when the optimizer makes the loss smaller?",
        "return (log_probability * return_or_advantage).mean()",
    ),
    loss(
        "vpg_loss_absolute_loss",
        "The absolute value of the loss is taken, which changes the gradient when the loss is negative.",
        "A batch in which all the weights are negative.",
        "return (log_probability * return_or_advantage).mean().abs()",
    ),
    loss(
        "vpg_loss_sum",
        "The terms are only summed, so the loss grows with the batch size.",
        "What does the formula divide by?",
        "return -(log_probability * return_or_advantage).sum()",
    ),
    loss(
        "vpg_loss_fixed_batch_size",
        "The sum is divided by a fixed number of steps, but a minibatch may be smaller.",
        "A batch of three steps.",
        "return -(log_probability * return_or_advantage).sum() / 64",
    ),
    loss(
        "vpg_loss_one_step_less",
        "The sum is divided by N - 1, as in a sample variance.",
        "A batch of a single step.",
        "terms = log_probability * return_or_advantage",
        "return -terms.sum() / (len(terms) - 1)",
    ),
    loss(
        "vpg_loss_divided_by_observations",
        "The sum is divided by the number of values in the observations, not by the number of steps.",
        "What does the formula divide by?",
        "return -(log_probability * return_or_advantage).sum() / observation.numel()",
    ),
    loss(
        "vpg_loss_mean_twice",
        "After the mean is taken, the loss is divided by the number of steps once more.",
        "How does your loss change when every step appears in the batch twice?",
        "return -(log_probability * return_or_advantage).mean() / len(observation)",
    ),
    loss(
        "vpg_loss_per_step",
        "The result has one loss per step, but the whole batch should have a single loss.",
        "The shape of the result.",
        "return -(log_probability * return_or_advantage)",
    ),
    loss(
        "vpg_loss_median",
        "The median of the terms is taken, so a single step decides the loss.",
        "What does (1/N) Σ stand for?",
        "return -(log_probability * return_or_advantage).median()",
    ),
    loss(
        "vpg_loss_total_weight",
        "Every step gets the sum of all weights, not its own weight.",
        "Which weight belongs to which step?",
        "return -(log_probability * return_or_advantage.sum()).mean()",
    ),
    loss(
        "vpg_loss_squared_terms",
        "The terms are squared, as in a regression loss.",
        "Compare the powers in your sum with those in the formula.",
        "return ((log_probability * return_or_advantage) ** 2).mean()",
    ),
    loss(
        "vpg_loss_distance_to_the_weights",
        "The loss trains the log-probabilities to predict the weights.",
        "How are log π and w combined in the formula?",
        "return ((log_probability - return_or_advantage) ** 2).mean()",
    ),
    loss(
        "vpg_loss_entropy_bonus",
        "An entropy bonus is added that the formula does not have.",
        "Which terms does your loss have that the formula does not?",
        "entropy = -(policy(observation).exp() * policy(observation)).sum(1).mean()",
        "return -(log_probability * return_or_advantage).mean() - 0.01 * entropy",
    ),
    loss(
        "vpg_loss_importance_ratio",
        "The loss of another method is used, which has a ratio to the policy that collected the rollout.",
        "Does an old policy appear in the formula?",
        'old_logits = kwargs.get("old_logits", policy(observation).detach())',
        "ratio = torch.exp(log_probability - old_logits.gather(1, action))",
        "return -(ratio * return_or_advantage).mean()",
    ),
    edited(
        "vpg_loss_no_kwargs",
        "The function no longer accepts the extra arguments that the training loop passes.",
        "The first line of your function, compared with the one you were given.",
        SIGNATURE,
        SIGNATURE.replace(", **kwargs", ""),
    ),
    edited(
        "vpg_loss_weights_changed_in_place",
        "The weights are multiplied in place, so the caller finds them changed.",
        "The tensor that you pass as weights, before and after the call.",
        LOSS,
        "    with torch.no_grad():\n"
        "        return_or_advantage *= -1\n"
        "    return (log_probability * return_or_advantage).mean()\n",
    ),
]
