"""The files a batch leaves in its folder: grades.csv, feedback, results, the report."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from grading.parts import PARTS
from grading.results import failed_results, write_results, write_whole
from instructor.batch.feedback_files import feedback_html, feedback_markdown
from instructor.batch.records import Graded
from instructor.batch.report import report_page
from instructor.batch.similarity import near_duplicates


def write_outputs(out: Path, graded: Sequence[Graded], anonymous: bool = False) -> None:
    """Write everything, each file as a whole or not at all."""
    for folder in ("results", "feedback"):
        (out / folder).mkdir(exist_ok=True)
    for one in graded:
        key = one.entry.student.key
        document = failed_results(one.reason) if one.document is None else one.document
        write_results(out / "results" / f"{key}.json", document)
        write_text(out / "feedback" / f"{key}.md", feedback_markdown(one))
        write_text(out / "feedback" / f"{key}.html", feedback_html(one))
    write_text(out / "grades.csv", grades_csv(graded))
    similar = near_duplicates([g.entry for g in graded if g.entry.content is not None])
    title = f"{len(graded)} submissions"
    write_text(out / "report.html", report_page(graded, title, anonymous, similar))


def grades_csv(graded: Sequence[Graded]) -> str:
    """One row per student, a column per part; empty cells, not zeros, where there is no grade."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["key", "name", "login", "email", "score", *PARTS, "status"])
    for one in graded:
        student = one.entry.student
        who = [unspoilt(t) for t in (student.key, student.name, student.login, student.email)]
        if one.document is None:
            table.writerow([*who, "", *[""] * len(PARTS), f"not graded: {one.reason}"])
            continue
        points = dict.fromkeys(PARTS, 0.0)
        for test in one.document["tests"]:
            points[test["tags"][0]] += test["score"]
        table.writerow([*who, f"{one.score:g}", *(f"{p:g}" for p in points.values()), "graded"])
    return text.getvalue()


def unspoilt(cell: str) -> str:
    """A name that a spreadsheet cannot take for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def write_text(path: Path, text: str) -> None:
    """Write a text as a whole or not at all."""
    write_whole(path, text.encode())
