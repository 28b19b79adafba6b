"""The functions of the assignment, for files that build on them.

They come from the model solution if the kit has it, otherwise from your own `submitted.py`.
"""

from __future__ import annotations

import importlib
import inspect
from typing import Any

NEEDED = ("get_vanilla_policy_gradient_loss", "get_PPO_policy_gradient_loss")


def functions() -> Any:
    """The module with the functions NEEDED. Ends the program with a sentence if one is still a stub."""
    try:
        return importlib.import_module("instructor.reference")
    except ModuleNotFoundError:
        submitted = importlib.import_module("submitted")
    for name in NEEDED:
        if "raise NotImplementedError" in inspect.getsource(getattr(submitted, name)):
            raise SystemExit(f"This builds on {name} in submitted.py, which is not written yet.")
    return submitted
