"""No cell of the table of grades is a formula, however a spreadsheet separates cells."""

import csv
import io
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from instructor.batch.entries import Entry, Graded, Student
from instructor.batch.outputs.grades_csv import grades_csv, unspoilt


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ana", "Ana"),
        ("Ana-Maria; Ben", "Ana-Maria; Ben"),
        ("=1+1", "'=1+1"),
        ("  @sum", "  '@sum"),
        ("-2", "'-2"),
        ("x;=cmd", "x;'=cmd"),
        ("x; +1", "x; '+1"),
        ("x\t=1", "x\t'=1"),
        ("＝1+1", "'＝1+1"),
        ("x;＠sum", "x;'＠sum"),
        ("a=b", "a=b"),
    ],
)
def test_unspoilt(name, shown):
    assert unspoilt(name) == shown


texts = st.text(
    st.sampled_from("=+-@;,\t\r\n '\"＝\ufeff\xa0\u2028\x0b")
    | st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    max_size=8,
)


@given(name=texts, login=texts, email=texts, number=texts, reason=texts)
@example(name="", login="", email="", number="\r", reason="")
def test_whatever_stands_in_it_a_student_has_one_row_without_a_formula(
    name, login, email, number, reason
):
    student = Student("ana", name, login, email, {"canvas": number})
    table = grades_csv([Graded(Entry(student, None), None, reason)])
    header, row = csv.reader(io.StringIO(table, newline=""))
    assert len(row) == len(header)
    for cell in (part for text in row for part in re.split("[;\t\r\n]", text)):
        assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝"))
