"""What the workers' parent imports before any submission."""

import sys

import pytest

from grading.kit import KIT
from grading.worker import main


@pytest.mark.parametrize("error", ["ImportError", "AttributeError", "SyntaxError"])
def test_a_package_that_is_broken_here_costs_nobody_who_only_names_it(tmp_path, monkeypatch, error):
    (tmp_path / "broken_here.py").write_text(f"raise {error}\n")
    for name in ("path", "meta_path"):
        monkeypatch.setattr(sys, name, list(getattr(sys, name)))
    import_path = [*sys.path, str(tmp_path)]
    config = {"kit": str(KIT), "import_path": import_path, "preload": ["broken_here"]}
    assert set(main.prepare(config)) == {"torch", "numpy", "cpu capability"}
    assert "broken_here" not in sys.modules
