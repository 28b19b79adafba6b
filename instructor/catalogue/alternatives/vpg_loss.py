"""Right losses of the vanilla policy gradient, written differently."""

from instructor.catalogue.alternatives import Alternative, edited, rewritten
from instructor.catalogue.reference_lines.vpg_loss import BODY


def _body(name: str, new: str) -> Alternative:
    """Another body of the function."""
    return edited(name, (BODY, new))


ALTERNATIVES = [
    # A distribution of torch.
    _body(
        "alternative_vpg_categorical",
        """\
    dist = torch.distributions.Categorical(logits=policy(observation))
    log_prob = dist.log_prob(action.squeeze(-1)).unsqueeze(-1)
    return -torch.mean(log_prob * return_or_advantage)
""",
    ),
    _body(
        "alternative_vpg_categorical_of_probabilities",
        """\
    probs = torch.exp(policy(observation).double())
    dist = torch.distributions.Categorical(probs=probs)
    logp = dist.log_prob(action[:, 0])
    return -(logp * return_or_advantage[:, 0]).mean()
""",
    ),
    # The actions taken are picked out.
    _body(
        "alternative_vpg_one_hot",
        """\
    log_probs = policy(observation)
    one_hot = torch.nn.functional.one_hot(action.squeeze(1), num_classes=log_probs.shape[1])
    selected = (log_probs * one_hot).sum(dim=1, keepdim=True)
    loss = -(selected * return_or_advantage).mean()
    return loss
""",
    ),
    _body(
        "alternative_vpg_one_hot_by_comparison",
        """\
    log_probs = policy(observation)
    taken = torch.arange(log_probs.size(-1)).unsqueeze(0) == action
    selected = torch.where(taken, log_probs, torch.zeros_like(log_probs)).sum(-1, keepdim=True)
    return (selected * return_or_advantage).mean().neg()
""",
    ),
    _body(
        "alternative_vpg_take_along_dim",
        """\
    weights = return_or_advantage.detach()
    chosen = torch.take_along_dim(policy(observation), action, dim=-1)
    return torch.mean(torch.mul(-chosen, weights))
""",
    ),
    _body(
        "alternative_vpg_advanced_indexing",
        """\
    N = observation.shape[0]
    all_log_probs = policy(observation)
    log_probs = all_log_probs[torch.arange(N), action.squeeze()]
    return -(log_probs * return_or_advantage.squeeze()).sum() / N
""",
    ),
    _body(
        "alternative_vpg_flat_index",
        """\
    log_probs = policy(observation)
    steps, actions = log_probs.shape
    position = torch.arange(steps) * actions + action.reshape(-1)
    return -torch.dot(log_probs.reshape(-1)[position], return_or_advantage.reshape(-1)) / steps
""",
    ),
    _body(
        "alternative_vpg_numpy_indices",
        """\
    columns = action.numpy().astype(int).ravel()
    rows = np.arange(len(columns))
    picked = policy(observation)[rows, columns][:, None]
    assert picked.shape == return_or_advantage.shape
    return -(picked * return_or_advantage).mean()
""",
    ),
    _body(
        "alternative_vpg_diagonal",
        """\
    chosen = policy(observation)[:, action[:, 0]].diagonal().reshape(-1, 1)
    return (chosen * return_or_advantage).mean() * -1
""",
    ),
    # One step after the other.
    _body(
        "alternative_vpg_loop",
        """\
    log_probs = policy(observation)
    total = 0
    for i in range(len(action)):
        total = total + log_probs[i, action[i].item()] * return_or_advantage[i].item()
    return -total / len(action)
""",
    ),
    _body(
        "alternative_vpg_comprehension",
        """\
    rows = zip(policy(observation), action.flatten().tolist(), return_or_advantage.flatten())
    return torch.stack([-row[chosen] * weight for row, chosen, weight in rows]).mean()
""",
    ),
    # A loss of torch.
    _body(
        "alternative_vpg_nll_loss",
        """\
    nll = torch.nn.functional.nll_loss(policy(observation), action.squeeze(1), reduction="none")
    return (nll * return_or_advantage.squeeze(1)).mean()
""",
    ),
    _body(
        "alternative_vpg_cross_entropy",
        """\
    # cross_entropy takes the log_softmax once more; of log-probabilities that changes nothing
    criterion = torch.nn.CrossEntropyLoss(reduction="none")
    losses = criterion(policy(observation), action.flatten())
    return torch.mean(losses.view(-1, 1) * return_or_advantage)
""",
    ),
    # The same numbers in a roundabout way.
    _body(
        "alternative_vpg_log_softmax_again",
        """\
    logits = policy(observation)
    log_probs = torch.log_softmax(logits, dim=-1)
    return torch.mean(-log_probs.gather(dim=-1, index=action.long()) * return_or_advantage)
""",
    ),
    _body(
        "alternative_vpg_forward",
        """\
    log_probs = policy.forward(observation)
    return (-1 * log_probs.gather(-1, action.type(torch.int64)) * return_or_advantage).mean()
""",
    ),
    _body(
        "alternative_vpg_exp_then_log",
        """\
    probabilities = policy(observation).double().exp()
    probability = probabilities.gather(1, action)
    return -(torch.log(probability) * return_or_advantage).mean().float()
""",
    ),
    _body(
        "alternative_vpg_matrix_product",
        """\
    chosen = policy(observation).gather(1, action)
    return -(return_or_advantage.T @ chosen).squeeze() / chosen.numel()
""",
    ),
    rewritten(
        "alternative_vpg_module",
        '''
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
            ''',
    ),
]
