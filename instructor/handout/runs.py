"""The training runs of the handout, with the reference solution, for any seed."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np
import torch

import utils
from instructor import reference

ROLLOUTS = 2_000
EVALUATION_ROLLOUTS = 100


@dataclass(frozen=True)
class Configuration:
    """One way to train on the line world: what differs between the handout's runs."""

    name: str
    loss: str
    learning_rate: float
    with_advantages: bool = True
    decay: bool = False  # whether the learning rate falls linearly to zero


VPG, PPO = "get_vanilla_policy_gradient_loss", "get_PPO_policy_gradient_loss"
CONFIGURATIONS = (
    Configuration("VPG, returns, 1e-3", VPG, 1e-3, with_advantages=False),
    Configuration("VPG, advantages, 1e-3", VPG, 1e-3),
    Configuration("VPG, advantages, 4e-3", VPG, 4e-3),
    Configuration("PPO, 4e-3", PPO, 4e-3),
    Configuration("PPO, 4e-3 falling to 0", PPO, 4e-3, decay=True),
)
HANDOUT_PPO = CONFIGURATIONS[3]


@dataclass
class Run:
    """The results of one run.

    success: share of EVALUATION_ROLLOUTS at the target in their last observation, 0 to 1.
    final_rewards: mean last reward per collection. seconds: of training alone.
    """

    configuration: Configuration
    seed: int
    success: float
    final_rewards: list[float]
    seconds: float
    policy: Any = field(repr=False, default=None)
    value_net: Any = field(repr=False, default=None)


def run(
    configuration: Configuration,
    seed: int,
    rollouts: int = ROLLOUTS,
    solution: ModuleType = reference,
    fused: bool = True,
) -> Run:
    """Train once, in the order of the handout's cells, and evaluate.

    Environment, network, buffer and sampler are those of `solution.utils`. `fused` is an option of Adam.
    """
    np.random.seed(seed)
    torch.manual_seed(seed)
    given = solution.utils
    env = given.GridWorldPointTargetEnv(grid_size=10, episode_length=20, dimensions=1)
    policy = given.SimpleReLuNetwork(2, 3, out_logsoftmax=True, hidden_dims=[16])
    value_net = given.SimpleReLuNetwork(2, 1, hidden_dims=[16])
    parameters = [*policy.parameters(), *value_net.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=configuration.learning_rate, fused=fused)
    options: dict[str, Any] = {}
    if configuration.with_advantages:
        options = {
            "value_net": value_net,
            "get_advantages": solution.get_advantages,
            "get_value_net_loss": solution.get_value_net_loss,
            "critic_loss_multiplier": 0.01,
        }
    if configuration.decay:
        # Every collection has 80 steps: two minibatches in each of 8 epochs.
        steps = rollouts // 4 * 8 * 2
        options["lr_sched"] = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: max(1 - step / steps, 0.0)
        )
    started = time.perf_counter()
    _, _, final_rewards, _ = solution.train_policy_gradient(
        env,
        policy,
        optimizer,
        getattr(solution, configuration.loss),
        solution.get_returns,
        rollouts=rollouts,
        rollouts_before_training=4,
        training_epochs_per_rollout=8,
        minibatch_size=64,
        **options,
    )
    seconds = time.perf_counter() - started
    evaluation, _ = solution.collect_rollouts(env, policy, EVALUATION_ROLLOUTS)
    success = utils.get_success_rate(env, evaluation)
    return Run(configuration, seed, success, final_rewards, seconds, policy, value_net)
