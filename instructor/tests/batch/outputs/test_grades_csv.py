"""No cell of the table of grades is a formula, however a spreadsheet separates cells."""

import pytest

from instructor.batch.outputs.grades_csv import unspoilt


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
