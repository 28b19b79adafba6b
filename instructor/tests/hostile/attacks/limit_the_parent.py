"""Sets limits, priority, processors and the memory score of the process that grades."""

import os
import resource

_parent = os.getppid()
for _attempt in (
    lambda: resource.prlimit(_parent, resource.RLIMIT_CPU, (1, 1)),
    lambda: resource.prlimit(_parent, resource.RLIMIT_NOFILE),
    lambda: resource.prlimit(os.getpid(), resource.RLIMIT_NPROC, (1 << 20, 1 << 20)),
    lambda: resource.setrlimit(resource.RLIMIT_AS, (-1, -1)),
    lambda: os.setpriority(os.PRIO_PROCESS, _parent, 19),
    lambda: os.sched_setaffinity(_parent, {0}),
    lambda: os.sched_setscheduler(_parent, os.SCHED_IDLE, os.sched_param(0)),
    lambda: open(f"/proc/{_parent}/oom_score_adj", "w").write("1000"),
    lambda: open("/proc/self/oom_score_adj", "w").write("-1000"),
):
    try:
        _attempt()
        print("BREACH:", _attempt.__code__.co_names)
    except (OSError, ValueError) as error:
        print("refused:", error)
