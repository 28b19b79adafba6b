"""Returns NaN everywhere, which equals NaN and is never too far from anything."""
# bites: value_loss: is not finite (NaN or infinity)
# bites: advantages: is not finite (NaN or infinity)


def _nan(*args, **kwargs):
    module = kwargs.get("policy") or kwargs.get("value_net") or args[0]
    return sum(p.sum() for p in module.parameters()) * float("nan")


get_vanilla_policy_gradient_loss = get_value_net_loss = get_PPO_policy_gradient_loss = _nan
get_advantages = lambda value_net, observations, returns: returns * float("nan")
train_policy_gradient = lambda *a, **k: ([float("nan")] * 8,) * 4
