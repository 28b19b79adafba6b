"""Pictures for the notebook: training curves, a policy on the plane, PPO's objective, animations.

Nothing here is graded. Matplotlib is imported inside the functions, because it takes longer to load
than everything else in the kit.
"""

from __future__ import annotations

import copy
import itertools
import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

import utils
from handout.palette import BLACK, BLUE, COLOURS, GREY, ORANGE, VERMILION

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# The training runs of the notebook, made with a correct solution; see `reference_curves`.
REFERENCE_CURVES = Path(__file__).with_name("reference_curves.json")
# Rather large, so that pictures can be read at half a screen's width.
FONT: dict[Any, Any] = {"font.size": 12, "axes.titlesize": 12, "legend.fontsize": 10}
ARROWS: dict[str, Any] = {
    "angles": "xy",
    "scale_units": "xy",
    "scale": 1.15,
    "width": 0.009,
    "pivot": "mid",
}


def _new_axes(columns: int = 1, width: float = 6.4, height: float = 4.0, **options: Any) -> Any:
    """A figure and its axes. The background is always white, because labels are black."""
    import matplotlib.pyplot as plt

    with plt.rc_context({**FONT, "axes.facecolor": "white"}):
        figure, axes = plt.subplots(
            options.pop("rows", 1),
            columns,
            figsize=(width, height),
            facecolor="white",
            layout="constrained",
            **options,
        )
    return figure, axes


# -- Training curves --


def reference_curves() -> dict[str, dict[str, Any]]:
    """The notebook's training runs with a correct solution, by name.

    Every entry holds `final_rewards`, and the arguments of `plot_training` that are not its defaults. It
    is empty where the file is missing, as in a notebook that was copied to another folder by itself.
    """
    if not REFERENCE_CURVES.exists():
        return {}
    curves: dict[str, dict[str, Any]] = json.loads(REFERENCE_CURVES.read_text(encoding="utf-8"))
    return curves


def plot_training(
    runs: Mapping[str, Sequence[float] | Sequence[Sequence[float]]],
    rollouts_per_collection: int | None = None,
    smoothing: int | None = None,
    title: str = "",
    ylabel: str | None = None,
    reference: Sequence[str] | None = None,
) -> Axes:
    """Plot how the mean last reward changed in training.

    What is None is taken from the reference of that name, if there is one.

    Args:
        runs: for every label what `train_policy_gradient` returned as `final_rewards` (one number
            per collection), or a list of those, one per seed. Several seeds are drawn as their mean
            with a band, the standard error of the mean. If there is a single run in all, its
            unsmoothed values are drawn behind it.
        rollouts_per_collection: scales the horizontal axis; 4 by default.
        smoothing: width of the running mean, in collections; 25 by default.
        title: the figure's title.
        ylabel: what the numbers are. In the grid world a reward is minus a distance, in units of
            grid_size.
        reference: names of runs in `reference_curves`, to be drawn in grey; by default those that
            `runs` names.
    """
    known = reference_curves()
    shown = [name for name in (runs if reference is None else reference) if name in known]
    settings: dict[str, Any] = {
        "rollouts_per_collection": 4,
        "smoothing": 25,
        "ylabel": "last reward of an episode",
    }
    given = {
        "rollouts_per_collection": rollouts_per_collection,
        "smoothing": smoothing,
        "ylabel": ylabel,
    }
    settings |= {key: known[name][key] for name in shown for key in settings if key in known[name]}
    settings |= {key: value for key, value in given.items() if value is not None}
    per_collection, width = settings["rollouts_per_collection"], settings["smoothing"]

    lines = len({*runs, *shown}) + bool({*runs} & {*shown})  # of the legend
    _, axes = _new_axes(width=5.6, height=3.2 + 0.22 * lines)
    _draw_references(axes, {name: known[name]["final_rewards"] for name in shown}, runs, settings)
    for (label, values), colour in zip(runs.items(), COLOURS * len(runs)):
        curves = np.atleast_2d(np.asarray(values, dtype=float))
        smoothed = [_smooth(curve, per_collection, width) for curve in curves]
        rollouts = smoothed[0][0]
        means = np.array([curve for _, curve in smoothed])
        mean = means.mean(axis=0)
        axes.plot(rollouts, mean, color=colour, linewidth=2, label=label)
        if len(curves) > 1:
            error = means.std(axis=0, ddof=1) / np.sqrt(len(curves))
            axes.fill_between(rollouts, mean - error, mean + error, color=colour, alpha=0.25, lw=0)
        elif len(runs) == 1:  # the unsmoothed values of several runs would hide each other
            raw = np.arange(1, curves.shape[1] + 1) * per_collection
            axes.plot(raw, curves[0], color=colour, linewidth=0.6, alpha=0.35, zorder=1)
    axes.set(xlabel="rollouts", ylabel=settings["ylabel"], title=title)
    axes.grid(alpha=0.3)
    # Below the axes, where it cannot hide a curve.
    if axes.get_legend_handles_labels()[0]:
        axes.figure.legend(loc="outside lower center", fontsize=10, frameon=False)
    return axes


def _draw_references(
    axes: Axes,
    curves: Mapping[str, Sequence[float]],
    runs: Mapping[str, Any],
    settings: Mapping[str, Any],
) -> None:
    """Draw them wide and grey, so that one is still seen where another curve covers it."""
    labelled = False
    dashes = itertools.cycle(("-", "--", ":", "-."))
    for name, values in curves.items():
        where, mean = _smooth(
            np.asarray(values, dtype=float),
            settings["rollouts_per_collection"],
            settings["smoothing"],
        )
        if name in runs:
            label = "_" if labelled else "a correct solution, same seed"
            axes.plot(where, mean, color=GREY, linewidth=6, alpha=0.75, zorder=1.5, label=label)
            labelled = True
        else:  # there is nothing yet to compare it with, so its name has to stand by itself
            label = f"{name} (a correct solution)"
            axes.plot(where, mean, next(dashes), color="#777777", linewidth=2, label=label)


def _smooth(
    curve: np.ndarray, rollouts_per_collection: int, width: int
) -> tuple[np.ndarray, np.ndarray]:
    """The running mean of one number per collection, and the rollouts played at each place of it."""
    width = max(1, min(width, len(curve)))
    # mode="valid" leaves out both ends, where the mean would be taken over fewer numbers.
    mean = np.convolve(curve, np.ones(width) / width, mode="valid")
    return (np.arange(len(mean)) + (width + 1) / 2) * rollouts_per_collection, mean


def plot_losses(
    losses_actor: Sequence[Any],
    losses_critic: Sequence[Any],
    final_rewards: Sequence[float],
    rollouts_per_collection: int = 4,
    smoothing: int = 25,
    title: str = "",
) -> None:
    """Plot reward, actor's loss and critic's loss of one run above each other.

    Args:
        losses_actor: one number per optimizer step.
        losses_critic: the same.
        final_rewards: one number per collection.
        rollouts_per_collection: scales the horizontal axis.
        smoothing: width of the running mean, in collections.
        title: the figure's title.
    """
    _, rows = _new_axes(rows=3, width=5.6, height=5.6, sharex=True)
    collections = len(final_rewards)
    series = {
        "last reward": (final_rewards, BLUE),
        "actor's loss": (losses_actor, ORANGE),
        "critic's loss": (losses_critic, VERMILION),
    }
    for axes, (label, (values, colour)) in zip(rows, series.items()):
        numbers = np.array([float(np.asarray(value).reshape(-1)[0]) for value in values])
        # One number per collection: the mean over its optimizer steps, which may differ in count.
        parts = np.array_split(numbers, collections)
        per_collection = np.array([part.mean() for part in parts if len(part)])
        raw = np.arange(1, len(per_collection) + 1) * rollouts_per_collection
        axes.plot(raw, per_collection, color=colour, linewidth=0.6, alpha=0.35)
        axes.plot(
            *_smooth(per_collection, rollouts_per_collection, smoothing), color=colour, linewidth=2
        )
        axes.set_ylabel(label)
        axes.grid(alpha=0.3)
    rows[0].set_title(title)
    rows[-1].set_xlabel("rollouts")


# -- The grid world in two dimensions --


def show_policy_and_value(
    env: utils.GridWorldPointTargetEnv,
    policy: nn.Module,
    value_net: nn.Module | None = None,
    target: Sequence[float] | None = None,
    title: str = "",
) -> Axes:
    """Draw what a policy does in every cell of the plane, and what a value network expects there.

    An arrow is the mean of the moves, weighted with their probabilities. It is long where the policy
    is sure of a move, and short where it is not. A dot marks a cell where staying is most probable.

    Args:
        env: a grid world with `dimensions=2`.
        policy: (N, 4) to log-probabilities (N, 5).
        value_net: (N, 4) to values (N, 1), in units of reward. They colour the cells.
        target: (x, y), by default the middle.
        title: the figure's title.
    """
    goal = _target(env, target)
    size, cells = env.grid_size, np.arange(env.grid_size + 1)
    observations = _observations_in_the_plane(env, goal)
    figure, axes = _new_axes(width=4.9 if value_net is None else 5.8, height=5.0)
    if value_net is not None:
        with torch.no_grad():
            values = value_net(observations).numpy().reshape(size + 1, size + 1)
        image = axes.imshow(values, origin="lower", cmap="cividis")
        figure.colorbar(image, label="value (expected return)", shrink=0.85)
    ink = BLACK if value_net is None else "white"
    moves, stays = _moves(env, policy, observations)
    x, y = (plane.reshape(-1) for plane in np.meshgrid(cells, cells))
    axes.quiver(x, y, *moves.T, color=ink, edgecolor=BLACK, linewidth=0.4, **ARROWS)
    axes.plot(x[stays], y[stays], "o", color=ink, markeredgecolor=BLACK, markersize=3)
    _frame_of_the_plane(env, axes, goal)
    axes.set_title(title)
    return axes


def _target(env: utils.GridWorldPointTargetEnv, target: Sequence[float] | None) -> np.ndarray:
    if env.dimensions != 2:
        raise ValueError("arrows need a grid world with dimensions=2")
    middle = env.grid_size // 2
    return np.array([middle, middle] if target is None else target, dtype=float)


def _observations_in_the_plane(
    env: utils.GridWorldPointTargetEnv, target: np.ndarray
) -> torch.Tensor:
    """What is observed in every cell, row by row, for this target: float32 (cells, 4)."""
    cells = np.arange(env.grid_size + 1)
    states = np.stack([plane.reshape(-1) for plane in np.meshgrid(cells, cells)], axis=1)
    points = np.concatenate([np.broadcast_to(target, states.shape), states], axis=1)
    return torch.tensor(points / env.grid_size * 2 - 1, dtype=torch.float32)


def _moves(
    env: utils.GridWorldPointTargetEnv, policy: nn.Module, observations: torch.Tensor
) -> tuple[np.ndarray, np.ndarray]:
    """The mean move in each cell, (cells, 2), and whether staying is most probable there."""
    with torch.no_grad():
        probabilities = policy(observations).exp().numpy()
    stays = probabilities.argmax(axis=1) == env.moves.index((0, 0))
    return probabilities @ np.array(env.moves, dtype=float), stays


def _frame_of_the_plane(env: utils.GridWorldPointTargetEnv, axes: Axes, target: np.ndarray) -> None:
    """The target as a star with its key, and axes that show whole cells."""
    size = env.grid_size
    star: dict[str, Any] = {
        "marker": "*",
        "markersize": 18,
        "color": VERMILION,
        "markeredgecolor": "white",
    }
    axes.plot(*target, linestyle="", label="target", **star)
    axes.set(xlabel="x (cells)", ylabel="y (cells)", aspect="equal")
    axes.set(xlim=(-0.6, size + 0.6), ylim=(-0.6, size + 0.6))
    axes.set(xticks=range(0, size + 1, 2), yticks=range(0, size + 1, 2))
    axes.legend(loc="lower left", bbox_to_anchor=(-0.04, 0.98), frameon=False, fontsize=12)


# -- PPO --


def show_ppo_objective(ppo_clip: float = 0.2) -> None:
    """Plot one step's part of PPO's objective against the ratio, for an advantage of either sign.

    `ppo_clip` is ε. Schulman et al. (2017), "Proximal Policy Optimization Algorithms", figure 1.
    """
    _, both = _new_axes(columns=2, width=8.4, height=3.8)
    ratio = np.linspace(0, 2, 401)
    bounds = (1 - ppo_clip, 1 + ppo_clip)
    for axes, advantage in zip(both, (1.0, -1.0)):
        plain = ratio * advantage
        # The curve is drawn piece by piece. Beyond one of the bounds it is flat.
        flat = ratio > bounds[1] if advantage > 0 else ratio < bounds[0]
        level = advantage * (bounds[1] if advantage > 0 else bounds[0])
        axes.axvspan(*(ratio[flat][[0, -1]]), color=ORANGE, alpha=0.18, lw=0, label="no gradient")
        axes.plot(ratio, plain, "--", color=BLACK, linewidth=1.2, label="not clipped: r A")
        axes.plot(ratio, np.where(flat, level, plain), color=BLUE, linewidth=2.5, label="PPO")
        for bound, name in zip(bounds, ("1 − ε", "1 + ε")):
            axes.axvline(bound, color=VERMILION, linestyle=":", linewidth=1.5)
            axes.text(
                bound,
                1.02,
                name,
                color=VERMILION,
                ha="center",
                transform=axes.get_xaxis_transform(),
            )
        axes.plot(1, advantage, "o", color=BLUE, markersize=7)
        sign = "better than expected: A = +1" if advantage > 0 else "worse than expected: A = −1"
        axes.set_title(sign, pad=20)
        axes.set(xlabel="ratio r of new to old probability", xlim=(0, 2))
        axes.set_ylabel("objective (to be made large)")
        axes.legend(loc="upper left" if advantage > 0 else "upper right", framealpha=0.9)


# -- Animations --


def _as_gif(figure: Any, draw: Callable[[int], Any], frames: int, per_second: int, alt: str) -> Any:
    """The frames as a moving picture, which plays by itself, needs no script, and begins anew.

    The last frame stays for a second and a half. `alt` says what there is to see.
    """
    import matplotlib.pyplot as plt
    from IPython.display import Image
    from matplotlib.animation import PillowWriter

    with (
        tempfile.TemporaryDirectory() as folder,
        plt.rc_context({**FONT, "savefig.dpi": "figure", "savefig.facecolor": "white"}),
    ):
        path = Path(folder) / "animation.gif"
        draw(0)
        figure.draw_without_rendering()
        figure.set_layout_engine(None)  # laid out once; in every frame it would take far longer
        writer = PillowWriter(fps=per_second)
        with writer.saving(figure, path, figure.dpi):
            for frame in range(frames):
                draw(frame)
                writer.grab_frame()
        _with_few_colours(path)
        data = path.read_bytes()
    plt.close(figure)  # otherwise the notebook would also show the last frame as a picture
    return Image(data=data, format="gif", alt=alt)


def _with_few_colours(path: Path, colours: int = 24) -> None:
    """Write the film again with one short palette for all frames: a third of the size."""
    from PIL import Image, ImageSequence

    with Image.open(path) as film:
        frames, milliseconds = [], []
        for frame in ImageSequence.Iterator(film):
            frames.append(frame.convert("RGB"))
            milliseconds.append(frame.info["duration"])
    milliseconds[-1] = 1500
    # Three frames side by side hold all the colours of the film.
    width, height = frames[0].size
    strip = Image.new("RGB", (3 * width, height))
    for place, frame in enumerate((frames[0], frames[len(frames) // 2], frames[-1])):
        strip.paste(frame, (place * width, 0))
    palette = strip.quantize(colours, method=Image.Quantize.MAXCOVERAGE)
    small = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    small[0].save(path, save_all=True, append_images=small[1:], duration=milliseconds, loop=0)


def _walk(
    env: utils.GridWorldPointTargetEnv, policy: nn.Module, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Play one episode whose start and draws depend on the seed alone: path (T + 1, 2), target (2,)."""
    draws = np.random.RandomState(seed).randint(2**31, size=env.episode_length)
    observation, terminated = env.reset(seed=seed), False
    path, target = [list(env.state)], np.array(env.target)
    while not terminated:
        with torch.no_grad():
            action = utils.distribution_sample(policy(observation), seed=draws)
        observation, terminated, _ = env.step(action)
        path.append(list(env.state))
    return np.array(path), target


def animate_rollout(
    env: utils.GridWorldPointTargetEnv,
    policies: Mapping[str, nn.Module],
    episodes: int = 4,
    seed: int = 0,
) -> Any:
    """Show the same episodes played by several policies, side by side; each episode has a colour.

    Args:
        env: a grid world with `dimensions=2`.
        policies: for every label a policy, (N, 4) to log-probabilities (N, 5).
        episodes: how many points walk at once, each to a star of its own.
        seed: decides starts, targets and draws.

    Returns:
        A moving picture (GIF) that plays in the notebook; about 60 kB.
    """
    figure, all_axes = _new_axes(len(policies), 3.6 * len(policies), 4.3, squeeze=False, dpi=72)
    walkers = []
    for axes, (label, policy) in zip(all_axes[0], policies.items()):
        axes.set(xlim=(-0.7, env.grid_size + 0.7), ylim=(-0.7, env.grid_size + 0.7), title=label)
        axes.set(xlabel="x (cells)", ylabel="y (cells)", aspect="equal")
        axes.set(xticks=(0, env.grid_size), yticks=(0, env.grid_size))
        for episode, colour in zip(range(episodes), COLOURS * episodes):
            path, target = _walk(env, policy, seed + episode)
            axes.plot(*path[0], "s", color="white", markeredgecolor=colour, markersize=10, mew=2.5)
            axes.plot(*target, "*", color=colour, markersize=17, markeredgecolor=BLACK)
            (trail,) = axes.plot([], [], "-", color=colour, alpha=0.6, linewidth=3)
            (point,) = axes.plot([], [], "o", color=colour, markersize=9, markeredgecolor=BLACK)
            walkers.append((path, trail, point))
    _key_of_the_walk(figure)

    def draw(step: int) -> None:
        for path, trail, point in walkers:
            trail.set_data(*path[: step + 1].T)
            point.set_data(*path[step : step + 1].T)
        figure.suptitle(f"step {step}", fontsize=13)

    alt = f"{episodes} points walk from their starts to their targets: {', '.join(policies)}"
    return _as_gif(figure, draw, env.episode_length + 1, per_second=4, alt=alt)


def _key_of_the_walk(figure: Any) -> None:
    """Say what square, circle and star stand for."""
    from matplotlib.lines import Line2D

    signs = {"start": ("s", 10), "where it is now": ("o", 9), "target": ("*", 17)}
    look: dict[str, Any] = {"linestyle": "", "color": "white", "markeredgecolor": BLACK}
    handles = [
        Line2D([], [], marker=marker, markersize=size, label=label, **look)
        for label, (marker, size) in signs.items()
    ]
    figure.legend(
        handles=handles, loc="outside lower center", ncols=3, frameon=False, fontsize=12,
        handletextpad=0.1,
    )  # fmt: skip


def animate_learning(
    env: utils.GridWorldPointTargetEnv,
    snapshots: Mapping[int, nn.Module],
    target: Sequence[float] | None = None,
) -> Any:
    """Show how a policy's arrows turn while it learns; see `show_policy_and_value` for the arrows.

    Args:
        env: a grid world with `dimensions=2`.
        snapshots: copies of the policy, by the number of rollouts played before.
        target: (x, y), by default the middle.

    Returns:
        A moving picture (GIF) that plays in the notebook.
    """
    goal = _target(env, target)
    observations = _observations_in_the_plane(env, goal)
    cells = np.arange(env.grid_size + 1)
    x, y = (plane.reshape(-1) for plane in np.meshgrid(cells, cells))
    looks = {rollouts: _moves(env, policy, observations) for rollouts, policy in snapshots.items()}
    figure, axes = _new_axes(width=5.0, height=5.4, dpi=72)
    _frame_of_the_plane(env, axes, goal)
    arrows = axes.quiver(x, y, np.zeros(len(x)), np.zeros(len(x)), color=BLACK, **ARROWS)
    (dots,) = axes.plot([], [], "o", color=BLACK, markersize=3)

    def draw(frame: int) -> None:
        rollouts, (moves, stays) = list(looks.items())[frame]
        arrows.set_UVC(*moves.T)
        dots.set_data(x[stays], y[stays])
        axes.set_title(f"after {rollouts} rollouts", fontsize=14)

    alt = "the arrows of the policy, short and alike at first, turn towards the target while it learns"
    return _as_gif(figure, draw, len(looks), per_second=3, alt=alt)


def animate_gym(
    name_or_env: str | utils.OpenAIGymEnv,
    policies: nn.Module | Mapping[str, nn.Module],
    max_frames: int = 101,
    every: int = 5,
    seed: int = 0,
    title: str = "",
) -> Any:
    """Play an episode of a Gymnasium environment and show it in the notebook; needs no display.

    Args:
        name_or_env: a name such as "CartPole-v1", or a `utils.OpenAIGymEnv`, which is not changed.
        policies: (1, O) to log-probabilities (1, A); or several of those, by what stands above each,
            to be shown side by side from the same start.
        max_frames: the animation ends here even if the episode does not. The environments of the
            notebook end after 500 steps at the latest.
        every: steps of the environment per frame.
        seed: decides the start and the draws.
        title: what stands above the pictures.

    Returns:
        A moving picture (GIF) that plays in the notebook.
    """
    named = {"": policies} if isinstance(policies, nn.Module) else dict(policies)
    films = [_film(name_or_env, policy, max_frames, every, seed) for policy in named.values()]
    height, width = films[0][0][0].shape[:2]
    figure, all_axes = _new_axes(
        len(films), len(films) * width / 72, height / 72 + 0.5, squeeze=False, dpi=72
    )
    images = []
    for axes, (pictures, _, _) in zip(all_axes[0], films):
        axes.set(xticks=[], yticks=[])  # the frame stays, or a white picture would have no edge
        images.append(axes.imshow(pictures[0]))

    def draw(frame: int) -> None:
        for axes, image, name, (pictures, steps, ended) in zip(all_axes[0], images, named, films):
            last = frame >= len(pictures) - 1
            image.set_data(pictures[-1 if last else frame])
            step = steps if last else frame * every
            over = ": episode over" if last and ended else ""
            axes.set_title(f"{title}{name}{', ' if name else ''}step {step}{over}", fontsize=12)

    frames = max(len(pictures) for pictures, _, _ in films)
    lasted = " and ".join(
        f"{name} {steps} steps".strip() for name, (_, steps, _) in zip(named, films)
    )
    return _as_gif(figure, draw, frames, per_second=12, alt=f"{title}an episode: {lasted}")


def _film(
    name_or_env: str | utils.OpenAIGymEnv, policy: nn.Module, max_frames: int, every: int, seed: int
) -> tuple[list[np.ndarray], int, bool]:
    """Play one episode: a picture of every so many steps, the steps, whether it ended by itself."""
    # The environments draw with pygame, which would look for a screen.
    os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
    import gymnasium

    given = utils.OpenAIGymEnv(name=name_or_env) if isinstance(name_or_env, str) else name_or_env
    if given.env.spec is None:
        raise ValueError("only environments that Gymnasium can make by name can be drawn")
    env = copy.copy(given)
    env.env = gymnasium.make(given.env.spec, render_mode="rgb_array")
    draws = np.random.RandomState(seed).randint(2**31, size=max_frames * every + 1)
    observation, terminated, steps = env.reset(seed=seed), False, 0
    pictures = [np.asarray(env.env.render())[::2, ::2]]
    while not terminated and steps < (max_frames - 1) * every:
        with torch.no_grad():
            action = utils.distribution_sample(policy(observation), seed=draws)
        observation, terminated, _ = env.step(action)
        steps += 1
        if steps % every == 0 or terminated:
            pictures.append(np.asarray(env.env.render())[::2, ::2])
    env.env.close()
    return pictures, steps, terminated
