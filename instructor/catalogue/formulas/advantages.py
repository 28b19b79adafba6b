"""The standardized advantage: a difference, its center and its spread, and what becomes of the quotient."""

from instructor.catalogue.formulas import Formula, Term

SOURCE = """
def get_advantages(value_net, observations, returns):
    with $graph:
        values = $values
        $units
        raw = $difference
        $center
        deviation = raw - $about
        spread = $spread
        denominator = $denominator
        advantages = $standardized
        return advantages$afterwards$form
"""

FORMULA = Formula(
    SOURCE,
    {
        "graph": Term("torch.no_grad()", (("advantages_gradient_not_cut", "torch.enable_grad()"),)),
        "values": Term(
            "value_net(observations)",
            (
                ("advantages_without_values", "torch.zeros_like(returns)"),
                ("advantages_broadcast", "value_net(observations).squeeze(-1)"),
                (
                    "advantages_next_value",
                    "torch.cat((value_net(observations)[1:], torch.zeros_like(returns[-1:])))",
                ),
                ("advantages_next_value", "value_net(observations).roll(-1, 0)"),
                ("advantages_positive_values", "torch.relu(value_net(observations))"),
                (
                    "advantages_rescaled_values",
                    "value_net(observations) * returns.std() + returns.mean()",
                ),
            ),
        ),
        "units": Term(
            "targets = returns",
            (
                (
                    "advantages_standardized_returns",
                    "targets = (returns - returns.mean()) / (returns.std() + EPSILON)",
                ),
                (
                    "advantages_both_standardized",
                    """
                    targets = (returns - returns.mean()) / (returns.std() + EPSILON)
                    values = (values - values.mean()) / (values.std() + EPSILON)
                    """,
                ),
            ),
        ),
        "difference": Term(
            "targets - values",
            (
                ("advantages_sign", "values - targets"),
                ("advantages_added", "targets + values"),
                ("advantages_only_values", "values"),
                ("advantages_absolute", "(targets - values).abs()"),
                ("advantages_squared", "(targets - values) ** 2"),
                ("advantages_positive_only", "torch.relu(targets - values)"),
                ("advantages_bootstrapped", "targets + 0.95 * values.roll(-1, 0) - values"),
                (
                    "advantages_bootstrapped",
                    "targets + 0.95 * torch.cat((values[1:], values[-1:] * 0)) - values",
                ),
            ),
        ),
        "center": Term(
            "center = about = raw.mean()",
            (
                ("advantages_only_scaled", "center, about = 0.0, raw.mean()"),
                ("advantages_median", "center, about = raw.median(), raw.mean()"),
                ("advantages_median", "center, about = raw.quantile(0.5), raw.mean()"),
                ("advantages_smallest_subtracted", "center, about = raw.min(), raw.mean()"),
                ("advantages_mean_of_returns", "center, about = returns.mean(), raw.mean()"),
                ("advantages_spread_about_mean_of_returns", "center = about = returns.mean()"),
                ("advantages_mean_of_values", "center, about = values.mean(), raw.mean()"),
            ),
        ),
        "about": Term("about", (("advantages_spread_about_zero", "0.0"),)),
        "spread": Term(
            "((deviation**2).sum() / (deviation.numel() - 1)).sqrt()",
            (
                ("advantages_population_std", "(deviation**2).mean().sqrt()"),
                ("advantages_variance", "(deviation**2).sum() / (deviation.numel() - 1)"),
                ("advantages_variance", "(deviation**2).mean()"),
                ("advantages_mean_absolute_deviation", "deviation.abs().mean()"),
                ("advantages_unit_length", "deviation.norm()"),
                ("advantages_scaled_to_largest", "deviation.abs().max()"),
                ("advantages_scaled_to_largest", "deviation.max()"),
                ("advantages_range", "raw.max() - raw.min()"),
                ("advantages_spread_of_returns", "returns.std()"),
                ("advantages_population_std_of_returns", "returns.std(unbiased=False)"),
            ),
        ),
        "denominator": Term(
            "spread + EPSILON",
            (
                ("advantages_no_epsilon", "spread"),
                ("advantages_no_epsilon", "torch.where(spread > 0, spread, 1.0)"),
                ("advantages_large_epsilon", "spread + 1e-8"),
                ("advantages_large_epsilon", "spread + 1e-6"),
                ("advantages_large_epsilon", "spread + 1e-5"),
                ("advantages_one_added", "spread + 1"),
                ("advantages_epsilon_in_the_root", "(spread**2 + EPSILON).sqrt()"),
            ),
        ),
        "standardized": Term(
            "(raw - center) / denominator",
            (
                ("advantages_not_standardized", "raw"),
                ("advantages_only_centered", "raw - center"),
                ("advantages_only_the_mean_divided", "raw - center / denominator"),
                ("advantages_mean_after_scaling", "raw / denominator - center"),
                ("advantages_zero_to_one", "(raw - raw.min()) / (raw.max() - raw.min() + EPSILON)"),
                (
                    "advantages_minus_one_to_one",
                    "2 * (raw - raw.min()) / (raw.max() - raw.min() + EPSILON) - 1",
                ),
                ("advantages_divided_by_largest", "raw / (raw.abs().max() + EPSILON)"),
            ),
        ),
        "afterwards": Term(
            "",
            (
                ("advantages_absolute_afterwards", ".abs()"),
                ("advantages_cut_off_at_zero", ".clamp(min=0)"),
                ("advantages_clipped", ".clamp(-1, 1)"),
                ("advantages_outliers_clipped", ".clamp(-3, 3)"),
                ("advantages_squashed", ".tanh()"),
                ("advantages_exponentiated", ".exp()"),
            ),
        ),
        "form": Term(
            "",
            (("advantages_flat", ".squeeze(-1)"), ("advantages_float64", ".double()")),
        ),
    },
)
