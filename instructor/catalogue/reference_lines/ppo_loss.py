"""The lines of `get_PPO_policy_gradient_loss`."""

OLD_LOG_PROBABILITY = "    old_log_probability = old_logits.gather(1, action)\n"
# The first of these lines alone stands in the vanilla loss as well.
LOG_PROBABILITIES = (
    "    log_probability = policy(observation).gather(1, action)\n" + OLD_LOG_PROBABILITY
)
RATIO = "    ratio = torch.exp(log_probability - old_log_probability)\n"
CLIP = "    clipped_ratio = torch.clamp(ratio, 1 - ppo_clip, 1 + ppo_clip)\n"
MINIMUM = "torch.min(ratio * return_or_advantage, clipped_ratio * return_or_advantage)"
MEAN = "    return -objective.mean()\n"

OBJECTIVE = f"    objective = {MINIMUM}\n" + MEAN
BODY = LOG_PROBABILITIES + RATIO + CLIP + OBJECTIVE
