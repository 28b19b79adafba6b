"""The given code written with no thought of speed, for `bench train` to compare with.

Names and results are those of `utils`, as far as the handout's runs use them. Arrays and tensors are
made anew at every step, the network's modules are called one by one, and `torch.distributions` draws.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from utils import rollout_progress as rollout_progress


class GridWorldPointTargetEnv:
    """The line world."""

    def __init__(self, grid_size: int, episode_length: int, dimensions: int) -> None:
        self.grid_size, self.episode_length, self.dimensions = grid_size, episode_length, dimensions

    def reset(self) -> torch.Tensor:
        """Draw start and target."""
        self.state = np.random.randint(0, self.grid_size, size=self.dimensions)
        self.target = np.random.randint(0, self.grid_size, size=self.dimensions)
        self.steps_taken = 0
        return self._observation()

    def step(self, action: torch.Tensor) -> tuple[torch.Tensor, bool, float]:
        """Move, staying within 0 ... grid_size."""
        self.state = np.clip(self.state + action.item() - 1, 0, self.grid_size)
        self.steps_taken += 1
        reward = -float(np.linalg.norm(self.state - self.target)) / self.grid_size
        return self._observation(), self.steps_taken >= self.episode_length, reward

    def _observation(self) -> torch.Tensor:
        observation = np.concatenate([self.target, self.state]) / self.grid_size * 2 - 1
        return torch.tensor(observation, dtype=torch.float32).unsqueeze(0)


class SimpleReLuNetwork(nn.Module):
    """Two hidden layers of one width."""

    def __init__(
        self, inputs: int, outputs: int, hidden_dims: list[int], out_logsoftmax: bool = False
    ) -> None:
        super().__init__()
        (width,) = hidden_dims
        layers: list[nn.Module] = [nn.Linear(inputs, width), nn.ReLU()]
        layers += [nn.Linear(width, width), nn.ReLU(), nn.Linear(width, outputs)]
        if out_logsoftmax:
            layers.append(nn.LogSoftmax(dim=-1))
        self.net = nn.Sequential(*layers)

    def forward(self, observation: torch.Tensor) -> torch.Tensor:
        """(N, inputs) to (N, outputs)."""
        return self.net(observation)


class RolloutBuffer:
    """Lists of tensors, which `finalize` joins."""

    FIELDS = ("actions", "old_logits", "observations", "terminateds", "rewards")

    def __init__(self) -> None:
        self.actions: Any = []
        self.old_logits: Any = []
        self.observations: Any = []
        self.terminateds: Any = []
        self.rewards: Any = []
        self.final_size = 0

    def add(self, *step: Any) -> None:
        """One step, in the order of FIELDS."""
        for field, value in zip(self.FIELDS, step):
            getattr(self, field).append(torch.as_tensor(value).reshape(1, -1))

    def finalize(self) -> None:
        """Lists to tensors."""
        for field in self.FIELDS:
            rows = torch.cat(getattr(self, field))
            flat = field in ("terminateds", "rewards")
            setattr(self, field, rows.flatten() if flat else rows)
        self.final_size = len(self.rewards)


def distribution_sample(logits: torch.Tensor, seed: None = None) -> torch.Tensor:
    """One action per row."""
    return torch.distributions.Categorical(logits=logits).sample().unsqueeze(-1)
