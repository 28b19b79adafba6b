"""The history of one run of the handout's PPO that solves its task and then loses half of it.

Seeds 0 to 9, which the table shows, give no such run, nor do 10 to 29. SEED was found among 100 to 125.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import torch

from handout.palette import BLUE, GREEN, VERMILION
from instructor import reference
from instructor.handout.runs import HANDOUT_PPO, Run, run

SEED = 106


def situations() -> tuple[np.ndarray, torch.Tensor]:
    """Every (target, state) of the line world, (110, 2), and the observations, float32 (110, 2)."""
    cells = np.array([[target, state] for target in range(10) for state in range(11)])
    return cells, torch.tensor(cells / 10 * 2 - 1, dtype=torch.float32)


def dead_units(network: Any, observations: torch.Tensor) -> int:
    """How many hidden units are zero in every situation."""
    count, x = 0, observations
    for layer in network.net:
        x = layer(x)
        if isinstance(layer, torch.nn.ReLU):
            count += int((x <= 0).all(dim=0).sum())
    return count


def history(seed: int = SEED) -> tuple[Run, dict[str, np.ndarray]]:
    """The run, and for every collection what the policy was like before it.

    left, right: mean probability of the right action where the target lies on that side. entropy: mean
    entropy of the policy. spread: standard deviation of returns minus values. dead: see `dead_units`.
    """
    cells, observations = situations()
    left, right = cells[:, 1] > cells[:, 0], cells[:, 1] < cells[:, 0]
    record: dict[str, list[float]] = {
        name: [] for name in ("left", "right", "entropy", "spread", "dead")
    }
    collect, advantages = reference.collect_rollouts, reference.get_advantages

    def collect_and_look(env: Any, policy: Any, *args: Any, **kwargs: Any) -> Any:
        if len(args) > 1:  # within training; the evaluation afterwards names no base rollout
            with torch.no_grad():
                log_probabilities = policy(observations).double()
            p = log_probabilities.exp()
            record["left"].append(float(p[left, 0].mean()))
            record["right"].append(float(p[right, 2].mean()))
            record["entropy"].append(float(-(p * log_probabilities).sum(dim=1).mean()))
            record["dead"].append(dead_units(policy, observations))
        return collect(env, policy, *args, **kwargs)

    def look_at_advantages(value_net: Any, observations: Any, returns: Any) -> Any:
        with torch.no_grad():
            record["spread"].append(float((returns - value_net(observations)).std()))
        return advantages(value_net, observations, returns)

    with (
        mock.patch.object(reference, "collect_rollouts", collect_and_look),
        mock.patch.object(reference, "get_advantages", look_at_advantages),
    ):
        done = run(HANDOUT_PPO, seed)
    return done, {name: np.array(values) for name, values in record.items()}


def figure(record: dict[str, np.ndarray], path: Path) -> None:
    """What the policy does, how sure it is, and how far advantages spread before standardizing."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    fig, rows = plt.subplots(3, 1, figsize=(8, 7), sharex=True, facecolor="white")
    rows[0].plot(record["left"], color=BLUE, label="target on the left: goes left")
    rows[0].plot(record["right"], color=VERMILION, linestyle="--", label="on the right: goes right")
    rows[0].set_ylabel("probability")
    rows[0].legend(loc="lower center")
    rows[0].set_title(f"PPO, learning rate 4e-3, seed {SEED}: solved, then half of it lost")
    rows[1].semilogy(record["entropy"], color=GREEN)
    rows[1].set_ylabel("entropy of the policy")
    rows[2].semilogy(record["spread"], color=BLUE)
    rows[2].set_ylabel("std of returns - V(s)")
    rows[2].set_xlabel("collection (of four rollouts)")
    for axes in rows:
        axes.grid(alpha=0.3)
    fig.tight_layout()
    fig.savefig(path, dpi=110)
    plt.close(fig)
