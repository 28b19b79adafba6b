"""Fills files that it has removed while they are open, so that no look at the folder finds them."""
# older kernels: files
# bites: value_loss in A: OSError: [Errno 28] No space left on device
# bites: value_loss in BC: OSError: [Errno 27] File too large

import os
import time


def get_value_net_loss(*args, **kwargs):
    held, block = [], bytes(1 << 20)
    for number in range(10):
        held.append(open(str(number), "wb"))
        os.unlink(str(number))
        for _ in range(16):
            held[-1].write(block)
    time.sleep(1)
    print("BREACH: holds 160 MiB of disk unseen")
