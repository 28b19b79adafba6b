"""The terminal's report shows what a submission said, whatever that is, and never as markup."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grading.judge.scores import Grade, TestScore
from grading.parts import PARTS
from grading.processes import tier
from grading.wire import printable
from instructor.tests.grading.report.printed import printed_report

WIDE = 10_000  # columns, so that nothing is wrapped


def failed(**told) -> TestScore:
    """A test that has failed."""
    return TestScore("a_test", "returns", 1.0, hidden=False, end_to_end=False, **told)


def report_on(*tests: TestScore, width: int = WIDE) -> str:
    """What is printed of these tests."""
    grade = Grade(
        Path("submitted.py"), list(tests), (), {}, tier.Tier("A", "isolated"), {}, "", 0.0
    )
    with pytest.MonkeyPatch.context() as patch:
        return printed_report(patch, grade, width)


# What a worker's texts are when they arrive here; brackets and backslashes are markup's.
said = st.text(st.sampled_from("[]\\/ab=# ") | st.characters(), min_size=1, max_size=12).map(
    printable
)
words = said.map(lambda text: " ".join(text.split())).filter(bool)


@given(what=words, where=words, printed=words, width=st.integers(1, 100))
@example(what="[/dim]", where="x = [bold] \\", printed="a\\\\", width=WIDE)
@example(what="[/]", where="[red", printed="\\[", width=WIDE)
def test_what_a_submission_said_stands_in_the_report_as_it_is(what, where, printed, width):
    test = failed(what=what, where=where, printed=printed)
    lines = [line.strip() for line in report_on(test).splitlines()]
    first = 1 + next(n for n, line in enumerate(lines) if line.endswith("): a_test"))
    assert lines[first : first + 4] == [what, f"Look at {where}", "It printed:", printed]
    report_on(test, width=width)  # at any width it ends


def test_what_is_drawn_is_cut_where_a_sentence_is_wrapped():
    drawing = "          expected  got\nstep 100         1    2  <- differs"
    text = report_on(failed(what="A sentence of many words.", picture=drawing), width=24)
    assert [line.rstrip() for line in text.splitlines() if line.startswith("  ")][-4:] == [
        "  A sentence of many",
        "  words.",
        "              expected …",
        "    step 100         1 …",
    ]


def test_what_was_printed_is_wrapped_and_nothing_of_it_is_left_out():
    text = report_on(failed(what="x", printed="  " + "7" * 30), width=24)
    assert text.count("7") == 30


def test_one_point_is_one_point():
    one, two = failed(what="x"), failed(what="y")
    two.points = 2.0
    text = report_on(one, two)
    assert "(1 point): a_test" in text
    assert "(2 points): a_test" in text


def test_an_error_of_one_line_is_told_once_and_what_follows_from_others_last():
    where = "submitted.py, line 3: return x[n]"
    last = TestScore("all", "training", 1.0, hidden=False, end_to_end=True, overshadowed=True)
    tests = [
        failed(what="It stopped with an IndexError: index 3", where=where),
        last,
        failed(what="It stopped with an IndexError: index 9", where=where),
        failed(what="It stopped with a KeyError: 9", where=where),
    ]
    text = report_on(*tests)
    headings = [line for line in text.splitlines() if "point): " in line or "points): " in line]
    title = PARTS["returns"].title
    assert headings == [
        f"{title} (2 points): a_test, a_test",
        f"{title} (1 point): a_test",
        f"{PARTS['training'].title} (1 point): all",
    ]
    assert "index 9" not in text
