"""Grade a class: `python -m instructor batch SOURCE --out DIR`, going on where a former run ended."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from tqdm import tqdm

from grading.dispatch import PRELOADABLE
from grading.submission import CannotGrade
from instructor import sweep
from instructor.batch.database import Database, kit_hash
from instructor.batch.gradebook import Filled, fill_canvas, fill_moodle
from instructor.batch.outputs import write_outputs
from instructor.batch.records import Entry
from instructor.batch.sources import read_source

ATTEMPTS = 2  # for a submission during which the grader itself came to an end
DATABASE = "batch.sqlite"
BEFORE = "before-regrade.sqlite"

# A content's hash and bytes in, its hash and what came of it out: (hash, document, reason, seconds).
Work = dict[str, bytes]
Result = tuple[str, dict[str, Any] | None, str, float]


def main(options: argparse.Namespace) -> int:
    """Grade, write everything, print a summary. Raises CannotGrade."""
    entries = read_source(options.source)
    out: Path = options.out
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotGrade(f"The folder {out} cannot be made ({error.strerror}).") from None
    kit = kit_hash()
    with Database(out / DATABASE) as database:
        # A regrade that was killed goes on: then the record of what was before it stays.
        if options.regrade and not database.regrading:
            shutil.copyfile(out / DATABASE, out / BEFORE)
            database.regrading = True
        database.set_entries(entries)
        grade_missing(database, entries, kit, options)
        if options.regrade:
            database.regrading = False
        graded = database.all_results(kit)
    write_outputs(out, graded, options.anonymous)
    scores = {g.entry.student: g.score for g in graded}
    for name, fill in (("canvas", fill_canvas), ("moodle", fill_moodle)):
        export: Path | None = getattr(options, name)
        if export is not None:
            target = out / f"{export.stem}_filled{export.suffix}"
            more = {"title": options.title} if name == "canvas" else {}
            say_filled(target, fill(export, scores, target, **more))
    without = [g for g in graded if g.document is None]
    for g in without:
        print(f"Not graded: {g.entry.student.key}: {g.reason}")
    print(f"{len(graded) - len(without)} of {len(graded)} graded; see {out / 'report.html'}")
    return int(bool(without))


def grade_missing(
    database: Database, entries: list[Entry], kit: str, options: argparse.Namespace
) -> None:
    """Grade every content that has no result yet, and keep each result at once."""
    work = {e.content_hash(): e.content for e in entries if e.content is not None}
    done = database.graded(kit)
    if not options.regrade:
        older = {row[0] for row in database.connection.execute("SELECT content FROM results")}
        if kept := len((older - done) & set(work)):
            print(
                f"The kit or its packages have changed since {kept} of these submissions were graded. "
                "Their results are kept; --regrade grades them anew."
            )
        done |= older
    missing = {content: data for content, data in work.items() if content not in done}
    runner: Callable[[Work, float], Iterator[Result]] = on_this_machine
    if options.dask:
        from instructor.batch.on_dask import runner_at

        runner = runner_at(options.dask, kit)
    bar = tqdm(total=len(work), initial=len(work) - len(missing), unit="submission")
    with bar:
        for content, document, reason, seconds in runner(missing, options.time_limit):
            database.add(content, kit, document, reason, seconds)
            bar.update()


def on_this_machine(work: Work, time_limit: float) -> Iterator[Result]:
    """Grade on all cores, each with workers that have imported torch once."""
    attempts, options = dict.fromkeys(work, 0), sweep.Options(time_limit=time_limit)
    with tempfile.TemporaryDirectory() as folder:
        preload = Path(folder) / "imports.py"
        preload.write_text(imports_of(work), encoding="utf-8")
        while attempts:
            with sweep.pool(preload) as executor:
                waiting: dict[Future[sweep.Judged], str] = {}
                for content in attempts:
                    future = executor.submit(sweep.judge_bytes, work[content], options)
                    waiting[future] = content
                broken = False
                while waiting and not broken:
                    ended, _ = wait(waiting, return_when=FIRST_COMPLETED)
                    for future in ended:
                        content = waiting.pop(future)
                        try:
                            judged = future.result()
                        except BrokenProcessPool:
                            broken = True
                            continue
                        del attempts[content]
                        yield content, judged.document, judged.reason, judged.seconds
            # A process of the kit's own died, and which submission it had is not known: all that are
            # left are tried once more.
            for content in list(attempts):
                attempts[content] += 1
                if attempts[content] >= ATTEMPTS:
                    del attempts[content]
                    yield content, None, "The grader itself ended while it graded this.", 0.0


def imports_of(work: Work) -> str:
    """Import lines for what any submission imports and workers may as well import once."""
    text = b"\n".join(work.values()).decode(errors="replace")
    return "\n".join(f"import {name}" for name in PRELOADABLE if name in text)


def say_filled(target: Path, filled: Filled) -> None:
    """What was and what was not filled in."""
    print(f"wrote {target}: {filled.matched} rows filled")
    for what, names in (
        ("rows without a submission", filled.unmatched_rows),
        ("submissions without a row", filled.unmatched_students),
        ("left as they are, because of a doubt", filled.ambiguous),
        ("not graded, so left as they are", filled.ungraded),
    ):
        if names:
            print(f"  {what}: {', '.join(names)}")
