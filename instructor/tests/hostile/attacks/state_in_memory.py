"""Leaves state in modules, the environment and the parent's objects for another process."""
# bites: prints: left in builtins sys torch numpy utils
# bites: prints: left in objects of ForkServer Jail

import builtins
import gc
import os
import sys

gc.unfreeze()
for _place in (builtins, sys, torch, np, utils):
    if getattr(_place, "hostile_state", os.getpid()) != os.getpid():
        print("BREACH: state survived in", _place)
    _place.hostile_state = os.getpid()
_modules = [m for m in (builtins, sys, torch, np, utils) if m.hostile_state == os.getpid()]
print("left in", *(module.__name__ for module in _modules))
if os.environ.get("HOSTILE_STATE", str(os.getpid())) != str(os.getpid()):
    print("BREACH: the environment survived")
os.environ["HOSTILE_STATE"] = str(os.getpid())
os.environ["PYTHONPATH"] = os.environ["PYTHONSTARTUP"] = "."
_kinds = set()
for _thing in gc.get_objects():
    if type(_thing).__name__ in ("ForkServer", "Jail") and hasattr(_thing, "__dict__"):
        if vars(_thing).get("hostile", os.getpid()) != os.getpid():
            print("BREACH: the parent's objects survived")
        vars(_thing)["hostile"] = os.getpid()
        _kinds.add(type(_thing).__name__)
print("left in objects of", *sorted(_kinds))
