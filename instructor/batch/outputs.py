"""The files a batch leaves in its folder: grades.csv, feedback, results, the report."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from grading.parts import PARTS
from grading.report.results import failed_results, write_results, write_whole
from instructor.batch.anonymity import labels
from instructor.batch.feedback_files import feedback_html, feedback_markdown
from instructor.batch.records import Graded
from instructor.batch.report import report_page
from instructor.batch.similarity import near_duplicates

WHO_IS_WHO = "who_is_who.csv"


def write_outputs(
    out: Path, graded: Sequence[Graded], source: str, anonymous: bool = False
) -> None:
    """Write everything, each file as a whole or not at all. Raises OSError."""
    for folder in ("results", "feedback"):
        (out / folder).mkdir(exist_ok=True)
    for one in graded:
        document = failed_results(one.reason) if one.document is None else one.document
        results, markdown, html = files_of(out, one.entry.student.key)
        write_results(results, document)
        write_text(markdown, feedback_markdown(one))
        write_text(html, feedback_html(one))
    write_text(out / "grades.csv", grades_csv(graded))
    if anonymous:
        lines = [f"{label},{key}\n" for key, label in labels(graded).items()]
        write_text(out / WHO_IS_WHO, "".join(["label,key\n", *lines]))
    similar = near_duplicates([g.entry for g in graded if g.entry.content is not None])
    title = "The class" if anonymous else Path(source).stem or source
    write_text(out / "report.html", report_page(graded, title, anonymous, similar))


def files_of(out: Path, key: str) -> tuple[Path, Path, Path]:
    """The files about one student: results, feedback as Markdown and as HTML."""
    feedback = out / "feedback"
    return out / "results" / f"{key}.json", feedback / f"{key}.md", feedback / f"{key}.html"


def remove_outputs(out: Path, keys: Iterable[str]) -> None:
    """Remove what an earlier run wrote about students who are no longer there. Raises OSError."""
    for key in keys:
        for path in files_of(out, key):
            path.unlink(missing_ok=True)


def grades_csv(graded: Sequence[Graded]) -> str:
    """One row per student, a column per part; empty cells, not zeros, where there is no grade."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["key", "name", "login", "email", "id", "score", *PARTS, "status"])
    for one in graded:
        student = one.entry.student
        ids = " ".join(student.ids.values())
        known = (student.key, student.name, student.login, student.email, ids)
        who = [unspoilt(text) for text in known]
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
