"""The value network's loss: predictions, what they are compared with, the squares, one number."""

from instructor.catalogue.formulas import Formula, Term

SOURCE = """
def get_value_net_loss(value_net, observation, returns, **kwargs):
    values = $prediction
    targets = $target
    error = $error
    squares = $power
    squares = $rows
    total = $reduction
    loss = $factor
    $penalty
    return $result
"""

DECAY = "loss = loss + {} * sum((p**2).sum() for p in value_net.parameters())"

FORMULA = Formula(
    SOURCE,
    {
        "prediction": Term(
            "value_net(observation)",
            (
                ("value_loss_broadcast", "value_net(observation).squeeze(-1)"),
                (
                    "value_loss_of_the_mean_observation",
                    "value_net(observation.mean(0, keepdim=True))",
                ),
                ("value_loss_mean_value", "value_net(observation).mean(0, keepdim=True)"),
                ("value_loss_positive_values", "torch.relu(value_net(observation))"),
                ("value_loss_squashed_values", "torch.tanh(value_net(observation))"),
                ("value_loss_log_probability", "torch.log_softmax(value_net(observation), dim=-1)"),
            ),
        ),
        "target": Term(
            "returns",
            (
                (
                    "value_loss_standardized_returns",
                    "(returns - returns.mean()) / (returns.std() + EPSILON)",
                ),
                (
                    "value_loss_standardized_returns",
                    "(returns - returns.mean()) / (returns.std(unbiased=False) + EPSILON)",
                ),
                ("value_loss_centered_returns", "returns - returns.mean()"),
                ("value_loss_scaled_returns", "returns / (returns.std() + 1e-8)"),
                ("value_loss_scaled_returns", "returns / (returns.std(unbiased=False) + 1e-8)"),
                ("value_loss_largest_return_one", "returns / returns.abs().max()"),
                ("value_loss_largest_return_one", "returns / returns.max()"),
                ("value_loss_return_or_advantage", 'kwargs.get("return_or_advantage", returns)'),
                ("value_loss_bootstrapped", "returns + 0.95 * values.detach().roll(-1, 0)"),
                *(
                    (
                        "value_loss_bootstrapped",
                        f"returns + {discount} * torch.cat((values.detach()[1:], 0 * values[:1]))",
                    )
                    for discount in (0.95, 0.99)
                ),
                ("value_loss_discounted_returns", "0.95 * returns"),
                (
                    "value_loss_discounted_returns",
                    "returns * 0.95 ** torch.arange(float(len(returns))).reshape(-1, 1)",
                ),
                ("value_loss_absolute_returns", "returns.abs()"),
                ("value_loss_mean_return", "returns.mean()"),
                ("value_loss_next_return", "returns.roll(-1, 0)"),
            ),
        ),
        "error": Term(
            "values - targets",
            (
                ("value_loss_plus", "values + targets"),
                ("value_loss_relative", "values / targets - 1"),
                ("value_loss_clipped", "torch.clamp(values - targets, -1, 1)"),
                (
                    "value_loss_clipped_by_ppo",
                    'torch.clamp(values - targets, -kwargs.get("ppo_clip", 0.2), '
                    'kwargs.get("ppo_clip", 0.2))',
                ),
                ("value_loss_variance", "values - targets - (values - targets).mean()"),
                (
                    "value_loss_both_standardized",
                    "(values - values.mean()) / (values.std() + EPSILON)"
                    " - (targets - targets.mean()) / (targets.std() + EPSILON)",
                ),
            ),
        ),
        "power": Term(
            "error**2",
            (
                # Which is subtracted from which makes a difference only here.
                ("value_loss_not_squared", "error"),
                ("value_loss_not_squared", "-error"),
                ("value_loss_absolute", "error.abs()"),
                (
                    "value_loss_huber",
                    "torch.nn.functional.smooth_l1_loss("
                    'error, torch.zeros_like(error), reduction="none")',
                ),
                ("value_loss_fourth_power", "error**4"),
                ("value_loss_one_factor_detached", "error * error.detach()"),
                ("value_loss_only_returns_squared", "values - targets**2"),
                ("value_loss_only_returns_squared", "targets**2 - values"),
                ("value_loss_only_values_squared", "targets - values**2"),
                ("value_loss_only_values_squared", "values**2 - targets"),
                ("value_loss_difference_of_squares", "values**2 - targets**2"),
                ("value_loss_difference_of_squares", "targets**2 - values**2"),
                ("value_loss_product", "values * targets"),
                ("value_loss_product", "-values * targets"),
            ),
        ),
        "rows": Term(
            "squares",
            (
                (
                    "value_loss_discounted_rows",
                    "squares * 0.95 ** torch.arange(float(len(returns))).reshape(-1, 1)",
                ),
            ),
        ),
        "reduction": Term(
            "squares.mean()",
            (
                ("value_loss_sum", "squares.sum()"),
                ("value_loss_fixed_batch_size", "squares.sum() / 64"),
                ("value_loss_one_step_less", "squares.sum() / (len(returns) - 1)"),
                ("value_loss_mean_twice", "squares.mean() / len(returns)"),
                ("value_loss_per_step", "squares"),
                ("value_loss_worst_step", "squares.max()"),
                ("value_loss_square_of_mean", "error.mean() ** 2"),
                ("value_loss_norm", "squares.sum().sqrt()"),
                ("value_loss_norm", "squares.sum().sqrt() / len(returns)"),
                # In a loop that forgets the others, the number of steps is often divided by as well.
                ("value_loss_first_step_only", "squares[0].mean()"),
                ("value_loss_first_step_only", "squares[0].mean() / len(returns)"),
                ("value_loss_last_step_only", "squares[-1].mean()"),
                ("value_loss_last_step_only", "squares[-1].mean() / len(returns)"),
            ),
        ),
        "factor": Term(
            "total",
            (
                ("value_loss_half", "0.5 * total"),
                ("value_loss_doubled", "2 * total"),
                ("value_loss_sign", "-total"),
                ("value_loss_root", "total.sqrt()"),
                ("value_loss_over_variance", "total / returns.var()"),
            ),
        ),
        "penalty": Term(
            "",
            (
                ("value_loss_weight_decay", DECAY.format("0.1")),
                ("value_loss_weight_decay", DECAY.format("0.01")),
            ),
        ),
        "result": Term("loss", (("value_loss_detached", "loss.detach()"),)),
    },
)
