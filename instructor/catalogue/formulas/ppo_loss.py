"""The clipped loss: two log-probabilities of an action, their ratio, its clip, and which product counts."""

from instructor.catalogue.formulas import Formula, Term

SOURCE = """
def get_PPO_policy_gradient_loss(
    policy, observation, old_logits, action, return_or_advantage, ppo_clip=0.2, **kwargs
):
    new, old = $outputs
    log_probability, old_log_probability = $action
    $old
    ratio = $ratio
    weights = $weights
    clipped_ratio = $clip
    objective = $taken
    loss = $factor * objective$reduction
    return loss$penalty
"""

# The actions that were not taken stay in the row, as zeros.
MASKED = "{0} * torch.zeros_like({0}).scatter(1, action, 1.0)"


def _both(pick: str) -> str:
    """The expression for the new policy and for the old one: it stands in place of {0}."""
    return f"{pick.format('new')}, {pick.format('old')}"


FORMULA = Formula(
    SOURCE,
    {
        "outputs": Term(
            "policy(observation), old_logits",
            (
                (
                    "ppo_loss_softmax_over_batch",
                    "torch.log_softmax(policy(observation), 0), torch.log_softmax(old_logits, 0)",
                ),
                ("ppo_loss_new_detached", "policy(observation).detach(), old_logits"),
            ),
        ),
        "action": Term(
            _both("{0}.gather(1, action)"),
            (
                ("ppo_loss_broadcast", _both("{0}.gather(1, action).squeeze(-1)")),
                ("ppo_loss_every_pair", _both("{0}[:, action.squeeze(-1)]")),
                ("ppo_loss_categorical_shapes", _both("{0}[:, action.squeeze(-1)].T")),
                ("ppo_loss_likeliest_action", _both("{0}.max(1, keepdim=True).values")),
                (
                    "ppo_loss_old_of_likeliest_action",
                    "new.gather(1, action), old.max(1, keepdim=True).values",
                ),
                ("ppo_loss_all_actions", _both("{0}")),
                ("ppo_loss_mean_over_actions_too", _both(MASKED)),
            ),
        ),
        "old": Term(
            "",
            (
                (
                    "ppo_loss_old_from_current_policy",
                    "old_log_probability = log_probability.detach()",
                ),
                ("ppo_loss_old_recomputed", "old_log_probability = log_probability"),
            ),
        ),
        "ratio": Term(
            "torch.exp(log_probability - old_log_probability)",
            (
                ("ppo_loss_no_old_policy", "torch.exp(log_probability)"),
                ("ppo_loss_ratio_inverted", "torch.exp(old_log_probability - log_probability)"),
                ("ppo_loss_ratio_of_logs", "log_probability / old_log_probability"),
                ("ppo_loss_no_exp", "log_probability - old_log_probability"),
                ("ppo_loss_log_probability_for_ratio", "log_probability"),
                ("ppo_loss_linear_ratio", "1 + log_probability - old_log_probability"),
                (
                    "ppo_loss_one_plus_difference",
                    "1 + torch.exp(log_probability) - torch.exp(old_log_probability)",
                ),
                (
                    "ppo_loss_old_exponentiated",
                    "torch.exp(log_probability - torch.exp(old_log_probability))",
                ),
                (
                    "ppo_loss_difference_of_probabilities",
                    "torch.exp(log_probability) - torch.exp(old_log_probability)",
                ),
                (
                    "ppo_loss_exp_of_probabilities",
                    "torch.exp(torch.exp(log_probability) - torch.exp(old_log_probability))",
                ),
                (
                    "ppo_loss_ratio_normalized",
                    "(ratio := torch.exp(log_probability - old_log_probability)) / ratio.mean()",
                ),
                (
                    "ppo_loss_batch_ratio",
                    "torch.exp((log_probability - old_log_probability).mean())",
                ),
                (
                    "ppo_loss_batch_ratio",
                    "torch.exp(log_probability - old_log_probability).mean()",
                ),
                (
                    "ppo_loss_batch_ratio",
                    "torch.exp((log_probability - old_log_probability).sum())",
                ),
            ),
        ),
        "weights": Term(
            "return_or_advantage",
            (
                ("ppo_loss_no_advantage", "torch.ones_like(return_or_advantage)"),
                ("ppo_loss_absolute_advantage", "return_or_advantage.abs()"),
                (
                    "ppo_loss_standardized_again",
                    "(return_or_advantage - return_or_advantage.mean())"
                    " / (return_or_advantage.std() + EPSILON)",
                ),
                (
                    "ppo_loss_standardized_again",
                    "(return_or_advantage - return_or_advantage.mean())"
                    " / (return_or_advantage.std(unbiased=False) + 1e-8)",
                ),
                (
                    "ppo_loss_standardized_again",
                    "(return_or_advantage - return_or_advantage.mean())"
                    " / (return_or_advantage.std() + 1e-8)"
                    " if len(return_or_advantage) > 1 else return_or_advantage",
                ),
                (
                    "ppo_loss_centered_again",
                    "return_or_advantage - return_or_advantage.mean()",
                ),
                ("ppo_loss_positive_advantages_only", "return_or_advantage.clamp(min=0)"),
                ("ppo_loss_broadcast", "return_or_advantage.mean()"),
            ),
        ),
        "clip": Term(
            "torch.clamp(ratio, 1 - ppo_clip, 1 + ppo_clip)",
            (
                ("ppo_loss_hard_coded", "torch.clamp(ratio, 0.8, 1.2)"),
                ("ppo_loss_hard_coded_tenth", "torch.clamp(ratio, 0.9, 1.1)"),
                ("ppo_loss_bounds_swapped", "torch.clamp(ratio, 1 + ppo_clip, 1 - ppo_clip)"),
                ("ppo_loss_upper_only", "torch.clamp(ratio, max=1 + ppo_clip)"),
                ("ppo_loss_lower_only", "torch.clamp(ratio, min=1 - ppo_clip)"),
                ("ppo_loss_around_zero", "torch.clamp(ratio, -ppo_clip, ppo_clip)"),
                ("ppo_loss_change_for_ratio", "torch.clamp(ratio - 1, -ppo_clip, ppo_clip)"),
                (
                    "ppo_loss_outside_set_to_one",
                    "torch.where((ratio - 1).abs() > ppo_clip, 1.0, ratio)",
                ),
                (
                    "ppo_loss_log_ratio",
                    "torch.exp(torch.clamp(torch.log(ratio), -ppo_clip, ppo_clip))",
                ),
            ),
        ),
        "taken": Term(
            "torch.min(ratio * weights, clipped_ratio * weights)",
            (
                ("ppo_loss_no_clip", "ratio * weights"),
                ("ppo_loss_only_clipped", "clipped_ratio * weights"),
                ("ppo_loss_max", "torch.max(ratio * weights, clipped_ratio * weights)"),
                ("ppo_loss_min_before_product", "torch.min(ratio, clipped_ratio) * weights"),
                ("ppo_loss_max_before_product", "torch.max(ratio, clipped_ratio) * weights"),
                (
                    "ppo_loss_min_of_means",
                    "torch.min((ratio * weights).mean(), (clipped_ratio * weights).mean())",
                ),
                (
                    "ppo_loss_single_minimum",
                    "torch.min(torch.cat([ratio * weights, clipped_ratio * weights]))",
                ),
                (
                    "ppo_loss_min_over_batch",
                    "torch.stack([ratio * weights, clipped_ratio * weights]).amin(1)",
                ),
                (
                    "ppo_loss_bounds_exchanged",
                    "torch.min(ratio * weights,"
                    " torch.where(weights < 0, 1 + ppo_clip, 1 - ppo_clip) * weights)",
                ),
                (
                    "ppo_loss_upper_bound_for_all",
                    "torch.min(ratio * weights, (1 + ppo_clip) * weights)",
                ),
                (
                    "ppo_loss_lower_bound_as_upper",
                    "torch.where(weights < 0, ratio.clamp(max=1 - ppo_clip),"
                    " ratio.clamp(max=1 + ppo_clip)) * weights",
                ),
                ("ppo_loss_both_added", "ratio * weights + clipped_ratio * weights"),
                ("ppo_loss_clipped_without_advantage", "torch.min(ratio * weights, clipped_ratio)"),
                (
                    "ppo_loss_zero_outside",
                    "torch.where(ratio == clipped_ratio, ratio * weights, 0.0)",
                ),
                (
                    "ppo_loss_log_times_ratio",
                    "log_probability * torch.min(ratio * weights, clipped_ratio * weights).detach()",
                ),
                (
                    "ppo_loss_log_times_ratio",
                    "log_probability * torch.min(ratio * weights, clipped_ratio * weights)",
                ),
                (
                    "ppo_loss_log_times_ratio",
                    "torch.min(ratio * weights * log_probability,"
                    " clipped_ratio * weights * log_probability)",
                ),
                (
                    "ppo_loss_log_times_ratio",
                    "torch.min(ratio.detach() * weights * log_probability,"
                    " clipped_ratio.detach() * weights * log_probability)",
                ),
            ),
        ),
        "reduction": Term(
            ".mean()",
            (
                ("ppo_loss_sum", ".sum()"),
                ("ppo_loss_median", ".median()"),
                ("ppo_loss_last_step_only", "[-1].mean()"),
                ("ppo_loss_last_step_only", "[-1].mean() / len(action)"),
                ("ppo_loss_per_step", ""),
            ),
        ),
        "factor": Term("-1", (("ppo_loss_sign", "1"), ("ppo_loss_half", "-0.5"))),
        "penalty": Term(
            "",
            (
                ("ppo_loss_entropy_bonus", " + 0.01 * (new.exp() * new).sum(1).mean()"),
                ("ppo_loss_entropy_bonus", " + 0.001 * (new.exp() * new).sum(1).mean()"),
                (
                    "ppo_loss_divergence_penalty",
                    " + (old_log_probability - log_probability).mean()",
                ),
                (
                    "ppo_loss_divergence_penalty",
                    " + 0.5 * (old_log_probability - log_probability).mean()",
                ),
                (
                    "ppo_loss_divergence_penalty",
                    " + 0.1 * (old_log_probability - log_probability).mean()",
                ),
            ),
        ),
    },
)
