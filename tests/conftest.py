"""Makes `pytest tests` grade submitted.py in pytest's own process, where breakpoints work.

`python grade.py` does not read this file.
"""

import sys
from pathlib import Path

import pytest

KIT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(KIT))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--trust`: run the submission even as root, or beside hidden tests."""
    parser.addoption("--trust", action="store_true", help="run submitted.py unguarded")


def pytest_configure(config: pytest.Config) -> None:
    """Register the grading plugin with the submission beside utils.py."""
    from grading.debug import PytestPlugin
    from grading.submission import CannotGrade, check_trust

    try:
        check_trust(config.getoption("--trust"))
    except CannotGrade as error:
        raise pytest.UsageError(str(error)) from None
    config.pluginmanager.register(PytestPlugin(KIT / "submitted.py"), "grading")
