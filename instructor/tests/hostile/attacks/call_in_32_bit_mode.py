"""Makes a system call through the 32-bit gate, where numbers mean something else."""
# bites: value_loss: Python crashed while it ran (SIGSYS: Bad system call)

import ctypes
import mmap


def get_value_net_loss(*args, **kwargs):
    code = bytes.fromhex("53b814000000cd805bc3")  # push rbx; mov eax, 20; int 0x80; pop rbx; ret
    memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(code)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    if ctypes.CFUNCTYPE(ctypes.c_int)(address)() > 0:
        print("BREACH: getpid in 32-bit mode")
