"""The files a batch leaves in its folder: grades.csv, feedback, results, the report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from grading.report.results import failed_results, write_results, write_whole
from instructor.batch.entries import Graded
from instructor.batch.outputs.anonymity import labels
from instructor.batch.outputs.class_report import report_page
from instructor.batch.outputs.feedback_files import feedback_html, feedback_markdown
from instructor.batch.outputs.grades_csv import grades_csv
from instructor.batch.outputs.similarity import near_duplicates_apart

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
    similar = near_duplicates_apart([g.entry for g in graded if g.entry.content is not None])
    pairs, not_compared = similar or (None, [])
    title = "The class" if anonymous else Path(source).stem or source
    write_text(out / "report.html", report_page(graded, title, anonymous, pairs, not_compared))


def files_of(out: Path, key: str) -> tuple[Path, Path, Path]:
    """The files about one student: results, feedback as Markdown and as HTML."""
    feedback = out / "feedback"
    return out / "results" / f"{key}.json", feedback / f"{key}.md", feedback / f"{key}.html"


def remove_outputs(out: Path, keys: Iterable[str]) -> None:
    """Remove what an earlier run wrote about students who are no longer there. Raises OSError."""
    for key in keys:
        for path in files_of(out, key):
            path.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text as a whole or not at all."""
    write_whole(path, text.encode())
