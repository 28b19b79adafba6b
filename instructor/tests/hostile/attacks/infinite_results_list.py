"""Returns generators that never end where a list is expected."""
# bites: value_loss: get_value_net_loss returned something else
# bites: training: It took longer than
# bites: plain grader: hangs

import itertools

get_value_net_loss = lambda *a, **k: itertools.count()
train_policy_gradient = lambda *a, **k: (itertools.repeat(0.0),) * 4
