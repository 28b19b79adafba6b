"""The report's page in a browser: sorting, filtering, opening a row, and nothing that runs."""

import json
from collections.abc import Iterator

import pytest

from instructor.batch.outputs.class_report import NOT_COMPARED, report_page
from instructor.batch.outputs.feedback_files import ALL_PASSED, NO_GRADE, feedback_html
from instructor.tests.batch.outputs import chromium
from instructor.tests.batch.outputs.example_class import ATTACK, SENTENCE

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def address(graded, tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("report") / "report.html"
    pairs = [("achebe_ife", "brandt_ulf", 1.0)]
    report = report_page(graded, "The class", similar=pairs, not_compared=["dahl_liv"])
    path.write_text(report, encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def page(browser, address) -> Iterator[chromium.Browser]:
    browser.size(1280, 1000)
    browser.complaints.clear()
    browser.requests.clear()
    browser.visit(address, "document.querySelector('tbody tr')")
    yield browser
    assert browser.complaints == []
    assert set(browser.requests) <= {address, "about:blank"}


ROWS = "[...document.querySelectorAll('.box tbody tr')]"
IDS = f"{ROWS}.map((row) => row.dataset.id)"
SORTED = "[...document.querySelectorAll('thead th')].map((th) => th.getAttribute('aria-sort'))"
OPEN = "document.querySelector('dialog').open"


def click(page: chromium.Browser, selector: str) -> None:
    page.run(f"document.querySelector({json.dumps(selector)}).click()")


def test_table_sorts(page, graded):
    by_name = [
        "fox_amy",
        "achebe_ife",
        "endo_ken",
        "dahl_liv",
        "costa_rui",
        "brandt_ulf",
        "quill_zora",
    ]
    assert page.run(IDS) == by_name
    click(page, "[data-sort=score]")
    scores = {one.entry.student.key: one.score for one in graded}
    down = [scores[key] for key in page.run(IDS)]
    assert down[-1] is None
    assert down[:-1] == sorted(down[:-1], reverse=True)
    assert page.run(SORTED)[:2] == ["none", "descending"]
    page.run("document.querySelector('[data-sort=score]').focus()")
    page.press("Enter")
    up = [scores[key] for key in page.run(IDS)]
    assert up == [*down[:-1][::-1], None]
    assert page.run(SORTED)[:2] == ["none", "ascending"]
    click(page, "[data-sort=advantages]")
    click(page, "[data-sort=advantages]")
    assert set(page.run(IDS)[:3]) == {"brandt_ulf", "achebe_ife", "endo_ken"}


def test_table_filters(page):
    page.run("document.getElementById('filter').focus()")
    page.send("Input.insertText", text="too slow")
    assert page.run(IDS) == ["endo_ken"]
    assert page.run("document.querySelector('[role=status]').textContent") == "1 of 7 students"


def test_rows_open_and_close_by_keyboard(page):
    name = "document.querySelector('tr[data-id=brandt_ulf] button')"
    page.run(f"{name}.focus()")
    page.press("Enter")
    assert page.run(OPEN)
    said = page.run("document.querySelector('dialog').textContent")
    assert "Ulf Brandt <b>: 82 points" in said
    assert SENTENCE in said
    assert "hidden_advantages_batch" in said
    page.press("Escape")
    page.wait_for(f"!{OPEN}")
    assert page.run(f"document.activeElement === {name}")


def test_feedback_of_no_grade_says_why(page):
    click(page, "tr[data-id=fox_amy] td")
    said = page.run("document.querySelector('dialog').textContent")
    assert NO_GRADE in said
    assert "is not Python." in said


def test_what_a_submission_printed_does_not_run(page):
    click(page, "tr[data-id=quill_zora] button")
    assert ATTACK in page.run("document.querySelector('dialog').textContent")
    assert page.run("document.title") == "The class"
    assert page.run("document.querySelectorAll('img, b').length") == 0


def test_policy_stops_markup_that_gets_in(browser, address):
    """Even if the page put a text in as HTML, nothing in it would run."""
    browser.visit(address, "document.querySelector('tbody tr')")
    browser.run(
        "document.body.insertAdjacentHTML('beforeend', "
        "`<img src=x onerror=\"document.title='owned'\"><iframe srcdoc='x'></iframe>`)"
    )
    browser.run("{ const s = document.createElement('script'); s.textContent = "
                "\"document.title='owned'\"; document.body.append(s); }")  # fmt: skip
    browser.wait_for("document.querySelector('img').complete")
    assert browser.run("document.title") == "The class"


def test_misconception_shows_its_students(page):
    assert page.run("document.querySelector('.ranked p').textContent") == SENTENCE
    assert page.run("document.querySelector('.ranked .count').textContent") == "2"
    click(page, ".ranked li button:last-child")
    assert page.run(IDS) == ["achebe_ife", "brandt_ulf"]


def test_pairs_and_who_was_not_compared_are_listed(page):
    said = page.run("document.querySelector('main').textContent")
    assert "Ife Achebe and Ulf Brandt <b>" in said
    assert f"{NOT_COMPARED}Liv Dahl" in said


def test_address_holds_what_is_shown(page, address):
    click(page, "[data-sort=score]")
    click(page, "tr[data-id=costa_rui] button")
    kept = page.run("location.hash")
    assert kept == "#sort=score&order=descending&open=costa_rui"
    page.visit(
        f"{address}#sort=score&order=ascending&filter=a&open=dahl_liv",
        "document.querySelector('tbody tr')",
    )
    page.requests.clear()
    assert page.run(OPEN)
    said = page.run("document.querySelector('dialog').textContent")
    assert "Liv Dahl: 100 points" in said
    assert ALL_PASSED in said
    assert page.run(IDS)[-2:] == ["dahl_liv", "fox_amy"]


@pytest.mark.parametrize("width", [320, 400, 1280])
def test_page_never_scrolls_sideways(page, width):
    page.size(width, 900)
    assert page.run("document.documentElement.scrollWidth <= innerWidth")
    click(page, "tr[data-id=quill_zora] button")
    assert page.run("document.querySelector('dialog').scrollWidth <= innerWidth")


def test_feedback_page_is_quiet(browser, graded, tmp_path):
    path = tmp_path / "one.html"
    path.write_text(feedback_html(graded[0]), encoding="utf-8")
    browser.complaints.clear()
    browser.visit(path.as_uri(), "document.querySelector('pre')")
    assert browser.run("document.title") == "Zora Quill"
    assert browser.complaints == []
    assert browser.run("getComputedStyle(document.querySelector('main')).display") == "block"
