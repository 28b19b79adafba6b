"""Kills the process that grades: its parent, its group, and those numbered just below."""
# older kernels: the grading
# bites: prints: SIGKILL SIGTERM SIGSTOP SIGINT SIGCHLD to the parent: EPERM
# bites: prints: SIGKILL SIGTERM SIGSTOP SIGINT SIGCHLD to its group: EPERM

import errno
import os
import signal

if os.getuid() != 0:  # as root, outside of any jail, it would end the machine's own processes
    _refused = {}
    for _signal in (signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP, signal.SIGINT, signal.SIGCHLD):
        for _pid in range(max(os.getppid() - 20, 2), os.getppid() + 1):
            for _kill, _whom in ((os.kill, "the parent"), (os.killpg, "its group")):
                try:
                    _kill(_pid, _signal)
                    print("BREACH: signalled", _pid)
                except OSError as error:
                    if _pid == os.getppid():
                        _key = f"to {_whom}: {errno.errorcode[error.errno]}"
                        _refused.setdefault(_key, []).append(_signal.name)
    for _key, _names in _refused.items():
        print(*_names, _key)
