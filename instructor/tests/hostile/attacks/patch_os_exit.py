"""Takes away the ways to end, so that its process would go on as the grader's."""
# bites: prints: goes on after _exit, abort, exit, kill
# bites: prints: replaced tell, bury, reap, handle_message, kill

import os
import sys

for _module, _name in ((os, "_exit"), (os, "abort"), (sys, "exit"), (os, "kill")):
    setattr(_module, _name, lambda *a: None)
os._exit(0)
os.abort()
sys.exit()
os.kill(os.getpid(), 9)
print("goes on after _exit, abort, exit, kill")
for _module in list(sys.modules.values()):
    if getattr(_module, "__name__", "") == "grading.worker.forkserver":
        _replaced = []
        for _owner, _name, _function in (
            (_module.ForkServer, "tell", lambda self, **message: print("told", message)),
            (_module.ForkServer, "bury", lambda *a: None),
            (_module.ForkServer, "reap", lambda *a: None),
            (_module.ForkServer, "handle_message", lambda self: True),
            (_module, "kill", lambda pid: None),
        ):
            if callable(getattr(_owner, _name)):
                setattr(_owner, _name, _function)
                _replaced.append(_name)
        print("replaced", ", ".join(_replaced))
