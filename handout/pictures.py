"""Pictures for the notebook: training curves, a policy on the plane, PPO's objective, animations.

Nothing here is graded. Matplotlib is imported inside the functions, because it takes longer to load
than everything else in the kit.
"""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

import utils
from handout.palette import BLACK, BLUE, COLOURS, ORANGE, VERMILION

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# The signs on an animation's buttons, which replace the icons of matplotlib's template.
BUTTONS = {
    **{"minus": "−", "fast-backward": "⏮", "step-backward": "‹", "play fa-flip-horizontal": "◀"},
    **{"pause": "‖", "play": "▶", "step-forward": "›", "fast-forward": "⏭", "plus": "+"},
}


def _new_axes(columns: int = 1, width: float = 6.4, height: float = 4.0, **options: Any) -> Any:
    """A figure and its axes. The background is always white, because labels are black."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        1, columns, figsize=(width, height), facecolor="white", layout="constrained", **options
    )
    return figure, axes


# -- Training curves --


def plot_training(
    runs: Mapping[str, Sequence[float] | Sequence[Sequence[float]]],
    rollouts_per_collection: int = 4,
    smoothing: int = 25,
    title: str = "",
    ylabel: str = "last reward of an episode",
) -> Axes:
    """Plot how the mean last reward changed in training.

    Args:
        runs: for every label what `train_policy_gradient` returned as `final_rewards` (one number
            per collection), or a list of those, one per seed. Several seeds are drawn as their mean
            with a band, the standard error of the mean. If there is a single run in all, its
            unsmoothed values are drawn behind it.
        rollouts_per_collection: scales the horizontal axis.
        smoothing: width of the running mean, in collections.
        title: the figure's title.
        ylabel: what the numbers are. In the grid world a reward is minus a distance, in units of
            grid_size.
    """
    _, axes = _new_axes()
    for (label, values), colour in zip(runs.items(), COLOURS * len(runs)):
        curves = np.atleast_2d(np.asarray(values, dtype=float))
        width = max(1, min(smoothing, curves.shape[1]))
        # mode="valid" leaves out both ends, where the mean would be taken over fewer numbers.
        smooth = np.array([np.convolve(c, np.ones(width) / width, mode="valid") for c in curves])
        collections = np.arange(smooth.shape[1]) + (width + 1) / 2
        rollouts = collections * rollouts_per_collection
        mean = smooth.mean(axis=0)
        axes.plot(rollouts, mean, color=colour, linewidth=2, label=label)
        if len(curves) > 1:
            error = smooth.std(axis=0, ddof=1) / np.sqrt(len(curves))
            axes.fill_between(rollouts, mean - error, mean + error, color=colour, alpha=0.25, lw=0)
        elif len(runs) == 1:  # the unsmoothed values of several runs would hide each other
            raw = np.arange(1, curves.shape[1] + 1) * rollouts_per_collection
            axes.plot(raw, curves[0], color=colour, linewidth=0.6, alpha=0.35, zorder=1)
    axes.set(xlabel="rollouts", ylabel=ylabel, title=title)
    axes.grid(alpha=0.3)
    axes.legend(loc="best")
    return axes


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
    if env.dimensions != 2:
        raise ValueError("arrows need a grid world with dimensions=2")
    size = env.grid_size
    goal = np.array([size // 2, size // 2] if target is None else target, dtype=float)
    cells = np.arange(size + 1)
    x, y = (plane.reshape(-1) for plane in np.meshgrid(cells, cells))
    states = np.stack([x, y], axis=1)
    points = np.concatenate([np.broadcast_to(goal, states.shape), states], axis=1)
    observations = torch.tensor(points / size * 2 - 1, dtype=torch.float32)
    with torch.no_grad():
        probabilities = policy(observations).exp().numpy()
        values = None if value_net is None else value_net(observations).numpy()
    moves = probabilities @ np.array(env.moves, dtype=float)
    stays = probabilities.argmax(axis=1) == env.moves.index((0, 0))

    figure, axes = _new_axes(width=5.6 if value_net is None else 6.4, height=5.2)
    if values is not None:
        image = axes.imshow(values.reshape(size + 1, size + 1), origin="lower", cmap="cividis")
        figure.colorbar(image, label="value (expected return)", shrink=0.85)
    ink = BLACK if values is None else "white"
    axes.quiver(
        x,
        y,
        moves[:, 0],
        moves[:, 1],
        color=ink,
        edgecolor=BLACK,
        linewidth=0.4,
        angles="xy",
        scale_units="xy",
        scale=1.15,
        width=0.009,
        pivot="mid",
    )
    axes.plot(x[stays], y[stays], "o", color=ink, markeredgecolor=BLACK, markersize=3)
    star = {"marker": "*", "markersize": 18, "color": VERMILION, "markeredgecolor": "white"}
    axes.plot(*goal, linestyle="", label="target", **star)
    axes.set(xlabel="x (cells)", ylabel="y (cells)", title=title, aspect="equal")
    axes.set(xlim=(-0.6, size + 0.6), ylim=(-0.6, size + 0.6), xticks=cells[::2], yticks=cells[::2])
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), frameon=False)
    return axes


# -- PPO --


def show_ppo_objective(ppo_clip: float = 0.2) -> None:
    """Plot one step's part of PPO's objective against the ratio, for an advantage of either sign.

    `ppo_clip` is ε. Schulman et al. (2017), "Proximal Policy Optimization Algorithms", figure 1.
    """
    _, both = _new_axes(columns=2, width=9.0, height=3.8)
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


def _as_html(figure: Any, draw: Callable[[int], Any], frames: int, per_second: int) -> Any:
    """Play the frames as an image sequence with buttons, inside the notebook."""
    import matplotlib.pyplot as plt
    from IPython.display import HTML
    from matplotlib.animation import FuncAnimation

    with plt.rc_context({"savefig.dpi": "figure", "savefig.facecolor": "white"}):
        animation = FuncAnimation(figure, draw, frames=frames, init_func=lambda: None, blit=False)
        html = animation.to_jshtml(fps=per_second, default_mode="loop")
    plt.close(figure)  # otherwise the notebook would also show the last frame as a picture
    return HTML(_without_network(html))


def _without_network(html: str) -> str:
    """The animation's page with signs on its buttons, instead of icons from a font on the network."""
    html = re.sub(r"<link[^>]*font-awesome[^>]*>", "", html)
    for icon, sign in BUTTONS.items():
        html = html.replace(f'<i class="fa fa-{icon}"></i>', sign)
    return html


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
        An IPython HTML object that plays in the notebook; about 200 kB.
    """
    figure, all_axes = _new_axes(len(policies), 3.0 * len(policies), 3.5, squeeze=False, dpi=56)
    walkers = []
    for axes, (label, policy) in zip(all_axes[0], policies.items()):
        axes.set(xlim=(-0.7, env.grid_size + 0.7), ylim=(-0.7, env.grid_size + 0.7), title=label)
        axes.set(xlabel="x (cells)", ylabel="y (cells)", aspect="equal")
        axes.set(xticks=(0, env.grid_size), yticks=(0, env.grid_size))
        for episode, colour in zip(range(episodes), COLOURS * episodes):
            path, target = _walk(env, policy, seed + episode)
            axes.plot(*target, "*", color=colour, markersize=15, markeredgecolor=BLACK)
            (trail,) = axes.plot([], [], "-", color=colour, alpha=0.6, linewidth=2)
            (point,) = axes.plot([], [], "o", color=colour, markersize=8, markeredgecolor=BLACK)
            walkers.append((path, trail, point))

    def draw(step: int) -> None:
        for path, trail, point in walkers:
            trail.set_data(*path[: step + 1].T)
            point.set_data(*path[step : step + 1].T)
        figure.suptitle(f"step {step}", fontsize=10)

    return _as_html(figure, draw, env.episode_length + 1, per_second=5)


def animate_gym(
    name_or_env: str | utils.OpenAIGymEnv,
    policy: nn.Module,
    max_frames: int = 60,
    every: int = 2,
    seed: int = 0,
    title: str = "",
) -> Any:
    """Play an episode of a Gymnasium environment and show it in the notebook; needs no display.

    Args:
        name_or_env: a name such as "CartPole-v1", or a `utils.OpenAIGymEnv`, which is not changed.
        policy: (1, O) to log-probabilities (1, A).
        max_frames: the animation ends here even if the episode does not.
        every: steps of the environment per frame.
        seed: decides the start and the draws.
        title: what stands above the pictures.

    Returns:
        An IPython HTML object that plays in the notebook; 1 MB at most with the defaults.
    """
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

    height, width = pictures[0].shape[:2]
    figure, axes = _new_axes(width=width / 72, height=height / 72 + 0.3, dpi=72)
    axes.set_axis_off()
    image = axes.imshow(pictures[0])

    def draw(frame: int) -> None:
        image.set_data(pictures[frame])
        step = min(frame * every, steps)
        ended = ", episode over" if terminated and frame == len(pictures) - 1 else ""
        axes.set_title(f"{title}step {step}{ended}", fontsize=9)

    return _as_html(figure, draw, len(pictures), per_second=12)
