"""Runs a program that lies in memory only, and one in its own folder, to be rid of its parent."""
# bites: prints: memfd_create: EPERM
# bites: prints: execve: EPERM
# bites: prints: fork: EPERM

import errno
import os
import struct


def _fork():
    """A child's number, 0 in the child, and -1 where there can be none."""
    try:
        return os.fork()
    except OSError as error:
        print("fork:", errno.errorcode[error.errno])
        return -1


_TEXT = b"a program of its own runs\n"
# write(pipe, text, length), then pause() for ever.
_CODE = bytes.fromhex("b801000000bf03000000488d3510000000ba") + struct.pack("<I", len(_TEXT))
_CODE += bytes.fromhex("0f05b8220000000f05ebf7") + _TEXT
_START, _SIZE = 0x400000, 120 + len(_CODE)
_PROGRAM = b"\x7fELF\2\1\1" + bytes(9)
_PROGRAM += struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, _START + 120, 64, 0, 0, 64, 56, 1, 0, 0, 0)
_PROGRAM += struct.pack("<IIQQQQQQ", 1, 5, 0, _START, _START, _SIZE, _SIZE, 4096) + _CODE

try:
    _fd = os.memfd_create("hostile", 0)
    os.write(_fd, _PROGRAM)
    print("BREACH: memory that is no process's")
except OSError as error:
    print("memfd_create:", errno.errorcode[error.errno])
with open(os.open("own_program", os.O_WRONLY | os.O_CREAT, 0o755), "wb") as _file:
    _file.write(_PROGRAM)
for _ in range(2):
    _read, _write = os.pipe()
    _pid = _fork()
    if _pid == -1:  # then in the place of this process
        try:
            os.execve("own_program", ["hostile"], {})
        except OSError as error:
            print("execve:", errno.errorcode[error.errno])
    if _pid == 0:
        os.dup2(_write, 3)
        os.set_inheritable(3, True)
        os.setsid()
        try:
            _fd = os.memfd_create("hostile", 0)
            os.write(_fd, _PROGRAM)
            os.execve(f"/proc/self/fd/{_fd}", ["hostile"], {})
        except OSError as error:
            os.write(3, f"memfd_create: {errno.errorcode[error.errno]}\n".encode())
            _name = f"own_program_{os.getpid()}"
            with open(os.open(_name, os.O_WRONLY | os.O_CREAT, 0o755), "wb") as _file:
                _file.write(_PROGRAM)
            os.execve(_name, ["hostile"], {})
        finally:
            os._exit(1)
    os.close(_write)
    _said = b""
    while _TEXT not in _said and (_more := os.read(_read, 1000)):
        _said += _more
    print(_said.decode())
    os.close(_read)
