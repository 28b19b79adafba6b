"""Makes shared memory, semaphores and message queues that outlive the process."""

import ctypes
import os
from multiprocessing import shared_memory

_libc = ctypes.CDLL(None, use_errno=True)
for _call in ("shmget", "semget", "msgget"):
    if getattr(_libc, _call)(0x5EC2E7, 1, 0o1666) >= 0:
        print("BREACH: System V", _call)
for _name in ("mq_open", "shm_open", "sem_open"):
    if getattr(_libc, _name)(b"/hostile_state", os.O_CREAT | os.O_RDWR, 0o666, 0) not in (-1, 0):
        print("BREACH: POSIX", _name)
try:
    shared_memory.SharedMemory("hostile_state", create=True, size=64)
    print("BREACH: shared memory")
except OSError as error:
    print("refused:", error)
for _number in (248, 250):
    if _libc.syscall(_number, b"user", b"hostile_state", b"x", 1, -3) > 0:
        print("BREACH: a key in the kernel's keyring")
