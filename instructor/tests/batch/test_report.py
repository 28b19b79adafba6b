"""The report on a class and the feedback files: what they say, what they keep to themselves."""

import dataclasses
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from instructor import catalogue
from instructor.batch import similarity
from instructor.batch.anonymity import labels, redacted, without_own_text
from instructor.batch.feedback_files import feedback_html, feedback_markdown
from instructor.batch.records import Entry, Graded, Student
from instructor.batch.report import (
    WITHOUT_SIMILARITY,
    common_folder,
    report_data,
    report_page,
    status,
)
from instructor.batch.similarity import near_duplicates
from instructor.tests.batch.example_class import ATTACK, MISTAKES, REFERENCE, SENTENCE, UNGRADED

pytestmark = pytest.mark.slow


def without_grade_of(reason: str) -> Graded:
    return dataclasses.replace(UNGRADED, reason=reason)


class Tags(HTMLParser):
    """Tags, and the text outside of scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


def data_of(page: str) -> str:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    return found[1]


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


def test_labels_do_not_follow_the_alphabet_and_stay(graded):
    many = [
        Graded(Entry(Student(f"s{n:02}"), b"%d" % n), None, "No reason given.") for n in range(40)
    ]
    order = [int(label.split()[1]) for _, label in sorted(labels(many).items())]
    assert sorted(order) == list(range(1, 41))
    assert order != sorted(order)
    assert labels(many) == labels(many[::-1])
    # Without the files that were handed in, nobody can work the order out.
    assert labels(many) != labels(
        [*many[:-1], dataclasses.replace(many[-1], entry=Entry(Student("s39"), b""))]
    )


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("It stopped with a ValueError: I am Zora\nLook at submitted.py, line 3: zora = 1",
         "It stopped with a ValueError.\nLook at submitted.py, line 3"),
        ("It stopped with a ZoraError.", "It stopped with an error."),
        ("submitted.py stops with an OSError: zora while it is imported",
         "submitted.py stops with an error."),
        ("Python cannot read submitted.py: zora.\nLook at submitted.py, line 1:\n    zora\n    ^",
         "Python cannot read submitted.py.\nLook at submitted.py, line 1"),
        ("submitted.py imports zora, which is not available. Only this.",
         "submitted.py imports a package, which is not available. Only this."),
        ("submitted.py has no function f. There is one named zora.",
         "submitted.py has no function f."),
        ("Expected 1, got 2.\n\nYour code printed:\nzora", "Expected 1, got 2."),
    ],
)  # fmt: skip
def test_own_words_are_left_out(said, kept):
    assert without_own_text(said) == kept


def test_reasons_are_redacted():
    said = redacted("C:\\hw\\amy.zip holds neither submitted.py nor AMY's essay.pdf.", {"Amy"})
    assert "amy" not in said.lower()
    assert "essay" not in said
    assert "submitted.py" in said


needs_rapidfuzz = pytest.mark.skipif(not similarity.AVAILABLE, reason="rapidfuzz is not installed")


def entry(key: str, source: str) -> Entry:
    return Entry(Student(key), source.encode())


@needs_rapidfuzz
def test_near_duplicates():
    stub = similarity.STUB.read_text(encoding="utf-8")
    commented = REFERENCE.replace("\n    return ", "\n    # mine\n\n    return ")
    class_ = [
        entry("a", REFERENCE),
        entry("b", REFERENCE),
        entry("c", commented),
        entry("d", catalogue.source_of(MISTAKES["advantages_sign"])),
        entry("stub1", stub),
        entry("stub2", stub),
        entry("other", "\n".join(f"value_{n} = [{n}, spam({n})]" for n in range(300))),
        entry("broken", "def f(:\n" + "\n".join(f"x{n} = '{n}" for n in range(100))),
        Entry(Student("nothing"), None, "", "Nothing was handed in."),
    ]
    pairs = {(a, b): share for a, b, share in near_duplicates(class_)}
    assert {pair for pair, share in pairs.items() if share == 1} == {
        ("a", "b"),
        ("a", "c"),
        ("b", "c"),
    }
    assert set(pairs) - {("a", "b"), ("a", "c"), ("b", "c")} == {("a", "d"), ("b", "d"), ("c", "d")}
    assert all(0.9 <= share <= 1 for share in pairs.values())


@needs_rapidfuzz
def test_partners_who_handed_in_one_file_are_no_pair():
    group = [
        Entry(Student(key), REFERENCE.encode(), "submission_1/submitted.py") for key in ("a", "b")
    ]
    alone = Entry(Student("c"), REFERENCE.encode(), "submission_2/submitted.py")
    assert near_duplicates(group) == []
    assert near_duplicates([*group, alone]) == [("a", "c", 1.0)]


def test_without_rapidfuzz_the_report_says_so(monkeypatch, graded):
    monkeypatch.setattr(similarity, "AVAILABLE", False)
    assert near_duplicates([one.entry for one in graded]) == []
    assert WITHOUT_SIMILARITY in report_page(graded, "t")
