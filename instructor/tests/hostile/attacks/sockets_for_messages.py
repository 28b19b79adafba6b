"""Makes pairs of sockets for messages, which reach any socket by its name and pass descriptors on."""
# older kernels: sockets
# bites: prints: datagrams EPERM, records EPERM, a pair of another family EPERM, passing on EPERM;

import errno
import socket

_refused = []
_pair = socket.socketpair()
for _name, _do in (
    ("datagrams", lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)),
    ("records", lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)),
    ("a pair of another family", lambda: socket.socketpair(30, socket.SOCK_STREAM)),
    ("passing on", lambda: socket.send_fds(_pair[0], [b"x"], [0])),
):
    try:
        _do()
        print("BREACH:", _name)
    except OSError as error:
        _refused.append(f"{_name} {errno.errorcode[error.errno]}")
print(", ".join(_refused) + ";")
