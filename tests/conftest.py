"""Makes `pytest tests` grade submitted.py in pytest's own process, where breakpoints work.

`python grade.py` does not read this file.
"""

import sys
from pathlib import Path

import pytest

KIT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(KIT))


def pytest_configure(config: pytest.Config) -> None:
    """Register the grading plugin with the submission beside utils.py."""
    from grading.debug import PytestPlugin

    config.pluginmanager.register(PytestPlugin(KIT / "submitted.py"), "grading")
