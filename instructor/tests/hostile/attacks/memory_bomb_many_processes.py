"""Takes memory in several processes at once."""
# bites: prints: fork: EPERM; one process holds 128 MiB
# bites: plain grader: hangs

import errno
import os
import time


def get_value_net_loss(*args, **kwargs):
    read, write = os.pipe()
    children = 0
    try:
        while children < 6 and os.fork():
            children += 1
    except OSError as error:
        held = [np.ones(1 << 23) for _ in range(2)]
        size = sum(block.nbytes for block in held) >> 20
        print(f"fork: {errno.errorcode[error.errno]}; one process holds {size} MiB")
        return torch.zeros(len(held))
    held = [np.ones(1 << 23) for _ in range(2)]
    if children < 6:
        os.write(write, b"x")
        time.sleep(20)
        os._exit(0)
    while children:
        children -= len(os.read(read, children))
    print(f"seven processes hold {7 * sum(block.nbytes for block in held) >> 20} MiB")
    return torch.zeros(len(held))
