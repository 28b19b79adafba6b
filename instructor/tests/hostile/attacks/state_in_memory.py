"""Leaves state in modules, the environment and the parent's objects for another process."""

import builtins
import gc
import os
import sys

for _place in (builtins, sys, torch, np, utils):
    if getattr(_place, "hostile_state", os.getpid()) != os.getpid():
        print("BREACH: state survived in", _place)
    _place.hostile_state = os.getpid()
if os.environ.get("HOSTILE_STATE", str(os.getpid())) != str(os.getpid()):
    print("BREACH: the environment survived")
os.environ["HOSTILE_STATE"] = str(os.getpid())
os.environ["PYTHONPATH"] = os.environ["PYTHONSTARTUP"] = "."
for _thing in gc.get_objects():
    if type(_thing).__name__ in ("ForkServer", "Jail") and hasattr(_thing, "__dict__"):
        if vars(_thing).get("hostile", os.getpid()) != os.getpid():
            print("BREACH: the parent's objects survived")
        vars(_thing)["hostile"] = os.getpid()
