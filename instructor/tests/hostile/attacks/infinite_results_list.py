"""Returns generators that never end where a list is expected."""
# bites: value_loss: get_value_net_loss returned something else
# bites: training: It took longer than
# bites: plain grader: hangs

import itertools
import time

get_value_net_loss = lambda *a, **k: itertools.count()
train_policy_gradient = lambda *a, **k: ((time.sleep(0.001) for _ in itertools.count()),) * 4
