"""Steps that other implementations take, and that change what these functions should return."""

from instructor.catalogue import edited

VPG_BODY = """\
    log_probability = policy(observation).gather(1, action)
    return -(log_probability * return_or_advantage).mean()
"""
STANDARDIZED = "        return (advantages - advantages.mean()) / (advantages.std() + EPSILON)\n"
PPO_MEAN = "    return -objective.mean()\n"
EPISODE = "        while not terminated:\n"
STEP = "            next_observation, terminated, reward = env.step(action)\n"
WEIGHTS = "                return_or_advantage = returns if advantages is None else advantages\n"


MISTAKES = [
    edited(
        "vpg_loss",
        "probabilities_clamped",
        "Probabilities near zero and one are clamped, which changes the loss of those actions.",
        "The loss and its gradient for an action that is very improbable under the policy.",
        (
            VPG_BODY,
            """\
    probability = policy(observation).exp().gather(1, action)
    return -(probability.clamp(0.01, 0.99).log() * return_or_advantage).mean()
""",
        ),
    ),
    edited(
        "advantages",
        "outliers_clipped",
        "Advantages far from the mean are clipped, although they show which steps stood out.",
        "A batch of twenty steps, one of which turned out far better than all others.",
        (STANDARDIZED, STANDARDIZED.replace("(adv", "((adv", 1)[:-1] + ").clamp(-3, 3)\n"),
    ),
    edited(
        "advantages",
        "raw_where_alike",
        "When all the differences are the same, they are returned without being standardized.",
        "What the formula gives for a batch in which all the differences are the same.",
        (
            STANDARDIZED,
            "        if advantages.std() < 1e-6:\n            return advantages\n" + STANDARDIZED,
        ),
    ),
    edited(
        "ppo_loss",
        "dual_clip",
        "For negative advantages, the objective gets an extra lower bound that is not in the formula.",
        "A large ratio with a negative advantage: what does the formula give?",
        (
            PPO_MEAN,
            """\
    bounded = torch.max(objective, 3 * return_or_advantage)
    return -torch.where(return_or_advantage < 0, bounded, objective).mean()
""",
        ),
    ),
    edited(
        "ppo_loss",
        "stops_when_far",
        "The loss is dropped where the policy has moved far, although limiting such moves is the clip's job.",
        "The loss of a batch in which most actions have become less probable.",
        (
            PPO_MEAN,
            """\
    if (old_log_probability - log_probability).mean() > 0.015:
        return 0 * objective.mean()
"""
            + PPO_MEAN,
        ),
    ),
    edited(
        "rollouts",
        "rewards_clipped",
        "The rewards are clipped before they are recorded, so large ones look alike.",
        "The rewards from the environment, compared with those in the buffer.",
        (STEP, STEP + "            reward = max(-1.0, min(1.0, reward))\n"),
    ),
    edited(
        "rollouts",
        "step_limit",
        "An episode is cut off after a fixed number of steps, but only the environment should end it.",
        "An episode of more than a hundred steps.",
        (
            EPISODE,
            "        for _ in range(100):\n            if terminated:\n                break\n",
        ),
    ),
    edited(
        "training",
        "minibatch_standardized",
        "The advantages are standardized once more within every minibatch.",
        "What the losses receive as `return_or_advantage`, compared with what `get_advantages` returned.",
        (
            WEIGHTS,
            WEIGHTS
            + """\
                if advantages is not None and len(minibatch) > 1:
                    part = advantages[minibatch]
                    return_or_advantage = advantages.clone()
                    return_or_advantage[minibatch] = (part - part.mean()) / (part.std() + EPSILON)
""",
        ),
    ),
    edited(
        "training",
        "lone_returns_standardized",
        "Without advantages, the policy's loss gets standardized returns, not the returns themselves.",
        "What the losses receive as `return_or_advantage` when there is no `get_advantages`.",
        (
            WEIGHTS,
            """\
                if advantages is None:
                    return_or_advantage = (returns - returns.mean()) / (returns.std() + EPSILON)
                else:
                    return_or_advantage = advantages
""",
        ),
    ),
]
