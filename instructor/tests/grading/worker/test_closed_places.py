"""What must stay closed is looked for by its name, too, where a folder cannot be listed."""

import os
import sys

import pytest

from grading.kit import KIT
from grading.processes.tier import tier_of
from grading.worker import jail

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.getuid() != 0, reason="needs root, to be another user"
)


@pytest.mark.parametrize(
    ("mode", "file_mode", "letter"),
    [(0o711, 0o644, "D"), (0o711, 0o600, "B"), (0o700, 0o644, "B"), (0o755, 0o600, "D")],
)
def test_a_folder_is_open_where_a_known_name_in_it_can_be_opened(
    open_tmp_path, monkeypatch, mode, file_mode, letter
):
    """Without Landlock: a class, and a classmate's file two folders below."""
    class_ = open_tmp_path / "class"
    (class_ / "bob").mkdir(parents=True)
    file = class_ / "bob" / "submitted.py"
    file.touch()
    file.chmod(file_mode)
    for folder in (class_ / "bob", class_):
        folder.chmod(mode)
    monkeypatch.setattr(jail.landlock, "abi", lambda: 0)
    monkeypatch.setattr(jail, "_readable_by_all", lambda path: True)
    layers = jail.Jail(str(KIT), sys.path, closed=[str(class_)]).trial(str(open_tmp_path), 31_003)
    assert tier_of(layers).letter == letter
    assert layers["open"] == ([str(class_)] if letter == "D" else [])
