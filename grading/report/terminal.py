"""The report on the terminal: a table of parts, then what to look at."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console, Group
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grading.judge.scores import Grade, TestScore
from grading.parts import PARTS, TOTAL_POINTS
from grading.report.feedback import feedback, known

PRINTED_LINES = 5


def waiting(what: str) -> contextlib.AbstractContextManager[object]:
    """A context manager that shows on a terminal that something is going on.

    A notebook runs commands on a terminal that cannot take a line back.
    """
    in_notebook = "JPY_PARENT_PID" in os.environ  # as Jupyter tells what it starts
    return contextlib.nullcontext() if in_notebook else Console(stderr=True).status(what)


def new_console() -> Console:
    """Coloured on a terminal, plain and 80 columns wide elsewhere."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(width=80, no_color=True, highlight=False)


def print_report(grade: Grade) -> None:
    """Print the whole report."""
    console = new_console()
    console.print(table(part_rows(grade.tests)))
    if grade.remark:
        console.print(Text(f"\n{grade.remark}", "bold"))
    groups = failures(grade.tests)
    print_failures(console, groups)
    console.print()
    debuggable = [test for tests in groups for test in tests if not test.hidden]
    if debuggable:
        console.print(f"One test in full: python grade.py --debug {debuggable[0].name}")
    elsewhere = TOTAL_POINTS - grade.points
    if elsewhere and not grade.only:
        console.print(f"The other {elsewhere:g} of {TOTAL_POINTS} points are in hidden tests.")
    versions = ", ".join(f"{name} {version}" for name, version in grade.versions.items())
    console.print(f"[dim]{versions}; {grade.seconds:.1f} s[/dim]")
    if any(test.hidden for test in grade.tests):  # students need not know how they are isolated
        console.print(f"[dim]{grade.tier}[/dim]")
    console.print(f"[bold]Total: {grade.score:g} / {grade.points:g}[/bold]")


@dataclass(frozen=True)
class Row:
    """What the table says of one part; `mark` stands behind it."""

    part: str
    points: str
    verdict: str
    colour: str
    mark: str = ""


def part_rows(tests: Sequence[TestScore]) -> list[Row]:
    """A row for every part that has tests among these."""
    rows = []
    for part in PARTS.values():
        own = [test for test in tests if test.part == part.name]
        if own:
            earned, possible = sum(t.score for t in own), sum(t.points for t in own)
            rows.append(Row(part.name, f"{earned:g} / {possible:g}", *_verdict(own)))
    return rows


def table(rows: Sequence[Row]) -> Table:
    """The table of the parts."""
    drawn = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    drawn.add_column("Part")
    drawn.add_column("Points", justify="right")
    drawn.add_column("")
    for row in rows:
        cells = (PARTS[row.part].title, row.points, escape(row.verdict))
        coloured = [f"[{row.colour}]{cell}[/{row.colour}]" for cell in cells]
        mark = f"  [bold reverse {row.colour}] {row.mark} [/]" if row.mark else ""
        drawn.add_row(*coloured[:2], coloured[2] + mark)
    return drawn


def failures(tests: Sequence[TestScore]) -> list[list[TestScore]]:
    """What failed, those tests together of which one entry tells; not what is not written yet."""
    unwritten = {part for part in PARTS if _is_unwritten([t for t in tests if t.part == part])}
    return _groups([test for test in tests if not test.passed and test.part not in unwritten])


def print_failures(console: Console, groups: Sequence[list[TestScore]]) -> None:
    """Print an entry for every group."""
    printed: set[str] = set()
    for tests in groups:
        _print_failure(console, tests)
        _print_what_it_printed(console, tests[0].printed, printed)


def _is_unwritten(tests: list[TestScore]) -> bool:
    """Whether a part's function is still the stub."""
    return any(test.unwritten for test in tests if not test.end_to_end)


def _verdict(tests: list[TestScore]) -> tuple[str, str]:
    """What to say of a part, and in which colour."""
    failed = [test for test in tests if not test.passed]
    if not failed and any(test.withheld for test in tests):
        return "visible tests pass, but no hidden one", "yellow"
    if not failed:
        return "all right", "green"
    if _is_unwritten(tests):
        line = failed[0].where.partition(":")[0]
        return f"not written yet ({line})" if line else "not written yet", "bright_black"
    text = f"{len(failed)} of {len(tests)} tests fail"
    if all(test.end_to_end for test in failed):
        text += " (end to end)"
    elif all(test.hidden for test in failed):
        text += " (hidden)"
    return text, "red" if len(failed) == len(tests) else "yellow"


def _groups(failures: list[TestScore]) -> list[list[TestScore]]:
    """The failures part by part, those together that one entry explains.

    Those that only say what to put right first stand last.
    """
    order = list(PARTS)
    groups: dict[tuple[str, ...], list[TestScore]] = {}
    for test in sorted(failures, key=lambda t: (t.overshadowed, order.index(t.part))):
        if test.mistakes:
            about: tuple[str, ...] = (test.part, *(m.misconception for m in test.mistakes))
        else:
            # An error of one line may name other numbers in every test.
            what = test.what.partition(":")[0] if test.where else test.what
            about = ("" if test.whole_file else test.part, what, test.where)
        groups.setdefault(about, []).append(test)
    return list(groups.values())


def _print_failure(console: Console, tests: list[TestScore]) -> None:
    first = tests[0]
    possible = sum(test.points for test in tests)
    points = f"{possible:g} point{'' if possible == 1 else 's'}"
    if first.whole_file:
        console.print(f"\n[bold]submitted.py[/bold] ({points})")
    else:
        names = ", ".join(test.name for test in tests)  # never cut: `--debug` takes whole names
        console.print(f"\n[bold]{PARTS[first.part].title}[/bold] ({points}): {escape(names)}")
    lines = feedback(first)
    styles = [""] * len(lines)
    about_mistakes = len(known(first))
    styles[:about_mistakes] = ["bold"] * about_mistakes
    if first.where:
        styles[-1] = "dim"
    texts = [_text(part, style) for line, style in zip(lines, styles) for part in line.split("\n")]
    console.print(Padding(Group(*texts), (0, 0, 0, 2), expand=False))


def _text(line: str, style: str) -> Text:
    """A line, wrapped where the terminal is narrow; what is drawn is cut there."""
    if line.startswith("  ") and not line.endswith(":"):
        return Text(line, style, no_wrap=True, overflow="ellipsis")
    return Text(line, style)


def _print_what_it_printed(console: Console, text: str, before: set[str]) -> None:
    """What the submission itself printed in a test, unless it has printed the same `before`."""
    lines = text.strip().splitlines()
    if not lines or text in before:
        return
    before.add(text)
    shown = [line[:200] for line in lines[:PRINTED_LINES]]
    if len(lines) > PRINTED_LINES:
        shown.append(f"... and {len(lines) - PRINTED_LINES} lines more")
    console.print(Padding(Text("It printed:", "dim"), (0, 0, 0, 2), expand=False))
    console.print(Padding(Text("\n".join(shown), "dim"), (0, 0, 0, 4), expand=False))
