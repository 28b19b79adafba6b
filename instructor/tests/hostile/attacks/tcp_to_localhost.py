"""Connects to ports of this machine and listens on one."""
# older kernels: sockets
# bites: prints: connecting: EPERM
# bites: prints: listening: EPERM

import errno
import socket

for _port in (22, 80, 443, 8000, 8080):
    try:
        socket.create_connection(("127.0.0.1", _port), timeout=0.2).close()
        print("BREACH: connected")
    except ConnectionRefusedError:
        print("BREACH: there is a network, with nobody at port", _port)
    except OSError as error:
        print("connecting:", errno.errorcode[error.errno])
try:
    _server = socket.socket()
    _server.bind(("127.0.0.1", 0))
    _server.listen()
    print("BREACH: listens")
except OSError as error:
    print("listening:", errno.errorcode[error.errno])
