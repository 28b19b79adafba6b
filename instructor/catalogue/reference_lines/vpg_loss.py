"""The lines of `get_vanilla_policy_gradient_loss`."""

SIGNATURE = (
    "def get_vanilla_policy_gradient_loss"
    "(policy, observation, action, return_or_advantage, **kwargs):\n"
)
LOSS = "    return -(log_probability * return_or_advantage).mean()\n"

# The first of these lines alone stands in the PPO loss as well.
BODY = "    log_probability = policy(observation).gather(1, action)\n" + LOSS
