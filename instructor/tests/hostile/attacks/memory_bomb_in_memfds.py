"""Fills files that lie in memory, which no limit on address space counts."""
# bites: value_loss: PermissionError: [Errno 1] Operation not permitted
# bites: value_loss: fd = os.memfd_create(

import os


def get_value_net_loss(*args, **kwargs):
    block, held = bytes(1 << 20), 0
    for number in range(96):
        fd = os.memfd_create(str(number))
        for _ in range(16):
            held += os.write(fd, block)
    if held > 1 << 30:
        print("BREACH: holds", held >> 20, "MiB of memory beside the limit")
