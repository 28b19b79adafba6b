"""Attaches to the parent with ptrace and reads its memory with process_vm_readv."""

import ctypes
import os

_libc = ctypes.CDLL(None, use_errno=True)
_buffer = ctypes.create_string_buffer(64)
_local = (ctypes.c_void_p * 2)(ctypes.addressof(_buffer), 64)
_remote = (ctypes.c_void_p * 2)(id(None), 16)
for _pid in (os.getppid(), os.getppid() - 1, 1):
    if _libc.ptrace(16, _pid, 0, 0) == 0:  # PTRACE_ATTACH
        print("BREACH: traces", _pid)
        _libc.ptrace(17, _pid, 0, 0)
    if _libc.ptrace(0x4206, _pid, 0, 0) == 0:  # PTRACE_SEIZE
        print("BREACH: seized", _pid)
        _libc.ptrace(17, _pid, 0, 0)
    if _libc.process_vm_readv(_pid, _local, 1, _remote, 1, 0) > 0:
        print("BREACH: read the memory of", _pid)
    if _libc.syscall(312, os.getpid(), _pid, 0, 0, 0) >= 0:  # kcmp
        print("BREACH: compared with", _pid)
