"""Imports the model solution and the key reader of the kit and becomes them."""
# older kernels: files
# bites: prints: instructor/reference.py: PermissionError
# bites: prints: grading/judge/keys.py: PermissionError
# bites: plain grader: gains points

import importlib
import importlib.util
import os
import sys

_kit = os.path.dirname(os.path.abspath(utils.__file__))
sys.path.insert(0, _kit)
# By its path: whether a search finds it depends on what Python remembers of the folder.
for _path in ("instructor/reference.py", "grading/judge/keys.py"):
    try:
        _spec = importlib.util.spec_from_file_location("found", os.path.join(_kit, _path))
        _module = importlib.util.module_from_spec(_spec)
        _spec.loader.exec_module(_module)
        print("BREACH: imported", _path)
        globals().update(vars(_module))
    except Exception as error:
        print(f"{_path}: {type(error).__name__}")
for _name in (
    "instructor.reference",
    "reference",
    "solution",
    "instructor.keys.cases",
    "grading.judge.keys",
):
    try:
        _module = importlib.import_module(_name)
        print("BREACH: imported", _name)
        globals().update(vars(_module))
    except Exception as error:
        print(f"{_name}: {type(error).__name__}")
