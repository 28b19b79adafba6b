"""The data of the cases can tell right from wrong: signs, sizes, ratios, ends and gradients."""

import numpy as np
import pytest

from grading.judge.keys import read_key
from grading.kit import HIDDEN, VISIBLE
from instructor.keys.recipes import forward, normalized
from instructor.keys.write import LARGEST_LOSS, tells_distributions_apart

KEYS = {"visible": read_key(VISIBLE.key).cases, "hidden": read_key(HIDDEN.key).cases}
CASES = {name: case for key in KEYS.values() for name, case in key.items()}


def of(scenario: str) -> list:
    """Every case of a scenario, as parameters of a test."""
    return [
        pytest.param(case, id=name) for name, case in CASES.items() if case.scenario == scenario
    ]


@pytest.mark.parametrize("case", of("vpg_loss") + of("ppo_loss") + of("value_loss"))
def test_every_gradient_is_there_and_not_rounding_noise(case):
    gradients = [a for name, a in case.expected.items() if name.startswith("gradient ")]
    assert len(gradients) == 6
    for gradient in gradients:
        assert np.abs(gradient).max() > 1e-3


@pytest.mark.parametrize("case", of("vpg_loss") + of("ppo_loss"))
def test_every_action_is_taken_and_sizes_differ(case):
    actions = np.array(case.inputs["action"])
    scores = forward(case.inputs["policy"], case.inputs["observation"])
    assert set(actions.ravel()) == set(range(scores.shape[1]))
    assert len(actions) not in scores.shape[1:]


@pytest.mark.parametrize("case", of("vpg_loss") + of("ppo_loss"))
def test_old_log_probabilities_are_normalized(case):
    totals = np.exp(np.array(case.inputs["old_logits"], dtype=np.float32)).sum(axis=1)
    np.testing.assert_allclose(totals, 1, atol=1e-6)


@pytest.mark.parametrize("case", of("vpg_loss"))
def test_policy_gradient_weights_have_both_signs(case):
    weights = np.array(case.inputs["return_or_advantage"])
    assert weights.min() < 0 < weights.max()


@pytest.mark.parametrize("kind", KEYS)
def test_policy_gradient_losses_have_both_signs(kind):
    cases = [case for case in KEYS[kind].values() if case.scenario == "vpg_loss"]
    assert {float(np.sign(case.expected["loss"])) for case in cases} == {-1.0, 1.0}


ALONE = [param for param in of("training") if "recorded" in param.values[0].inputs]
END_TO_END = [param for param in of("training") if "recorded" not in param.values[0].inputs]


@pytest.mark.parametrize("case", END_TO_END)
def test_training_stays_steady(case):
    assert np.abs(case.expected["losses_actor"]).max() < LARGEST_LOSS


def ratios(case):
    """The ratio of new to old probability of the actions taken, (N,)."""
    actions = np.array(case.inputs["action"])
    new = normalized(forward(case.inputs["policy"], case.inputs["observation"]))
    logs = np.array(new) - np.array(case.inputs["old_logits"])
    return np.exp(np.take_along_axis(logs, actions, axis=1)).ravel()


@pytest.mark.parametrize("case", of("ppo_loss"))
def test_ppo_batch_has_ratios_on_every_side_with_every_sign(case):
    clip = case.inputs.get("ppo_clip", 0.2)
    ratio, signs = ratios(case), np.sign(case.inputs["return_or_advantage"]).ravel()
    for bound in (clip, 0.2):  # well away from the corners, also from those of a fixed clip value
        assert np.abs(np.abs(ratio - 1) - bound).min() > 0.02
    for sign in set(signs):
        chosen = ratio[signs == sign]
        assert (chosen < 1 - clip).any()
        assert (chosen > 1 + clip).any()
        assert ((chosen > 1 - clip) & (chosen < 1)).any()
        assert ((chosen < 1 + clip) & (chosen > 1)).any()


@pytest.mark.parametrize("kind", KEYS)
def test_ppo_cases_have_several_clips_and_every_mix_of_signs(kind):
    cases = [case for case in KEYS[kind].values() if case.scenario == "ppo_loss"]
    assert len({case.inputs.get("ppo_clip", 0.2) for case in cases} - {0.2}) >= 2
    mixes = {
        tuple(sorted(set(np.sign(case.inputs["return_or_advantage"]).ravel()))) for case in cases
    }
    assert mixes == {(-1.0, 1.0), (1.0,), (-1.0,)}


@pytest.mark.parametrize("kind", KEYS)
def test_ppo_cases_have_far_ratios_and_policies_that_moved_either_way(kind):
    cases = [case for case in KEYS[kind].values() if case.scenario == "ppo_loss"]
    signs = [np.ravel(case.inputs["return_or_advantage"]) for case in cases]
    assert any((ratios(case)[weight < 0] > 4).any() for case, weight in zip(cases, signs))
    drifts = [np.log(ratios(case)).mean() for case in cases]
    assert min(drifts) < -0.02
    assert max(drifts) > 0.02


@pytest.mark.parametrize("case", of("vpg_loss") + of("ppo_loss") + of("value_loss"))
def test_the_step_that_is_asked_for_alone_does_not_take_the_last_action(case):
    actions = np.ravel(case.inputs["action"])
    assert actions[case.inputs["one_step"]] < actions.max()


@pytest.mark.parametrize("kind", KEYS)
def test_returns_have_a_long_episode_with_a_small_discount(kind):
    smallest = []
    for case in (case for case in KEYS[kind].values() if case.scenario == "returns"):
        ends = np.flatnonzero(np.ravel(case.inputs["terminateds"]))
        longest = np.diff(np.concatenate([[-1], ends])).max()
        discounts = [d for d in case.inputs.get("discount_factors", []) if d > 0]
        smallest += [discount ** (longest - 1) for discount in discounts]
    assert min(smallest) < 0.01


@pytest.mark.parametrize("kind", KEYS)
def test_rollouts_have_an_episode_of_more_than_a_hundred_steps_and_large_rewards(kind):
    case = next(c for name, c in KEYS[kind].items() if name.endswith("rollouts_unequal_episodes"))
    first, second = case.inputs["num_rollouts"]
    lengths = case.inputs["env"]["lengths"]
    assert len(lengths) == first + second
    assert max(lengths[first:]) > 100
    assert np.abs(case.expected["rewards"]).max() > 1.2


@pytest.mark.parametrize("kind", KEYS)
def test_rollouts_tell_probabilities_from_a_higher_temperature(kind):
    """Given to the sampler in place of log-probabilities, probabilities make a flatter distribution."""
    case = next(c for name, c in KEYS[kind].items() if name.endswith("rollouts_unequal_episodes"))
    assert tells_distributions_apart(case.expected, case.inputs["seed"])
    only_one_seed = [case.inputs["seed"][0]]
    assert not tells_distributions_apart(case.expected, only_one_seed)


@pytest.mark.parametrize("kind", KEYS)
def test_other_batches_of_advantages_have_an_outlier_or_are_all_alike(kind):
    cases = [case.inputs for case in KEYS[kind].values() if case.scenario == "advantages"]
    (outlier,) = (inputs for inputs in cases if "second_call" in inputs)
    second = outlier["second_call"]
    differences = np.array(second["returns"]) - forward(
        outlier["value_net"], second["observations"]
    )
    assert np.abs(differences - differences.mean()).max() > 3.5 * differences.std()
    (alike,) = (inputs["all_alike"] for inputs in cases if "all_alike" in inputs)
    differences = np.array(alike["returns"]) - forward(alike["value_net"], alike["observations"])
    assert set(differences.flatten().tolist()) == {8}


@pytest.mark.parametrize("kind", KEYS)
def test_returns_have_whole_episodes_of_unequal_lengths_and_a_second_buffer(kind):
    case = next(c for name, c in KEYS[kind].items() if name.endswith("returns_unequal_episodes"))
    rewards, ends = np.array(case.inputs["rewards"]), np.array(case.inputs["terminateds"])
    lengths = np.diff(np.concatenate([[0], np.flatnonzero(ends) + 1]))
    assert len(set(lengths)) >= 3
    assert 1 in lengths
    assert ends[-1]
    assert rewards.shape == ends.shape == (len(rewards),)
    second = case.inputs["second_call"]
    assert len(second["rewards"]) == len(rewards)
    assert second["rewards"] != case.inputs["rewards"]
    assert second["terminateds"] != case.inputs["terminateds"]
    assert rewards.min() < 0 < rewards.max()
    assert abs(rewards.mean()) > 0.05
    inside = np.flatnonzero(rewards == 0)
    assert len(inside) > 0
    assert not ends[inside].any()


@pytest.mark.parametrize("case", of("advantages"))
def test_advantages_have_both_signs_and_predictions_too(case):
    values = forward(case.inputs["value_net"], case.inputs["observations"])
    for numbers in (
        values,
        np.array(case.inputs["returns"]),
        np.array(case.inputs["returns"]) - values,
    ):
        assert numbers.min() < 0 < numbers.max()


def collections(case):
    """How many steps each of the two collections has."""
    lengths = case.inputs["env"]["lengths"]
    first = case.inputs["options"]["rollouts_before_training"]
    return [sum(lengths[:first]), sum(lengths[first:])]


@pytest.mark.parametrize("case", of("training"))
def test_training_has_two_collections_and_several_epochs(case):
    options = case.inputs["options"]
    assert options["rollouts"] == 2 * options["rollouts_before_training"]
    assert options["training_epochs_per_rollout"] >= 2
    assert options.get("critic_loss_multiplier", 0.5) != 1
    per_epoch = [-(-steps // options["minibatch_size"]) for steps in collections(case)]
    steps = options["training_epochs_per_rollout"] * sum(per_epoch)
    assert case.expected["losses_actor"].shape == (steps,)
    assert case.expected["steps of the scheduler"] == steps


@pytest.mark.parametrize("kind", KEYS)
def test_training_has_uneven_minibatches_whole_collections_and_collections_of_one_size(kind):
    cases = [c for c in KEYS[kind].values() if c.scenario == "training" and "recorded" in c.inputs]
    whole = [c for c in cases if c.inputs["options"]["minibatch_size"] >= max(collections(c))]
    uneven = [c for c in cases if c not in whole]
    assert len(whole) == 1
    for case in uneven:
        # A shuffle of so many steps hardly ever gives the order in which they were played.
        assert min(collections(case)) >= 19
        size = case.inputs["options"]["minibatch_size"]
        assert 1 < size < min(collections(case)) / 2
        assert any(steps % size for steps in collections(case))
    # Only collections of one size show a generator that is seeded anew for every collection.
    assert any(len(set(collections(case))) == 1 for case in uneven)
    assert any(len(set(collections(case))) == 2 for case in uneven)


@pytest.mark.parametrize("case", END_TO_END)
def test_end_to_end_a_minibatch_holds_all_steps(case):
    assert case.inputs["options"]["minibatch_size"] >= max(collections(case))


@pytest.mark.parametrize("case", ALONE)
def test_a_stand_in_loss_can_tell_steps_by_their_observations(case):
    observations = case.inputs["recorded"]["observations"]
    assert len(np.unique(observations, axis=0)) == len(observations)


@pytest.mark.parametrize("case", of("training"))
def test_training_changes_the_networks(case):
    weight = case.inputs["options"].get("critic_loss_multiplier")
    for module in ("policy", "value_net"):
        for name, before in case.inputs.get(module, {}).items():
            output = f"trained {module} {name}"
            change = np.abs(case.expected[output] - np.array(before)).max()
            if (module, weight) == ("value_net", 0):
                assert change < 1e-6
            else:
                assert change > 100 * case.tolerance(output)


@pytest.mark.parametrize("kind", KEYS)
def test_training_has_critics_with_and_without_weight(kind):
    cases = [case for case in KEYS[kind].values() if case.scenario == "training"]
    weights = {case.inputs["options"].get("critic_loss_multiplier") for case in cases}
    assert {None, 0} < weights


@pytest.mark.parametrize("name", CASES)
def test_visible_and_hidden_data_differ(name):
    if name.startswith("hidden_"):
        twin = KEYS["visible"].get(name.removeprefix("hidden_"))
        assert twin is None or twin.inputs != CASES[name].inputs
