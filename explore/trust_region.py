"""How far may one batch of data move a policy? Five answers, on the same budget of steps.

A batch says which way to change a policy, and is right only near the policy that it came from. How far
an update goes is measured by KL: the mean over the batch's states of KL(π_old(.|s) || π(.|s)), in nats.

    vanilla    one step along the policy gradient; its KL is whatever it happens to be
    natural    one step along F⁻¹ g, the direction that gains most per KL (Kakade 2001)
    TRPO       the same direction, as far as a limit on the KL allows (Schulman et al. 2015)
    PPO-KL     many small steps, with a price on the KL that adapts (Schulman et al. 2017)
    PPO-clip   many small steps; ratios beyond 1 ± 0.2 gain nothing (same paper): the assignment's

`policy_optimizers.py` has the five rules, their step sizes, and how these were chosen. Everything else
is the same for all: number of steps in the environment, first networks, value network, evaluation, and
the assignment's functions for returns, standardized advantages and losses.

    python -m explore.trust_region                 both worlds and ten seeds, in two processes
    python -m explore.trust_region --seeds 5       fewer seeds
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import Any

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

import utils
from explore.assignment_functions import functions
from explore.experiment import Report, interval, parser
from explore.policy_optimizers import (
    KL_LIMIT,
    METHODS,
    Batch,
    clip_loss,
    fisher_product,
    flat_gradient,
    mean_kl,
    minibatches,
    surrogate,
)
from handout.palette import BLACK, BLUE, GREEN, ORANGE, VERMILION

HIDDEN, VALUE_RATE, VALUE_EPOCHS = (32,), 3e-3, 5
LAST = 10  # updates at the end of a training, whose mean return is reported
TRAINING, END, OVER = "return, mean of training", "return, last updates", "updates over the limit"
PAINT = dict(zip(METHODS, (BLACK, GREEN, BLUE, ORANGE, VERMILION)))


@dataclass(frozen=True)
class World:
    """An environment and the size of a batch: `runners` rollouts of `length` steps per update."""

    name: str
    inputs: int
    actions: int
    runners: int
    length: int
    updates: int
    discount: float
    best: float  # the largest return there is

    def make(self) -> utils.EnvInterface:
        """One environment."""
        if self.name == "grid world":
            return utils.GridWorldPointTargetEnv(episode_length=self.length, dimensions=1)
        return utils.OpenAIGymEnv()


# From distance D the best return is −D (D − 1) / 20. Start and target are uniform over ten cells.
DISTANCES = np.abs(np.arange(10)[:, None] - np.arange(10))
WORLDS = (
    World("grid world", 2, 3, 40, 20, 80, 0.95, -float((DISTANCES * (DISTANCES - 1)).mean()) / 20),
    World("CartPole", 4, 2, 10, 200, 50, 0.99, 200.0),
)


def collect(
    world: World,
    envs: Sequence[utils.EnvInterface],
    policy: nn.Module,
    value_net: nn.Module,
    generator: np.random.Generator,
) -> tuple[utils.RolloutBuffer, np.ndarray]:
    """Run every environment for `length` steps; returns the steps and each first episode's return.

    These returns, (runners,), of at most `length` steps, are an unbiased sample of what the policy
    earns. Where a rollout is cut off, the value network's prediction replaces the rewards that would
    follow.
    """

    def start(env: utils.EnvInterface) -> torch.Tensor:
        return env.reset(seed=int(generator.integers(2**31)))

    rows: list[tuple[torch.Tensor, ...]] = []
    first_return, in_first = np.zeros(len(envs)), np.ones(len(envs), dtype=bool)
    observation = torch.cat([start(env) for env in envs])
    for step in range(world.length):
        with torch.no_grad():
            logits = policy(observation)
        cumulative = np.cumsum(np.exp(logits.double().numpy()), axis=1)
        uniform = generator.random((len(envs), 1)) * cumulative[:, -1:]
        action = torch.from_numpy((uniform >= cumulative).sum(axis=1, keepdims=True))
        outcomes = [env.step(a) for env, a in zip(envs, action)]
        following = torch.cat([outcome[0] for outcome in outcomes])
        over = np.array([outcome[1] for outcome in outcomes])
        reward = np.array([outcome[2] for outcome in outcomes])
        first_return += reward * in_first
        in_first &= ~over
        if step == world.length - 1:
            with torch.no_grad():
                reward += world.discount * value_net(following).numpy()[:, 0] * ~over
            over[:] = True
        rows.append((action, logits, observation, torch.tensor(reward), torch.tensor(over)))
        fresh = [
            start(e)[0] if o and step < world.length - 1 else f
            for e, o, f in zip(envs, over, following)
        ]
        observation = torch.stack(fresh)
    names = ("actions", "old_logits", "observations", "rewards", "terminateds")
    buffer = utils.RolloutBuffer()  # holds episodes end to end: runner by runner, not step by step
    buffer.load({n: torch.stack(f, dim=1).flatten(0, 1) for n, f in zip(names, zip(*rows))})
    return buffer, first_return


def train(job: tuple[str, World, int]) -> dict[str, Any]:
    """A method, world and seed: for every update the mean return before it and the KL that it caused."""
    method, world, seed = job
    torch.set_num_threads(1)
    torch.manual_seed(seed)  # the same first networks for every method
    generator = np.random.default_rng(seed)
    policy = utils.SimpleReLuNetwork(world.inputs, world.actions, True, hidden_dims=HIDDEN)
    value_net = utils.SimpleReLuNetwork(world.inputs, 1, hidden_dims=HIDDEN)
    critic = torch.optim.Adam(value_net.parameters(), lr=VALUE_RATE)
    envs = [world.make() for _ in range(world.runners)]
    update = METHODS[method](policy, generator)
    given, steps, returns, kls = functions(), 0, [], []
    for _ in range(world.updates):
        buffer, first_return = collect(world, envs, policy, value_net, generator)
        goal = given.get_returns(buffer, world.discount)
        advantage = given.get_advantages(value_net, buffer.observations, goal)
        batch = Batch(buffer.observations, buffer.actions, buffer.old_logits, advantage)
        update(batch)
        with torch.no_grad():
            kls.append(float(mean_kl(batch.old_logits, policy(batch.observation))))
        for rows in minibatches(len(goal), VALUE_EPOCHS, generator):
            critic.zero_grad()
            given.get_value_net_loss(value_net, batch.observation[rows], goal[rows]).backward()
            critic.step()
        returns.append(float(first_return.mean()))
        steps += len(goal)
    whose = {"method": method, "world": world.name, "seed": seed}
    return whose | {"steps": steps, "returns": returns, "KL": kls}


def train_all(jobs: list[tuple[str, World, int]], processes: int) -> Iterator[dict[str, Any]]:
    """What `train` finds for every job, in their order."""
    if processes < 2:
        yield from map(train, jobs)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from pool.map(train, jobs)


# -- What must hold, and what was measured --


def check_formulas(report: Report, seed: int) -> None:
    """Check a network's gradients and Fisher products against plainer ways to compute them."""
    torch.manual_seed(seed)
    policy = utils.SimpleReLuNetwork(2, 3, True, hidden_dims=(8,)).double()
    observation = torch.randn(40, 2).double()
    old = policy(observation).detach()
    action = torch.multinomial(old.exp(), 1)
    batch = Batch(observation, action, old, torch.randn(40, 1).double())
    losses = (
        functions().get_vanilla_policy_gradient_loss(policy, observation, action, batch.advantage),
        -surrogate(policy, batch),
        clip_loss(policy, batch),
    )
    first, *others = [flat_gradient(loss, policy) for loss in losses]
    gap = max(float((other - first).abs().max()) for other in others)
    what = "at the old policy the losses of VPG, TRPO and PPO have one gradient"
    report.check(f"{what}: apart by {gap:.0e}", gap < 1e-12)
    rows = [[flat_gradient(entry, policy) for entry in row] for row in policy(observation)]
    scores = torch.stack([torch.stack(row) for row in rows])
    fisher = torch.einsum("na,nap,naq->pq", old.exp(), scores, scores) / len(old)
    vector = torch.randn(len(first)).double()
    product = fisher_product(policy, observation)(vector)
    gap = float((product - fisher @ vector).norm() / product.norm())
    what = "a network's Fisher product is that of the mean of score scoreᵀ over states and actions"
    report.check(f"{what}: apart by {gap:.0e}", gap < 1e-10)


def summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Mean and standard error over seeds of returns; median, largest, share over the limit of KLs."""
    returns, kls = (np.array([run[key] for run in runs]) for key in ("returns", "KL"))
    return {
        TRAINING: interval(returns.mean(axis=1)),
        END: interval(returns[:, -LAST:].mean(axis=1)),
        "KL, median": float(np.median(kls)),
        "KL, largest": float(kls.max()),
        OVER: float((kls > KL_LIMIT).mean()),
    }


def told(numbers: dict[str, Any], key: str) -> str:
    """A mean and its standard error in words."""
    return "{:.2f} ± {:.2f}".format(*numbers[key])


# -- Pictures --

Found = dict[tuple[str, str], list[dict[str, Any]]]  # by world and method, a run for each seed


def draw_curves(report: Report, worlds: Sequence[World], found: Found) -> None:
    """Learning curves, mean and standard error over seeds."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(worlds), figsize=(9.6, 4.2), layout="constrained")
    for axis, world in zip(axes, worlds):
        thousands = np.arange(world.updates) * world.runners * world.length / 1000
        for method, colour in PAINT.items():
            curves = np.array([run["returns"] for run in found[world.name, method]])
            mean, error = np.array([interval(column) for column in curves.T]).T
            axis.plot(thousands, mean, color=colour, lw=2, label=method)
            axis.fill_between(thousands, mean - error, mean + error, color=colour, alpha=0.25, lw=0)
        axis.axhline(world.best, color=BLACK, lw=1, ls=":", label="best there is")
        axis.set(title=world.name, xlabel="steps in the environment (thousands)")
        axis.set_ylabel("return of an episode (sum of rewards)")
        axis.grid(alpha=0.3)
    axes[-1].legend(loc="lower right")
    report.figure(figure, "curves")


def draw_seeds(report: Report, worlds: Sequence[World], found: Found, key: str) -> None:
    """`key`, "returns" or "KL", of every update of every seed."""
    import matplotlib.pyplot as plt

    size, kl = (len(worlds), len(METHODS)), key == "KL"
    figure, axes = plt.subplots(*size, figsize=(10, 4.8), layout="constrained", sharey="row")
    for row, world in zip(axes, worlds):
        row[0].set_ylabel(f"{world.name}\n{'KL (nats)' if kl else 'return'}")
        line, label = (KL_LIMIT, f"limit {KL_LIMIT:g}") if kl else (world.best, "best there is")
        for axis, (method, colour) in zip(row, PAINT.items()):
            for run in found[world.name, method]:
                axis.plot(np.maximum(run[key], 1e-6 if kl else -np.inf), color=colour, lw=0.7)
            axis.axhline(line, color=BLACK, lw=1.2, ls="--", label=label)
            axis.grid(alpha=0.3)
            if kl:
                axis.set(yscale="log", ylim=(1e-6, 30))
    for method, top, bottom in zip(METHODS, axes[0], axes[-1]):
        top.set_title(method)
        bottom.set_xlabel("update")
    axes[0, 0].legend(loc="lower right", fontsize=9)
    report.figure(figure, "KL" if kl else "seeds")


def main(arguments: list[str] | None = None) -> int:
    """Train everything, check, draw, and say what was found."""
    options_of = parser(__doc__)
    options_of.add_argument("--seeds", type=int, help="how many (default 10; short 2)")
    options = options_of.parse_args(arguments)
    seeds = options.seeds if options.seeds is not None else 2 if options.short else 10
    if seeds < 2:
        options_of.error("--seeds must be 2 or more: a standard error needs two")
    worlds: Sequence[World] = WORLDS
    if options.short:
        worlds = [replace(w, runners=w.runners // 5, length=20, updates=2) for w in WORLDS]
    torch.set_num_threads(1)
    report = Report("trust_region", options)
    check_formulas(report, options.seed)

    # All methods and worlds come first with the first seed, so that the time left is soon known.
    jobs = [(m, w, options.seed + s) for s in range(seeds) for w in worlds for m in METHODS]
    processes = 1 if options.short else min(2, os.cpu_count() or 1)
    found: Found = {(w.name, m): [] for w in worlds for m in METHODS}
    for run in tqdm(
        train_all(jobs, processes), total=len(jobs), desc="runs", disable=options.short
    ):
        found[run["world"], run["method"]].append(run)

    for world in worlds:
        wanted = world.updates * world.runners * world.length
        same = all(run["steps"] == wanted for m in METHODS for run in found[world.name, m])
        report.check(f"{world.name}: every run took {wanted} steps", same)
        for method in METHODS:
            numbers = summary(found[world.name, method])
            report.numbers[f"{world.name}, {method}"] = numbers
            report.say(
                f"     {method:9} return {told(numbers, TRAINING)}, in the end {told(numbers, END)}; "
                f"KL {numbers['KL, median']:.4f} (median), {numbers['KL, largest']:.3g} (largest)"
            )
    largest = max(max(run["KL"]) for w in worlds for run in found[w.name, "TRPO"])
    report.check(f"TRPO's largest KL is {largest:.5f}, within {KL_LIMIT}", largest <= KL_LIMIT)
    draw_curves(report, worlds, found)
    draw_seeds(report, worlds, found, "KL")
    draw_seeds(report, worlds, found, "returns")
    report.numbers["runs"] = [run for runs in found.values() for run in runs]
    texts = []
    for world in worlds:
        of = {m: report.numbers[f"{world.name}, {m}"] for m in METHODS}
        means = ", ".join(f"{m} {told(of[m], TRAINING)} ({of[m][OVER]:.0%})" for m in METHODS)
        texts.append(f"{world.name} {means}")
    return report.finish(
        f"Mean return of training, {seeds} seeds (KL over {KL_LIMIT}): {'; '.join(texts)}."
    )


if __name__ == "__main__":
    sys.exit(main())
