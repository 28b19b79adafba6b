"""Returns arrays larger than anybody wants to read."""
# bites: prints: MemoryError: Unable to allocate 16.0 GiB
# bites: advantages: the result is too large
# bites: training: the result is too large


def get_value_net_loss(*args, **kwargs):
    return torch.zeros(1, requires_grad=True).expand(1 << 32)


def get_advantages(*args, **kwargs):
    return torch.zeros(5 << 20)


def get_PPO_policy_gradient_loss(*args, **kwargs):
    return torch.zeros(1).expand(1 << 40, 1 << 20)


def train_policy_gradient(*args, **kwargs):
    return [np.zeros(1 << 21)], [0.0], [0.0], [0.0]
