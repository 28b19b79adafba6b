"""Returns tensors that share memory with the inputs and changes them in a thread afterwards."""
# bites: value_loss: The loss has the wrong value, and nothing flows back
# bites: prints: changed after it had been returned

import threading
import time

_lent = []


def get_value_net_loss(value_net, observation, returns, **kwargs):
    def later():
        time.sleep(0.01)
        returns.zero_()

    _lent.append(returns)
    thread = threading.Thread(target=later, daemon=True)
    thread.start()
    if len(_lent) > 1:  # the second call of a test
        thread.join()
        if not _lent[0].any():
            print("changed after it had been returned")
    return returns[:1].expand(1 << 20, 1)[:1]
