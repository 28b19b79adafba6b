"""Grade a class: `python -m instructor batch SOURCE --out DIR`, going on where a former run ended."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from tqdm import tqdm

from grading.streams import heard_or_not
from grading.submission import CannotGrade, check_seconds
from grading.wire import printable
from instructor.batch.entries import Entry, Result, Student, Work
from instructor.batch.gradebook.canvas_gradebook import fill_canvas
from instructor.batch.gradebook.fill_rows import Filled
from instructor.batch.gradebook.moodle_worksheet import fill_moodle
from instructor.batch.on_this_machine import on_this_machine
from instructor.batch.outputs.batch_folder import remove_outputs, write_outputs
from instructor.batch.record import RECORD_FILE, Record, kit_hash
from instructor.batch.sources.read_source import read_source
from instructor.proof import sweep

BEFORE_REGRADE = "before-regrade.sqlite"


def main(options: argparse.Namespace) -> int:
    """Grade, write everything, print a summary. Raises CannotGrade."""
    check(options)
    entries = read_source(options.source)
    out: Path = options.out
    try:
        out.mkdir(parents=True, exist_ok=True)
        close_to_others(out)
        # Only a trial: a gradebook that cannot be filled is told now, and not after the grading.
        with tempfile.TemporaryDirectory() as folder:
            fill_gradebooks(Path(folder), {}, options)
        kit = kit_hash(how_to_grade(options))
        with Record(out / RECORD_FILE) as record:
            before = record.keys()
            gone = before - {e.student.key for e in entries}
            if len(gone) > len(before) / 2 and not options.forget_gone:
                raise CannotGrade(another_class(options.source, len(gone), len(before), out))
            grade_missing(record, entries, kit, options)
            graded = record.all_results()
            failed = record.failed(kit)
            # First, for on some systems Ana.html, who is gone, is ana.html.
            remove_outputs(out, gone)
            write_outputs(out, graded, str(options.source), options.anonymous)
            students = {e.student.key: e.student for e in entries}
            scores = {students[g.entry.student.key]: g.score for g in graded}
            gradebooks = fill_gradebooks(out, scores, options)
            # Last: a run that is killed before leaves it to the next one, which also tells who it was.
            record.forget_keys(gone)
    except OSError as error:
        raise CannotGrade(
            f"{error.filename or out} cannot be written ({error.strerror})."
        ) from None
    without = [g for g in graded if g.document is None]
    kept = {
        g.entry.student.key: failed[g.entry.content_hash()]
        for g in graded
        if g.document and g.entry.content_hash() in failed
    }
    # When everything is written, for nobody may be there to read it.
    with heard_or_not():
        if gone:
            print(f"No longer handed in, and taken out: {', '.join(sorted(gone))}")
        say_doubts(entries)
        for target, filled in gradebooks:
            say_filled(target, filled)
        for g in without:
            print(f"Not graded: {g.entry.student.key}: {g.reason}")
        for key, reason in kept.items():
            print(f"Not graded anew, so the grade from before is kept: {key}: {reason}")
        for tier in sorted({str(g.document["extra_data"]["tier"]) for g in graded if g.document}):
            print(f"Graded in {tier}.")
        print(f"{len(graded) - len(without)} of {len(graded)} graded; see {out / 'report.html'}")
    return int(bool(without or kept))


def close_to_others(out: Path) -> None:
    """Let nobody else, and no submission, read what a batch writes: it holds everybody's files."""
    if os.name == "posix":
        out.chmod(0o700)
        if (out / RECORD_FILE).exists():
            (out / RECORD_FILE).chmod(0o600)


def how_to_grade(options: argparse.Namespace) -> sweep.Options:
    """What of the options decides about scores."""
    return sweep.Options(
        time_limit=options.time_limit, visible_needs_hidden=options.visible_needs_hidden
    )


def closed_places(options: argparse.Namespace) -> tuple[Path, ...]:
    """The files of the class. No submission may be able to read them, on a cluster neither."""
    gradebooks = [path for path in (options.canvas, options.moodle) if path]
    places = (options.source, options.out, options.out / RECORD_FILE, *gradebooks)
    return tuple(path.resolve() for path in places)


def another_class(source: Path, gone: int, before: int, out: Path) -> str:
    """Why the batch does not go on: too many of the last run's students are missing."""
    return (
        f"{gone} of the {before} students of the last run are not in {source}. Nothing was changed. "
        f"If it holds another class, name another folder than {out}. If they are really gone, "
        "add --forget-gone."
    )


def check(options: argparse.Namespace) -> None:
    """Raise CannotGrade for options that make no sense."""
    check_seconds("--time-limit", options.time_limit)
    if options.title and not options.canvas:
        raise CannotGrade("--title names a column of a Canvas gradebook; give that with --canvas.")
    # Not Path.resolve and Path.is_dir: they raise errors for links in a circle and for long names.
    source, out = (Path(os.path.realpath(path)) for path in (options.source, options.out))
    if os.path.isdir(source) and out.is_relative_to(source):
        raise CannotGrade(
            f"--out is inside {options.source}, and would be graded too. Name another."
        )
    canvas, moodle = options.canvas, options.moodle
    if canvas and moodle and canvas.name.casefold() == moodle.name.casefold():
        raise CannotGrade(f"Both gradebooks are called {moodle.name}. Rename one of them.")


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
    record: Record, entries: list[Entry], kit: str, options: argparse.Namespace
) -> None:
    """Grade every content that has no result yet, and keep each result at once.

    A submission may have filled the disk for as long as it runs. Then results are kept as soon as there
    is room, at the latest at the end.
    """
    work = {e.content_hash(): e.content for e in entries if e.content is not None}
    done = already_done(record, entries, kit, options)
    record.set_entries(entries)
    missing = {content: data for content, data in work.items() if content not in done}
    place = sweep.Place(closed=closed_places(options), must_isolate=not options.accept_tier_d)
    run: Callable[[Work, sweep.Options, sweep.Place], Iterator[Result]] = on_this_machine
    if options.dask:
        from instructor.batch.on_dask import runner_at

        run = runner_at(options.dask, kit)
    with tqdm(
        desc="graded", total=len(work), initial=len(work) - len(missing), unit="submission"
    ) as bar:
        kept: list[Result] = []  # not on record yet
        for result in run(missing, how_to_grade(options), place):
            kept.append(result)
            with contextlib.suppress(sqlite3.OperationalError):
                _put_on_record(record, kit, kept)
            bar.update()
        _put_on_record(record, kit, kept)


def _put_on_record(record: Record, kit: str, kept: list[Result]) -> None:
    while kept:
        content, document, reason, seconds = kept[0]
        record.add(content, kit, document, reason, seconds)
        del kept[0]


def already_done(
    record: Record, entries: list[Entry], kit: str, options: argparse.Namespace
) -> set[str]:
    """The contents that need no grading. Prints what becomes of those that another kit has graded."""
    if unknown := set(options.again) - {e.student.key for e in entries}:
        raise CannotGrade(f"--again: nobody is called {min(unknown)}; grades.csv has the keys.")
    there = [e for e in entries if e.content is not None]
    contents = {e.content_hash() for e in there}
    again = {e.content_hash() for e in there if e.student.key in options.again}
    if options.regrade:
        if contents <= record.graded(kit) - again:
            with heard_or_not():
                print(
                    "Nothing to regrade: all was graded with this kit. --again KEY grades one anew."
                )
        # A regrade may take several runs: one was killed, or the machine failed for some files. The
        # record of the state before is that before the first of them.
        elif record.regrade_kit != kit:
            shutil.copyfile(record.path, record.path.with_name(BEFORE_REGRADE))
            record.regrade_kit = kit
    record.grade_anew(again, kit)
    done = record.graded(kit)
    if options.regrade:
        return done
    # What this kit could not grade in a regrade is tried again, as all is that has no grade.
    older = record.graded_with_any_kit() - record.failed(kit).keys()
    if kept := len((older - done) & contents):
        with heard_or_not():
            print(
                "The kit, its packages or the time limit are not those with which some of these "
                f"submissions ({kept}) were graded. Those results are kept; --regrade grades them "
                "anew."
            )
    return done | older


def say_doubts(entries: Iterable[Entry]) -> None:
    """Print why names may be wrong."""
    for doubt in sorted({e.student.doubt for e in entries} - {""}):
        print(
            f"Everybody was {doubt}. If it is one student's, the student chose these names, so no "
            "gradebook is filled from it. If it holds the class, give that folder itself."
        )


def say_filled(target: Path, filled: Filled) -> None:
    """Print what was filled into a gradebook, and what was not."""
    print(f"wrote {target}: {filled.matched} rows filled")
    for what, names in (
        ("rows without a submission", filled.unmatched_rows),
        ("submissions without a row", filled.unmatched_students),
        ("left as they are, because of a doubt", filled.ambiguous),
        ("not graded, so left as they are", filled.ungraded),
        ("had another grade before", filled.overwritten),
    ):
        if names:
            # A gradebook's names are nobody's own lines, and no commands to a terminal.
            shown = (" ".join(printable(name).split()) for name in names)
            print(f"  {what}: {'; '.join(shown)}")
    if filled.possible:
        print(f"  {filled.possible}")
