"""What is read out of a submission before the first worker starts, where no time limit holds yet."""

import json
import sys
import sysconfig
import time

import pytest

from grading.processes import start


def preload(tmp_path, source):
    """What workers for this submission import ahead of it."""
    path = tmp_path / "submitted.py"
    path.write_text(source, encoding="utf-8")
    return json.loads(start._config(path, start.WHOLE_MACHINE, ()))["preload"]


def test_what_it_imports_is_imported_ahead(tmp_path):
    source = "import numpy\n\n\n    import scipy.signal as signal\n\tfrom gymnasium import Env\n"
    assert preload(tmp_path, source) == ["scipy.signal", "gymnasium"]
    assert preload(tmp_path, "import gymnasiums\n# import gymnasium\nimport\ngymnasium\n") == []


def test_packages_are_found_though_the_program_lies_among_them(tmp_path, monkeypatch):
    """As Jupyter's kernel does. What lies beside a program of somebody else's is not found."""
    packages = sysconfig.get_path("purelib")
    monkeypatch.setattr(sys, "path", [str(tmp_path), packages])
    for folder, found in ((packages, [str(tmp_path), packages]), (str(tmp_path), [packages])):
        monkeypatch.setattr(sys, "argv", [f"{folder}/program.py"])
        config = json.loads(start._config(tmp_path / "submitted.py", start.WHOLE_MACHINE, ()))
        assert config["import_path"] == found


@pytest.mark.parametrize("blank", ["\n", " ", "\t", " \n", "import ", "import\n", "from\t"])
def test_no_source_takes_long_to_look_through(tmp_path, blank):
    """Forty kilobytes of empty lines once took forty seconds."""
    started = time.monotonic()
    assert preload(tmp_path, blank * 40_000) == []
    assert time.monotonic() - started < 5
