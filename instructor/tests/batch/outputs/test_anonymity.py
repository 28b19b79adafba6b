"""Labels for names, and texts without words of the student's own."""

import dataclasses
import json
import time

import pytest

from grading.judge.explain import ONLY_THIS
from grading.kit import KIT
from grading.report.results import PRINTED
from instructor.batch.entries import Entry, Graded, Student
from instructor.batch.outputs.anonymity import (
    LEFT_OUT,
    labels,
    reason_without_own_text,
    without_own_text,
)


def test_labels_do_not_follow_the_alphabet_and_stay():
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
         f"submitted.py imports a package, which is not available. {ONLY_THIS}"),
        ("submitted.py has no function get_returns. There is one named zora.",
         "submitted.py has no function get_returns."),
        ("submitted.py has no function Zora wrote this.",
         "submitted.py has no function that is needed."),
        ("Zora is not written yet.\nLook at submitted.py, line 3",
         "A function is not written yet.\nLook at submitted.py, line 3"),
        ("While submitted.py was imported: python crashed while it ran (zora).",
         "While submitted.py was imported: python crashed while it ran."),
        ("While submitted.py was imported: it took longer than 3 seconds and was stopped.",
         "While submitted.py was imported: it took longer than 3 seconds and was stopped."),
        ("Zora, seat 12, wrote this.\nLook at submitted.py, line 3: zora = 1",
         f"{LEFT_OUT}\nLook at submitted.py, line 3"),
        ("A loss is given zora of the shape (7,), not (7, 1).", LEFT_OUT),
        ("A loss is called without returns and action.", None),
        ("The gradient for zora has wrong values.", LEFT_OUT),
        ("The loss has the wrong value. Zora.", LEFT_OUT),
        ("Expected 1, got 2.\n\nYour code printed:\nzora", "Expected 1, got 2."),
        ("  step 0  zora  1", LEFT_OUT),
    ],
)  # fmt: skip
def test_own_words_are_left_out(said, kept):
    assert without_own_text(said) == (said if kept is None else kept)


GOLDEN = KIT / "instructor" / "tests" / "grading" / "report" / "golden"
WITH_OWN_WORDS = {"crash", "stubs", "syntax_error", "function_missing"}


@pytest.mark.parametrize("name", sorted({p.name for p in GOLDEN.iterdir()} - WITH_OWN_WORDS))
def test_the_kits_own_sentences_stay(name):
    document = json.loads((GOLDEN / name / "results.json").read_text(encoding="utf-8"))
    for test in document["tests"]:
        if test["status"] == "failed":
            said, _, source = test["output"].partition(PRINTED)[0].partition("\nIt is in ")
            kept = without_own_text(test["output"])
            assert kept.partition("\nIt is in ")[0] == said.strip()
            assert bool(source) == ("It is in submitted.py, line " in kept)


def test_long_lines_take_no_time():
    started = time.monotonic()
    for said in ("The loss has the wrong value. ", "expected 1, got 1. ", "1 of 1, ", "(1, "):
        without_own_text(f"{said * 500}zora")
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("reason", "kept"),
    [
        ("There is no Python file, only Amy Fox homework.docx, x.txt.", "There is no Python file."),
        ("There are 2 Python files and none is submitted.py: Amy Fox.py, my own.py.",
         "There are 2 Python files and none is submitted.py."),
        ("There is more than one Amy Fox.py: a/Amy Fox.py.",
         "There is more than one file that may be meant."),
        ("Amy Fox.ipynb is a notebook; the functions belong in submitted.py.",
         "It is a notebook; the functions belong in submitted.py."),
        ("Amy Fox.py is larger than 1 MB, which no submission is.",
         "It is larger than 1 MB, which no submission is."),
        ("Amy.py is a link to a file elsewhere, which is not followed.",
         "It is a link to a file, and that is not followed."),
        ("The folder Amy Fox cannot be opened (Permission denied).", "It cannot be opened."),
        ("Nothing was handed in. submitted.py is needed.",
         "Nothing was handed in. submitted.py is needed."),
        ("C:\\hw\\amy.zip of Amy Fox is odd.", LEFT_OUT),
    ],
)  # fmt: skip
def test_reasons_name_nobody(reason, kept):
    assert reason_without_own_text(reason) == kept
