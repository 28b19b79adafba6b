"""One student's feedback as a file to hand out: Markdown, or one page of HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Any

from grading.parts import PARTS
from instructor.batch.entries import Graded
from instructor.batch.outputs.anonymity import reason_without_own_text, without_own_text
from instructor.batch.outputs.page_safety import csp_hash, writable
from instructor.batch.outputs.points import Points, points_of, points_of_parts, points_possible

FENCE = re.compile(r"`{3,}")
SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&!])")
NAMED_TESTS = 3  # if more tests say the same, they are only counted
NO_GRADE = "There is no grade. This is not the same as zero points."
ALL_PASSED = "Every test has passed."
STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin-top: 2rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 0.25rem; overflow-wrap: anywhere; }
p { overflow-wrap: anywhere; }
table { border-collapse: collapse; }
th, td { text-align: left; padding: 0.2rem 1.5rem 0.2rem 0; border-bottom: 1px solid #8886; }
tr > :last-child { text-align: right; font-variant-numeric: tabular-nums; padding-right: 0; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: 0.5rem; margin: 0.25rem 0;
  font-size: 0.85rem; background: #8882; }
small { font-weight: normal; }
"""


def feedback_markdown(graded: Graded) -> str:
    """All that the instructor sees of one student's grading, as Markdown."""
    name = SPECIAL.sub(r"\\\1", " ".join(graded.entry.student.display_name.split()))
    lines = [f"# {name}", ""]
    if graded.document is None:
        reason = SPECIAL.sub(r"\\\1", graded.reason)
        return writable("\n".join([*lines, f"{NO_GRADE} {reason}".strip(), ""]))
    lines += [f"**{total(graded)}**", "", "| Part | Points |", "| --- | ---: |"]
    lines += [f"| {title} | {points} |" for title, points in parts_table(graded.document)]
    lines += ["", "## What failed", ""]
    failed = failed_tests(graded.document)
    if not failed:
        lines += [ALL_PASSED, ""]
    for tests in alike(failed):
        output = tests[0]["output"]
        fence = "`" * max(3, 1 + max(map(len, FENCE.findall(output)), default=0))
        headings = [SPECIAL.sub(r"\\\1", name) + f" ({points})" for name, points in titles(tests)]
        lines += [f"### {', '.join(headings)}", "", fence + "text", output, fence, ""]
    return writable("\n".join(lines))


def feedback_html(graded: Graded, anonymous: str = "") -> str:
    """The same as one HTML page that needs nothing else and runs nothing.

    anonymous: what to call the student; then the texts of the submission's own are left out too.
    """
    name = escape(anonymous or graded.entry.student.display_name)
    style = csp_hash(STYLE)
    policy = f"default-src 'none'; style-src '{style}'; base-uri 'none'; form-action 'none'"
    body = [f"<h1>{name}</h1>"]
    if graded.document is None:
        reason = reason_without_own_text(graded.reason) if anonymous else graded.reason
        body.append(f"<p>{NO_GRADE}</p>\n<p>{escape(reason)}</p>")
    else:
        body += [f"<p><strong>{escape(total(graded))}</strong></p>", "<table>"]
        body.append('<tr><th scope="col">Part</th><th scope="col">Points</th></tr>')
        for title, points in parts_table(graded.document):
            body.append(f'<tr><th scope="row">{escape(title)}</th><td>{points}</td></tr>')
        body += ["</table>", "<h2>What failed</h2>"]
        failed = failed_tests(graded.document)
        if not failed:
            body.append(f"<p>{ALL_PASSED}</p>")
        for tests in alike(failed):
            output = tests[0]["output"]
            text = without_own_text(output) if anonymous else output
            headings = (f"{escape(n)} <small>({points})</small>" for n, points in titles(tests))
            body.append(f"<h3>{', '.join(headings)}</h3>")
            # A browser drops a line break right after <pre>. So it gets one to drop.
            body.append(f"<pre>\n{escape(text)}</pre>")
    page = "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{name}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>",
            *body,
            "</main>\n</body>\n</html>\n",
        ]
    )
    return writable(page)


def total(graded: Graded) -> str:
    """Points earned and possible, in a sentence."""
    assert graded.document is not None
    return f"{graded.score:g} of {points_possible(graded.document):g} points"


def parts_table(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Title and points of every part that has tests."""
    parts = points_of_parts(document).items()
    return [(PARTS[name].title, in_words(points)) for name, points in parts if points.possible]


def failed_tests(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The tests that have not passed, hidden ones too, in the document's order."""
    return [test for test in document["tests"] if test["status"] != "passed"]


def alike(tests: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The tests in groups. Those of a group have the same output, such as that nothing could run."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for test in tests:
        groups.setdefault(test["output"], []).append(test)
    return list(groups.values())


def titles(tests: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    """The heading above the output that these tests share: their names with points, or their number."""
    if len(tests) <= NAMED_TESTS:
        notes = (", hidden test" if is_hidden(test) else "" for test in tests)
        points = (in_words(points_of([test])) for test in tests)
        return [(t["name"], f"{p} points{note}") for t, p, note in zip(tests, points, notes)]
    parts = {test["tags"][0] for test in tests}
    whose = f"{PARTS[parts.pop()].title}: " if len(parts) == 1 else ""
    return [(f"{whose}{len(tests)} tests", f"{in_words(points_of(tests))} points")]


def is_hidden(test: dict[str, Any]) -> bool:
    """Whether students see a test only when the instructor says so."""
    return bool(test.get("visibility", "visible") != "visible")


def in_words(points: Points) -> str:
    """Points earned and possible."""
    return f"{points.earned:g} / {points.possible:g}"
