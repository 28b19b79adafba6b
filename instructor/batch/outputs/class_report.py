"""The report on a class: one page of HTML with everything in it, for a browser without a network."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from grading.judge.keys import KnownMistake, read_named
from grading.kit import NAMED
from grading.parts import PARTS, TOTAL_POINTS
from grading.report.results import PRINTED
from instructor import catalogue
from instructor.batch.entries import Graded
from instructor.batch.outputs import similarity, unnamed
from instructor.batch.outputs.anonymity import (
    labels,
    reason_without_own_text,
    without_own_text,
)
from instructor.batch.outputs.feedback_files import (
    ALL_PASSED,
    NAMED_TESTS,
    NO_GRADE,
    failed_tests,
    is_hidden,
)
from instructor.batch.outputs.page_safety import csp_hash, writable
from instructor.batch.outputs.points import points_of_parts, points_possible

HERE = Path(__file__).resolve().parent
TEXT_LIMIT = 4000  # characters of one output in the page; the feedback files hold all of it
PAIRS_LIMIT = 200
SIMILARITY_FAILED = "Submissions were not compared: it took too long, or made Python crash."
NOT_COMPARED = "These were not compared: reading them took too long, or made Python crash."
WITHOUT_SIMILARITY = (
    "Similar submissions were not looked for: the package rapidfuzz is not installed."
)
# What went wrong in running, by how a line of a test's output begins; and the word for the table.
TROUBLES = (
    ("Took too long and was stopped", "too slow", "It took longer than"),
    ("Python crashed", "crashed", "Python crashed while it ran"),
    (
        "Ended the whole program",
        "ended the program",
        r"It ended the whole program|It ends the whole program",
    ),
    ("Wrote more files than a solution needs", "too many files", "It wrote more files than"),
    ("Not run, because the grading had used up its time", "not run", "It was not run:"),
    (
        "Could not be imported",
        "not importable",
        r"While submitted\.py was imported:|Python cannot read submitted\.py|"
        r"submitted\.py (?:stops with|imports|asks for keyboard|ends the program)",
    ),
    ("Stopped with an error", "error", r"It stopped with an? \w+"),
    ("Has no function of that name", "function missing", r"submitted\.py has no function \w+"),
    ("A function is not written yet", "not written", r"\w+ is not written yet\."),
)
PATTERNS = [re.compile(rf"^(?:{begins})", re.MULTILINE) for _, _, begins in TROUBLES]
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<noscript>This page draws itself with a script of its own, which is switched off here.</noscript>
<main id="page"></main>
<dialog id="feedback" aria-labelledby="feedback-name"></dialog>
<script type="application/json" id="data">{data}</script>
<script>{script}</script>
</body>
</html>
"""


def report_page(
    graded: Sequence[Graded],
    title: str,
    anonymous: bool = False,
    similar: Sequence[similarity.Pair] | None = (),
    not_compared: Sequence[str] = (),
) -> str:
    """The whole report.

    similar: pairs of student keys with the share of code that is the same, or None where submissions
    could not be compared.
    not_compared: keys of students whose submissions were left out of that.
    anonymous: without anything that tells who a student is, and without texts of submissions' own.
    """
    style = (HERE / "class_report.css").read_text(encoding="utf-8")
    script = (HERE / "class_report.js").read_text(encoding="utf-8")
    policy = (
        f"default-src 'none'; script-src '{csp_hash(script)}'; style-src '{csp_hash(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    # A submission's texts are in the data alone, and no "<" of theirs is in the page.
    data = json.dumps(report_data(graded, title, anonymous, similar, not_compared), allow_nan=False)
    data = data.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    page = PAGE.format(policy=policy, title=escape(title), style=style, script=script, data=data)
    return writable(page)


def report_data(
    graded: Sequence[Graded],
    title: str,
    anonymous: bool = False,
    similar: Sequence[similarity.Pair] | None = (),
    not_compared: Sequence[str] = (),
) -> dict[str, Any]:
    """All that the page shows, as its script reads it. A student is the number of a row."""
    names = labels(graded) if anonymous else {}
    if anonymous:
        graded = sorted(graded, key=lambda one: int(names[one.entry.student.key].split()[1]))
    shared = Counter(one.entry.student.display_name for one in graded)
    folder = common_folder([one.entry.where for one in graded])
    texts: dict[str, int] = {}
    tests: dict[tuple[str, bool], int] = {}
    rows = []
    for one in graded:
        student = one.entry.student
        label = names.get(student.key, "")
        name = student.display_name
        if shared[name] > 1:
            name = f"{name} ({student.key})"
        reason = reason_without_own_text(one.reason) if anonymous else one.reason
        rows.append(
            {
                "id": label.lower().replace(" ", "-") or student.key,
                "name": label or name,
                "more": "" if anonymous else " · ".join(more_about(one, folder)),
                "score": one.score,
                "reason": reason if one.document is None else "",
                "parts": part_points(one),
                "status": status(one),
                "failed": [
                    [
                        tests.setdefault((t["name"], is_hidden(t)), len(tests)),
                        t["score"],
                        t["max_score"],
                        texts.setdefault(shown_text(t["output"], anonymous), len(texts)),
                    ]
                    for t in failed_tests(one.document or {"tests": []})
                ],
            }
        )
    place = {one.entry.student.key: n for n, one in enumerate(graded)}
    pairs = [
        (place[a], place[b], how_alike(graded[place[a]], graded[place[b]], share))
        for a, b, share in similar or ()
        if a in place and b in place
    ]
    possible = part_maximum(graded)
    return {
        "title": title,
        "possible": max(
            (points_possible(one.document) for one in graded if one.document is not None),
            default=TOTAL_POINTS,
        ),
        "words": {
            "noGrade": NO_GRADE,
            "allPassed": ALL_PASSED,
            "printed": PRINTED,
            "notCompared": NOT_COMPARED,
        },
        "namedTests": NAMED_TESTS,
        "parts": [
            {"key": name, "title": PARTS[name].title, "possible": most}
            for name, most in possible.items()
        ],
        "rows": rows,
        "tests": list(tests),
        "texts": list(texts),
        "misconceptions": misconceptions(graded),
        "unnamed": unnamed_groups(graded, anonymous),
        "troubles": troubles(graded),
        "similar": pairs[:PAIRS_LIMIT],
        "similarCount": len(pairs),
        "similarNote": similarity_note(similar),
        "notCompared": sorted(place[key] for key in not_compared if key in place),
    }


def similarity_note(similar: Sequence[similarity.Pair] | None) -> str:
    """Why no pairs of similar submissions are listed; empty where they were looked for."""
    if similar is None:
        return SIMILARITY_FAILED
    return "" if similar or similarity.AVAILABLE else WITHOUT_SIMILARITY


def how_alike(first: Graded, second: Graded, share: float) -> str:
    """In words how much two submissions have in common."""
    if first.entry.content == second.entry.content:
        return "the same file"
    return "the same code" if share == 1 else f"{int(100 * share)} % the same"


def common_folder(places: Sequence[str]) -> str:
    """What the names of all files begin with, up to the last folder or zip in it."""
    named = [place for place in places if place]
    first, last = min(named, default=""), max(named, default="")
    length = next((n for n, (a, b) in enumerate(zip(first, last)) if a != b), 0)
    while length and not first[:length].endswith(("/", "\\", ": ")):
        length -= 1
    return first[:length]


def more_about(one: Graded, folder: str = "") -> list[str]:
    """What else is known about a student, for the second line of the name and for the filter.

    folder: what the names of all files begin with, which says nothing about this one.
    """
    student = one.entry.student
    shown = student.display_name
    texts = (student.login, student.email, one.entry.where.removeprefix(folder))
    return [text for text in texts if text and text != shown]


def shown_text(output: str, anonymous: bool) -> str:
    """A test's output as the page shows it: short, and without names where it is anonymous."""
    text = without_own_text(output) if anonymous else output
    if len(text) > TEXT_LIMIT:
        text = text[:TEXT_LIMIT] + "\n... (the feedback file has all of it)"
    return text


def part_points(one: Graded) -> list[float] | None:
    """The points in each part, or None where there is no grade."""
    if one.document is None:
        return None
    return [points.earned for points in points_of_parts(one.document).values()]


def part_maximum(graded: Sequence[Graded]) -> dict[str, float]:
    """The points possible in each part."""
    of_each = [points_of_parts(one.document) for one in graded]
    return {part: max((p[part].possible for p in of_each), default=0.0) for part in PARTS}


def troubles_of(one: Graded) -> set[int]:
    """Which of TROUBLES a submission had. What it printed itself does not count."""
    outputs = [
        t["output"].partition(PRINTED)[0] for t in failed_tests(one.document or {"tests": []})
    ]
    return {n for n, pattern in enumerate(PATTERNS) if any(map(pattern.search, outputs))}


def status(one: Graded) -> str:
    """One or two words for the table."""
    if one.document is None:
        return "not graded"
    words = [TROUBLES[n][1] for n in sorted(troubles_of(one))]
    if words:
        return ", ".join(words)
    failed = len(failed_tests(one.document))
    return (
        "all passed" if not failed else f"{failed} tests failed" if failed > 1 else "1 test failed"
    )


def troubles(graded: Sequence[Graded]) -> list[dict[str, Any]]:
    """Who had which trouble, the most frequent first."""
    who: dict[int, list[int]] = {}
    for row, one in enumerate(graded):
        for n in troubles_of(one):
            who.setdefault(n, []).append(row)
    ranked = sorted(who.items(), key=lambda item: (-len(item[1]), item[0]))
    return [{"text": TROUBLES[n][0], "rows": rows} for n, rows in ranked]


def unnamed_groups(graded: Sequence[Graded], anonymous: bool) -> list[dict[str, Any]]:
    """Who returns the same where no mistake explains it, the largest group first, with an example.

    An anonymous page has no example: code tells who wrote it.
    """
    return [
        {
            "text": group.id,
            "part": PARTS[group.part].title,
            "rows": group.rows,
            "code": "" if anonymous else unnamed.example(graded[group.rows[0]], group.part),
        }
        for group in unnamed.groups(graded)
    ]


def misconceptions(graded: Sequence[Graded]) -> list[dict[str, Any]]:
    """Who shows which misconception, the most frequent first.

    Mistakes of the catalogue that share a sentence are one misconception.
    """
    known: dict[str, catalogue.Mistake | KnownMistake] = {
        mistake.name: mistake for mistake in catalogue.all_mistakes()
    }
    known |= read_named(NAMED) if NAMED.exists() else {}
    who: dict[tuple[str, str], list[int]] = {}
    for row, one in enumerate(graded):
        named = (one.document or {}).get("extra_data", {}).get("mistakes", {})
        shown = set()
        # An old record may have one name where there is a list now.
        lists = ([names] if isinstance(names, str) else names for names in named.values())
        for name in {name for names in lists for name in names}:
            mistake = known.get(name)
            # An old record may name a mistake that is no longer catalogued; its name is shown.
            sentence = mistake.misconception if mistake else name.replace("_", " ")
            shown.add((sentence, PARTS[mistake.part].title if mistake else ""))
        for which in shown:
            who.setdefault(which, []).append(row)
    ranked = sorted(who.items(), key=lambda item: (-len(item[1]), item[0]))
    return [{"text": text, "part": part, "rows": rows} for (text, part), rows in ranked]
