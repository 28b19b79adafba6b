"""Sets limits, priority, processors and the memory score of the process that grades."""
# older kernels: the grading
# bites: prints: the parent's time: EPERM
# bites: prints: the parent's limits: EPERM
# bites: prints: its own processes: EPERM
# bites: prints: its own memory: not allowed to raise maximum limit
# bites: prints: the parent's priority: nothing done
# bites: prints: the parent's processors: nothing done
# bites: prints: the parent's schedule: EPERM
# bites: prints: the parent's memory score: EACCES
# bites: prints: its own memory score: EACCES

import errno
import os
import resource

_parent = os.getppid()
_ATTEMPTS = {
    "the parent's time": lambda: resource.prlimit(_parent, resource.RLIMIT_CPU, (1, 1)),
    "the parent's limits": lambda: resource.prlimit(_parent, resource.RLIMIT_NOFILE),
    "its own processes": lambda: resource.prlimit(
        os.getpid(), resource.RLIMIT_NPROC, (1 << 20, 1 << 20)
    ),
    "its own memory": lambda: resource.setrlimit(resource.RLIMIT_AS, (-1, -1)),
    "the parent's priority": lambda: os.setpriority(os.PRIO_PROCESS, _parent, 19),
    "the parent's processors": lambda: os.sched_setaffinity(
        _parent, {max(os.sched_getaffinity(_parent))}
    ),
    "the parent's schedule": lambda: os.sched_setscheduler(
        _parent, os.SCHED_IDLE, os.sched_param(0)
    ),
    "the parent's memory score": lambda: open(f"/proc/{_parent}/oom_score_adj", "w").write("1000"),
    "its own memory score": lambda: open("/proc/self/oom_score_adj", "w").write("-1000"),
}


def _state():
    return os.getpriority(os.PRIO_PROCESS, _parent), os.sched_getaffinity(_parent)


for _name, _attempt in _ATTEMPTS.items():
    _before = _state()
    try:
        _attempt()
        if _name in ("the parent's priority", "the parent's processors") and _state() == _before:
            print(f"{_name}: nothing done")
        else:
            print("BREACH:", _name)
    except OSError as error:
        print(f"{_name}: {errno.errorcode[error.errno]}")
    except ValueError as error:
        print(f"{_name}: {error}")
