"""Leaves state in modules, the environment and the parent's objects for the next test."""

import builtins
import gc
import os
import sys

for _place in (builtins, sys, torch, np, utils):
    if getattr(_place, "hostile_state", None):
        print("BREACH: state survived in", _place)
    _place.hostile_state = True
if os.environ.get("HOSTILE_STATE"):
    print("BREACH: the environment survived")
os.environ["HOSTILE_STATE"] = os.environ["PYTHONPATH"] = os.environ["PYTHONSTARTUP"] = "."
for _thing in gc.get_objects():
    if type(_thing).__name__ in ("ForkServer", "Jail") and hasattr(_thing, "__dict__"):
        if "hostile" in vars(_thing):
            print("BREACH: the parent's objects survived")
        vars(_thing)["hostile"] = True
