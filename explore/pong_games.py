"""Pong as the policy sees it, and twenty games of it side by side.

A screen of 210 x 160 colours becomes 40 x 40 zeros and ones. The policy gets the newest of three such
pictures minus the oldest, which shows where things are and where they are going. The games are divided
among processes, which get the policy's weights once per batch. Within a process all games take their
steps together: one product of matrices decides for all of them.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields

import numpy as np

from explore.experiment import need

UP, DOWN = 2, 3  # the emulator calls them "right" and "left"
OBSERVATION = 40 * 40
BACKGROUNDS = (72, 118)  # in the green channel: while a game runs, and on its first screens
FRAMES_PER_DECISION = 4


def preprocess(screen: np.ndarray) -> np.ndarray:
    """(210, 160, 3) colours to (40, 40) int8: 0 for the background, 1 for ball and paddles."""
    green = screen[34:194:4, ::4, 1]  # the field, without score and borders; every fourth pixel
    return ((green != BACKGROUNDS[0]) & (green != BACKGROUNDS[1])).astype(np.int8)


class Game:
    """One game up to 21 points; a decision, 0 for up and 1 for down, holds for four frames."""

    def __init__(self) -> None:
        gymnasium = need("gymnasium", "gymnasium")
        ale_py = need("ale_py", "ale-py")
        ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
        gymnasium.register_envs(ale_py)
        self.env = gymnasium.make("ALE/Pong-v5", frameskip=FRAMES_PER_DECISION)
        self.seen: deque[np.ndarray] = deque(maxlen=3)
        self.screen = np.zeros((210, 160, 3), np.uint8)

    def reset(self, seed: int) -> np.ndarray:
        """Start the game that belongs to this seed; returns the observation, int8 (1600,)."""
        self.screen, _ = self.env.reset(seed=seed)
        self.seen.extend([preprocess(self.screen)] * 3)
        return self.observation()

    def step(self, decision: int) -> tuple[np.ndarray, float, bool]:
        """Returns the observation, the reward (1 or -1 when a point ends), and whether it is over."""
        self.screen, reward, terminated, truncated, _ = self.env.step(UP if decision == 0 else DOWN)
        self.seen.append(preprocess(self.screen))
        return self.observation(), float(reward), bool(terminated or truncated)

    def observation(self) -> np.ndarray:
        """The newest picture minus the oldest of three, flat."""
        return (self.seen[-1] - self.seen[0]).reshape(-1)


@dataclass
class Batch:
    """Whole games, end to end. N decisions.

    observations int8 (N, 1600); decisions int64 (N,); log_probabilities float32 (N, 2), of both
    decisions; rewards float32 (N,); game int64 (N,), which of the games a decision belongs to.
    """

    observations: np.ndarray
    decisions: np.ndarray
    log_probabilities: np.ndarray
    rewards: np.ndarray
    game: np.ndarray

    def scores(self) -> np.ndarray:
        """Points won minus points lost, (games,)."""
        return np.bincount(self.game, weights=self.rewards)


def log_probabilities(observations: np.ndarray, weights: Sequence[np.ndarray]) -> np.ndarray:
    """The policy without torch: int8 (n, 1600) to float32 (n, 2), of up and down.

    weights: as the network's parameters() gives them, (128, 1600), (128,), (2, 128), (2,).
    """
    into, bias, out, bias_out = weights
    hidden = np.maximum(observations.astype(np.float32) @ into.T + bias, 0)
    logits = hidden @ out.T + bias_out
    logits -= logits.max(axis=1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


_games: list[Game] = []  # of this process, kept from batch to batch


def play_share(weights: Sequence[np.ndarray], seeds: Sequence[int]) -> Batch:
    """Play one game per seed to its end, together. Each game draws from a generator of its own."""
    while len(_games) < len(seeds):
        _games.append(Game())
    generators = [np.random.default_rng(seed) for seed in seeds]
    observations = np.stack([game.reset(int(seed)) for game, seed in zip(_games, seeds)])
    playing, steps = list(range(len(seeds))), []
    while playing:
        seen = observations[playing]
        log_probability = log_probabilities(seen, weights)
        draws = np.array([generators[i].random() for i in playing])
        decisions = (draws >= np.exp(log_probability[:, 0])).astype(np.int64)
        rewards, going_on = np.zeros(len(playing), np.float32), []
        for row, i in enumerate(playing):
            observations[i], rewards[row], over = _games[i].step(int(decisions[row]))
            if not over:
                going_on.append(i)
        steps.append((seen, decisions, log_probability, rewards, np.array(playing)))
        playing = going_on
    columns = [np.concatenate(column) for column in zip(*steps)]
    order = np.argsort(columns[-1], kind="stable")  # puts the games end to end
    return Batch(*(column[order] for column in columns))


class SideBySide:
    """A context manager: processes that play a fixed number of games."""

    def __init__(self, games: int = 20, processes: int | None = None) -> None:
        """`processes` is the number of the machine's cores unless it is given."""
        processes = min(games, processes or os.cpu_count() or 1)
        self.shares = np.array_split(np.arange(games), processes)
        # The processes inherit this. Their matrices are too small for threads, which would only wait.
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ.setdefault(name, "1")
        context = multiprocessing.get_context("spawn")
        self.pool = ProcessPoolExecutor(processes, mp_context=context)

    def __enter__(self) -> SideBySide:
        return self

    def __exit__(self, *_: object) -> None:
        self.pool.shutdown()

    def play(self, weights: Sequence[np.ndarray], first_seed: int) -> Batch:
        """Play every game to its end; their seeds are first_seed, first_seed + 1, and so on."""
        shares = [(first_seed + share).tolist() for share in self.shares]
        batches = list(self.pool.map(play_share, [weights] * len(shares), shares))
        for batch, share in zip(batches, self.shares):
            batch.game += share[0]
        names = [field.name for field in fields(Batch)]
        return Batch(*(np.concatenate([getattr(b, name) for b in batches]) for name in names))
