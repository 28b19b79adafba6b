"""Connects to the sockets of system services and to abstract ones, and sends itself one."""
# older kernels: sockets
# bites: prints: /run/docker.sock: EPERM
# bites: prints: own: EPERM

import errno
import os
import re
import socket

try:
    _names = re.findall(r"\s([@/]\S+)$", open("/proc/net/unix").read(), re.M)
except OSError:
    _names = []
for _name in {*_names, "/run/docker.sock", "/var/run/docker.sock", "/run/systemd/private", "own"}:
    try:
        _socket = socket.socket(socket.AF_UNIX)
        _socket.settimeout(0.2)
        if _name == "own":
            _socket.bind(_name)
        else:
            _socket.connect(_name.replace("@", "\0", 1))
        print("BREACH: reached", _name)
    except OSError as error:
        print(f"{_name}: {errno.errorcode[error.errno]}")
if os.path.exists("own"):
    os.unlink("own")
