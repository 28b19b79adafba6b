"""Returns infinities of both signs, against which any tolerance relative to them is infinite."""
# bites: returns: is not finite (NaN or infinity)
# bites: value_loss: is not finite (NaN or infinity)
# loses: returns


def _infinite(*args, **kwargs):
    module = kwargs.get("policy") or kwargs.get("value_net") or args[0]
    return sum(p.sum() for p in module.parameters()) * 1e38 * 1e38


get_vanilla_policy_gradient_loss = get_value_net_loss = get_PPO_policy_gradient_loss = _infinite
get_advantages = lambda value_net, observations, returns: returns / 0
get_returns = lambda buffer, discount_factor=0.95: buffer.rewards.reshape(-1, 1) / 0
train_policy_gradient = lambda *a, **k: ([float("-inf")] * 8,) * 4
