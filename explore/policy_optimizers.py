"""Five ways to change a policy after a batch of its own data, and the natural gradient that two use.

The surrogate L(π) is the mean over the batch of ratio · advantage, with ratio = π(a|s) / π_old(a|s).
Its gradient at π_old is the policy gradient g. The further π is from π_old, the less L says about the
return. The distance is

    KL = mean over the batch's states of KL(π_old(.|s) || π(.|s)) = ½ Δθᵀ F Δθ + O(|Δθ|³)

with Fisher's matrix F = E[score scoreᵀ], score = ∇ log π(a|s). It has P² entries for P parameters, but
a product F v costs only two gradients: F is also the Hessian of the KL at π_old, so F v is the gradient
of (gradient of the KL) · v. Conjugate gradient solves F x = g with such products alone.

`natural_gradient.py` compares this with exact numbers. `trust_region.py` compares the five with each
other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import nn

from explore.assignment_functions import functions

# Step sizes, the same in both worlds and for all seeds. Shorter runs with two seeds, which are not
# shown, tried the rates 0.1, 0.3, 1, 3, 10 (vanilla), 0.1, 0.3, 1 (natural) and 0.001, 0.003 (Adam).
# These had the best mean return of training over both worlds. The limit and PPO's clip are from the
# papers.
VANILLA_RATE, NATURAL_RATE = 3.0, 0.3
KL_LIMIT = 0.01  # nats: TRPO's δ, and d, which PPO-KL aims at
ADAM_RATE, EPOCHS, MINIBATCH, CLIP = 3e-3, 10, 200, 0.2
CG_ITERATIONS, DAMPING, SHRINK, ATTEMPTS = 10, 1e-3, 0.8, 15
Update = Callable[["Batch"], None]

# -- From a policy to the natural gradient --


def flat(policy: nn.Module) -> torch.Tensor:
    """A copy of all P parameters in a row, (P,)."""
    return torch.cat([p.detach().reshape(-1) for p in policy.parameters()])


def set_flat(policy: nn.Module, values: torch.Tensor) -> None:
    """Set all parameters to `values` (P,), in the order of `flat`."""
    parameters = list(policy.parameters())
    with torch.no_grad():
        for p, part in zip(parameters, values.split([p.numel() for p in parameters])):
            p.copy_(part.reshape(p.shape))


def flat_gradient(scalar: torch.Tensor, policy: nn.Module, graph: bool = False) -> torch.Tensor:
    """Gradient of a scalar with respect to all parameters, (P,); with `graph` differentiable again."""
    gradients = torch.autograd.grad(
        scalar, list(policy.parameters()), create_graph=graph, retain_graph=True
    )
    return torch.cat([g.reshape(-1) for g in gradients])


def mean_kl(
    old: torch.Tensor, new: torch.Tensor, weight: torch.Tensor | None = None
) -> torch.Tensor:
    """Mean over rows of KL(old || new), in nats, for log-probabilities (N, A).

    weight: (N,), which sums to one; by default all rows count the same.
    """
    kl = (old.exp() * (old - new)).sum(dim=1)
    return kl.mean() if weight is None else weight @ kl


def fisher_product(
    policy: nn.Module,
    observation: torch.Tensor,
    weight: torch.Tensor | None = None,
    damping: float = 0.0,
) -> Callable[[torch.Tensor], torch.Tensor]:
    """The function v ↦ (F + damping · 1) v, both (P,), with F for the policy as it is now.

    Only states are sampled; the mean over actions is exact. So there is less noise than in a mean of
    score scoreᵀ over sampled actions.

    Why damping: some directions do not change the policy in the batch's states (a shift of all logits,
    dead units, more parameters than data). In them F is zero, and F x = g allows a step of any length,
    which may change the policy in the next batch's states. With damping every direction has a price.
    But that price is a price per parameter, so the solution depends a little on the parameterization.
    """
    new = policy(observation)
    gradient = flat_gradient(mean_kl(new.detach(), new, weight), policy, graph=True)
    return lambda v: flat_gradient(gradient @ v, policy) + damping * v


def conjugate_gradient(
    product: Callable[[torch.Tensor], torch.Tensor],
    target: torch.Tensor,
    iterations: int = 10,
    tolerance: float = 1e-10,
) -> torch.Tensor:
    """Solve product(x) = target for a symmetric F ≥ 0 (Hestenes & Stiefel 1952), starting from x = 0.

    All iterates are linear combinations of target, F target, F² target, .... A policy gradient lies in
    F's range. For such a target the iterates never have a part in F's null space, and they end at the
    shortest solution, pinv(F) target.
    """
    x, residual = torch.zeros_like(target), target.clone()
    direction, squared = residual.clone(), residual @ residual
    enough = tolerance**2 * squared
    for _ in range(iterations):
        if squared <= enough:
            break
        along = product(direction)
        step = squared / (direction @ along)
        x = x + step * direction
        residual = residual - step * along
        before, squared = squared, residual @ residual
        direction = residual + squared / before * direction
    return x


@dataclass(frozen=True)
class Batch:
    """N steps of the old policy. `advantage` (N, 1) should be standardized: see `natural`."""

    observation: torch.Tensor  # (N, O)
    action: torch.Tensor  # (N, 1)
    old_logits: torch.Tensor  # (N, A), log-probabilities
    advantage: torch.Tensor


def surrogate(policy: nn.Module, batch: Batch) -> torch.Tensor:
    """Mean of ratio · advantage; at the old policy its gradient is the policy gradient."""
    new, old = (p.gather(1, batch.action) for p in (policy(batch.observation), batch.old_logits))
    return (torch.exp(new - old) * batch.advantage).mean()


def natural_direction(
    policy: nn.Module, batch: Batch, iterations: int = CG_ITERATIONS, damping: float = DAMPING
) -> tuple[torch.Tensor, float]:
    """x ≈ F⁻¹ g, (P,), from a batch of the policy itself, and xᵀ F x (both with the damped F)."""
    fisher = fisher_product(policy, batch.observation, damping=damping)
    direction = conjugate_gradient(
        fisher, flat_gradient(surrogate(policy, batch), policy), iterations
    )
    return direction, float(direction @ fisher(direction))


# -- The five updates. Each maker takes (policy, generator) and gives a function of a batch. --


def vanilla(policy: nn.Module, generator: np.random.Generator) -> Update:
    """One step α g along the gradient (Williams 1992; Sutton et al. 2000): the assignment's loss."""

    def update(batch: Batch) -> None:
        loss = functions().get_vanilla_policy_gradient_loss(
            policy, batch.observation, batch.action, batch.advantage
        )
        set_flat(policy, flat(policy) - VANILLA_RATE * flat_gradient(loss, policy))

    return update


def natural(policy: nn.Module, generator: np.random.Generator) -> Update:
    """One step α F⁻¹ g (Kakade 2001).

    With standardized advantages α limits the step: gᵀ F⁻¹ g ≤ mean of advantage² = 1 if F comes from the
    same samples (Cauchy and Schwarz). So the KL of the quadratic model is at most about α² / 2. The true
    KL may be far larger: where a policy is nearly deterministic, F says little about long steps.
    """

    def update(batch: Batch) -> None:
        set_flat(policy, flat(policy) + NATURAL_RATE * natural_direction(policy, batch)[0])

    return update


def trpo(policy: nn.Module, generator: np.random.Generator) -> Update:
    """The longest natural step within the limit (Schulman et al. 2015).

    The first attempt is as long as the quadratic model allows, ½ Δθᵀ F Δθ = δ. It is shrunk until the
    surrogate is better than before and the KL on the batch itself is at most δ. If no attempt reaches
    this, the policy stays as it was.
    """

    def update(batch: Batch) -> None:
        old = flat(policy)
        direction, curvature = natural_direction(policy, batch)
        longest = (2 * KL_LIMIT / max(curvature, 1e-12)) ** 0.5
        with torch.no_grad():
            before = surrogate(policy, batch)
            for attempt in range(ATTEMPTS):
                set_flat(policy, old + longest * SHRINK**attempt * direction)
                kl = mean_kl(batch.old_logits, policy(batch.observation))
                if kl <= KL_LIMIT and surrogate(policy, batch) > before:
                    return
        set_flat(policy, old)

    return update


def minibatches(size: int, epochs: int, generator: np.random.Generator) -> Iterator[np.ndarray]:
    """Rows of minibatches, shuffled anew in every epoch."""
    for _ in range(epochs):
        yield from np.array_split(generator.permutation(size), max(1, size // MINIBATCH))


def descend(
    loss: Callable[[Batch], torch.Tensor],
    optimizer: torch.optim.Optimizer,
    batch: Batch,
    generator: np.random.Generator,
) -> None:
    """Several epochs of minibatches, as in the assignment's training loop."""
    for rows in minibatches(len(batch.action), EPOCHS, generator):
        optimizer.zero_grad()
        loss(Batch(*(field[rows] for field in vars(batch).values()))).backward()
        optimizer.step()


def ppo_kl(policy: nn.Module, generator: np.random.Generator) -> Update:
    """Adam on surrogate − β KL (Schulman et al. 2017, eq. 8).

    The price β doubles after an update that moved the policy too far, and halves after one that moved it
    too little. But an update that went too far is not taken back.
    """
    optimizer = torch.optim.Adam(policy.parameters(), lr=ADAM_RATE)
    beta = 1.0

    def loss(part: Batch) -> torch.Tensor:
        kl = mean_kl(part.old_logits, policy(part.observation))
        return -surrogate(policy, part) + beta * kl

    def update(batch: Batch) -> None:
        nonlocal beta
        descend(loss, optimizer, batch, generator)
        with torch.no_grad():
            kl = float(mean_kl(batch.old_logits, policy(batch.observation)))
        beta *= 2.0 if kl > 1.5 * KL_LIMIT else 0.5 if kl < KL_LIMIT / 1.5 else 1.0

    return update


def clip_loss(policy: nn.Module, part: Batch) -> torch.Tensor:
    """The assignment's PPO loss of a minibatch."""
    loss: torch.Tensor = functions().get_PPO_policy_gradient_loss(
        policy=policy,
        observation=part.observation,
        old_logits=part.old_logits,
        action=part.action,
        return_or_advantage=part.advantage,
        ppo_clip=CLIP,
    )
    return loss


def ppo_clip(policy: nn.Module, generator: np.random.Generator) -> Update:
    """Adam on the clipped surrogate (Schulman et al. 2017, eq. 7): no KL anywhere.

    When a ratio is beyond 1 ± 0.2 in the direction that its advantage favours, its gradient is zero. But
    other samples and Adam's momentum may still move that ratio, and nothing limits how far.
    """
    optimizer = torch.optim.Adam(policy.parameters(), lr=ADAM_RATE)

    def update(batch: Batch) -> None:
        descend(partial(clip_loss, policy), optimizer, batch, generator)

    return update


METHODS: dict[str, Callable[[nn.Module, np.random.Generator], Update]] = {
    "vanilla": vanilla,
    "natural": natural,
    "TRPO": trpo,
    "PPO-KL": ppo_kl,
    "PPO-clip": ppo_clip,
}
