"""What the assignment gives you: environments, network, rollout buffer, seeded sampler, plots.

Grading uses the original of this file, so nothing that you change here changes your score. Read it all
the same: it states every shape that `submitted.py` has to get right.

Shapes: N timesteps in a batch, O numbers in an observation, A actions.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, MutableSequence, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

# -- Environments --


class EnvInterface:
    """The interface of an environment. An environment plays one episode at a time."""

    def reset(self, seed: int | None = None) -> torch.Tensor:
        """Start an episode and return its first observation, float32 (1, O).

        With a seed the episode starts the same way every time.
        """
        raise NotImplementedError

    def step(self, action: torch.Tensor) -> tuple[torch.Tensor, bool, float]:
        """Take one action, int64 (1, 1).

        Returns (observation, terminated, reward): the observation that follows, float32 (1, O);
        whether the episode is over; the reward for this step.
        """
        raise NotImplementedError


class GridWorldPointTargetEnv(EnvInterface):
    """A point on a line or in a plane has to walk to a target.

    observation  (target, state) / grid_size * 2 - 1, so (1, 2 * dimensions)
    actions      1-D: 0, 1, 2 move by -1, 0, +1;  2-D: 0 stays, 1 is +x, 2 is -x, 3 is +y, 4 is -y
    reward       minus the distance to the target after the step, in units of grid_size
    end          after `episode_length` steps
    """

    MOVES = {
        1: ((-1,), (0,), (1,)),
        2: ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)),
    }

    def __init__(
        self,
        grid_size: int = 10,
        episode_length: int = 20,
        dimensions: int = 2,
        set_target: float | Sequence[float] | None = None,
        set_state: float | Sequence[float] | None = None,
    ) -> None:
        """`set_target` and `set_state` (a number or a list) replace the random target and start."""
        if dimensions not in self.MOVES:
            raise ValueError(f"dimensions must be 1 or 2, not {dimensions!r}")
        self.grid_size = grid_size
        self.episode_length = episode_length
        self.dimensions = dimensions
        self.moves = self.MOVES[dimensions]
        self.set_target = self._point(set_target)
        self.set_state = self._point(set_state)
        self.target: list[float] = [0.0] * dimensions
        self.state: list[float] = [0.0] * dimensions
        self.steps_taken = 0

    def _point(self, value: float | Sequence[float] | None) -> list[float] | None:
        if value is None:
            return None
        point = np.asarray(value, dtype=float).reshape(-1).tolist()
        if len(point) == 1:
            point = point * self.dimensions
        if len(point) != self.dimensions:
            raise ValueError(
                f"a point needs {self.dimensions} numbers, not {len(point)}: {value!r}"
            )
        return point

    def reset(self, seed: int | None = None) -> torch.Tensor:
        """Draw start and target. Without a seed the draw follows `np.random.seed`."""
        # A seed gets a generator of its own, so that NumPy's global generator stays as it is.
        randint = np.random.randint if seed is None else np.random.RandomState(seed).randint
        state, target = randint(0, self.grid_size, size=(2, self.dimensions)).tolist()
        self.state = list(self.set_state) if self.set_state is not None else state
        self.target = list(self.set_target) if self.set_target is not None else target
        self.steps_taken = 0
        return self._observation()

    def step(self, action: torch.Tensor) -> tuple[torch.Tensor, bool, float]:
        """Move the point. It stays within 0 ... grid_size in every dimension."""
        move = self.moves[int(action)]
        self.state = [min(max(s + m, 0), self.grid_size) for s, m in zip(self.state, move)]
        self.steps_taken += 1
        squared_distance = sum((s - t) ** 2 for s, t in zip(self.state, self.target))
        reward = -(squared_distance**0.5) / self.grid_size
        return self._observation(), self.steps_taken >= self.episode_length, reward

    def _observation(self) -> torch.Tensor:
        return torch.tensor([[x / self.grid_size * 2 - 1 for x in (*self.target, *self.state)]])


class OpenAIGymEnv(EnvInterface):
    """Any Gymnasium environment with discrete actions; CartPole-v1 unless another is named.

    Observations are divided by `observation_scale`, (O,). By default this is the largest value that
    the environment declares for each number, or 1 where it declares none. CartPole declares none for
    its two speeds; its scale is in SCALES.
    """

    SCALES = {"CartPole-v1": (2.4, 3.0, 0.21, 3.0)}

    def __init__(
        self,
        vis: bool = False,
        name: str = "CartPole-v1",
        observation_scale: Sequence[float] | None = None,
        **make_kwargs: Any,
    ) -> None:
        """`vis=True` opens a window; `make_kwargs` go to `gymnasium.make`."""
        import gymnasium

        self.env = gymnasium.make(name, render_mode="human" if vis else None, **make_kwargs)
        if not isinstance(self.env.action_space, gymnasium.spaces.Discrete):
            raise ValueError(f"{name} has no discrete actions: {self.env.action_space}")
        if not isinstance(self.env.observation_space, gymnasium.spaces.Box):
            raise ValueError(f"{name} does not observe an array: {self.env.observation_space}")
        if observation_scale is None:
            high = self.env.observation_space.high.reshape(-1)
            # Bounds near the largest float mean "no bound".
            bounded = np.where((high > 0) & (high < 1e6), high, 1.0)
            observation_scale = self.SCALES.get(name, tuple(bounded))
        self.observation_scale = np.asarray(observation_scale, dtype=np.float32).reshape(-1)
        self.num_actions = int(self.env.action_space.n)
        self.num_observations = int(np.prod(self.env.observation_space.shape))

    def reset(self, seed: int | None = None) -> torch.Tensor:
        """Start an episode; without a seed the start follows `np.random.seed`."""
        if seed is None:
            seed = int(np.random.randint(2**31))
        observation, _ = self.env.reset(seed=int(seed))
        return self._observation(observation)

    def step(self, action: torch.Tensor) -> tuple[torch.Tensor, bool, float]:
        """Take the action; an episode cut off by its time limit counts as terminated."""
        observation, reward, terminated, truncated, _ = self.env.step(int(action))
        return self._observation(observation), bool(terminated or truncated), float(reward)

    def _observation(self, observation: Any) -> torch.Tensor:
        flat = np.asarray(observation, dtype=np.float32).reshape(1, -1)
        return torch.from_numpy(flat / self.observation_scale)


# -- Network --


class SimpleReLuNetwork(nn.Module):
    """A small fully connected network, used as policy (log-probabilities) and as value network.

    `net` is a Sequential of these layers:
        Linear(input_dims, hidden_dims[0]), ReLU
        Linear(width before, width), ReLU    for every width in hidden_dims: the first appears twice
        Linear(hidden_dims[-1], output_dims)
        LogSoftmax                           only with `out_logsoftmax`
    """

    def __init__(
        self,
        input_dims: int,
        output_dims: int,
        out_logsoftmax: bool = False,
        fixed_init: Sequence[float] | None = None,
        hidden_dims: Sequence[int] = (16,),
    ) -> None:
        """`fixed_init=[w, b]` fills every weight with w and every bias with b."""
        super().__init__()
        widths = [input_dims, hidden_dims[0], *hidden_dims]
        layers: list[nn.Module] = []
        # A new layer draws random weights. If they are replaced by fixed ones, torch's generator is
        # set back, so that the random numbers drawn afterwards do not depend on the network.
        with torch.random.fork_rng(devices=[], enabled=fixed_init is not None):
            for width_in, width_out in zip(widths, widths[1:]):
                layers += [nn.Linear(width_in, width_out), nn.ReLU()]
            layers.append(nn.Linear(widths[-1], output_dims))
        if out_logsoftmax:
            layers.append(nn.LogSoftmax(dim=-1))
        self.net = nn.Sequential(*layers)
        if fixed_init is not None:
            weight, bias = fixed_init
            for name, parameter in self.named_parameters():
                nn.init.constant_(parameter, weight if name.endswith("weight") else bias)

    def forward(self, observation: torch.Tensor) -> torch.Tensor:
        """Compute `self.net(observation)`, (N, O) to (N, output_dims), without calling the modules.

        For a single observation, calling them would nearly double the time.
        """
        x = observation
        for layer in self.net:
            parameters: Any = layer._parameters  # layer.weight looks here too, but takes longer
            if parameters:
                x = nn.functional.linear(x, parameters["weight"], parameters["bias"])
            elif isinstance(layer, nn.ReLU):
                x = torch.relu(x)
            else:
                x = torch.log_softmax(x, dim=-1)
        return x


# -- Rollouts --


class RolloutBuffer:
    """The timesteps of several episodes, end to end, in the order they were taken.

    After `finalize()` or `load()`:
        actions       int64   (N, 1)   the action taken
        observations  float32 (N, O)   the observation the action was taken in
        old_logits    float32 (N, A)   the log-probabilities the action was drawn from
        rewards       float32 (N,)     the reward the action led to
        terminateds   bool    (N,)     True on the last step of an episode
        final_size    int              N
    """

    FIELDS = {
        "actions": torch.int64,
        "observations": torch.float32,
        "old_logits": torch.float32,
        "rewards": torch.float32,
        "terminateds": torch.bool,
    }

    def __init__(self) -> None:
        self.actions: Any = []
        self.observations: Any = []
        self.old_logits: Any = []
        self.rewards: Any = []
        self.terminateds: Any = []
        self.final_size: int | None = None

    def add(self, action: Any, logits: Any, observation: Any, terminated: Any, reward: Any) -> None:
        """Append one step: action (1, 1), logits (1, A), observation (1, O), a flag, a number."""
        if self.final_size is not None:
            raise RuntimeError("this buffer is finalized; nothing can be added to it")
        self.actions.append(action)
        self.old_logits.append(logits)
        self.observations.append(observation)
        self.terminateds.append(terminated)
        self.rewards.append(reward)

    def finalize(self) -> None:
        """Turn the lists into tensors. A second call raises RuntimeError."""
        if self.final_size is not None:
            raise RuntimeError("this buffer is already finalized")
        self.final_size = len(self.rewards)
        for field in self.FIELDS:
            setattr(self, field, self._tensor(field, _one_row_per_step(getattr(self, field))))

    def load(self, fields: dict[str, Any]) -> RolloutBuffer:
        """Take finished fields (lists, arrays or tensors) instead of collecting them.

        `rewards` is needed; a field that is left out becomes None. Returns the buffer itself.
        """
        self.final_size = len(fields["rewards"])
        for field in self.FIELDS:
            rows = fields.get(field)
            setattr(self, field, None if rows is None else self._tensor(field, rows))
        return self

    def _tensor(self, field: str, rows: Any) -> torch.Tensor:
        """The field as a tensor of its type: (N,) for rewards and terminateds, (N, K) for the others."""
        tensor, steps = torch.as_tensor(rows).to(self.FIELDS[field]), self.final_size or 0
        if field in ("rewards", "terminateds"):
            return tensor.reshape(steps)
        return tensor.reshape(steps, -1 if steps else 0)

    def dump(self) -> dict[str, Any]:
        """The fields as nested lists, ready for JSON and for `load`."""
        values = {field: getattr(self, field) for field in self.FIELDS}
        return {field: value.tolist() for field, value in values.items() if torch.is_tensor(value)}


def _one_row_per_step(steps: list[Any]) -> torch.Tensor:
    """Stack the recorded steps to (N, K). The usual ones, numbers and (1, K) tensors, are quick."""
    if all(isinstance(step, (bool, int, float)) for step in steps):
        return torch.tensor(steps).reshape(-1, 1)
    if all(torch.is_tensor(step) and step.dim() == 2 and len(step) == 1 for step in steps):
        return torch.cat(steps)
    return torch.cat([torch.as_tensor(step).reshape(1, -1) for step in steps])


def distribution_sample(
    logits: torch.Tensor, seed: MutableSequence[int] | np.ndarray | None = None
) -> torch.Tensor:
    """Draw one action per row from log-probabilities: (B, A) to int64 (B, 1), and (A,) to (1, 1).

    `seed` is an array of integers. Each call uses `seed[0]` and then rolls the array by one, in
    place. To repeat a run of calls, start it with a copy of the same array.
    """
    if logits.dim() == 1:
        logits = logits.unsqueeze(0)
    if seed is None:
        if len(logits) == 1:
            return torch.tensor([[_draw(logits.tolist()[0])]])
        return torch.multinomial(torch.softmax(logits.detach(), dim=-1), num_samples=1)
    # torch does not promise the same draws from one release or platform to the next. NumPy's
    # RandomState is frozen, so the uniform numbers below never change. The action is the first one
    # whose cumulative probability exceeds the uniform number.
    uniform = np.random.RandomState(int(seed[0])).random_sample((len(logits), 1))
    seed[:] = np.roll(seed, 1)
    cumulative = np.cumsum(torch.softmax(logits.detach().double(), dim=-1).numpy(), axis=-1)
    # Rounding may leave the last cumulative probability slightly below one. The division makes it
    # exactly one, so that every uniform number finds an action.
    actions = (uniform >= cumulative / cumulative[:, -1:]).sum(axis=-1, keepdims=True)
    return torch.from_numpy(actions.astype(np.int64))


def _draw(logits: list[float]) -> int:
    """Draw an action from one row, faster than torch does. The draw follows `np.random.seed`."""
    largest = max(logits)
    weights = [math.exp(logit - largest) for logit in logits]
    rest = np.random.random_sample() * sum(weights)
    for action, weight in enumerate(weights):
        rest -= weight
        if rest < 0:
            return action
    return weights.index(max(weights))


# -- Looking at rollouts --


def _distances(env: GridWorldPointTargetEnv, rollout_buffer: RolloutBuffer) -> list[np.ndarray]:
    """Distance to the target in every recorded observation, one array per finished episode."""
    observations = rollout_buffer.observations.detach().numpy()
    positions = (observations.astype(np.float64) + 1) / 2 * env.grid_size
    offsets = positions[:, : env.dimensions] - positions[:, env.dimensions :]
    ends = np.flatnonzero(rollout_buffer.terminateds.numpy().reshape(-1)) + 1
    return np.split(np.linalg.norm(offsets, axis=1), ends)[: len(ends)]


def get_success_rate(env: GridWorldPointTargetEnv, rollout_buffer: RolloutBuffer) -> float:
    """Share of the episodes, 0 to 1, that are at the target in their last recorded observation."""
    at_target = [episode[-1] < 1e-3 for episode in _distances(env, rollout_buffer)]
    return float(np.mean(at_target)) if at_target else 0.0


def show_lineworld_rollouts(env: GridWorldPointTargetEnv, rollout_buffer: RolloutBuffer) -> float:
    """Plot the distance to the target, step by step, of every episode; return the success rate."""
    import matplotlib.pyplot as plt  # only here, because this import takes longer than all others

    _, axes = plt.subplots()
    for episode in _distances(env, rollout_buffer):
        axes.plot(episode, color="tab:blue", alpha=0.3)
    axes.set(xlabel="step", ylabel="distance to target (cells)", title="Rollouts", ylim=(0, None))
    axes.locator_params(integer=True)
    return get_success_rate(env, rollout_buffer)


# -- Progress --

_bar: Any = None


def rollout_progress(
    num_rollouts: int, base_rollout: int, num_total_rollouts: int | None
) -> Iterator[int]:
    """Yield 0 ... num_rollouts - 1. One progress bar covers all the calls of a training run.

    There is no bar in a run of fewer than 100 rollouts, nor outside of a terminal or a notebook.
    """
    global _bar
    total = num_total_rollouts or num_rollouts
    in_notebook = "IPython" in sys.modules and sys.modules["IPython"].get_ipython() is not None
    if total < 100 or not (in_notebook or sys.stderr.isatty()):
        yield from range(num_rollouts)
        return
    if _bar is None or base_rollout == 0 or _bar.total != total:
        from tqdm.auto import tqdm  # in a notebook this is a bar that Jupyter draws

        if _bar is not None:  # of a run that was interrupted
            _bar.leave = False
            _bar.close()
        _bar = tqdm(total=total, initial=base_rollout, unit="rollout")
    for rollout in range(num_rollouts):
        yield rollout
        _bar.update()
    if base_rollout + num_rollouts >= total:
        _bar.close()
        _bar = None
