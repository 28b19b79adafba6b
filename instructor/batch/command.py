"""Grade a class: `python -m instructor batch SOURCE --out DIR`, going on where a former run ended."""

from __future__ import annotations

import argparse
import math
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from tqdm import tqdm

from grading.processes.start import PRELOADABLE
from grading.submission import CannotGrade
from instructor.batch.database import Database, kit_hash
from instructor.batch.gradebook import Filled, fill_canvas, fill_moodle
from instructor.batch.outputs import remove_outputs, write_outputs
from instructor.batch.records import Entry, Student
from instructor.batch.sources import read_source
from instructor.proof import sweep

ATTEMPTS = 2  # for a submission during which the grader itself came to an end
DATABASE = "batch.sqlite"
BEFORE = "before-regrade.sqlite"

# A content's hash and bytes in, its hash and what came of it out: (hash, document, reason, seconds).
Work = dict[str, bytes]
Result = tuple[str, dict[str, Any] | None, str, float]


def main(options: argparse.Namespace) -> int:
    """Grade, write everything, print a summary. Raises CannotGrade."""
    check(options)
    entries = read_source(options.source)
    out: Path = options.out
    try:
        out.mkdir(parents=True, exist_ok=True)
        # For nothing yet, but gradebooks that cannot be filled are told now and not at the end.
        with tempfile.TemporaryDirectory() as folder:
            fill_gradebooks(Path(folder), {}, options)
        kit = kit_hash(options.time_limit)
        with Database(out / DATABASE) as database:
            gone = database.keys() - {e.student.key for e in entries}
            grade_missing(database, entries, kit, options)
            graded = database.all_results()
        write_outputs(out, graded, str(options.source), options.anonymous)
        remove_outputs(out, gone)
    except OSError as error:
        raise CannotGrade(
            f"{error.filename or out} cannot be written ({error.strerror})."
        ) from None
    except sqlite3.Error as error:
        raise CannotGrade(f"{out / DATABASE} cannot be written ({error}).") from None
    if gone:
        print(f"No longer handed in, and taken out: {', '.join(sorted(gone))}")
    scores = {g.entry.student: g.score for g in graded}
    for target, filled in fill_gradebooks(out, scores, options):
        say_filled(target, filled)
    without = [g for g in graded if g.document is None]
    for g in without:
        print(f"Not graded: {g.entry.student.key}: {g.reason}")
    print(f"{len(graded) - len(without)} of {len(graded)} graded; see {out / 'report.html'}")
    return int(bool(without))


def check(options: argparse.Namespace) -> None:
    """Options that make no sense. Raises CannotGrade."""
    if not 0 < options.time_limit < math.inf:
        given = f"{options.time_limit:g}"
        raise CannotGrade(f"--time-limit must be a number of seconds above 0, not {given}.")
    if options.title and not options.canvas:
        raise CannotGrade("--title names a column of a Canvas gradebook; give that with --canvas.")
    source, out = options.source.resolve(), options.out.resolve()
    if source.is_dir() and out.is_relative_to(source):
        raise CannotGrade(
            f"--out is inside {options.source}, and would be graded too. Name another."
        )


def fill_gradebooks(
    folder: Path, scores: Mapping[Student, float | None], options: argparse.Namespace
) -> list[tuple[Path, Filled]]:
    """Write filled copies of the gradebooks that were given. Raises CannotGrade."""
    filled = []
    if options.canvas:
        target = folder / f"{options.canvas.stem}_filled{options.canvas.suffix}"
        filled.append((target, fill_canvas(options.canvas, scores, target, options.title)))
    if options.moodle:
        target = folder / f"{options.moodle.stem}_filled{options.moodle.suffix}"
        filled.append((target, fill_moodle(options.moodle, scores, target)))
    return filled


def grade_missing(
    database: Database, entries: list[Entry], kit: str, options: argparse.Namespace
) -> None:
    """Grade every content that has no result yet, and keep each result at once."""
    work = {e.content_hash(): e.content for e in entries if e.content is not None}
    done = already_done(database, entries, kit, options)
    database.set_entries(entries, kit)
    missing = {content: data for content, data in work.items() if content not in done}
    runner: Callable[[Work, float], Iterator[Result]] = on_this_machine
    if options.dask:
        from instructor.batch.on_dask import runner_at

        runner = runner_at(options.dask, kit)
    with tqdm(total=len(work), initial=len(work) - len(missing), unit="submission") as bar:
        for content, document, reason, seconds in runner(missing, options.time_limit):
            database.add(content, kit, document, reason, seconds)
            bar.update()
    if options.regrade:
        database.regrading = False


def already_done(
    database: Database, entries: list[Entry], kit: str, options: argparse.Namespace
) -> set[str]:
    """The contents that need no grading; says what becomes of those another kit has graded."""
    if unknown := set(options.again) - {e.student.key for e in entries}:
        raise CannotGrade(f"--again: nobody is called {min(unknown)}; grades.csv has the keys.")
    database.forget(e.content_hash() for e in entries if e.student.key in options.again)
    contents = {e.content_hash() for e in entries if e.content is not None}
    done = database.graded(kit)
    if options.regrade:
        if contents <= done:
            print("Nothing to regrade: all was graded with this kit. --again KEY grades one anew.")
        # A regrade that was killed goes on: then the record of what was before it stays.
        elif not database.regrading:
            shutil.copyfile(database.path, database.path.with_name(BEFORE))
            database.regrading = True
        return done
    older = database.graded_with_any_kit()
    if kept := len((older - done) & contents):
        print(
            "The kit, its packages or the time limit are not those with which some of these "
            f"submissions ({kept}) were graded. Those results are kept; --regrade grades them anew."
        )
    return done | older


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
        ("had another grade before", filled.overwritten),
    ):
        if names:
            print(f"  {what}: {'; '.join(names)}")
    if filled.possible:
        print(f"  {filled.possible}")
