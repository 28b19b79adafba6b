"""The feedback files: what they say, once, and that nothing in them is markup of a submission's."""

import dataclasses
import json

import pytest

from instructor.batch.outputs.class_report import (
    status,
)
from instructor.batch.outputs.feedback_files import feedback_html, feedback_markdown
from instructor.tests.batch.outputs.example_class import (
    ATTACK,
    UNGRADED,
)
from instructor.tests.batch.outputs.html_tags import Tags

pytestmark = pytest.mark.slow


def test_feedback_tells_total_parts_and_every_failed_test(graded):
    for one in graded[:-1]:
        for text in (feedback_markdown(one), Tags(feedback_html(one)).text):
            assert f"{one.score:g} of 100 points" in text
            assert "Policy gradient loss" in text
            for test in one.document["tests"]:
                if test["status"] == "failed":
                    assert test["output"] in text
    assert "hidden test" in feedback_markdown(graded[1])
    assert "Every test has passed." in feedback_markdown(graded[4])


def test_what_is_the_same_for_many_tests_is_said_once(graded):
    document = json.loads(json.dumps(graded[4].document))
    for test in document["tests"]:
        test |= {"score": 0.0, "status": "failed", "output": "Python cannot read submitted.py: no."}
    one = dataclasses.replace(graded[4], document=document)
    for text in (feedback_markdown(one), feedback_html(one)):
        assert text.count("Python cannot read") == 1
        assert f"{len(document['tests'])} tests" in text
        assert "0 / 100 points" in text
    assert status(one) == "not importable"


def test_feedback_without_a_grade_says_why():
    for text in (feedback_markdown(UNGRADED), feedback_html(UNGRADED)):
        assert "There is no grade. This is not the same as zero points." in text
        assert "is not Python. Hand in submitted.py." in text
        assert "100" not in text.partition("</style>")[2]


def test_feedback_is_escaped(graded):
    page = feedback_html(graded[0])
    tags = Tags(page)
    assert not {"script", "img", "b"} & set(tags.tags)
    assert ATTACK in tags.text
    assert "<h1>Ulf Brandt &lt;b&gt;</h1>" in feedback_html(graded[1])
    text = feedback_markdown(graded[0])
    assert "\n`````text\n" in text  # longer than any that was printed
    assert feedback_markdown(graded[1]).startswith("# Ulf Brandt \\<b\\>\n")


def test_feedback_can_leave_out_who_it_is(graded):
    for one in (*graded, UNGRADED):
        page = feedback_html(one, "Student 3")
        assert "<h1>Student 3</h1>" in page
        student = one.entry.student
        for text in (student.name, student.login, student.email, student.key, one.entry.where):
            assert text not in page
