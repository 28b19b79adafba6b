"""Labels for names, and texts without words of the student's own."""

import dataclasses
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from instructor.batch.entries import Entry, Graded, Student
from instructor.batch.outputs.anonymity import (
    LEFT_OUT,
    Identities,
    identities,
    labels,
    redacted,
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
         "submitted.py imports a package, which is not available. Only this."),
        ("submitted.py has no function f. There is one named zora.",
         "submitted.py has no function f."),
        ("Expected 1, got 2.\n\nYour code printed:\nzora", "Expected 1, got 2."),
    ],
)  # fmt: skip
def test_own_words_are_left_out(said, kept):
    assert without_own_text(said) == kept


def test_reasons_are_redacted():
    said = redacted(
        "C:\\hw\\amy.zip holds neither submitted.py nor AMY's essay.pdf.", Identities({"Amy"})
    )
    assert "amy" not in said.lower()
    assert "essay" not in said
    assert "submitted.py" in said


pieces = st.sampled_from(
    ["Ana", "ANA", "o'neil", "İ", "i", "ß", "ẞ", "_7", "-", " ", ", ", "'", "#"]
)
texts = st.lists(pieces, max_size=6).map("".join)


@given(sentence=texts, known=st.sets(texts.filter(str.strip)))
@example(sentence="I and o'Neil", known={"i", "O'neil", "Neil"})
@example(sentence="ana b c d", known={"ana b", "b c d"})
def test_what_is_left_out_is_what_trying_every_name_finds(sentence, known):
    tried = sentence
    for one in sorted(known, key=lambda text: (-len(text), text)):
        tried = re.sub(rf"(?<!\w){re.escape(one)}(?!\w)", "\0", tried, flags=re.IGNORECASE)
    assert redacted(sentence, Identities(known)) == tried.replace("\0", LEFT_OUT)


def test_of_a_large_class_only_the_names_that_may_be_meant_are_tried():
    def student(n):
        name = f"First{n} Last{n}"
        where = f"/class/{name}_{n}_assignsubmission_file/submitted.py"
        return Graded(Entry(Student(f"key{n}", name, f"login{n}"), None, where), None, "No reason.")

    known = identities(student(n) for n in range(500))
    sentence = "There is more than one submitted.py: first7/submitted.py, /class/login8.py."
    assert set(known.that_may_be_in(sentence)) >= {"First7", "login8", "class"}
    assert len(known.that_may_be_in(sentence)) < 20


def test_a_name_that_is_part_of_a_files_name_leaves_no_remains():
    said = redacted(
        "ana.ipynb is a notebook, and Left's is out.", Identities({"ana", "left", "out"})
    )
    assert said == f"{LEFT_OUT} is a notebook, and {LEFT_OUT}'s is {LEFT_OUT}."
