"""Right value losses, written differently."""

from instructor.catalogue.alternatives import Alternative, edited, rewritten
from instructor.catalogue.reference_lines.value_loss import LOSS


def _body(name: str, new: str) -> Alternative:
    """Another body of the function."""
    return edited(name, (LOSS, new))


ALTERNATIVES = [
    # A loss of torch.
    _body(
        "alternative_value_mse_loss",
        "    return torch.nn.functional.mse_loss(value_net(observation), returns)\n",
    ),
    _body(
        "alternative_value_mse_loss_other_order",
        """\
    import torch.nn.functional as F

    loss = F.mse_loss(input=returns, target=value_net(observation))
    return loss
""",
    ),
    _body(
        "alternative_value_mse_loss_sum",
        """\
    criterion = torch.nn.MSELoss(reduction="sum")
    return criterion(value_net(observation), returns.detach()) / len(returns)
""",
    ),
    rewritten(
        "alternative_value_module_level_criterion",
        """
            mse = torch.nn.MSELoss()


            def get_value_net_loss(value_net, observation, returns, **kwargs):
                return mse(value_net(observation).view(-1), returns.reshape(-1))
            """,
    ),
    rewritten(
        "alternative_value_gaussian_likelihood",
        """
            import torch.nn.functional as nnf


            def get_value_net_loss(value_net, observation, returns, **kwargs):
                value = value_net(observation)
                # with variance 1 this is half the squared difference
                return 2 * nnf.gaussian_nll_loss(value, returns, torch.ones_like(value))
            """,
    ),
    # Sums and products.
    _body(
        "alternative_value_squeezed",
        """\
    values = value_net(observation).squeeze(-1)
    targets = returns.squeeze(-1)
    assert values.shape == targets.shape, (values.shape, targets.shape)
    return torch.mean(torch.square(values - targets))
""",
    ),
    _body(
        "alternative_value_norm",
        """\
    difference = value_net(observation) - returns
    return torch.linalg.vector_norm(difference).pow(2).div(difference.numel())
""",
    ),
    _body(
        "alternative_value_dot",
        """\
    error = (returns - value_net(observation)).flatten()
    return error.dot(error) / error.shape[0]
""",
    ),
    _body(
        "alternative_value_loop",
        """\
    loss = torch.tensor(0.0)
    predictions = value_net(observation)
    for value, target in zip(predictions, returns):
        loss = loss + (value[0] - target[0]) ** 2
    loss /= len(returns)
    return loss
""",
    ),
    _body(
        "alternative_value_variance_plus_bias",
        """\
    error = value_net(observation).double() - returns.double()
    return error.var(unbiased=False) + error.mean() ** 2
""",
    ),
    _body(
        "alternative_value_matrix_product",
        """\
    if (delta := value_net(observation).sub(returns)).shape[1] != 1:
        raise ValueError(f"one value per step, please, not {tuple(delta.shape)}")
    return (delta.t() @ delta).mean() / delta.shape[0]
""",
    ),
]
