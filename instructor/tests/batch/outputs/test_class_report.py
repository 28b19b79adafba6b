"""The report on a class: what it says, what it keeps to itself."""

import dataclasses
import json
import re
from pathlib import Path

import pytest

from instructor.batch.entries import Graded, Student
from instructor.batch.outputs import similarity
from instructor.batch.outputs.class_report import (
    WITHOUT_SIMILARITY,
    common_folder,
    report_data,
    report_page,
)
from instructor.batch.outputs.feedback_files import feedback_html, feedback_markdown
from instructor.batch.outputs.similarity import near_duplicates
from instructor.tests.batch.outputs.example_class import (
    MISTAKES,
    SENTENCE,
    UNGRADED,
)
from instructor.tests.batch.outputs.html_tags import Tags

pytestmark = pytest.mark.slow


def without_grade_of(reason: str) -> Graded:
    return dataclasses.replace(UNGRADED, reason=reason)


def data_of(page: str) -> str:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    return found[1]


def test_students_of_one_name_can_be_told_apart(graded):
    twins = [
        dataclasses.replace(
            one, entry=dataclasses.replace(one.entry, student=Student(key, "Hana Lee"))
        )
        for key, one in zip(("lee_1", "lee_2"), graded)
    ]
    names = [row["name"] for row in report_data(twins, "t")["rows"]]
    assert names == ["Hana Lee (lee_1)", "Hana Lee (lee_2)"]


@pytest.mark.parametrize(
    ("places", "folder"),
    [
        (["up.zip: ana_1.py", "up.zip: ana_2.py", ""], "up.zip: "),
        (["class/ana.py", "class/ben/submitted.py"], "class/"),
        (["ana.py", "anna.py"], ""),
        (["class/ana.py"], ""),
        ([], ""),
    ],
)
def test_what_all_files_begin_with_is_found(places, folder):
    assert common_folder(places) == folder


def test_halves_of_characters_can_be_written():
    one = without_grade_of("half \ud800 a character")
    for text in (feedback_markdown(one), feedback_html(one), report_page([one], "t")):
        text.encode("utf-8")


def test_misconceptions_are_ranked_by_students(graded):
    first, *others = report_data(graded, "t")["misconceptions"]
    assert first == {"text": SENTENCE, "part": "Advantages", "rows": [1, 2]}
    assert [len(other["rows"]) for other in others] == [1] * len(others)


def test_mistakes_that_share_a_sentence_count_once(graded):
    alike: dict[str, list[str]] = {}
    for name, mistake in MISTAKES.items():
        alike.setdefault(mistake.misconception, []).append(name)
    first, second = next(names for names in alike.values() if len(names) > 1)[:2]
    document = json.loads(json.dumps(graded[1].document))
    document["extra_data"]["mistakes"] = {"a": first, "b": second, "c": "of_another_time"}
    found = report_data([Graded(graded[1].entry, document)], "t")["misconceptions"]
    assert sorted(entry["text"] for entry in found) == sorted(
        [MISTAKES[first].misconception, "of another time"]
    )


def test_troubles_and_missing_grades(graded):
    data = report_data(graded, "t")
    assert {"text": "Took too long and was stopped", "rows": [5]} in data["troubles"]
    assert [row["status"] for row in data["rows"]][4:] == ["all passed", "too slow", "not graded"]
    assert data["rows"][-1]["score"] is None
    assert data["rows"][-1]["reason"] == UNGRADED.reason


def test_printed_words_are_no_trouble(graded):
    document = json.loads(json.dumps(graded[1].document))
    for test in document["tests"]:
        if test["status"] == "failed":
            test["output"] += "\n\nYour code printed:\nPython crashed while it ran."
    assert report_data([Graded(graded[1].entry, document)], "t")["troubles"] == []


def test_page_holds_no_markup_of_a_submission(graded):
    page = report_page(graded, "<i>Class</i> & co")
    assert "<title>&lt;i&gt;Class&lt;/i&gt; &amp; co</title>" in page
    assert "<" not in data_of(page)
    assert json.loads(data_of(page))["title"] == "<i>Class</i> & co"
    assert Tags(page).tags.count("script") == 2
    assert "default-src 'none'" in page
    assert "unsafe" not in page
    assert "http:" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "https:" not in page


def test_anonymous_page_names_nobody(graded):
    keys = [one.entry.student.key for one in graded]
    page = report_page(graded, "t", anonymous=True, similar=[(keys[1], keys[2], 1.0)]).lower()
    for one in graded:
        student, where = one.entry.student, one.entry.where
        words = {student.name, student.login, student.email, student.key, where, Path(where).name}
        for text in (*words, *student.ids.values(), *student.name.split()[:2]):
            assert text.lower() not in page
    assert "owned" not in page
    assert "student 1" in page
    assert SENTENCE.lower() in page


def test_who_was_not_compared_is_named():
    data = report_data([without_grade_of("None.")], "t", True, [], ["fox_amy", "gone"])
    assert (data["notCompared"], data["similarNote"]) == ([0], "")


def test_without_rapidfuzz_the_report_says_so(monkeypatch, graded):
    monkeypatch.setattr(similarity, "AVAILABLE", False)
    assert near_duplicates([one.entry for one in graded]) == []
    assert WITHOUT_SIMILARITY in report_page(graded, "t")
