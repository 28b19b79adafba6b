"""Right policy gradient and value losses, written differently."""

from instructor.catalogue import Alternative, Change

POLICY_LOSS = """\
    log_probability = policy(observation).gather(1, action)
    return -(log_probability * return_or_advantage).mean()
"""
VALUE_LOSS = "    return ((value_net(observation) - returns) ** 2).mean()\n"


def _policy_loss(name: str, new: str) -> Alternative:
    return Alternative(name, "vpg_loss", Change(edits=((POLICY_LOSS, new),)))


def _value_loss(name: str, new: str) -> Alternative:
    return Alternative(name, "value_loss", Change(edits=((VALUE_LOSS, new),)))


ALTERNATIVES = [
    _policy_loss(
        "alternative_vpg_categorical",
        """\
    dist = torch.distributions.Categorical(logits=policy(observation))
    log_prob = dist.log_prob(action.squeeze(-1)).unsqueeze(-1)
    return -torch.mean(log_prob * return_or_advantage)
""",
    ),
    _policy_loss(
        "alternative_vpg_categorical_of_probabilities",
        """\
    probs = torch.exp(policy(observation).double())
    dist = torch.distributions.Categorical(probs=probs)
    logp = dist.log_prob(action[:, 0])
    return -(logp * return_or_advantage[:, 0]).mean()
""",
    ),
    _policy_loss(
        "alternative_vpg_one_hot",
        """\
    log_probs = policy(observation)
    one_hot = torch.nn.functional.one_hot(action.squeeze(1), num_classes=log_probs.shape[1])
    selected = (log_probs * one_hot).sum(dim=1, keepdim=True)
    loss = -(selected * return_or_advantage).mean()
    return loss
""",
    ),
    _policy_loss(
        "alternative_vpg_one_hot_by_comparison",
        """\
    log_probs = policy(observation)
    taken = torch.arange(log_probs.size(-1)).unsqueeze(0) == action
    selected = torch.where(taken, log_probs, torch.zeros_like(log_probs)).sum(-1, keepdim=True)
    return (selected * return_or_advantage).mean().neg()
""",
    ),
    _policy_loss(
        "alternative_vpg_take_along_dim",
        """\
    weights = return_or_advantage.detach()
    chosen = torch.take_along_dim(policy(observation), action, dim=-1)
    return torch.mean(torch.mul(-chosen, weights))
""",
    ),
    _policy_loss(
        "alternative_vpg_advanced_indexing",
        """\
    N = observation.shape[0]
    all_log_probs = policy(observation)
    log_probs = all_log_probs[torch.arange(N), action.squeeze()]
    return -(log_probs * return_or_advantage.squeeze()).sum() / N
""",
    ),
    _policy_loss(
        "alternative_vpg_flat_index",
        """\
    log_probs = policy(observation)
    steps, actions = log_probs.shape
    position = torch.arange(steps) * actions + action.reshape(-1)
    return -torch.dot(log_probs.reshape(-1)[position], return_or_advantage.reshape(-1)) / steps
""",
    ),
    _policy_loss(
        "alternative_vpg_numpy_indices",
        """\
    columns = action.numpy().astype(int).ravel()
    rows = np.arange(len(columns))
    picked = policy(observation)[rows, columns][:, None]
    assert picked.shape == return_or_advantage.shape
    return -(picked * return_or_advantage).mean()
""",
    ),
    _policy_loss(
        "alternative_vpg_loop",
        """\
    log_probs = policy(observation)
    total = 0
    for i in range(len(action)):
        total = total + log_probs[i, action[i].item()] * return_or_advantage[i].item()
    return -total / len(action)
""",
    ),
    _policy_loss(
        "alternative_vpg_comprehension",
        """\
    rows = zip(policy(observation), action.flatten().tolist(), return_or_advantage.flatten())
    return torch.stack([-row[chosen] * weight for row, chosen, weight in rows]).mean()
""",
    ),
    _policy_loss(
        "alternative_vpg_nll_loss",
        """\
    nll = torch.nn.functional.nll_loss(policy(observation), action.squeeze(1), reduction="none")
    return (nll * return_or_advantage.squeeze(1)).mean()
""",
    ),
    _policy_loss(
        "alternative_vpg_cross_entropy",
        """\
    # cross_entropy takes the log_softmax once more; of log-probabilities that changes nothing
    criterion = torch.nn.CrossEntropyLoss(reduction="none")
    losses = criterion(policy(observation), action.flatten())
    return torch.mean(losses.view(-1, 1) * return_or_advantage)
""",
    ),
    _policy_loss(
        "alternative_vpg_log_softmax_again",
        """\
    logits = policy(observation)
    log_probs = torch.log_softmax(logits, dim=-1)
    return torch.mean(-log_probs.gather(dim=-1, index=action.long()) * return_or_advantage)
""",
    ),
    _policy_loss(
        "alternative_vpg_forward",
        """\
    log_probs = policy.forward(observation)
    return (-1 * log_probs.gather(-1, action.type(torch.int64)) * return_or_advantage).mean()
""",
    ),
    _policy_loss(
        "alternative_vpg_exp_then_log",
        """\
    probabilities = policy(observation).double().exp()
    probability = probabilities.gather(1, action)
    return -(torch.log(probability) * return_or_advantage).mean().float()
""",
    ),
    _policy_loss(
        "alternative_vpg_matrix_product",
        """\
    chosen = policy(observation).gather(1, action)
    return -(return_or_advantage.T @ chosen).squeeze() / chosen.numel()
""",
    ),
    _policy_loss(
        "alternative_vpg_diagonal",
        """\
    chosen = policy(observation)[:, action[:, 0]].diagonal().reshape(-1, 1)
    return (chosen * return_or_advantage).mean() * -1
""",
    ),
    Alternative(
        "alternative_vpg_module",
        "vpg_loss",
        Change(
            functions='''
            from torch import nn


            class _PolicyGradientLoss(nn.Module):
                """Sums over the scattered weights instead of gathering log-probabilities."""

                def forward(self, log_probs, action, weights):
                    scattered = torch.zeros_like(log_probs).scatter(1, action, weights)
                    return -(scattered * log_probs).sum() / log_probs.shape[0]


            _criterion = _PolicyGradientLoss()


            def get_vanilla_policy_gradient_loss(
                policy: nn.Module,
                observation: torch.Tensor,
                action: torch.Tensor,
                return_or_advantage: torch.Tensor,
                **_unused,
            ) -> torch.Tensor:
                return _criterion(policy(observation), action, return_or_advantage)
            '''
        ),
    ),
    _value_loss(
        "alternative_value_mse_loss",
        "    return torch.nn.functional.mse_loss(value_net(observation), returns)\n",
    ),
    _value_loss(
        "alternative_value_mse_loss_other_order",
        """\
    import torch.nn.functional as F

    loss = F.mse_loss(input=returns, target=value_net(observation))
    return loss
""",
    ),
    _value_loss(
        "alternative_value_mse_loss_sum",
        """\
    criterion = torch.nn.MSELoss(reduction="sum")
    return criterion(value_net(observation), returns.detach()) / len(returns)
""",
    ),
    _value_loss(
        "alternative_value_squeezed",
        """\
    values = value_net(observation).squeeze(-1)
    targets = returns.squeeze(-1)
    assert values.shape == targets.shape, (values.shape, targets.shape)
    return torch.mean(torch.square(values - targets))
""",
    ),
    _value_loss(
        "alternative_value_norm",
        """\
    difference = value_net(observation) - returns
    return torch.linalg.vector_norm(difference).pow(2).div(difference.numel())
""",
    ),
    _value_loss(
        "alternative_value_dot",
        """\
    error = (returns - value_net(observation)).flatten()
    return error.dot(error) / error.shape[0]
""",
    ),
    _value_loss(
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
    _value_loss(
        "alternative_value_variance_plus_bias",
        """\
    error = value_net(observation).double() - returns.double()
    return error.var(unbiased=False) + error.mean() ** 2
""",
    ),
    _value_loss(
        "alternative_value_matrix_product",
        """\
    if (delta := value_net(observation).sub(returns)).shape[1] != 1:
        raise ValueError(f"one value per step, please, not {tuple(delta.shape)}")
    return (delta.t() @ delta).mean() / delta.shape[0]
""",
    ),
    Alternative(
        "alternative_value_module_level_criterion",
        "value_loss",
        Change(
            functions="""
            mse = torch.nn.MSELoss()


            def get_value_net_loss(value_net, observation, returns, **kwargs):
                return mse(value_net(observation).view(-1), returns.reshape(-1))
            """
        ),
    ),
    Alternative(
        "alternative_value_gaussian_likelihood",
        "value_loss",
        Change(
            functions="""
            import torch.nn.functional as nnf


            def get_value_net_loss(value_net, observation, returns, **kwargs):
                value = value_net(observation)
                # with variance 1 this is half the squared difference
                return 2 * nnf.gaussian_nll_loss(value, returns, torch.ones_like(value))
            """
        ),
    ),
]
