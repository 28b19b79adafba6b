"""A forked child goes on as if it were the worker and sends a result of its own."""
# bites: returns: has the wrong shape
# bites: value_loss: The loss has the wrong value
# loses: everything

import os

_pid = os.fork()
if _pid == 0:
    get_returns = lambda *a, **k: torch.zeros(1)
    get_value_net_loss = lambda *a, **k: torch.zeros(())
else:
    os.waitpid(_pid, 0)
