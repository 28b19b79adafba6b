"""Policy gradients on Atari Pong, from pixels.

A network 1600-128-2 sees the change of the screen (`pong_games`) and moves the paddle up or down. An
update takes 20 whole games. The return of a decision is the discounted sum of the rewards that follow,
up to the end of the point: a decision has no effect on later points. Returns are standardized game by
game.

    vpg   one step of Adam on the mean over all decisions, in the direction of the policy gradient
    ppo   several passes over minibatches with the clipped objective: more learning from the same games

    python -m explore.pong --updates 600              train; a checkpoint every 5 updates
    python -m explore.pong --resume FILE              go on from a checkpoint
    python -m explore.pong --play FILE                play one game and write it as a GIF
    python -m explore.pong --evaluate FILE            the mean score of 20 games
    python -m explore.pong --compare FILE FILE        what each training needed, in frames
    python -m explore.pong --measure                  frames per second, side by side and one by one
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from explore.assignment_functions import functions
from explore.experiment import Report, interval, need, parser
from explore.pong_games import FRAMES_PER_DECISION, OBSERVATION, Batch, Game, SideBySide
from handout.palette import BLUE, COLOURS, ORANGE

DISCOUNT, LEARNING_RATE, HIDDEN = 0.99, 2.5e-4, 128
CHECKPOINT_EVERY = 5
PPO_EPOCHS, PPO_MINIBATCHES, PPO_CLIP = 4, 8, 0.2
CHUNK = 8192  # decisions that go through the network at once
RANDOM_SCORE = -20.5  # about what a random policy scores


def network() -> nn.Sequential:
    """Observations (N, 1600) to the log-probabilities of up and down, (N, 2)."""
    return nn.Sequential(
        nn.Linear(OBSERVATION, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 2), nn.LogSoftmax(dim=-1)
    )


def weights_of(policy: nn.Module) -> list[np.ndarray]:
    """Copies of the weights, for the processes that play."""
    return [parameter.detach().numpy().copy() for parameter in policy.parameters()]


def returns(batch: Batch) -> np.ndarray:
    """The discounted return of every decision to the end of its point, float64 (N,)."""
    result = np.empty(len(batch.rewards))
    following, game = 0.0, -1
    for i in range(len(result) - 1, -1, -1):
        if batch.rewards[i] != 0 or batch.game[i] != game:
            following, game = 0.0, batch.game[i]
        following = batch.rewards[i] + DISCOUNT * following
        result[i] = following
    return result


def standardize_by_game(values: np.ndarray, game: np.ndarray) -> np.ndarray:
    """Subtract each game's mean and divide by its standard deviation."""
    count = np.bincount(game)
    centred = values - (np.bincount(game, values) / count)[game]
    deviation = np.sqrt(np.bincount(game, centred**2) / count)
    return centred / (deviation[game] + 1e-8)


def update(policy: nn.Module, optimizer: Any, batch: Batch, method: str, rng: Any) -> float:
    """Improve the policy by one batch; returns the mean loss over all passes."""
    solution = functions()
    count = len(batch.decisions)
    advantages = torch.from_numpy(standardize_by_game(returns(batch), batch.game)).float()
    fields = {
        "observation": torch.from_numpy(batch.observations),
        "action": torch.from_numpy(batch.decisions).reshape(-1, 1),
        "old_logits": torch.from_numpy(batch.log_probabilities),
        "return_or_advantage": advantages.reshape(-1, 1),
    }
    if method == "vpg":
        loss_of, minibatches = solution.get_vanilla_policy_gradient_loss, [np.arange(count)]
    else:
        loss_of = solution.get_PPO_policy_gradient_loss
        passes = (rng.permutation(count) for _ in range(PPO_EPOCHS))
        minibatches = [
            rows for p in passes for rows in np.array_split(p, min(PPO_MINIBATCHES, count))
        ]
    total = 0.0
    for minibatch in minibatches:
        optimizer.zero_grad()
        for rows in np.array_split(minibatch, -(-len(minibatch) // CHUNK)):
            part = {name: values[rows] for name, values in fields.items()}
            part["observation"] = part["observation"].float()
            share = len(rows) / len(minibatch)  # so that the loss is the mean over the minibatch
            loss = share * loss_of(policy=policy, ppo_clip=PPO_CLIP, **part)
            loss.backward()
            total += loss.item() / len(minibatches)
        optimizer.step()
    return total


def save(path: Path, policy: nn.Module, optimizer: Any, log: list[Any], method: str) -> None:
    """Write a checkpoint: everything that is needed to go on with the training."""
    state = {"policy": policy.state_dict(), "log": log, "method": method}
    if optimizer is not None:
        state["optimizer"] = optimizer.state_dict()
    beside = path.with_suffix(".part")
    torch.save(state, beside)
    beside.replace(path)  # a run that is stopped while it writes leaves the old checkpoint whole


def load(path: Path) -> tuple[nn.Module, dict[str, Any]]:
    """The policy of a checkpoint, and all it holds. Ends the program if it cannot be read."""
    policy = network()
    try:
        state = torch.load(path, weights_only=True)
        policy.load_state_dict(state["policy"])
    except FileNotFoundError:
        raise SystemExit(f"There is no checkpoint {path}.") from None
    except Exception as error:  # torch raises a dozen kinds for a file of another sort
        raise SystemExit(f"{path} is not a checkpoint of this program ({error}).") from None
    return policy, state


def train(options: argparse.Namespace, report: Report) -> float:
    """Train, writing a line per update and a checkpoint every few; returns the last mean score."""
    torch.manual_seed(options.seed)
    policy: nn.Module = network()
    log: list[dict[str, Any]] = []
    method = options.method
    optimizer = torch.optim.Adam(policy.parameters(), lr=LEARNING_RATE)
    if options.resume:
        policy, state = load(options.resume)
        optimizer = torch.optim.Adam(policy.parameters(), lr=LEARNING_RATE)
        log, method = state["log"], state["method"]
        if "optimizer" in state:
            optimizer.load_state_dict(state["optimizer"])
    deadline = time.monotonic() + 60 * options.minutes
    with SideBySide(options.games, options.processes) as games:
        for number in range(len(log) + 1, options.updates + 1):
            started = time.perf_counter()
            rng = np.random.default_rng((options.seed, number))
            first_seed = options.seed * 1_000_000 + number * options.games
            batch = games.play(weights_of(policy), first_seed)
            played = time.perf_counter()
            loss = update(policy, optimizer, batch, method, rng)
            frames = len(batch.decisions) * FRAMES_PER_DECISION
            entry = {
                "update": number,
                "frames": (log[-1]["frames"] if log else 0) + frames,
                "score": float(batch.scores().mean()),
                "loss": loss,
                "seconds_playing": round(played - started, 2),
                "seconds_learning": round(time.perf_counter() - played, 2),
            }
            log.append(entry)
            report.say(json.dumps(entry))
            stop = time.monotonic() > deadline
            if number % CHECKPOINT_EVERY == 0 or number == options.updates or stop:
                save(report.path(f"{method}.pt"), policy, optimizer, log, method)
            if stop:
                break
    report.numbers |= {"method": method, "log": log}
    plot(report, log, method)
    return float(np.mean([entry["score"] for entry in log[-10:]]))


def plot(report: Report, log: list[dict[str, Any]], method: str) -> None:
    """Score and loss against the frames played."""
    import matplotlib.pyplot as plt

    figure, (above, below) = plt.subplots(2, 1, sharex=True, figsize=(7, 6), layout="constrained")
    frames = np.array([entry["frames"] for entry in log]) / 1e6
    scores = np.array([entry["score"] for entry in log])
    width = min(20, len(scores))
    smooth = np.convolve(scores, np.ones(width) / width, mode="valid")
    above.plot(frames, scores, color=BLUE, alpha=0.3, lw=0.8, label="an update's games")
    above.plot(frames[width - 1 :], smooth, color=BLUE, lw=2, label=f"mean of {width} updates")
    above.axhline(RANDOM_SCORE, color="grey", ls=":", label="a random policy, about")
    above.set(ylabel="points won minus lost", title=f"Pong, {method}")
    above.legend(loc="upper left")
    below.plot(frames, [entry["loss"] for entry in log], color=ORANGE, lw=0.8)
    below.set(xlabel="frames played (millions)", ylabel="loss")
    report.figure(figure, method)


def compare(report: Report, paths: list[Path]) -> str:
    """Scores of several checkpoints' training against frames; returns what the comparison says."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    reached = {}
    for path, colour in zip(paths, COLOURS * len(paths)):
        _, state = load(path)
        frames = np.array([entry["frames"] for entry in state["log"]]) / 1e6
        scores = np.array([entry["score"] for entry in state["log"]])
        width = min(20, len(scores))
        smooth = np.convolve(scores, np.ones(width) / width, mode="valid")
        axes.plot(frames, scores, color=colour, alpha=0.25, lw=0.8)
        axes.plot(frames[width - 1 :], smooth, color=colour, lw=2, label=state["method"])
        reached[path.name] = dict(zip(np.maximum.accumulate(smooth), frames[width - 1 :]))
    best = min(max(curve) for curve in reached.values())  # the score that every run has reached
    needed = {
        name: next(frame for score, frame in curve.items() if score >= best)
        for name, curve in reached.items()
    }
    axes.axhline(RANDOM_SCORE, color="grey", ls=":", label="random, about")
    axes.axhline(best, color="grey", lw=0.8)
    axes.set(xlabel="frames played (millions)", ylabel="points won minus lost")
    axes.legend(loc="lower right")
    report.figure(figure, "compare")
    report.numbers |= {"score": best, "millions of frames": needed}
    said = ", ".join(f"{name} {frames:.1f}" for name, frames in needed.items())
    return f"To a mean score of {best:.1f}, in millions of frames: {said}."


def evaluate(policy: nn.Module, games: int, seed: int, processes: int | None) -> np.ndarray:
    """Scores of games that no training has used, (games,)."""
    with SideBySide(games, processes) as side:
        return side.play(weights_of(policy), 900_000_000 + seed).scores()


def measure(report: Report, processes: int | None, games: int, decisions: int) -> None:
    """Frames per second of an untrained policy: all games side by side, and one game at a time."""
    policy = network()
    with SideBySide(games, processes) as side:
        side.play(weights_of(policy), 0)  # now every process has started
        started = time.perf_counter()
        batch = side.play(weights_of(policy), 0)
        together = len(batch.decisions) * FRAMES_PER_DECISION / (time.perf_counter() - started)
    started = time.perf_counter()
    for count, (_, over) in enumerate(one_game(policy, seed=0)):
        if count == decisions or over:
            break
    alone = (count + 1) * FRAMES_PER_DECISION / (time.perf_counter() - started)
    report.numbers["frames per second"] = {"side by side": together, "one at a time": alone}
    report.say(f"frames/s: {together:.0f} with {games} side by side, {alone:.0f} one at a time")


def one_game(policy: nn.Module, seed: int) -> Iterator[tuple[np.ndarray, bool]]:
    """Play one game in this process, with torch; yields every screen and whether the game is over."""
    game, rng = Game(), np.random.default_rng(seed)
    observation, over = game.reset(seed), False
    while not over:
        with torch.no_grad():
            up = policy(torch.from_numpy(observation).float()).exp()[0].item()
        observation, _, over = game.step(int(rng.random() >= up))
        yield game.screen, over


def play(path: Path, report: Report, seed: int, most: int) -> Path:
    """Play one game and write it as a GIF, every other screen; returns where it is."""
    image = need("PIL.Image", "pillow")
    policy, _ = load(path)
    screens = [screen for screen, _ in islice(one_game(policy, seed), most)][::2]
    first, *others = [image.fromarray(screen).quantize(8) for screen in screens]
    target = report.path("game.gif")
    first.save(target, save_all=True, append_images=others, duration=60, loop=0)
    return target


def main(arguments: list[str] | None = None) -> int:
    """Train, or do what else was asked for."""
    options_of = parser(__doc__)
    add = options_of.add_argument
    add("--method", choices=["vpg", "ppo"], default="vpg", help="(default vpg)")
    add("--updates", type=int, default=600, help="updates in all, also after --resume (600)")
    add("--games", type=int, default=20, help="games per update and in an evaluation (20)")
    add(
        "--minutes", type=float, default=np.inf, help="stop after the update that this time ends in"
    )
    add("--processes", type=int, help="that play (default: one per core)")
    for name in ("--resume", "--play", "--evaluate"):
        add(name, type=Path, metavar="FILE", help="a checkpoint; see above")
    add("--compare", type=Path, nargs="+", metavar="FILE", help="checkpoints; see above")
    add("--measure", action="store_true", help="see above")
    options = options_of.parse_args(arguments)
    if min(options.updates, options.games, options.processes or 1) < 1:
        options_of.error("--updates, --games and --processes must be at least 1")
    if options.short:
        options.updates, options.games = min(options.updates, 2), min(options.games, 2)
    need("ale_py", "ale-py")
    report = Report("pong", options)
    if options.measure:
        measure(report, options.processes, options.games, 200 if options.short else 3_000)
        return report.finish("Measured.")
    if options.compare:
        return report.finish(compare(report, options.compare))
    if options.play:
        target = play(options.play, report, options.seed, most=150 if options.short else 2_000)
        return report.finish(f"Wrote {target.name}.")
    if options.evaluate:
        policy, state = load(options.evaluate)
        scores = evaluate(policy, options.games, options.seed, options.processes)
        mean, error = interval(scores)
        report.numbers["scores"] = scores
        return report.finish(
            f"{options.evaluate.name}, after {len(state['log'])} updates: mean score {mean:.1f} ± "
            f"{error:.1f} over {len(scores)} games; a random policy has about {RANDOM_SCORE}."
        )
    score = train(options, report)
    return report.finish(f"The last ten updates' games ended at {score:.1f} points on average.")


if __name__ == "__main__":
    sys.exit(main())
