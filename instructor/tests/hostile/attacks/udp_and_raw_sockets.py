"""Sends datagrams and opens raw, packet and netlink sockets."""
# older kernels: sockets
# bites: prints: EPERM: UDP UDP6 RAW PACKET NETLINK VSOCK ALG;

import errno
import socket

_KINDS = {
    "UDP": (socket.AF_INET, socket.SOCK_DGRAM, 0),
    "UDP6": (socket.AF_INET6, socket.SOCK_DGRAM, 0),
    "RAW": (socket.AF_INET, socket.SOCK_RAW, 1),
    "PACKET": (socket.AF_PACKET, socket.SOCK_RAW, 0),
    "NETLINK": (socket.AF_NETLINK, socket.SOCK_RAW, 0),
    "VSOCK": (socket.AF_VSOCK, socket.SOCK_STREAM, 0),
    "ALG": (38, socket.SOCK_SEQPACKET, 0),
}
_refused = {}
for _name, _kind in _KINDS.items():
    try:
        _socket = socket.socket(*_kind)
        print("BREACH: a socket", _name)
        if _name == "UDP":
            _socket.sendto(b"x", ("127.0.0.1", 9))
    except OSError as error:
        _refused.setdefault(errno.errorcode[error.errno], []).append(_name)
for _error, _names in _refused.items():
    print(f"{_error}: {' '.join(_names)};")
