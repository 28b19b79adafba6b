"""Right PPO losses, written differently."""

from instructor.catalogue.alternatives import Alternative, edited, rewritten
from instructor.catalogue.reference_lines.ppo_loss import (
    BODY,
    CLIP,
    LOG_PROBABILITIES,
    OBJECTIVE,
    RATIO,
)


def _body(name: str, new: str) -> Alternative:
    """Another body of the function."""
    return edited(name, (BODY, new))


ALTERNATIVES = [
    # The ratio.
    edited(
        "alternative_ppo_categorical",
        (
            LOG_PROBABILITIES + RATIO,
            """\
    new = torch.distributions.Categorical(logits=policy(observation))
    old = torch.distributions.Categorical(logits=old_logits)
    a = action.squeeze(-1)
    ratio = torch.exp(new.log_prob(a) - old.log_prob(a)).unsqueeze(-1)
""",
        ),
    ),
    edited(
        "alternative_ppo_ratio_of_probabilities",
        (
            LOG_PROBABILITIES + RATIO,
            """\
    pi = policy(observation).double().exp().gather(1, action)
    with torch.no_grad():
        pi_old = old_logits.double().exp().gather(1, action)
    ratio = pi / pi_old
""",
        ),
    ),
    edited(
        "alternative_ppo_ratio_of_all_actions",
        (
            LOG_PROBABILITIES + RATIO,
            "    ratio = (policy(observation) - old_logits.detach()).exp().gather(-1, action)\n",
        ),
    ),
    edited(
        "alternative_ppo_one_hot",
        (
            LOG_PROBABILITIES,
            """\
    logits = policy(observation)
    mask = torch.zeros_like(logits)
    mask.scatter_(1, action, 1.0)
    log_probability = (logits * mask).sum(1, keepdim=True)
    old_log_probability = (old_logits * mask).sum(1, keepdim=True)
""",
        ),
    ),
    edited(
        "alternative_ppo_nll_loss",
        (
            LOG_PROBABILITIES + RATIO,
            """\
    import torch.nn.functional as F

    labels = action.reshape(-1)
    negative = F.nll_loss(policy(observation), labels, reduction="none")
    old_negative = F.nll_loss(old_logits, labels, reduction="none")
    ratio = (old_negative - negative).exp().reshape(-1, 1)
""",
        ),
    ),
    edited(
        "alternative_ppo_log_softmax_again",
        (
            LOG_PROBABILITIES,
            """\
    log_softmax = torch.nn.LogSoftmax(dim=1)
    log_probability = torch.take_along_dim(log_softmax(policy(observation)), action, 1)
    old_log_probability = torch.take_along_dim(log_softmax(old_logits), action, 1)
""",
        ),
    ),
    # The clipped ratio.
    edited(
        "alternative_ppo_where",
        (
            CLIP,
            """\
    lower, upper = 1 - ppo_clip, 1 + ppo_clip
    clipped_ratio = torch.where(ratio < lower, torch.full_like(ratio, lower), ratio)
    clipped_ratio = torch.where(ratio > upper, torch.full_like(ratio, upper), clipped_ratio)
""",
        ),
    ),
    edited(
        "alternative_ppo_hardtanh",
        (
            CLIP,
            "    clipped_ratio = torch.nn.functional.hardtanh(ratio, 1 - ppo_clip, 1 + ppo_clip)\n",
        ),
    ),
    edited(
        "alternative_ppo_clip_around_zero",
        (CLIP, "    clipped_ratio = 1 + (ratio - 1).clip(min=-ppo_clip).clip(max=ppo_clip)\n"),
    ),
    # The minimum.
    edited(
        "alternative_ppo_minimum",
        (
            OBJECTIVE,
            """\
    surr1 = ratio * return_or_advantage
    surr2 = clipped_ratio * return_or_advantage
    return torch.mean(-torch.minimum(surr1, surr2))
""",
        ),
    ),
    edited(
        "alternative_ppo_maximum_of_losses",
        (
            OBJECTIVE,
            """\
    pg_loss1 = -return_or_advantage * ratio
    pg_loss2 = -return_or_advantage * clipped_ratio
    return torch.max(pg_loss1, pg_loss2).mean()
""",
        ),
    ),
    edited(
        "alternative_ppo_amin_of_stack",
        (
            OBJECTIVE,
            """\
    both = torch.stack([ratio, clipped_ratio]) * return_or_advantage
    return both.amin(dim=0).mean().neg()
""",
        ),
    ),
    # The whole loss.
    _body(
        "alternative_ppo_log_space",
        """\
    import math

    log_ratio = (policy(observation) - old_logits).gather(1, action)
    low = math.log(1 - ppo_clip) if ppo_clip < 1 else -math.inf
    clipped = torch.clamp(log_ratio, low, math.log1p(ppo_clip)).exp()
    gain = torch.minimum(log_ratio.exp() * return_or_advantage, clipped * return_or_advantage)
    return -gain.sum() / gain.numel()
""",
    ),
    _body(
        "alternative_ppo_cases_by_sign",
        """\
    index = torch.arange(len(action))
    logp = policy(observation)[index, action[:, 0]]
    logp_old = old_logits[index, action[:, 0]]
    adv = return_or_advantage[:, 0]
    ratio = (logp - logp_old).exp()
    # a good action: no more reward above 1 + eps; a bad one: none below 1 - eps
    capped = torch.where(adv >= 0, ratio.clamp(max=1 + ppo_clip), ratio.clamp(min=1 - ppo_clip))
    return -(capped * adv).mean()
""",
    ),
    _body(
        "alternative_ppo_bound",
        """\
    def pick(log_probs):
        return log_probs.gather(1, action)

    A = return_or_advantage
    bound = torch.where(A > 0, (1 + ppo_clip) * A, (1 - ppo_clip) * A)
    return -(torch.min(torch.exp(pick(policy(observation)) - pick(old_logits)) * A, bound)).mean()
""",
    ),
    _body(
        "alternative_ppo_loop",
        """\
    log_probs = policy(observation)
    terms = []
    for i, a in enumerate(action.flatten().tolist()):
        weight = return_or_advantage[i, 0].item()
        r = torch.exp(log_probs[i, a] - old_logits[i, a])
        clipped = r.clamp(1 - ppo_clip, 1 + ppo_clip)
        terms.append(min(r * weight, clipped * weight))
    return -sum(terms) / len(terms)
""",
    ),
    _body(
        "alternative_ppo_numpy_for_old",
        """\
    actions = action.numpy()
    old = np.take_along_axis(old_logits.detach().numpy(), actions, axis=1)
    new = policy(observation)[np.arange(len(actions)), actions[:, 0]].unsqueeze(1)
    if (ratio := torch.exp(new - torch.from_numpy(old))).shape != return_or_advantage.shape:
        print("shapes:", ratio.shape, return_or_advantage.shape)
    unclipped = ratio * return_or_advantage
    clipped = ratio.clip(1.0 - ppo_clip, 1.0 + ppo_clip) * return_or_advantage
    return -torch.fmin(unclipped, clipped).mean()
""",
    ),
    _body(
        "alternative_ppo_relu",
        """\
    ratio = torch.exp((policy(observation) - old_logits).gather(1, action)).flatten()
    adv = return_or_advantage.flatten()
    too_high = torch.relu(ratio - (1 + ppo_clip)) * torch.relu(adv)
    too_low = torch.relu((1 - ppo_clip) - ratio) * torch.relu(-adv)
    return (too_high + too_low - ratio * adv).mean()
""",
    ),
    rewritten(
        "alternative_ppo_partial",
        """
        from functools import partial


        def get_PPO_policy_gradient_loss(
            policy, observation, old_logits, action, return_or_advantage, ppo_clip=0.2, **kwargs
        ):
            clip = partial(torch.clamp, min=1 - ppo_clip, max=1 + ppo_clip)
            surrogate = lambda r: r * return_or_advantage
            logp, old_logp = (x.gather(1, action) for x in (policy(observation), old_logits))
            ratio = (logp - old_logp).exp()
            worst = torch.sort(torch.stack((surrogate(ratio), surrogate(clip(ratio)))), dim=0)[0][0]
            return worst.mean() * -1.0
        """,
    ),
    rewritten(
        "alternative_ppo_dataclass",
        '''
        import dataclasses
        from typing import Any


        @dataclasses.dataclass
        class ClippedSurrogate:
            """Equation 7 of the paper."""

            epsilon: float = 0.2

            def __call__(self, ratio: torch.Tensor, advantage: torch.Tensor) -> torch.Tensor:
                inside = torch.clamp(ratio, 1 - self.epsilon, 1 + self.epsilon)
                return torch.where(
                    ratio * advantage < inside * advantage, ratio * advantage, inside * advantage
                )


        def get_PPO_policy_gradient_loss(
            policy: torch.nn.Module,
            observation: torch.Tensor,
            old_logits: torch.Tensor,
            action: torch.Tensor,
            return_or_advantage: torch.Tensor,
            ppo_clip: float = 0.2,
            **kwargs: Any,
        ) -> torch.Tensor:
            # the order of subtraction and gathering does not matter
            difference = torch.subtract(policy(observation), old_logits)
            ratio = torch.exp(torch.gather(difference, dim=1, index=action))
            return -ClippedSurrogate(ppo_clip)(ratio, return_or_advantage).mean()
        ''',
    ),
]
