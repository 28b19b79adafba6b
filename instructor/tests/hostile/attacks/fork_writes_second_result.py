"""A forked child goes on as if it were the worker and sends a result of its own."""
# bites: prints: fork: EPERM
# bites: value_loss: The loss has the wrong value

import errno
import os

get_value_net_loss = lambda *a, **k: torch.zeros(())
try:
    _pid = os.fork()
except OSError as error:
    print("fork:", errno.errorcode[error.errno])
    _pid = -1
if _pid == 0:
    get_returns = lambda *a, **k: torch.zeros(1)
elif _pid > 0:
    os.waitpid(_pid, 0)
