"""Compare the handout's PPO run with three others, in turn and in one run.

The others are the same solution on given code written with no thought of speed (`plain_given`) and with
Adam's defaults, Stable-Baselines3, and a PPO in a single file. All four train for 40,000 steps on the
line world of 10 cells and 20 steps, with 80 steps per collection, 8 epochs of minibatches of 64,
learning rate 4e-3, two hidden layers of 16, and one thread.
"""

from __future__ import annotations

import importlib.util
import statistics
import time
import warnings
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
import torch

import utils
from instructor import reference
from instructor.bench import plain_given
from instructor.bench.single_file_ppo import train as train_single_file
from instructor.handout.runs import EVALUATION_ROLLOUTS, HANDOUT_PPO, ROLLOUTS, run

STEPS = 20 * ROLLOUTS
BOUNDS = {"Stable-Baselines3": 3.0}  # it must take at least so many times as long as the kit


class LineWorld(gymnasium.Env[Any, Any]):
    """The kit's line world behind Gymnasium's interface."""

    def __init__(self) -> None:
        self.world = utils.GridWorldPointTargetEnv(10, 20, dimensions=1)
        self.observation_space = gymnasium.spaces.Box(-1.0, 1.0, (2,), np.float32)
        self.action_space = gymnasium.spaces.Discrete(3)

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        """Start an episode."""
        super().reset(seed=seed)
        return self.world.reset(seed).numpy()[0], {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Take an action."""
        observation, terminated, reward = self.world.step(torch.tensor([[int(action)]]))
        return observation.numpy()[0], reward, terminated, False, {}


def kit(seed: int) -> tuple[float, float]:
    """Seconds and success of the handout's run."""
    done = run(HANDOUT_PPO, seed)
    return done.seconds, done.success


def same_on_plain_code(seed: int) -> tuple[float, float]:
    """Seconds and success of the same solution on given code that is not made to be fast."""
    spec = importlib.util.spec_from_file_location("reference_on_plain_code", reference.__file__)
    assert spec is not None
    assert spec.loader is not None
    solution: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(solution)
    solution.utils = plain_given
    done = run(HANDOUT_PPO, seed, solution=solution, fused=False)
    return done.seconds, done.success


def stable_baselines(seed: int) -> tuple[float, float]:
    """Seconds and success of Stable-Baselines3's PPO with the same settings."""
    from stable_baselines3 import PPO

    np.random.seed(seed)
    env = LineWorld()
    model = PPO(
        "MlpPolicy",
        env,
        learning_rate=4e-3,
        n_steps=80,
        batch_size=64,
        n_epochs=8,
        gamma=0.95,
        gae_lambda=1.0,
        clip_range=0.2,
        ent_coef=0.0,
        vf_coef=0.01,
        max_grad_norm=1e9,
        policy_kwargs={"net_arch": [16, 16], "activation_fn": torch.nn.ReLU},
        device="cpu",
        seed=seed,
    )
    started = time.perf_counter()
    model.learn(STEPS)
    seconds = time.perf_counter() - started
    return seconds, success_of(lambda o: int(model.predict(o, deterministic=False)[0]))


def single_file(seed: int) -> tuple[float, float]:
    """Seconds and success of a PPO in one file, without any of the kit."""
    started = time.perf_counter()
    act = train_single_file(LineWorld(), STEPS, seed)
    seconds = time.perf_counter() - started
    return seconds, success_of(act)


def success_of(act: Callable[[Any], int]) -> float:
    """Share of rollouts that are at the target in the observation of their last step, 0 to 1."""
    env, successes = LineWorld(), 0
    for _ in range(EVALUATION_ROLLOUTS):
        observation, _ = env.reset()
        terminated, last = False, observation
        while not terminated:
            last = observation
            observation, _, terminated, _, _ = env.step(act(observation))
        successes += abs(last[0] - last[1]) < 1e-3
    return successes / EVALUATION_ROLLOUTS


def microseconds(function: Callable[[], object], count: int = 3_000) -> float:
    """Time of one call: the median of five series."""
    series = []
    for _ in range(5):
        started = time.perf_counter()
        for _ in range(count):
            function()
        series.append((time.perf_counter() - started) / count * 1e6)
    return statistics.median(series)


def parts(given: Any) -> dict[str, float]:
    """Microseconds of the parts of a step. given: utils or plain_given."""
    env = given.GridWorldPointTargetEnv(10, 20, dimensions=1)
    policy = given.SimpleReLuNetwork(2, 3, hidden_dims=[16], out_logsoftmax=True)
    observation, action = env.reset(), torch.tensor([[1]])
    with torch.no_grad():
        logits = policy(observation)
        return {
            "forward, one observation": microseconds(lambda: policy(observation)),
            "sampling without a seed": microseconds(lambda: given.distribution_sample(logits)),
            "environment step": microseconds(lambda: env.step(action)),
        }


def main(rounds: int) -> int:
    """Print medians and ratios; 1 where one of the others is faster than its bound allows."""
    warnings.filterwarnings("ignore", module="stable_baselines3")
    torch.set_num_threads(1)
    contenders = {
        "the kit, reference solution": kit,
        "the same, plain given code": same_on_plain_code,
        "Stable-Baselines3": stable_baselines,
        "single-file PPO": single_file,
    }
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    for seed in range(rounds):
        for name, contender in contenders.items():
            found[name].append(contender(seed))
    print(f"PPO on the line world, {STEPS} steps, {rounds} rounds in turn, one thread, medians")
    times = {name: statistics.median(s for s, _ in results) for name, results in found.items()}
    base, too_near = times["the kit, reference solution"], False
    for name, seconds in times.items():
        success = statistics.median(100 * share for _, share in found[name])
        bound = BOUNDS.get(name, 0.0)
        too_near |= seconds < bound * base
        print(
            f"{name:28} {seconds:6.2f} s {STEPS / seconds:8.0f} steps/s "
            f"{seconds / base:5.2f} x the kit's time"
            + (f" (at least {bound})" if bound else "")
            + f", success {success:.0f} %"
        )
    plain = parts(plain_given)
    for name, microseconds_here in parts(utils).items():
        print(f"{name:28} {microseconds_here:6.1f} µs, plain given code {plain[name]:6.1f} µs")
    return int(too_near)
