"""Attaches to the parent with ptrace and reads its memory with process_vm_readv."""
# older kernels: the grading
# bites: prints: ATTACH: EPERM
# bites: prints: SEIZE: EPERM
# bites: prints: process_vm_readv: EPERM
# bites: prints: kcmp: EPERM

import ctypes
import errno
import os

_libc = ctypes.CDLL(None, use_errno=True)
_buffer = ctypes.create_string_buffer(64)
_local = (ctypes.c_void_p * 2)(ctypes.addressof(_buffer), 64)
_remote = (ctypes.c_void_p * 2)(id(None), 16)


def _try(name, pid, result):
    if result >= 0:
        print(f"BREACH: {name} of {pid}")
    elif pid == os.getppid():
        print(f"{name}: {errno.errorcode[ctypes.get_errno()]}")
    return result


for _pid in (os.getppid(), os.getppid() - 1, 1):
    for _name, _request in (("ATTACH", 16), ("SEIZE", 0x4206)):
        if _try(_name, _pid, _libc.ptrace(_request, _pid, 0, 0)) == 0:
            _libc.ptrace(17, _pid, 0, 0)
    _try("process_vm_readv", _pid, _libc.process_vm_readv(_pid, _local, 1, _remote, 1, 0))
    _try("kcmp", _pid, _libc.syscall(312, os.getpid(), _pid, 0, 0, 0))
