"""Calls kernel interfaces with a history: io_uring, bpf, perf, userfaultfd, keyctl, clone3."""

import ctypes

_libc = ctypes.CDLL(None, use_errno=True)
_zeros = ctypes.create_string_buffer(256)
for _number, *_arguments in (
    (425, 8, _zeros),  # io_uring_setup
    (321, 0, _zeros, 64),  # bpf
    (298, _zeros, 0, -1, -1, 0),  # perf_event_open
    (323, 0),  # userfaultfd
    (250, 0, -3, 1),  # keyctl
    (248, b"user", b"hostile", b"x", 1, -3),  # add_key
    (308, 3, 0),  # setns
    (428, -100, b"/", 0),  # open_tree
    (430, b"tmpfs", 0),  # fsopen
    (303, -100, b"/usr", _zeros, _zeros, 0),  # name_to_handle_at
    (438, 3, 0, 0),  # pidfd_getfd
    (434, 1, 0),  # pidfd_open
    (0x40000000 + 39,),  # getpid of the x32 kind
):
    if _libc.syscall(ctypes.c_long(_number), *_arguments) >= 0:
        print("BREACH: call", _number)
