"""Labels for names, and texts without words of the student's own."""

import dataclasses

import pytest

from instructor.batch.entries import Entry, Graded, Student
from instructor.batch.outputs.anonymity import labels, redacted, without_own_text


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
    said = redacted("C:\\hw\\amy.zip holds neither submitted.py nor AMY's essay.pdf.", {"Amy"})
    assert "amy" not in said.lower()
    assert "essay" not in said
    assert "submitted.py" in said
