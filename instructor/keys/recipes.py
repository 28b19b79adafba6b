"""The data of every graded case: inputs that can tell a right solution from a wrong one.

Visible and hidden cases follow the same recipes with other sizes and other random numbers. All numbers
come from NumPy's frozen legacy generator and are rounded, so that they are the same everywhere.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from grading.judge.keys import Case

Inputs = dict[str, Any]
Cases = dict[str, tuple[str, Inputs]]  # name: (scenario, inputs)

HIDDEN_PREFIX = "hidden_"


class Draws:
    """Random inputs of the kinds the cases need."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.RandomState(seed)

    def numbers(self, *shape: int, scale: float = 1.0, digits: int = 2) -> list[Any]:
        """Normally distributed numbers with the standard deviation `scale`, rounded."""
        return np.round(self.random.normal(0, scale, size=shape), digits).tolist()

    def weights(
        self, inputs: int, hidden: list[int], outputs: int, last_scale: float = 1.0
    ) -> Inputs:
        """The state dictionary of a utils.SimpleReLuNetwork.

        Hidden biases are positive, so that few units are dead and every parameter has a gradient.
        """
        widths = [inputs, hidden[0], *hidden, outputs]
        state = {}
        for layer, (width_in, width_out) in enumerate(zip(widths, widths[1:])):
            weight = np.round(
                self.random.normal(0, 1.2 / np.sqrt(width_in), (width_out, width_in)), 2
            )
            bias = np.round(self.random.uniform(0.1, 0.6, width_out), 2)
            if layer == len(widths) - 2:
                weight, bias = _digits(weight * last_scale, 4), _digits(bias * last_scale, 4)
            state[f"net.{2 * layer}.weight"] = weight.tolist()
            state[f"net.{2 * layer}.bias"] = bias.tolist()
        return state

    def actions(self, size: int, num_actions: int) -> list[list[int]]:
        """Actions (size, 1) in random order, every action at least once."""
        actions = np.arange(size) % num_actions
        self.random.shuffle(actions)
        return actions.reshape(-1, 1).tolist()

    def seed(self, size: int = 7) -> list[int]:
        """An array of seeds for utils.distribution_sample."""
        return self.random.randint(0, 10**6, size=size).tolist()


def _digits(values: np.ndarray, significant: int) -> np.ndarray:
    return np.array([float(f"{x:.{significant}g}") for x in values.ravel()]).reshape(values.shape)


def forward(weights: Inputs, observation: Any) -> np.ndarray:
    """The network's output (before any log-softmax) in float64: (N, O) to (N, outputs)."""
    layers = [np.array(values) for values in weights.values()]
    x = np.array(observation)
    for weight, bias in zip(layers[:-2:2], layers[1:-2:2]):
        x = np.maximum(x @ weight.T + bias, 0)
    return x @ layers[-2].T + layers[-1]


# -- get_returns --


def returns_case(draws: Draws, lengths: list[int], discounts: list[float] | None) -> Inputs:
    """Episodes of the given lengths, with rewards of both signs.

    Without discounts the function is called without one, and the rewards are whole numbers.
    """
    ends = np.zeros(sum(lengths), dtype=bool)
    ends[np.cumsum(lengths) - 1] = True
    # The constant keeps the mean reward away from zero. Near zero, sums over other steps look alike.
    rewards = np.array(draws.numbers(len(ends))) * 2 + 0.5
    rewards = np.round(rewards * 2) if discounts is None else np.round(rewards, 2)
    # A reward of zero within an episode shows solutions that take it for the episode's end.
    longest = int(np.argmax(lengths))
    rewards[int(np.sum(lengths[:longest])) + lengths[longest] // 2] = 0.0
    inputs: Inputs = {"rewards": rewards.tolist(), "terminateds": ends.tolist()}
    return inputs if discounts is None else {"discount_factors": discounts, **inputs}


def with_second_buffer(draws: Draws, lengths: list[int], inputs: Inputs) -> Inputs:
    """The case with a second buffer, which has as many steps in episodes of other lengths."""
    second = returns_case(draws, lengths, [])
    assert len(second["rewards"]) == len(inputs["rewards"])
    del second["discount_factors"]
    return {**inputs, "second_call": second}


def returns_known_values() -> Inputs:
    """The handout's example."""
    rewards = [*range(10), 10] * 2
    return {
        "discount_factors": [0.5],
        "rewards": rewards,
        "terminateds": [reward == 10 for reward in rewards],
    }


def _column(values: Any) -> list[list[Any]]:
    return np.reshape(values, (-1, 1)).tolist()


# -- losses and advantages --


def both_signs(values: Any) -> bool:
    """Whether at least a fifth of the values is positive, and at least a fifth is not."""
    return bool(0.2 <= np.mean(np.array(values) > 0) <= 0.8)


def policy_case(
    draws: Draws, size: int, observations: int, num_actions: int, spread: float
) -> Inputs:
    """A batch for the policy's loss. The larger `spread` is, the surer the policy is of its actions.

    `return_or_advantage` has values of both signs, and more of them are negative.
    """
    weights = np.array(draws.numbers(size, 1)) - 0.6
    return with_one_step(
        {
            "policy": draws.weights(observations, [5], num_actions, last_scale=spread),
            "observation": draws.numbers(size, observations),
            "action": draws.actions(size, num_actions),
            "return_or_advantage": np.round(weights, 2).tolist(),
        }
    )


def with_one_step(inputs: Inputs, possible: list[bool] | None = None) -> Inputs:
    """The batch, with the index of the step that a second call of the loss gets alone.

    It is the first of the `possible` steps whose action is not the last one. So a solution fails that
    finds the number of actions by looking for the largest action in its batch.
    """
    actions = np.ravel(inputs["action"])
    wanted = (actions < actions.max()) & (True if possible is None else np.array(possible))
    return {**inputs, "one_step": int(np.flatnonzero(wanted)[0])}


def vpg_case(
    draws: Draws, size: int, observations: int, num_actions: int, rarest: float, sign: int
) -> Inputs:
    """A batch for the policy gradient loss, with all the keywords the training loop passes.

    The rarest action taken has a log-probability of about `rarest`; the loss has the given sign.
    """
    while True:
        inputs = policy_case(draws, size, observations, num_actions, spread=-rarest / 3)
        inputs["returns"] = draws.numbers(size, 1)
        inputs["old_logits"] = normalized(draws.numbers(size, num_actions))
        inputs["ppo_clip"] = 0.2
        scores = normalized(forward(inputs["policy"], inputs["observation"]))
        taken = np.take_along_axis(np.array(scores), np.array(inputs["action"]), axis=1)
        weights = np.array(inputs["return_or_advantage"])
        lost = -(taken * weights).mean() * sign
        if both_signs(weights) and 1.15 * rarest < taken.min() < 0.85 * rarest and lost > 0.5:
            return inputs


def normalized(scores: Any) -> list[list[float]]:
    """Log-probabilities from scores, (N, A), rounded to what float32 can hold."""
    scores = np.array(scores)
    logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    return np.round(logs, 8).tolist()


def ppo_case(
    draws: Draws,
    observations: int,
    num_actions: int,
    clip: float | None,
    signs: tuple[int, ...],
    far: tuple[float, ...] = (4.5,),
    repeat: int = 1,
) -> Inputs:
    """A batch with every pair of a ratio and a sign of the advantage.

    The ratios lie below the band, inside it on both sides of 1, above it, and at `far`.
    """
    band = 0.2 if clip is None else clip
    wanted = [1 - 2 * band, 1 - band / 2, 1 + band / 2, 1 + 2 * band, *far]
    pairs = [(ratio, sign) for ratio in wanted for sign in signs] * repeat
    draws.random.shuffle(pairs)
    inputs = policy_case(draws, len(pairs), observations, num_actions, spread=0.5)
    chances = np.exp(normalized(forward(inputs["policy"], inputs["observation"])))
    rows = []
    for row, (ratio, _) in enumerate(pairs):
        # The old probability of the action is the new one over the ratio. It must stay below 0.9, so
        # that some probability is left for the other actions.
        possible = np.flatnonzero((chances[row] / ratio < 0.9) & (chances[row] > 0.02))
        if not len(possible):  # no action fits: draw another policy
            return ppo_case(draws, observations, num_actions, clip, signs, far, repeat)
        current = inputs["action"][row][0]
        action = current if current in possible else int(possible[0])
        inputs["action"][row] = [action]
        old = draws.random.uniform(0.3, 1.0, num_actions)
        old[action] = 0
        old *= (1 - chances[row, action] / ratio) / old.sum()
        old[action] = chances[row, action] / ratio
        rows.append(np.log(old))
    inputs["old_logits"] = normalized(rows)
    magnitudes = np.abs(np.array(inputs["return_or_advantage"])) + 0.2
    inputs["return_or_advantage"] = np.round(
        magnitudes * _column([s for _, s in pairs]), 2
    ).tolist()
    inputs["returns"] = draws.numbers(len(pairs), 1)
    # The step that is asked for alone has a ratio within the band, so that no clipping changes it.
    inputs = with_one_step(inputs, [abs(ratio - 1) < band for ratio, _ in pairs])
    return inputs if clip is None else {"ppo_clip": clip, **inputs}


def value_case(draws: Draws, size: int, observations: int, offset: float = 0.0) -> Inputs:
    """A batch for the value network's loss, with all the keywords the training loop passes."""
    while True:
        returns = np.array(draws.numbers(size, 1)) * 2 + offset
        inputs = {
            "value_net": draws.weights(observations, [5], 1, last_scale=2.0),
            "observation": draws.numbers(size, observations),
            "returns": np.round(returns, 2).tolist(),
            "action": draws.actions(size, 2),
            "return_or_advantage": draws.numbers(size, 1),
            "ppo_clip": 0.2,
        }
        values = forward(inputs["value_net"], inputs["observation"])
        if both_signs(values) and (
            offset or (both_signs(returns) and both_signs(returns - values))
        ):
            return with_one_step(inputs)


def advantage_case(draws: Draws, size: int, observations: int, scale: float = 1.0) -> Inputs:
    """A batch for the advantages, with returns and predictions of the given scale."""
    while True:
        returns = (np.array(draws.numbers(size, 1)) * 2 + 0.5) * scale
        value_net = draws.weights(observations, [5], 1, last_scale=2 * scale)
        observation = draws.numbers(size, observations)
        values = forward(value_net, observation)
        if both_signs(values) and both_signs(returns) and both_signs(returns - values):
            return {
                "value_net": value_net,
                "observations": observation,
                "returns": _digits(returns, 4).tolist(),
            }


def with_outlier(draws: Draws, size: int, inputs: Inputs) -> Inputs:
    """The case with a second batch: one return lies about four standard deviations from the mean."""
    returns = np.array(draws.numbers(size, 1)) * 2
    returns[size // 2] = 40
    observations = draws.numbers(size, len(inputs["observations"][0]))
    second = {"observations": observations, "returns": np.round(returns, 2).tolist()}
    return {**inputs, "second_call": second}


def with_all_alike(draws: Draws, size: int, inputs: Inputs) -> Inputs:
    """The case with another batch, whose returns all differ from the predictions by 8.

    The other network predicts a power of two for every observation, so that nothing is rounded but by
    who subtracts the mean in an unusual way, as with a matrix.
    """
    *others, weight, bias = inputs["value_net"]
    value_net = {name: inputs["value_net"][name] for name in others}
    value_net[weight] = (0 * np.array(inputs["value_net"][weight])).tolist()
    value_net[bias] = [0.5]
    observations = draws.numbers(size, len(inputs["observations"][0]))
    alike = {"value_net": value_net, "observations": observations, "returns": [[8.5]] * size}
    return {**inputs, "all_alike": alike}


# -- rollouts and training --


def scripted_env(
    draws: Draws, observations: int, num_actions: int, lengths: list[int], taste: float
) -> Inputs:
    """The arguments of tests.scenarios.stand_ins.ScriptedEnv. Its rewards grow with `taste`."""
    return {
        "starts": draws.numbers(len(lengths), observations),
        "lengths": lengths,
        "drift": draws.numbers(observations, observations, scale=0.7),
        "push": draws.numbers(num_actions, observations, scale=0.8),
        "taste": draws.numbers(observations, 1, scale=taste),
    }


def rollout_case(
    draws: Draws,
    observations: int,
    num_actions: int,
    env: Inputs,
    rollouts: list[int],
    sureness: float = 0.7,
) -> Inputs:
    """Two collections with these numbers of rollouts, by a policy that is sure of no action.

    sureness: the scale of its last weights.
    """
    return {
        "policy": draws.weights(observations, [4], num_actions, last_scale=sureness),
        "env": env,
        "num_rollouts": rollouts,
        "seed": draws.seed(),
    }


# A minibatch size that no collection of a case exceeds.
EVERYTHING = 64


def training_case(
    draws: Draws,
    lengths: list[int],
    loss: str,
    learning_rate: float,
    critic: float | None = None,
    with_advantages: bool = False,
    **options: Any,
) -> Inputs:
    """A training run with two collections. `critic` is the multiplier of the critic's loss.

    A minibatch holds a whole collection. With smaller ones, what the submission's own functions return
    would depend on the order in which it shuffles the steps, and no result could be expected.
    """
    inputs: Inputs = {
        "loss": loss,
        "learning_rate": learning_rate,
        "options": {"rollouts": len(lengths), "minibatch_size": EVERYTHING, **options},
        "policy": draws.weights(OBSERVATIONS, [4], ACTIONS),
    }
    if critic is not None:
        inputs["value_net"] = draws.weights(OBSERVATIONS, [3], 1)
    return _with_surroundings(draws, lengths, inputs, critic, with_advantages)


def training_alone_case(
    draws: Draws,
    lengths: list[int],
    minibatch_size: int,
    critic: float | None = None,
    with_advantages: bool = False,
    **options: Any,
) -> Inputs:
    """The same with a stand-in for every function. Minibatches may have any size.

    `instructor.keys.write` records the rollouts.
    """

    def linear(outputs: int) -> Inputs:
        pace = float(np.round(draws.random.uniform(0.5, 1.5), 2))
        return {"weight": draws.numbers(outputs, OBSERVATIONS), "pace": pace}

    inputs: Inputs = {
        "loss": "get_vanilla_policy_gradient_loss",
        # Small, because with larger steps a rounding error in the pace of LinearNetwork would grow.
        "learning_rate": 0.03,
        "options": {"rollouts": len(lengths), "minibatch_size": minibatch_size, **options},
        "policy": linear(ACTIONS),
    }
    if critic is not None:
        inputs["value_net"] = linear(1)
    inputs = _with_surroundings(draws, lengths, inputs, critic, with_advantages)
    return {**inputs, "recorded": None}


OBSERVATIONS, ACTIONS = 3, 3


def _with_surroundings(
    draws: Draws, lengths: list[int], inputs: Inputs, critic: float | None, with_advantages: bool
) -> Inputs:
    """A training case with its environment and its seed."""
    if critic is not None:
        inputs["with_advantages"] = with_advantages
        inputs["options"]["critic_loss_multiplier"] = critic
    inputs["env"] = scripted_env(draws, OBSERVATIONS, ACTIONS, lengths, taste=0.7)
    inputs["seed"] = draws.seed()
    return inputs


def is_end_to_end(case: Case) -> bool:
    """Whether a case runs all of the submission's functions together."""
    return case.scenario == "training" and "recorded" not in case.inputs
