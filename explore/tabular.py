"""Markov decision processes so small that everything about a policy is known exactly.

A policy has a table of logits θ (S, A), one number per state and action, and π(a|s) = softmax(θ_s)_a.
An episode starts in s_0 ~ start, earns r(s_t, a_t), and goes on to s' with probability P(s'|s, a). If
these probabilities do not sum to one, the rest is the probability that the episode ends. The aim is to
make the expected return large:

    J(θ) = E Σ_t γ^t r(s_t, a_t) = start · V,       V = r_π + γ P_π V,       Q(s, a) = r + γ Σ_s' P V(s')

The discounted number of visits to a state is ρ(s) = Σ_t γ^t Pr(s_t = s), so ρ = start + γ P_πᵀ ρ. The
equations for V and ρ are linear. With A = Q - V the policy gradient theorem (Sutton et al., 2000) is,
for this policy,

    ∂J/∂θ(s, a) = ρ(s) π(a|s) A(s, a)

A process with a fixed number of steps is of this kind, too, if the time is part of the state
(`finite_horizon`).
S states, A actions, N episodes, T steps; rewards and values have the same unit, whatever it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

Array = np.ndarray


@dataclass(frozen=True)
class MDP:
    """P(s'|s, a) (S, A, S), whose rows sum to one at most; r(s, a) (S, A); start (S,); γ."""

    transitions: Array
    rewards: Array
    start: Array
    discount: float

    def __post_init__(self) -> None:
        if self.transitions.shape != (*self.rewards.shape, len(self.start)):
            raise ValueError("transitions (S, A, S), rewards (S, A) and start (S,) do not fit")
        if self.transitions.sum(axis=2).max() > 1 + 1e-9 or abs(self.start.sum() - 1) > 1e-9:
            raise ValueError("probabilities of transitions or of the start sum to more than one")


# -- Exact quantities of a policy, a table of probabilities (S, A) --


def softmax(logits: Array) -> Array:
    """Logits (S, A) to probabilities (S, A)."""
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def values(mdp: MDP, policy: Array) -> tuple[Array, Array]:
    """V (S,) and Q (S, A): the expected discounted return from a state, or a state and an action."""
    moves = np.einsum("sa,sat->st", policy, mdp.transitions)  # P_π
    earned = (policy * mdp.rewards).sum(axis=1)  # r_π
    state_values = np.linalg.solve(np.eye(len(policy)) - mdp.discount * moves, earned)
    return state_values, mdp.rewards + mdp.discount * mdp.transitions @ state_values


def advantages(mdp: MDP, policy: Array) -> Array:
    """A(s, a) = Q(s, a) - V(s), (S, A)."""
    state_values, action_values = values(mdp, policy)
    return action_values - state_values[:, None]


def expected_return(mdp: MDP, policy: Array) -> float:
    """J, the expected discounted return of an episode."""
    return float(mdp.start @ values(mdp, policy)[0])


def visits(mdp: MDP, policy: Array, discount: float | None = None) -> Array:
    """ρ(s) = Σ_t γ^t Pr(s_t = s), (S,). `discount` replaces γ if it is given."""
    factor = mdp.discount if discount is None else discount
    moves = np.einsum("sa,sat->st", policy, mdp.transitions)
    return np.linalg.solve(np.eye(len(policy)) - factor * moves.T, mdp.start)


def state_distribution(mdp: MDP, policy: Array) -> Array:
    """ρ divided by its sum, (S,). If episodes never end, this is (1 - γ) ρ."""
    visited = visits(mdp, policy)
    return visited / visited.sum()


def policy_gradient(mdp: MDP, logits: Array) -> Array:
    """∂J/∂θ, (S, A)."""
    policy = softmax(logits)
    return visits(mdp, policy)[:, None] * policy * advantages(mdp, policy)


def fisher(mdp: MDP, logits: Array) -> Array:
    """Fisher matrix (S A, S A), E[∇log π ∇log πᵀ] with s from `state_distribution`, a from π(.|s).

    It has a block diag(π_s) - π_s π_sᵀ for every state, weighted with the state's probability. It is
    singular, because adding a number to all logits of a state changes nothing. It is also the Hessian of
    `mean_kl` at the same policy (Kakade, 2001).
    """
    policy = softmax(logits)
    states, actions = policy.shape
    matrix = np.zeros((states, actions, states, actions))
    for state, weight in enumerate(state_distribution(mdp, policy)):
        p = policy[state]
        matrix[state, :, state] = weight * (np.diag(p) - np.outer(p, p))
    return matrix.reshape(states * actions, states * actions)


def kl(old: Array, new: Array) -> Array:
    """KL(old(.|s) || new(.|s)) in every state, (S,), in nats; probabilities must not be zero."""
    return (old * np.log(old / new)).sum(axis=1)


def mean_kl(mdp: MDP, old: Array, new: Array) -> float:
    """The mean of `kl` over the old policy's `state_distribution`, in nats."""
    return float(state_distribution(mdp, old) @ kl(old, new))


def optimum(mdp: MDP) -> tuple[float, Array]:
    """The largest J there is and a deterministic policy (S, A) that has it, by policy iteration."""
    states = np.arange(len(mdp.rewards))
    actions = mdp.rewards.argmax(axis=1)
    while True:
        policy = np.eye(mdp.rewards.shape[1])[actions]
        gains = advantages(mdp, policy)
        better = gains.argmax(axis=1)
        # Rounding must not make two equally good actions take turns for ever.
        change = gains[states, better] > 1e-12
        if not change.any():
            return expected_return(mdp, policy), policy
        actions = np.where(change, better, actions)


# -- Sampling --


@dataclass(frozen=True)
class Episodes:
    """N episodes of at most T steps, all (N, T); after an episode's end everything is 0."""

    states: Array
    actions: Array
    rewards: Array
    alive: Array  # bool: the step was taken


def _ladder(probabilities: Array) -> Array:
    """Cumulative sums of every row of (R, K), plus the row's number: (R K,), in ascending order."""
    sums = probabilities.cumsum(axis=1)
    # Rounding alone must not end an episode.
    sums = sums / np.where(np.abs(sums[:, -1:] - 1) < 1e-9, sums[:, -1:], 1.0)
    return (sums + np.arange(len(sums))[:, None]).ravel()


def _draw(ladder: Array, rows: Array, width: int, rng: np.random.Generator) -> Array:
    """One index, 0 ... K - 1, for each of `rows`; K (`width`) if the row's sum is below the draw."""
    return np.searchsorted(ladder, rows + rng.random(len(rows)), side="right") - rows * width


def sample(
    mdp: MDP, policy: Array, episodes: int, steps: int, rng: np.random.Generator
) -> Episodes:
    """Let the policy act for `episodes` episodes, side by side, cut off after `steps` steps."""
    states = np.zeros((episodes, steps), dtype=int)
    actions, alive = np.zeros_like(states), np.zeros(states.shape, dtype=bool)
    size, width = mdp.rewards.shape
    act, move = _ladder(policy), _ladder(mdp.transitions.reshape(-1, size))
    now = _draw(_ladder(mdp.start[None]), np.zeros(episodes, dtype=int), size, rng)
    for step in range(steps):
        alive[:, step] = now < size
        states[:, step] = np.where(alive[:, step], now, 0)
        chosen = _draw(act, states[:, step], width, rng)
        following = _draw(move, states[:, step] * width + chosen, size, rng)
        actions[:, step] = np.where(alive[:, step], chosen, 0)
        now = np.where(alive[:, step], following, size)
    return Episodes(states, actions, np.where(alive, mdp.rewards[states, actions], 0.0), alive)


def rewards_to_go(rewards: Array, discount: float) -> Array:
    """G_t = r_t + γ G_t+1 of every step, (N, T)."""
    result = rewards.copy()
    for step in reversed(range(rewards.shape[1] - 1)):
        result[:, step] += discount * result[:, step + 1]
    return result


# -- Processes --


def random_mdp(
    rng: np.random.Generator, states: int = 6, actions: int = 3, discount: float = 0.9
) -> MDP:
    """A random process without an end: Dirichlet transitions and start, normal rewards."""
    transitions = rng.dirichlet(np.ones(states), size=(states, actions))
    rewards = rng.normal(size=(states, actions))
    return MDP(transitions, rewards, rng.dirichlet(np.ones(states)), discount)


def finite_horizon(mdp: MDP, steps: int) -> MDP:
    """The same process, which now ends after at most `steps` steps. State t * S + s is s at time t."""
    states, actions = mdp.rewards.shape
    transitions = np.zeros((steps, states, actions, steps, states))
    for step in range(steps - 1):
        transitions[step, :, :, step + 1] = mdp.transitions
    return replace(
        mdp,
        transitions=transitions.reshape(steps * states, actions, steps * states),
        rewards=np.tile(mdp.rewards, (steps, 1)),
        start=np.concatenate([mdp.start, np.zeros((steps - 1) * states)]),
    )


def line_world(
    cells: int = 6, steps: int = 8, slip: float = 0.1, discount: float = 0.95, target: int = 4
) -> MDP:
    """The assignment's walk on a line: moves -1, 0, +1; reward minus the distance to a target.

    Distances are in units of the line's length. An episode starts in every cell with the same
    probability and has `steps` steps. With probability `slip` a move is a random one. A state is a time
    and a cell: S = steps * cells.
    """
    landing = np.zeros((cells, 3, cells))
    for cell in range(cells):
        for action, move in enumerate((-1, 0, 1)):
            landing[cell, action, min(max(cell + move, 0), cells - 1)] = 1.0
    transitions = (1 - slip) * landing + slip * landing.mean(axis=1, keepdims=True)
    distances = np.abs(np.arange(cells) - target) / (cells - 1)
    start = np.full(cells, 1 / cells)
    # As in the assignment, the reward depends on where the step leads. This is its expectation.
    return finite_horizon(MDP(transitions, -transitions @ distances, start, discount), steps)
