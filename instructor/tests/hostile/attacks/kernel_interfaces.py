"""Calls kernel interfaces with a history: io_uring, bpf, perf, userfaultfd, keyctl, clone3."""
# bites: prints: EPERM: io_uring_setup bpf perf_event_open userfaultfd keyctl add_key setns open_tree
# bites: prints: fsopen name_to_handle_at pidfd_getfd pidfd_open;
# bites: prints: ENOSYS: clone3 getpid_of_x32;

import ctypes
import errno
import os

_libc = ctypes.CDLL(None, use_errno=True)
_zeros = ctypes.create_string_buffer(256)
_refused = {}
for _name, _number, *_arguments in (
    ("io_uring_setup", 425, 8, _zeros),
    ("bpf", 321, 0, _zeros, 64),
    ("perf_event_open", 298, _zeros, 0, -1, -1, 0),
    ("userfaultfd", 323, 0),
    ("keyctl", 250, 0, -3, 1),
    ("add_key", 248, b"user", b"hostile", b"x", 1, -3),
    ("setns", 308, 3, 0),
    ("open_tree", 428, -100, b"/", 0),
    ("fsopen", 430, b"tmpfs", 0),
    ("name_to_handle_at", 303, -100, b"/usr", _zeros, _zeros, 0),
    ("pidfd_getfd", 438, 3, 0, 0),
    ("pidfd_open", 434, os.getpid(), 0),
    ("clone3", 435, _zeros, 64),
    ("getpid_of_x32", 0x40000000 + 39),
):
    _result = _libc.syscall(ctypes.c_long(_number), *_arguments)
    if _name == "clone3" and _result == 0:
        os._exit(0)
    if _result >= 0:
        print("BREACH: call", _name)
    else:
        _refused.setdefault(errno.errorcode[ctypes.get_errno()], []).append(_name)
for _error, _names in _refused.items():
    print(f"{_error}: {' '.join(_names)};")
