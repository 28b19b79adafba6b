"""Makes shared memory, semaphores and message queues that outlive the process."""
# older kernels: files
# bites: prints: shmget EPERM, semget EPERM, msgget EPERM, mq_open EPERM, shm_open
# bites: prints in A: shm_open its own, sem_open its own, add_key EPERM, keyctl EPERM;
# bites: prints in C: shm_open EACCES, sem_open EACCES, add_key EPERM, keyctl EPERM;

import ctypes
import errno
import os

_OWN = f"/dev/shm/made_by_{os.getpid()}"  # where shared memory is not this process's alone, it cannot exist
_libc = ctypes.CDLL(None, use_errno=True)
_refused = []
_there = os.path.exists("/dev/shm/hostile_state") or os.path.exists("/dev/shm/sem.hostile_state")
for _call in ("shmget", "semget", "msgget"):
    if getattr(_libc, _call)(0x5EC2E7, 1, 0o1666) >= 0:
        print("BREACH: System V", _call)
    _refused.append(f"{_call} {errno.errorcode.get(ctypes.get_errno())}")
_libc.sem_open.restype = ctypes.c_void_p  # a pointer, null where it fails
for _call, _failed in (("mq_open", -1), ("shm_open", -1), ("sem_open", None)):
    _made = getattr(_libc, _call)(b"/hostile_state", os.O_CREAT | os.O_RDWR, 0o666, 0) != _failed
    if _made and (_call == "mq_open" or _there and not os.path.exists(_OWN)):
        print("BREACH: POSIX", _call)
    _refused.append(f"{_call} {'its own' if _made else errno.errorcode.get(ctypes.get_errno())}")
for _call, _number in (("add_key", 248), ("keyctl", 250)):
    if _libc.syscall(_number, b"user", b"hostile_state", b"x", 1, -3) > 0:
        print("BREACH: a key in the kernel's keyring")
    _refused.append(f"{_call} {errno.errorcode.get(ctypes.get_errno())}")
try:
    open(_OWN, "w").close()
except OSError:
    pass
print(", ".join(_refused) + ";")
