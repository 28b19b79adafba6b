"""Opens files, pipes and socket pairs until there are none, and sends descriptors in circles."""
# bites: prints: sending descriptors: EPERM
# bites: prints: socket pairs end with EMFILE
# bites: prints: pipes end with EMFILE

import errno
import os
import socket


def get_value_net_loss(*args, **kwargs):
    held, sent, refused = [], 0, ""
    try:
        while True:
            pair = socket.socketpair()
            held.append(pair)
            try:
                socket.send_fds(pair[0], [b"x"], [end.fileno() for end in pair] * 50)
                sent += 1
            except OSError as error:  # or too many are on their way
                refused = errno.errorcode[error.errno]
    except OSError as error:
        print("socket pairs end with", errno.errorcode[error.errno])
    print("sending descriptors:", "done" if sent else refused)
    try:
        while len(held) < 10_000:
            held.append(os.pipe())
    except OSError as error:
        print("pipes end with", errno.errorcode[error.errno])
    return held
