"""Returns generators that never end where a list is expected."""

import itertools

get_value_net_loss = lambda *a, **k: itertools.count()
train_policy_gradient = lambda *a, **k: (itertools.repeat(0.0),) * 4
