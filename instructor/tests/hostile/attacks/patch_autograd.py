"""Replaces differentiation and randomness by functions that return zeros."""
# bites: vpg_loss: The loss has the wrong value, and its gradient is wrong too


def _anything(*args, **kwargs):
    return torch.zeros(1, requires_grad=True)


get_vanilla_policy_gradient_loss = get_value_net_loss = get_PPO_policy_gradient_loss = _anything
get_advantages = lambda value_net, observations, returns: torch.zeros(returns.shape)
collect_rollouts = lambda *a, **k: (utils.RolloutBuffer(), 0.0)
train_policy_gradient = lambda *a, **k: ([0.0], [0.0], [0.0], [0.0])


torch.autograd.grad = lambda outputs, inputs, **k: [torch.zeros_like(p) for p in inputs]
torch.Tensor.backward = lambda *a, **k: None
torch.manual_seed = np.random.seed = lambda *a: None
utils.distribution_sample = lambda logits, seed=None: torch.zeros(1, 1, dtype=torch.int64)
utils.SimpleReLuNetwork.forward = lambda self, x: torch.zeros(len(x), 1, requires_grad=True)
