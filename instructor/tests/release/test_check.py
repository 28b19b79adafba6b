"""What the gate before an upload takes for hidden material."""

from pathlib import Path

import pytest

from grading.parts import PARTS
from instructor import catalogue
from instructor.release.check import hidden_in

FILES = [
    f"{folder}/{part}.py"
    for folder in ("mistakes", "alternatives", "reference_lines")
    for part in PARTS
]


@pytest.mark.parametrize("file", FILES)
def test_every_file_of_the_catalogue_is_known_for_hidden(file):
    text = (Path(catalogue.__file__).parent / file).read_text(encoding="utf-8")
    assert hidden_in(text) != {}
