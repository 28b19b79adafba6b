"""Writes modules into its folder that whoever imports next from there would get."""
# bites: prints: would be imported: conftest grading json numpy sitecustomize torch usercustomize utils

import importlib
import importlib.machinery
import os
import sys

_code = "print('BREACH: shadowed')\nallclose = dumps = loads = lambda *a, **k: True\n"
_names = ["conftest", "json", "numpy", "sitecustomize", "torch", "usercustomize", "utils"]
for _name in _names:
    open(f"{_name}.py", "w").write(_code)
os.makedirs("grading", exist_ok=True)
open("grading/__init__.py", "w").write(_code)
open("pytest.ini", "w").write("[pytest]\naddopts = --collect-only\n")
open("evil.pth", "w").write("import os; print('BREACH: pth')\n")
sys.path.insert(0, os.getcwd())
importlib.invalidate_caches()
_found = [importlib.machinery.PathFinder.find_spec(name) for name in sorted([*_names, "grading"])]
print("would be imported:", *(s.name for s in _found if s.origin.startswith(os.getcwd())))
