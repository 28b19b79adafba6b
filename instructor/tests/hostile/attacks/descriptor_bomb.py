"""Opens files, pipes and socket pairs until there are none, and sends descriptors in circles."""

import os
import socket


def get_value_net_loss(*args, **kwargs):
    held = []
    while True:
        try:
            pair = socket.socketpair()
            held.append(pair)
            socket.send_fds(pair[0], [b"x"], [end.fileno() for end in pair] * 50)
        except OSError:
            break
    while len(held) < 10_000:
        try:
            held.append(os.pipe())
        except OSError:
            break
    return held
