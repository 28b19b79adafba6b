"""Wrong clipped surrogate losses."""

from instructor.catalogue import Change, Mistake

OLD_LOG = "    old_log_probability = old_logits.gather(1, action)\n"
# The first of these two lines alone stands in another loss as well.
LOGS = f"policy(observation).gather(1, action)\n{OLD_LOG}"
RATIO = "    ratio = torch.exp(log_probability - old_log_probability)\n"
CLIP = "    clipped_ratio = torch.clamp(ratio, 1 - ppo_clip, 1 + ppo_clip)\n"
OBJECTIVE = "torch.min(ratio * return_or_advantage, clipped_ratio * return_or_advantage)"
MEAN = "    return -objective.mean()\n"

LOOK_RATIO = "The line that makes the ratio, at a step where the two policies differ a lot."
LOOK_BOUNDS = (
    "Between which two numbers may the clipped ratio lie, and which numbers do yours allow?"
)
LOOK_MINIMUM = "What the minimum is taken of, for a positive and for a negative advantage."
LOOK_SHAPES = "The shape of the ratio, and that of its product with the advantages."
LOOK_GRADIENT = "Which tensors on the way from the policy to the loss carry a gradient?"


def _instead(name: str, misconception: str, look: str, old: str, new: str) -> Mistake:
    return Mistake(f"ppo_loss_{name}", "ppo_loss", misconception, look, Change(edits=((old, new),)))


def _ratio(name: str, misconception: str, expression: str, look: str = LOOK_RATIO) -> Mistake:
    return _instead(name, misconception, look, RATIO, f"    ratio = {expression}\n")


def _clip(name: str, misconception: str, expression: str, look: str = LOOK_BOUNDS) -> Mistake:
    return _instead(name, misconception, look, CLIP, f"    clipped_ratio = {expression}\n")


def _objective(name: str, misconception: str, expression: str, look: str = LOOK_MINIMUM) -> Mistake:
    return _instead(name, misconception, look, OBJECTIVE, expression)


MISTAKES = [
    _ratio(
        "ratio_inverted",
        "Old and new policy have changed places in the ratio.",
        "torch.exp(old_log_probability - log_probability)",
    ),
    _ratio(
        "ratio_of_logs",
        "The ratio is one of probabilities, but the log-probabilities themselves are divided.",
        "log_probability / old_log_probability",
    ),
    _ratio(
        "no_exp",
        "The difference of two log-probabilities is the logarithm of the ratio, not the ratio.",
        "log_probability - old_log_probability",
    ),
    _ratio(
        "no_old_policy",
        "The new policy's probability is taken for the ratio; the old policy does not appear.",
        "torch.exp(log_probability)",
    ),
    _ratio(
        "log_probability_for_ratio",
        "The log-probability of the vanilla loss stands where this loss has a ratio.",
        "log_probability",
    ),
    _ratio(
        "difference_of_probabilities",
        "The two probabilities are subtracted, while the ratio divides one by the other.",
        "torch.exp(log_probability) - torch.exp(old_log_probability)",
    ),
    _ratio(
        "old_logits_as_probabilities",
        "The old policy's log-probabilities are used as if they were probabilities.",
        "torch.exp(log_probability) / old_log_probability",
    ),
    _ratio(
        "log_of_log",
        "The logarithm is taken of numbers that are log-probabilities already.",
        "torch.exp(torch.log(log_probability) - torch.log(old_log_probability))",
    ),
    _ratio(
        "base_ten",
        "The log-probabilities are natural logarithms, but they are undone to another base.",
        "10 ** (log_probability - old_log_probability)",
    ),
    _ratio(
        "batch_ratio",
        "Every step has a ratio of its own; here one ratio stands for the whole batch.",
        "torch.exp((log_probability - old_log_probability).mean())",
        LOOK_SHAPES,
    ),
    _ratio(
        "broadcast",
        "Two shapes that look alike broadcast: every ratio meets the advantage of every step.",
        "torch.exp(log_probability - old_log_probability).squeeze(-1)",
        LOOK_SHAPES,
    ),
    _ratio(
        "all_actions",
        "The ratio is made for every action, not only for the one that was taken.",
        "torch.exp(policy(observation) - old_logits)",
        LOOK_SHAPES,
    ),
    _ratio(
        "new_detached",
        "The new log-probabilities are cut off from the policy, so that it cannot learn.",
        "torch.exp(log_probability.detach() - old_log_probability)",
        LOOK_GRADIENT,
    ),
    _instead(
        "every_pair",
        "Indexing with the actions combines every observation with every action of the batch.",
        "The shape of what comes out when the log-probabilities are picked.",
        LOGS,
        "policy(observation)[:, action].squeeze(-1)\n"
        "    old_log_probability = old_logits[:, action].squeeze(-1)\n",
    ),
    _instead(
        "gather_rows",
        "The action picks a row of the batch instead of a column of its own row.",
        "Which dimension of the log-probabilities counts the steps, which one the actions?",
        LOGS,
        "policy(observation).gather(0, action)\n"
        "    old_log_probability = old_logits.gather(0, action)\n",
    ),
    _instead(
        "likeliest_action",
        "The ratio is made for the likeliest action, not for the one that was taken.",
        "Does the loss change when other actions were taken?",
        LOGS,
        "policy(observation).max(dim=1, keepdim=True).values\n"
        "    old_log_probability = old_logits.max(dim=1, keepdim=True).values\n",
    ),
    _instead(
        "softmax_over_batch",
        "Probabilities add up to one over the actions of a step, not over the steps of a batch.",
        "Over which dimension do your probabilities add up to one?",
        LOGS,
        "torch.log_softmax(policy(observation), dim=0).gather(1, action)\n"
        "    old_log_probability = torch.log_softmax(old_logits, dim=0).gather(1, action)\n",
    ),
    _instead(
        "old_from_current_policy",
        "The old policy is the one the rollout was made with, not the current one kept fixed.",
        "What your ratio is equal to, and whether `old_logits` has any influence on the loss.",
        OLD_LOG,
        "    old_log_probability = log_probability.detach()\n",
    ),
    _instead(
        "old_recomputed",
        "Asking the current policy again gives both halves of the ratio the same gradient.",
        "What your ratio is equal to, and whether `old_logits` has any influence on the loss.",
        OLD_LOG,
        "    old_log_probability = policy(observation).gather(1, action)\n",
    ),
    _clip(
        "hard_coded",
        "The clip is fixed in the code; the argument has no influence.",
        "torch.clamp(ratio, 0.8, 1.2)",
        "Does the loss change when it is called with another `ppo_clip`?",
    ),
    _clip(
        "upper_only",
        "Only the upper bound acts, and it never acts on a negative advantage.",
        "torch.clamp(ratio, max=1 + ppo_clip)",
    ),
    _clip(
        "lower_only",
        "The ratio is clipped on one side only, where it shrinks.",
        "torch.clamp(ratio, min=1 - ppo_clip)",
    ),
    _clip(
        "around_zero",
        "A ratio of policies that agree is one, but the clip is centred on zero.",
        "torch.clamp(ratio, -ppo_clip, ppo_clip)",
    ),
    _clip(
        "change_for_ratio",
        "The clipped change of the ratio is used where the clipped ratio itself belongs.",
        "torch.clamp(ratio - 1, -ppo_clip, ppo_clip)",
        "What your clipped ratio is when both policies agree.",
    ),
    _clip(
        "log_ratio",
        "The interval is applied to the logarithm of the ratio, where other bounds would hold.",
        "torch.exp(torch.clamp(torch.log(ratio), -ppo_clip, ppo_clip))",
    ),
    _clip(
        "reciprocal_lower",
        "The lower bound is taken for the reciprocal of the upper one.",
        "torch.clamp(ratio, 1 / (1 + ppo_clip), 1 + ppo_clip)",
    ),
    _clip(
        "reciprocal_upper",
        "The upper bound is taken for the reciprocal of the lower one.",
        "torch.clamp(ratio, 1 - ppo_clip, 1 / (1 - ppo_clip))",
    ),
    _clip(
        "probability_change",
        "The clip limits how far the probability moves, while it should limit the ratio.",
        "1 + ((ratio - 1) * old_log_probability.exp()).clamp(-ppo_clip, ppo_clip)"
        " / old_log_probability.exp()",
        "What is clipped at a step whose action had a small probability?",
    ),
    _clip(
        "clipped_detached",
        "The clipped ratio is cut off from the policy; where nothing is clipped it matters too.",
        "torch.clamp(ratio.detach(), 1 - ppo_clip, 1 + ppo_clip)",
        "The gradient of the loss when both policies agree.",
    ),
    _objective(
        "no_clip",
        "The ratio is never clipped, so nothing keeps the new policy near the old one.",
        "ratio * return_or_advantage",
        "The loss for ratios far away from one.",
    ),
    _objective(
        "only_clipped",
        "The clipped term stands alone; the objective is the smaller one of two terms.",
        "clipped_ratio * return_or_advantage",
    ),
    _objective(
        "max",
        "The larger of the two terms is taken; the objective is the more cautious one.",
        "torch.max(ratio * return_or_advantage, clipped_ratio * return_or_advantage)",
    ),
    _objective(
        "min_before_product",
        "The smaller ratio does not give the smaller product when the advantage is negative.",
        "torch.min(ratio, clipped_ratio) * return_or_advantage",
    ),
    _objective(
        "min_of_means",
        "The minimum is taken once for the whole batch, while every step has its own.",
        "torch.min((ratio * return_or_advantage).mean(),"
        " (clipped_ratio * return_or_advantage).mean())",
        "In which order are the minimum and the mean taken?",
    ),
    _objective(
        "single_minimum",
        "The minimum goes over all steps, so only one step of the batch counts.",
        "torch.min(torch.cat([ratio * return_or_advantage, clipped_ratio * return_or_advantage]))",
        "How many numbers does your minimum return?",
    ),
    _objective(
        "product_clipped",
        "The product with the advantage is clipped, while the interval is meant for the ratio.",
        "torch.min(ratio * return_or_advantage,"
        " torch.clamp(ratio * return_or_advantage, 1 - ppo_clip, 1 + ppo_clip))",
        "Which quantity does the interval around one belong to?",
    ),
    _objective(
        "advantage_clipped",
        "The advantage is clipped, while the interval is meant for the ratio.",
        "torch.min(ratio * return_or_advantage,"
        " ratio * torch.clamp(return_or_advantage, 1 - ppo_clip, 1 + ppo_clip))",
        "Which quantity does the interval around one belong to?",
    ),
    _objective(
        "clipped_without_advantage",
        "The clipped ratio is compared with a product, without the advantage of its own.",
        "torch.min(ratio * return_or_advantage, clipped_ratio)",
    ),
    _objective(
        "absolute_advantage",
        "The sign of the advantage is dropped, so bad actions are rewarded like good ones.",
        "torch.min(ratio * return_or_advantage.abs(), clipped_ratio * return_or_advantage.abs())",
        "What the loss says about an action whose advantage is negative.",
    ),
    _objective(
        "clips_good_actions_only",
        "Only the upper bound acts, and it never acts on a negative advantage.",
        "torch.min(ratio, torch.where(return_or_advantage > 0, clipped_ratio, ratio))"
        " * return_or_advantage",
    ),
    _objective(
        "drops_clipped_steps",
        "Steps whose ratio lies outside the interval are left out of the mean.",
        "(ratio * return_or_advantage)[ratio == clipped_ratio]",
        "How many steps is the mean taken over?",
    ),
    _objective(
        "log_times_ratio",
        "The ratio replaces the log-probability of the vanilla loss and does not multiply it.",
        "log_probability * torch.min(ratio * return_or_advantage,"
        " clipped_ratio * return_or_advantage).detach()",
        "Which factors does the objective of one step have?",
    ),
    _instead(
        "standardized_again",
        "The advantages are used as they come; here they are standardized within the batch.",
        "What happens to the advantages before they are multiplied?",
        OLD_LOG,
        OLD_LOG
        + "    return_or_advantage = (return_or_advantage - return_or_advantage.mean()) / (\n"
        "        return_or_advantage.std() + EPSILON\n"
        "    )\n",
    ),
    _instead(
        "sign",
        "An optimizer makes the loss smaller, so this one makes the objective worse.",
        "In which direction does an optimizer step move the probability of a good action?",
        MEAN,
        "    return objective.mean()\n",
    ),
    _instead(
        "sum",
        "The steps are added up; the loss then grows with the size of the batch.",
        "What does the formula divide by?",
        MEAN,
        "    return -objective.sum()\n",
    ),
    _objective(
        "zero_outside",
        "Steps outside the interval are left out, also where the minimum would keep them.",
        "torch.where(ratio == clipped_ratio, ratio * return_or_advantage, 0.0)",
    ),
    _objective(
        "clipped_by_sign",
        "Which of the two products counts is decided by the advantage's sign alone.",
        "return_or_advantage * torch.where(return_or_advantage > 0, clipped_ratio, ratio)",
    ),
    _objective(
        "unclipped_detached",
        "The ratio that is not clipped is cut off from the policy, so half of the gradient is gone.",
        "torch.min(ratio.detach() * return_or_advantage, clipped_ratio * return_or_advantage)",
        LOOK_GRADIENT,
    ),
]
