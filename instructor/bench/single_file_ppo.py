"""PPO in a single file, written to be read, for `bench train` to compare with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.distributions import Categorical

LEARNING_RATE, DISCOUNT, CLIP, CRITIC_WEIGHT = 4e-3, 0.95, 0.2, 0.01
STEPS_PER_COLLECTION, EPOCHS, MINIBATCH, HIDDEN = 80, 8, 64, 16


def network(inputs: int, outputs: int) -> nn.Sequential:
    """Two hidden layers."""
    hidden = [nn.Linear(inputs, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU()]
    return nn.Sequential(*hidden, nn.Linear(HIDDEN, outputs))


def train(env: Any, total_steps: int, seed: int) -> Callable[[Any], int]:
    """Train on a Gymnasium environment; returns a function from an observation (O,) to an action."""
    np.random.seed(seed)
    torch.manual_seed(seed)
    size = env.observation_space.shape[0]
    actor, critic = network(size, int(env.action_space.n)), network(size, 1)
    parameters = [*actor.parameters(), *critic.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=LEARNING_RATE)

    def draw(observation: Any) -> tuple[torch.Tensor, torch.Tensor]:
        with torch.no_grad():
            distribution = Categorical(logits=actor(torch.as_tensor(observation)))
            action = distribution.sample()
            return action, distribution.log_prob(action)

    observation, _ = env.reset()
    for _ in range(total_steps // STEPS_PER_COLLECTION):
        observations = torch.zeros(STEPS_PER_COLLECTION, size)
        actions = torch.zeros(STEPS_PER_COLLECTION, dtype=torch.int64)
        old_log_probs, rewards, ends = torch.zeros(3, STEPS_PER_COLLECTION)
        for step in range(STEPS_PER_COLLECTION):
            observations[step] = torch.as_tensor(observation)
            actions[step], old_log_probs[step] = draw(observation)
            observation, reward, terminated, truncated, _ = env.step(int(actions[step]))
            rewards[step], ends[step] = float(reward), float(terminated or truncated)
            if terminated or truncated:
                observation, _ = env.reset()

        returns = torch.zeros(STEPS_PER_COLLECTION)
        following = torch.tensor(0.0)
        for step in reversed(range(STEPS_PER_COLLECTION)):
            following = rewards[step] + DISCOUNT * (1 - ends[step]) * following
            returns[step] = following
        with torch.no_grad():
            advantages = returns - critic(observations).squeeze(-1)
        advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-8)

        for _ in range(EPOCHS):
            for rows in torch.randperm(STEPS_PER_COLLECTION).split(MINIBATCH):
                distribution = Categorical(logits=actor(observations[rows]))
                log_ratio = distribution.log_prob(actions[rows]) - old_log_probs[rows]
                ratio = log_ratio.exp()
                clipped = ratio.clamp(1 - CLIP, 1 + CLIP)
                actor_loss = -torch.min(ratio * advantages[rows], clipped * advantages[rows]).mean()
                critic_loss = (
                    (critic(observations[rows]).squeeze(-1) - returns[rows]).square().mean()
                )
                optimizer.zero_grad()
                (actor_loss + CRITIC_WEIGHT * critic_loss).backward()
                optimizer.step()
    return lambda observation: int(draw(observation)[0])
