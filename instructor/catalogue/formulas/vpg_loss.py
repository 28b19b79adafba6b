"""The loss of the vanilla policy gradient: log-probabilities, weights, their products, one number."""

from instructor.catalogue.formulas import Formula, Term

SOURCE = """
def get_vanilla_policy_gradient_loss(policy, observation, action, return_or_advantage, **kwargs):
    logs = $given
    log_probability = $taken
    log_probability = $used
    weights = $weights
    terms = $product
    total = $reduction
    loss = $factor
    $penalty
    return $result
"""

ENTROPY = "loss = loss - {} * -(policy(observation).exp() * policy(observation)).sum(1).mean()"

FORMULA = Formula(
    SOURCE,
    {
        "given": Term(
            "policy(observation)",
            (
                ("vpg_loss_probability", "policy(observation).exp()"),
                # Without the lower bound it is not a number, whatever else is wrong.
                ("vpg_loss_log_of_log", "torch.log(policy(observation).clamp(min=EPSILON))"),
                ("vpg_loss_log_of_log", "torch.log(policy(observation).abs() + EPSILON)"),
                (
                    "vpg_loss_categorical_of_probabilities",
                    "torch.distributions.Categorical(policy(observation)).logits",
                ),
                ("vpg_loss_softmax_over_steps", "torch.log_softmax(policy(observation), dim=0)"),
                (
                    "vpg_loss_probabilities_as_scores",
                    "torch.log_softmax(policy(observation).exp(), dim=1)",
                ),
                (
                    "vpg_loss_log_of_shifted_probability",
                    "torch.log(policy(observation).exp() + 1e-6)",
                ),
                (
                    "vpg_loss_probabilities_clamped",
                    "policy(observation).exp().clamp(0.01, 0.99).log()",
                ),
                ("vpg_loss_own_probability", "policy(observation).exp() * policy(observation)"),
                (
                    "vpg_loss_own_probability",
                    "policy(observation).exp().detach() * policy(observation)",
                ),
            ),
        ),
        "taken": Term(
            "logs.gather(1, action)",
            (
                ("vpg_loss_broadcast", "logs.gather(1, action).squeeze(-1)"),
                ("vpg_loss_all_pairs", "logs[:, action.squeeze(-1)]"),
                ("vpg_loss_categorical_shapes", "logs[:, action.squeeze(-1)].T"),
                ("vpg_loss_rows_by_action", "logs[action.squeeze(-1)]"),
                ("vpg_loss_gather_along_steps", "logs.gather(0, action)"),
                ("vpg_loss_best_action", "logs.max(dim=1, keepdim=True).values"),
                ("vpg_loss_no_action", "logs"),
                ("vpg_loss_sum_over_actions", "logs.sum(dim=1, keepdim=True)"),
                (
                    "vpg_loss_mean_over_actions_too",
                    "logs * torch.zeros_like(logs).scatter(1, action, 1.0)",
                ),
            ),
        ),
        "used": Term(
            "log_probability",
            (
                (
                    "vpg_loss_ratio_to_itself",
                    "torch.exp(log_probability - log_probability.detach())",
                ),
                (
                    "vpg_loss_importance_ratio",
                    "torch.exp(log_probability - kwargs.get("
                    '"old_logits", policy(observation).detach()).gather(1, action))',
                ),
            ),
        ),
        "weights": Term(
            "return_or_advantage",
            (
                (
                    "vpg_loss_standardized_weights",
                    "(return_or_advantage - return_or_advantage.mean())"
                    " / (return_or_advantage.std() + EPSILON)",
                ),
                (
                    "vpg_loss_standardized_weights",
                    "(return_or_advantage - return_or_advantage.mean())"
                    " / (return_or_advantage.std(unbiased=False) + EPSILON)",
                ),
                ("vpg_loss_centered_weights", "return_or_advantage - return_or_advantage.mean()"),
                (
                    "vpg_loss_scaled_weights",
                    "return_or_advantage / (return_or_advantage.std() + 1e-8)",
                ),
                (
                    "vpg_loss_scaled_weights",
                    "return_or_advantage / (return_or_advantage.std(unbiased=False) + 1e-8)",
                ),
                (
                    "vpg_loss_largest_weight_one",
                    "return_or_advantage / return_or_advantage.abs().max()",
                ),
                ("vpg_loss_largest_weight_one", "return_or_advantage / return_or_advantage.max()"),
                (
                    "vpg_loss_weights_sum_to_one",
                    "return_or_advantage / return_or_advantage.sum()",
                ),
                ("vpg_loss_no_weights", "torch.ones_like(return_or_advantage)"),
                ("vpg_loss_positive_weights_only", "return_or_advantage.clamp(min=0)"),
                ("vpg_loss_absolute_weights", "return_or_advantage.abs()"),
                ("vpg_loss_returns_from_kwargs", 'kwargs.get("returns", return_or_advantage)'),
                ("vpg_loss_mean_weight", "return_or_advantage.mean()"),
                ("vpg_loss_total_weight", "return_or_advantage.sum()"),
                (
                    "vpg_loss_discounted_rows",
                    "return_or_advantage * 0.95 ** torch.arange(float(len(action))).reshape(-1, 1)",
                ),
            ),
        ),
        "product": Term(
            "log_probability * weights",
            (
                # Who replaces the product may leave the minus out, or may not.
                ("vpg_loss_squared_terms", "-((log_probability * weights) ** 2)"),
                ("vpg_loss_squared_terms", "(log_probability * weights) ** 2"),
                ("vpg_loss_distance_to_the_weights", "-((log_probability - weights) ** 2)"),
                ("vpg_loss_distance_to_the_weights", "(log_probability - weights) ** 2"),
                ("vpg_loss_weights_added", "log_probability + weights"),
                ("vpg_loss_weights_added", "log_probability - weights"),
            ),
        ),
        "reduction": Term(
            "terms.mean()",
            (
                ("vpg_loss_sum", "terms.sum()"),
                ("vpg_loss_fixed_batch_size", "terms.sum() / 64"),
                ("vpg_loss_one_step_less", "terms.sum() / (len(action) - 1)"),
                ("vpg_loss_divided_by_observations", "terms.sum() / observation.numel()"),
                ("vpg_loss_divided_by_weights", "terms.sum() / return_or_advantage.sum()"),
                ("vpg_loss_mean_twice", "terms.mean() / len(action)"),
                ("vpg_loss_per_step", "terms"),
                ("vpg_loss_median", "terms.median()"),
                # In a loop that forgets the others, the number of steps is often divided by as well.
                ("vpg_loss_first_step_only", "terms[0].mean()"),
                ("vpg_loss_first_step_only", "terms[0].mean() / len(action)"),
                ("vpg_loss_last_step_only", "terms[-1].mean()"),
                ("vpg_loss_last_step_only", "terms[-1].mean() / len(action)"),
            ),
        ),
        "factor": Term(
            "-total",
            (
                ("vpg_loss_sign", "total"),
                ("vpg_loss_absolute_loss", "total.abs()"),
                ("vpg_loss_half", "-0.5 * total"),
            ),
        ),
        "penalty": Term(
            "",
            (
                ("vpg_loss_entropy_bonus", ENTROPY.format("0.01")),
                ("vpg_loss_entropy_bonus", ENTROPY.format("0.001")),
                ("vpg_loss_entropy_bonus", ENTROPY.format("0.1")),
                (
                    "vpg_loss_weight_decay",
                    "loss = loss + 0.01 * sum((p**2).sum() for p in policy.parameters())",
                ),
            ),
        ),
        "result": Term("loss", (("vpg_loss_detached", "loss.detach()"),)),
    },
    others=("vpg_loss_log_of_log",),
)
