"""The functions of the assignment, for files that build on them.

The model solution where the kit has it, else your own `submitted.py`, as far as it is written.
"""

from __future__ import annotations

import importlib
from typing import Any


def functions() -> Any:
    """The module with `get_PPO_policy_gradient_loss` and the others."""
    try:
        return importlib.import_module("instructor.reference")
    except ModuleNotFoundError:
        return importlib.import_module("submitted")
