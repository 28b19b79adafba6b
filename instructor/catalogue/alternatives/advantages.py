"""Right advantages, written differently."""

from instructor.catalogue.alternatives import Alternative, edited, rewritten
from instructor.catalogue.reference_lines.advantages import BODY


def _body(name: str, new: str) -> Alternative:
    """Another body of the function."""
    return edited(name, (BODY, new))


ALTERNATIVES = [
    # Where the gradient is cut.
    _body(
        "alternative_advantages_detach",
        """\
    values = value_net(observations).detach()
    adv = returns - values
    adv = (adv - adv.mean()) / (adv.std() + EPSILON)
    return adv
""",
    ),
    _body(
        "alternative_advantages_detach_at_the_end",
        """\
    adv = returns - value_net(observations)
    return adv.sub(adv.mean()).div(adv.std(unbiased=True).add(EPSILON)).detach()
""",
    ),
    _body(
        "alternative_advantages_data",
        """\
    A_hat = returns - value_net(observations).data
    mean = A_hat.mean(dim=0, keepdim=True)
    std = A_hat.std(dim=0, keepdim=True)
    return (A_hat - mean) / (std + EPSILON)
""",
    ),
    _body(
        "alternative_advantages_inference_mode",
        """\
    with torch.inference_mode():
        advantages = returns - value_net(observations)
        advantages = (advantages - advantages.mean()) / (advantages.std() + EPSILON)
    # a clone made outside is an ordinary tensor, which the loss may use
    return advantages.clone()
""",
    ),
    rewritten(
        "alternative_advantages_decorator",
        """
        @torch.no_grad()
        def get_advantages(value_net, observations, returns):
            advantages = returns - value_net(observations)
            mean, std = advantages.mean(), advantages.std()
            return (advantages - mean) / (std + EPSILON)
        """,
    ),
    # How mean and standard deviation are computed.
    _body(
        "alternative_advantages_centering_matrix",
        """\
    count = len(returns)
    centering = torch.eye(count) - torch.full((count, count), 1 / count)
    centered = centering @ (returns - value_net(observations).data)
    spread = (centered.T @ centered / (count - 1)).sqrt()
    return centered / (spread + EPSILON)
""",
    ),
    _body(
        "alternative_advantages_std_mean",
        """\
    with torch.no_grad():
        raw = torch.sub(returns, value_net(observations))
        std, mean = torch.std_mean(raw)
        return torch.div(raw - mean, std + EPSILON)
""",
    ),
    _body(
        "alternative_advantages_variance",
        """\
    with torch.set_grad_enabled(False):
        a = returns - value_net(observations)
        return (a - torch.mean(a)) / (torch.sqrt(torch.var(a, unbiased=True)) + EPSILON)
""",
    ),
    _body(
        "alternative_advantages_by_hand",
        """\
    with torch.no_grad():
        values = value_net(observations)
    advantages = returns - values
    n = advantages.shape[0]
    centered = advantages - advantages.sum() / n
    sigma = ((centered**2).sum() / (n - 1)) ** 0.5
    return centered / (sigma + EPSILON)
""",
    ),
    rewritten(
        "alternative_advantages_helper",
        '''
        def get_advantages(value_net, observations, returns):
            with torch.no_grad():
                baseline = value_net(observations)
            return standardize(returns - baseline)


        def standardize(x: torch.Tensor, eps: float = 1e-10) -> torch.Tensor:
            """Mean 0, sample standard deviation 1."""
            degrees_of_freedom = x.numel() - 1
            x = x - x.mean()
            scale = x.norm() / degrees_of_freedom**0.5
            return x / (scale + eps)
        ''',
    ),
    rewritten(
        "alternative_advantages_running_statistics",
        '''
        class RunningStatistics:
            """Welford's mean and variance."""

            def __init__(self):
                self.count, self.mean, self.squares = 0, 0.0, 0.0

            def push(self, x):
                self.count += 1
                delta = x - self.mean
                self.mean += delta / self.count
                self.squares += delta * (x - self.mean)

            @property
            def std(self):
                return (self.squares / (self.count - 1)) ** 0.5 if self.count > 1 else np.nan


        def get_advantages(value_net, observations, returns):
            advantages = (returns - value_net(observations)).detach()
            statistics = RunningStatistics()
            for advantage in advantages:
                statistics.push(advantage.item())
            return (advantages - statistics.mean) / (statistics.std + EPSILON)
        ''',
    ),
    # Other types and shapes on the way.
    _body(
        "alternative_advantages_numpy",
        """\
    values = value_net(observations).detach().cpu().numpy()
    difference = returns.detach().cpu().numpy() - values
    result = (difference - np.mean(difference)) / (np.std(difference, ddof=1) + EPSILON)
    return torch.from_numpy(result.astype(np.float32))
""",
    ),
    _body(
        "alternative_advantages_double",
        """\
    adv = returns.double() - value_net(observations).detach().double()
    adv -= adv.mean()
    adv /= adv.std() + EPSILON
    return adv.float()
""",
    ),
    _body(
        "alternative_advantages_squeezed",
        """\
    with torch.no_grad():
        a = returns.squeeze(-1) - value_net(observations).squeeze(-1)
    a = (a - a.mean()) / (a.std() + EPSILON)
    return a.unsqueeze(-1)
""",
    ),
    _body(
        "alternative_advantages_python_numbers",
        """\
    values = value_net(observations).flatten().tolist()
    raw = [g - v for g, v in zip(returns.flatten().tolist(), values)]
    mean = sum(raw) / len(raw)
    std = float(np.std(raw, ddof=1))
    return torch.tensor([[(a - mean) / (std + EPSILON)] for a in raw], dtype=torch.float32)
""",
    ),
]
