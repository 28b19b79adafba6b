"""The README's pictures show what is printed now."""

import re

import pytest

from grading.kit import KIT
from instructor.release.check import hidden_in
from instructor.release.readme_pictures import PICTURES, REPORT, WATCH, outdated, words


@pytest.mark.slow
def test_they_are_current():
    assert outdated() == []


def test_they_show_a_mistake_and_what_a_save_has_won():
    report, watch = (" ".join(words(path.read_text(encoding="utf-8"))) for path in PICTURES)
    assert "What to look at:" in report
    assert "Total:" in report
    assert "+7" in watch
    assert "Waiting for the next save." in watch


@pytest.mark.parametrize("path", [REPORT, WATCH], ids=lambda path: path.name)
def test_nothing_is_fetched_and_nothing_hidden_is_shown(path):
    text = path.read_text(encoding="utf-8")
    assert set(re.findall(r"https?://[^\"' )]+", text)) <= {
        "http://www.w3.org/2000/svg",
        "https://www.textualize.io",
    }
    assert "url(https" not in text
    assert hidden_in(text) == {}


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_the_readme_shows_it_and_tells_it_in_words(path):
    readme = (KIT / "README.md").read_text(encoding="utf-8")
    name = path.relative_to(KIT).as_posix()
    (told,) = re.findall(rf"!\[([^\]]+)\]\({name}\)", readme)
    assert len(told) > 60
