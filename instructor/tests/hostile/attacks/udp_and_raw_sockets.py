"""Sends datagrams and opens raw, packet and netlink sockets."""

import socket

_KINDS = (
    (socket.AF_INET, socket.SOCK_DGRAM, 0),
    (socket.AF_INET6, socket.SOCK_DGRAM, 0),
    (socket.AF_INET, socket.SOCK_RAW, 1),
    (socket.AF_PACKET, socket.SOCK_RAW, 0),
    (socket.AF_NETLINK, socket.SOCK_RAW, 0),
    (socket.AF_VSOCK, socket.SOCK_STREAM, 0),
    (38, socket.SOCK_SEQPACKET, 0),  # AF_ALG
)
for _kind in _KINDS:
    try:
        _socket = socket.socket(*_kind)
        print("BREACH: a socket", _kind)
        if _kind[:2] == (socket.AF_INET, socket.SOCK_DGRAM):
            _socket.sendto(b"x", ("127.0.0.1", 9))
    except OSError as error:
        print("refused:", error)
