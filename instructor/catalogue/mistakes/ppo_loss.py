"""Wrong clipped surrogate losses: the ratio, the clip, the minimum, the advantage."""

from grading.wire import BY_CHANCE
from instructor.catalogue.mistakes import Mistake, edited, told_by
from instructor.catalogue.reference_lines.ppo_loss import (
    CLIP,
    LOG_PROBABILITIES,
    MEAN,
    MINIMUM,
    OLD_LOG_PROBABILITY,
    RATIO,
)
from tests.scenarios import telltales

LOOK_RATIO = "The line that computes the ratio, for a step where the two policies differ a lot."
LOOK_BOUNDS = (
    "Between which two numbers may the clipped ratio lie, and which bounds does your code use?"
)
LOOK_MINIMUM = "What the minimum is taken of, for a positive and for a negative advantage."
LOOK_SHAPES = "The shape of the ratio, and the shape of its product with the advantages."
LOOK_GRADIENT = "Which tensors on the way from the policy to the loss carry a gradient?"


def _ratio(name: str, misconception: str, expression: str, look: str = LOOK_RATIO) -> Mistake:
    """Another expression for the ratio."""
    return edited(name, misconception, look, (RATIO, f"    ratio = {expression}\n"))


def _clip(name: str, misconception: str, expression: str, look: str = LOOK_BOUNDS) -> Mistake:
    """Another expression for the clipped ratio."""
    return edited(name, misconception, look, (CLIP, f"    clipped_ratio = {expression}\n"))


def _minimum(name: str, misconception: str, expression: str, look: str = LOOK_MINIMUM) -> Mistake:
    """Another expression for the smaller of the two terms."""
    return edited(name, misconception, look, (MINIMUM, expression))


MISTAKES = [
    # Which log-probabilities.
    edited(
        "ppo_loss_new_actions",
        "New actions are drawn in the loss, but it is about the actions that were taken.",
        "Where do the actions come from whose log-probabilities you use?",
        (
            LOG_PROBABILITIES,
            "    action = torch.distributions.Categorical(logits=policy(observation)).sample().reshape(-1, 1)\n"
            + LOG_PROBABILITIES,
        ),
    ),
    edited(
        "ppo_loss_every_pair",
        "Indexing with the actions combines every observation with every action of the batch.",
        "The shape of the log-probabilities after those of the taken actions are selected.",
        (
            LOG_PROBABILITIES,
            "    log_probability = policy(observation)[:, action].squeeze(-1)\n"
            "    old_log_probability = old_logits[:, action].squeeze(-1)\n",
        ),
    ),
    edited(
        "ppo_loss_categorical_shapes",
        "Every row of log-probabilities is combined with the actions of all rows.",
        "The shape of the log-probabilities of the actions.",
        (
            LOG_PROBABILITIES,
            "    new = torch.distributions.Categorical(logits=policy(observation))\n"
            "    old = torch.distributions.Categorical(logits=old_logits)\n"
            "    log_probability = new.log_prob(action)\n"
            "    old_log_probability = old.log_prob(action)\n",
        ),
    ),
    edited(
        "ppo_loss_gather_rows",
        "The action selects a row of the batch, not a column in the row of its step.",
        "Which dimension of the log-probabilities runs over the steps, and which over the actions?",
        (
            LOG_PROBABILITIES,
            "    log_probability = policy(observation).gather(0, action)\n"
            "    old_log_probability = old_logits.gather(0, action)\n",
        ),
    ),
    edited(
        "ppo_loss_likeliest_action",
        "The ratio is computed for the most probable action, not for the one that was taken.",
        "Does the loss change when the batch contains other actions?",
        (
            LOG_PROBABILITIES,
            "    log_probability = policy(observation).max(dim=1, keepdim=True).values\n"
            "    old_log_probability = old_logits.max(dim=1, keepdim=True).values\n",
        ),
    ),
    edited(
        "ppo_loss_old_of_likeliest_action",
        "The old probability is that of the most probable action, not of the one that was taken.",
        "The value of your ratio where the policy has not changed.",
        (
            LOG_PROBABILITIES,
            "    log_probability = policy(observation).gather(1, action)\n"
            "    old_log_probability = old_logits.max(dim=1, keepdim=True).values\n",
        ),
    ),
    edited(
        "ppo_loss_softmax_over_batch",
        "The probabilities are normalized over the steps of the batch, not over the actions of a step.",
        "Over which dimension do your probabilities add up to one?",
        (
            LOG_PROBABILITIES,
            "    log_probability = torch.log_softmax(policy(observation), dim=0).gather(1, action)\n"
            "    old_log_probability = torch.log_softmax(old_logits, dim=0).gather(1, action)\n",
        ),
    ),
    _ratio(
        "ppo_loss_linear_ratio",
        "The ratio is replaced by 1 plus the difference of the logarithms, which is close to it only near 1.",
        "1 + log_probability - old_log_probability",
    ),
    _ratio(
        "ppo_loss_one_plus_difference",
        "The ratio is replaced by 1 plus the difference of the probabilities.",
        "1 + torch.exp(log_probability) - torch.exp(old_log_probability)",
    ),
    _ratio(
        "ppo_loss_old_exponentiated",
        "Of the old policy the probability is subtracted, of the new one the log-probability.",
        "torch.exp(log_probability - torch.exp(old_log_probability))",
    ),
    _ratio(
        "ppo_loss_all_actions",
        "The ratio is computed for every action, not only for the one that was taken.",
        "torch.exp(policy(observation) - old_logits)",
        LOOK_SHAPES,
    ),
    edited(
        "ppo_loss_mean_over_actions_too",
        "The mean also counts the actions that were not taken, each with a ratio of 1.",
        "How many numbers is the mean taken over?",
        (
            LOG_PROBABILITIES,
            "    taken = torch.zeros_like(old_logits).scatter(1, action, 1.0)\n"
            "    log_probability = policy(observation) * taken\n"
            "    old_log_probability = old_logits * taken\n",
        ),
    ),
    # The old policy.
    _ratio(
        "ppo_loss_no_old_policy",
        "The new policy's probability is used as the ratio, so the old policy does not appear.",
        "torch.exp(log_probability)",
    ),
    edited(
        "ppo_loss_old_from_current_policy",
        "The current policy, held fixed, is used as the old policy, not the one that made the rollout.",
        "The value of your ratio, and whether `old_logits` has any influence on the loss.",
        (OLD_LOG_PROBABILITY, "    old_log_probability = log_probability.detach()\n"),
    ),
    edited(
        "ppo_loss_old_recomputed",
        "One policy stands in both halves of the ratio, which is 1 for every step and has no gradient.",
        "The value of your ratio, and whether `old_logits` has any influence on the loss.",
        (OLD_LOG_PROBABILITY, "    old_log_probability = policy(observation).gather(1, action)\n"),
    ),
    # From log-probabilities to the ratio.
    _ratio(
        "ppo_loss_ratio_inverted",
        "The old and the new policy are swapped in the ratio.",
        "torch.exp(old_log_probability - log_probability)",
    ),
    _ratio(
        "ppo_loss_ratio_of_logs",
        "The log-probabilities are divided, but the ratio should be between probabilities.",
        "log_probability / old_log_probability",
    ),
    _ratio(
        "ppo_loss_no_exp",
        "The difference of the log-probabilities is used as the ratio, but it is the ratio's logarithm.",
        "log_probability - old_log_probability",
    ),
    _ratio(
        "ppo_loss_log_probability_for_ratio",
        "The log-probability from the vanilla loss is used where the ratio belongs.",
        "log_probability",
    ),
    _ratio(
        "ppo_loss_difference_of_probabilities",
        "The two probabilities are subtracted, while the ratio divides one by the other.",
        "torch.exp(log_probability) - torch.exp(old_log_probability)",
    ),
    _ratio(
        "ppo_loss_exp_of_probabilities",
        "Probabilities are put into the exponential function as if they were log-probabilities.",
        "torch.exp(torch.exp(log_probability) - torch.exp(old_log_probability))",
    ),
    _ratio(
        "ppo_loss_old_logits_as_probabilities",
        "The old policy's log-probabilities are used as if they were probabilities.",
        "torch.exp(log_probability) / old_log_probability",
    ),
    _ratio(
        "ppo_loss_log_of_log",
        "The logarithm is taken of numbers that are log-probabilities already.",
        "torch.exp(torch.log(log_probability) - torch.log(old_log_probability))",
    ),
    _ratio(
        "ppo_loss_base_ten",
        "The log-probabilities are natural logarithms, but another base is used to turn them back.",
        "10 ** (log_probability - old_log_probability)",
    ),
    _ratio(
        "ppo_loss_batch_ratio",
        "One ratio is used for the whole batch, but every step should have its own.",
        "torch.exp((log_probability - old_log_probability).mean())",
        LOOK_SHAPES,
    ),
    _ratio(
        "ppo_loss_ratio_normalized",
        "The ratios are divided by their mean, but the ratio of a step depends on that step alone.",
        "(ratio := torch.exp(log_probability - old_log_probability)) / ratio.mean()",
        "The value of your ratio for a step, when the batch holds other steps beside it.",
    ),
    _ratio(
        "ppo_loss_broadcast",
        "Every ratio is multiplied by the advantages of all steps, not only by that of its own step.",
        "torch.exp(log_probability - old_log_probability).squeeze(-1)",
        LOOK_SHAPES,
    ),
    _ratio(
        "ppo_loss_new_detached",
        "The loss is cut off from the policy, so no gradient reaches it and the policy cannot learn.",
        "torch.exp(log_probability.detach() - old_log_probability)",
        LOOK_GRADIENT,
    ),
    # How the ratio is clipped.
    _clip(
        "ppo_loss_hard_coded",
        "The clip value is fixed in the code, so the one passed as an argument has no effect.",
        "torch.clamp(ratio, 0.8, 1.2)",
        "Does the loss change when it is called with another `ppo_clip`?",
    ),
    _clip(
        "ppo_loss_hard_coded_tenth",
        "The clip value is fixed in the code, so the one passed as an argument has no effect.",
        "torch.clamp(ratio, 0.9, 1.1)",
        "Does the loss change when it is called with another `ppo_clip`?",
    ),
    _clip(
        "ppo_loss_hard_coded_three_tenths",
        "The clip value is fixed in the code, so the one passed as an argument has no effect.",
        "torch.clamp(ratio, 0.7, 1.3)",
        "Does the loss change when it is called with another `ppo_clip`?",
    ),
    _clip(
        "ppo_loss_bounds_swapped",
        "The clipped ratio is the same number for every step: 1 - ε.",
        "torch.clamp(ratio, 1 + ppo_clip, 1 - ppo_clip)",
    ),
    _clip(
        "ppo_loss_from_one_up",
        "The ratio is bounded below by 1, so it has no room to shrink.",
        "torch.clamp(ratio, 1, 1 + ppo_clip)",
    ),
    _clip(
        "ppo_loss_from_one_down",
        "The ratio is bounded above by 1, so it has no room to grow.",
        "torch.clamp(ratio, 1 - ppo_clip, 1)",
    ),
    _clip(
        "ppo_loss_clip_squared",
        "The clip value is squared before it bounds the ratio.",
        "torch.clamp(ratio, 1 - ppo_clip**2, 1 + ppo_clip**2)",
    ),
    _clip(
        "ppo_loss_clip_halved",
        "The band has half the width: half of the clip value lies on each side of 1.",
        "torch.clamp(ratio, 1 - ppo_clip / 2, 1 + ppo_clip / 2)",
    ),
    _clip(
        "ppo_loss_outside_set_to_one",
        "A ratio outside the interval is replaced by 1, not by the bound that it has crossed.",
        "torch.where((ratio - 1).abs() > ppo_clip, 1.0, ratio)",
        "The value of your clipped ratio for a ratio of 2.",
    ),
    _clip(
        "ppo_loss_upper_only",
        "With a negative advantage the ratio has no bound; only the upper bound ever has an effect.",
        "torch.clamp(ratio, max=1 + ppo_clip)",
    ),
    _clip(
        "ppo_loss_lower_only",
        "The ratio is clipped only where it shrinks, not where it grows.",
        "torch.clamp(ratio, min=1 - ppo_clip)",
    ),
    _clip(
        "ppo_loss_around_zero",
        "The clip interval is centred on zero, but the ratio is one when both policies agree.",
        "torch.clamp(ratio, -ppo_clip, ppo_clip)",
    ),
    _clip(
        "ppo_loss_change_for_ratio",
        "The clipped change of the ratio is used where the clipped ratio itself belongs.",
        "torch.clamp(ratio - 1, -ppo_clip, ppo_clip)",
        "The value of your clipped ratio when both policies agree.",
    ),
    _clip(
        "ppo_loss_log_ratio",
        "The clip interval is applied to the logarithm of the ratio, but it is meant for the ratio itself.",
        "torch.exp(torch.clamp(torch.log(ratio), -ppo_clip, ppo_clip))",
    ),
    _clip(
        "ppo_loss_reciprocal_lower",
        "The reciprocal of the upper bound is used as the lower bound.",
        "torch.clamp(ratio, 1 / (1 + ppo_clip), 1 + ppo_clip)",
    ),
    _clip(
        "ppo_loss_reciprocal_upper",
        "The reciprocal of the lower bound is used as the upper bound.",
        "torch.clamp(ratio, 1 - ppo_clip, 1 / (1 - ppo_clip))",
    ),
    _clip(
        "ppo_loss_probability_change",
        "The clip limits how far the probability moves, while it should limit the ratio.",
        "1 + ((ratio - 1) * old_log_probability.exp()).clamp(-ppo_clip, ppo_clip)"
        " / old_log_probability.exp()",
        "What is clipped at a step whose action had a small probability?",
    ),
    _clip(
        "ppo_loss_clipped_detached",
        "The clipped ratio is cut off from the policy, but its gradient matters where nothing is clipped.",
        "torch.clamp(ratio.detach(), 1 - ppo_clip, 1 + ppo_clip)",
        "The gradient of the loss when both policies agree.",
    ),
    # Which of the two terms counts.
    _minimum(
        "ppo_loss_no_clip",
        "The ratio counts unclipped, so nothing keeps the new policy near the old one.",
        "ratio * return_or_advantage",
        "The loss for ratios far away from one.",
    ),
    _minimum(
        "ppo_loss_only_clipped",
        "Only the clipped term is used, but the objective is the smaller of two terms.",
        "clipped_ratio * return_or_advantage",
    ),
    _minimum(
        "ppo_loss_max",
        "In effect the larger of the two products counts, but the objective is the more cautious one.",
        "torch.max(ratio * return_or_advantage, clipped_ratio * return_or_advantage)",
    ),
    _minimum(
        "ppo_loss_min_before_product",
        "In effect the smaller ratio counts, which gives the larger product when the advantage is negative.",
        "torch.min(ratio, clipped_ratio) * return_or_advantage",
    ),
    _minimum(
        "ppo_loss_max_before_product",
        "In effect the larger ratio counts, which gives the larger product when the advantage is positive.",
        "torch.max(ratio, clipped_ratio) * return_or_advantage",
    ),
    _minimum(
        "ppo_loss_min_of_means",
        "The minimum is taken once for the whole batch, but every step should have its own.",
        "torch.min((ratio * return_or_advantage).mean(),"
        " (clipped_ratio * return_or_advantage).mean())",
        "In which order are the minimum and the mean taken?",
    ),
    _minimum(
        "ppo_loss_single_minimum",
        "The minimum is taken over all steps, so only one step of the batch counts.",
        "torch.min(torch.cat([ratio * return_or_advantage, clipped_ratio * return_or_advantage]))",
        "How many numbers does your minimum return?",
    ),
    _minimum(
        "ppo_loss_min_over_batch",
        "Each of the two terms is reduced to its smallest step before they are put together.",
        "torch.stack([ratio * return_or_advantage, clipped_ratio * return_or_advantage]).amin(dim=1)",
        "Along which dimension is the minimum taken?",
    ),
    _minimum(
        "ppo_loss_bounds_exchanged",
        "The bound above is used where the advantage is negative, and the bound below where it is positive.",
        "torch.min(ratio * return_or_advantage, return_or_advantage * torch.where("
        "return_or_advantage < 0, 1 + ppo_clip, 1 - ppo_clip))",
    ),
    _minimum(
        "ppo_loss_upper_bound_for_all",
        "Where the advantage is negative, the ratio counts as 1 + ε or more, but 1 - ε bounds it there.",
        "torch.min(ratio * return_or_advantage, (1 + ppo_clip) * return_or_advantage)",
    ),
    _minimum(
        "ppo_loss_lower_bound_as_upper",
        "Where the advantage is negative, the ratio is kept below 1 - ε, but it should be kept above.",
        "torch.where(return_or_advantage < 0, ratio.clamp(max=1 - ppo_clip),"
        " ratio.clamp(max=1 + ppo_clip)) * return_or_advantage",
    ),
    _minimum(
        "ppo_loss_clips_good_actions_only",
        "With a negative advantage the ratio has no bound; only the upper bound ever has an effect.",
        "torch.min(ratio, torch.where(return_or_advantage > 0, clipped_ratio, ratio))"
        " * return_or_advantage",
    ),
    _minimum(
        "ppo_loss_clipped_by_sign",
        "The sign of the advantage alone decides which of the two products counts.",
        "return_or_advantage * torch.where(return_or_advantage > 0, clipped_ratio, ratio)",
    ),
    _minimum(
        "ppo_loss_drops_clipped_steps",
        "Steps whose ratio lies outside the interval are left out of the mean.",
        "(ratio * return_or_advantage)[ratio == clipped_ratio]",
        "How many steps is the mean taken over?",
    ),
    _minimum(
        "ppo_loss_zero_outside",
        "Steps with a ratio outside the interval are left out even where the minimum would keep them.",
        "torch.where(ratio == clipped_ratio, ratio * return_or_advantage, 0.0)",
    ),
    edited(
        "ppo_loss_stops_when_far",
        "The loss is dropped where the policy has moved far, although limiting such moves is the clip's job.",
        "The loss of a batch in which most actions have become less probable.",
        (
            MEAN,
            """\
    if (old_log_probability - log_probability).mean() > 0.015:
        return 0 * objective.mean()
"""
            + MEAN,
        ),
    ),
    edited(
        "ppo_loss_dual_clip",
        "For negative advantages, the objective gets an extra lower bound that is not in the formula.",
        "A large ratio with a negative advantage: what does the formula give?",
        (
            MEAN,
            """\
    bounded = torch.max(objective, 3 * return_or_advantage)
    return -torch.where(return_or_advantage < 0, bounded, objective).mean()
""",
        ),
    ),
    _minimum(
        "ppo_loss_unclipped_detached",
        "The unclipped ratio is cut off from the policy, so half of the gradient is lost.",
        "torch.min(ratio.detach() * return_or_advantage, clipped_ratio * return_or_advantage)",
        LOOK_GRADIENT,
    ),
    # The advantage.
    _minimum(
        "ppo_loss_product_clipped",
        "The product with the advantage is clipped, while the interval is meant for the ratio.",
        "torch.min(ratio * return_or_advantage,"
        " torch.clamp(ratio * return_or_advantage, 1 - ppo_clip, 1 + ppo_clip))",
        "Which quantity does the interval around one belong to?",
    ),
    _minimum(
        "ppo_loss_advantage_clipped",
        "The advantage is clipped, while the interval is meant for the ratio.",
        "torch.min(ratio * return_or_advantage,"
        " ratio * torch.clamp(return_or_advantage, 1 - ppo_clip, 1 + ppo_clip))",
        "Which quantity does the interval around one belong to?",
    ),
    _minimum(
        "ppo_loss_clipped_without_advantage",
        "The minimum compares the clipped ratio alone with the product of ratio and advantage.",
        "torch.min(ratio * return_or_advantage, clipped_ratio)",
    ),
    _minimum(
        "ppo_loss_no_advantage",
        "The advantages are left out, so every action that was taken is encouraged alike.",
        "torch.min(ratio, clipped_ratio)",
        "What the loss says about an action whose advantage is negative.",
    ),
    _minimum(
        "ppo_loss_positive_advantages_only",
        "Steps with a negative advantage are left out, though the policy should learn from them.",
        "torch.min(ratio * return_or_advantage.clamp(min=0),"
        " clipped_ratio * return_or_advantage.clamp(min=0))",
        "What the loss says about an action whose advantage is negative.",
    ),
    _minimum(
        "ppo_loss_absolute_advantage",
        "The sign of the advantage is dropped, so bad actions are rewarded like good ones.",
        "torch.min(ratio * return_or_advantage.abs(), clipped_ratio * return_or_advantage.abs())",
        "What the loss says about an action whose advantage is negative.",
    ),
    edited(
        "ppo_loss_standardized_again",
        "The loss standardizes the advantages within the batch, but it should use them unchanged.",
        "What happens to the advantages before they are multiplied?",
        (
            OLD_LOG_PROBABILITY,
            OLD_LOG_PROBABILITY
            + "    return_or_advantage = (return_or_advantage - return_or_advantage.mean()) / (\n"
            "        return_or_advantage.std() + EPSILON\n"
            "    )\n",
        ),
    ),
    edited(
        "ppo_loss_centered_again",
        "The mean of the advantages is subtracted here, but the loss should use them unchanged.",
        "A batch in which all the advantages are the same.",
        (
            OLD_LOG_PROBABILITY,
            OLD_LOG_PROBABILITY
            + "    return_or_advantage = return_or_advantage - return_or_advantage.mean()\n",
        ),
    ),
    _minimum(
        "ppo_loss_log_times_ratio",
        "The ratio is multiplied by the log-probability of the vanilla loss, which does not belong here.",
        "log_probability * torch.min(ratio * return_or_advantage,"
        " clipped_ratio * return_or_advantage).detach()",
        "Which factors does the objective of one step have?",
    ),
    # From the terms to one number.
    edited(
        "ppo_loss_sign",
        "An optimizer that makes this loss smaller makes the objective worse.",
        "In which direction does an optimizer step move the probability of a good action?",
        (MEAN, "    return objective.mean()\n"),
    ),
    _minimum(
        "ppo_loss_average_of_both",
        "The clipped and the unclipped term are averaged, but the smaller one is asked for.",
        "0.5 * (ratio * return_or_advantage + clipped_ratio * return_or_advantage)",
    ),
    _minimum(
        "ppo_loss_both_added",
        "The clipped and the unclipped term are added, but the smaller one is asked for.",
        "ratio * return_or_advantage + clipped_ratio * return_or_advantage",
    ),
    edited(
        "ppo_loss_divergence_penalty",
        "A penalty for the distance of the two policies is added that the formula does not have.",
        "Which terms does your loss have that the formula does not?",
        (MEAN, "    return -objective.mean() + (old_log_probability - log_probability).mean()\n"),
    ),
    edited(
        "ppo_loss_entropy_bonus",
        "An entropy bonus is added that the formula does not have.",
        "Which terms does your loss have that the formula does not?",
        (
            MEAN,
            "    entropy = -(policy(observation).exp() * policy(observation)).sum(1).mean()\n"
            "    return -objective.mean() - 0.01 * entropy\n",
        ),
    ),
    edited(
        "ppo_loss_half",
        "The loss is halved, as the squared error of a regression is elsewhere.",
        "Compare the factor before your sum with the one in the formula.",
        (MEAN, "    return -0.5 * objective.mean()\n"),
    ),
    edited(
        "ppo_loss_sum",
        "The terms of the steps are only summed, so the loss grows with the batch size.",
        "What does the formula divide by?",
        (MEAN, "    return -objective.sum()\n"),
    ),
    edited(
        "ppo_loss_last_step_only",
        "Only the last step of the batch counts.",
        "Where do the terms of the other steps go?",
        (MEAN, "    return -objective[-1].mean()\n"),
    ),
    edited(
        "ppo_loss_median",
        "The median of the terms is taken, so a single step decides the loss.",
        "What does (1/N) Σ stand for?",
        (MEAN, "    return -objective.median()\n"),
    ),
    edited(
        "ppo_loss_per_step",
        "The result has one loss per step, but the whole batch should have a single loss.",
        "The shape of the result.",
        (MEAN, "    return -objective\n"),
    ),
    # What a probe tells, whatever the code looks like.
    told_by(
        BY_CHANCE,
        "ppo_loss_another_each_time",
        "Called twice with the same arguments, the function returns something else the second time.",
        "What in your function is drawn at random, or kept from one call to the next?",
        (MEAN, MEAN.replace(".mean()", ".mean() * (1 + torch.rand(()))")),
    ),
    told_by(
        telltales.NOTHING_ADDED,
        "ppo_loss_without_advantages",
        "There is a loss even where all advantages are zero.",
        "The loss of a batch whose advantages are all zero.",
        (MEAN, MEAN.replace(".mean()", ".mean() + ((ratio - 1) ** 2).mean()")),
    ),
    told_by(
        telltales.IN_PROPORTION,
        "ppo_loss_not_in_proportion",
        "When all advantages are doubled, the loss is not.",
        "What happens to the advantages before they are multiplied?",
        (MINIMUM, MINIMUM.replace("return_or_advantage", "return_or_advantage**3")),
    ),
    told_by(
        telltales.ANY_ORDER,
        "ppo_loss_order_of_steps",
        "The loss depends on the order in which the steps stand in the batch.",
        "Does the loss change when the rows of the batch change places?",
        (MINIMUM, MINIMUM.replace("return_or_advantage", "return_or_advantage.roll(1, 0)")),
    ),
    told_by(
        telltales.GIVEN_TWICE,
        "ppo_loss_number_of_steps",
        "A batch in which every step stands twice has another loss.",
        "The loss of a batch, and that of the same batch with every step twice.",
        (MEAN, MEAN.replace(".mean()", ".sum() / len(action) ** 0.5")),
    ),
    told_by(
        telltales.ACTIONS,
        "ppo_loss_whatever_the_actions",
        "The loss does not depend on which actions were taken.",
        "Where does your loss use `action`?",
        (
            LOG_PROBABILITIES,
            "    log_probability = policy(observation).amin(1, keepdim=True)\n"
            "    old_log_probability = old_logits.amin(1, keepdim=True)\n",
        ),
    ),
    told_by(
        telltales.OLD_POLICY,
        "ppo_loss_whatever_the_old_policy",
        "The loss does not depend on the policy that collected the rollout.",
        "Where does your loss use `old_logits`?",
        (RATIO, RATIO.replace("old_log_probability", "0.5 * log_probability.detach()")),
    ),
    told_by(
        telltales.CLIP,
        "ppo_loss_without_effect_of_the_clip",
        "The clip value makes no difference to the loss.",
        "The loss of the same batch with a small clip value and with a large one.",
        (CLIP, CLIP.replace("ppo_clip", "0.05")),
    ),
]
