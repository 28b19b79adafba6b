"""The report on the terminal: a table of parts, then what to look at."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from grading.judge import Grade
from grading.parts import PARTS
from grading.plugin import TestScore

PRINTED_LINES = 5


def points_text(points: float) -> str:
    """Points without needless decimals."""
    return f"{points:g}"


def print_report(grade: Grade, console: Console | None = None) -> None:
    """Print the whole report; plain where the output is not a terminal."""
    console = console or Console(highlight=False, soft_wrap=False)
    if not console.is_terminal:
        console = Console(file=console.file, width=80, no_color=True, highlight=False)
    console.print(_table(grade))
    failures = [test for test in grade.tests if not test.passed]
    shown = _without_repetition(failures)
    if shown:
        console.print("[bold]What to look at[/bold]")
    for test, others in shown:
        _print_failure(console, test, others)
    versions = ", ".join(f"{name} {version}" for name, version in grade.versions.items())
    console.print(f"[dim]{versions}; {grade.seconds:.1f} s[/dim]")
    console.print(f"[bold]Total: {points_text(grade.score)} / {points_text(grade.points)}[/bold]")


def _table(grade: Grade) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("Part")
    table.add_column("Points", justify="right")
    table.add_column("", ratio=1)
    for part in PARTS.values():
        tests = [test for test in grade.tests if test.part == part.name]
        if not tests:
            continue
        earned, possible = sum(t.score for t in tests), sum(t.points for t in tests)
        verdict = _verdict(tests)
        colour = "green" if earned == possible else "red" if earned == 0 else "yellow"
        if verdict == "not written yet":
            colour = "dim"
        points = f"{points_text(earned)} / {points_text(possible)}"
        table.add_row(
            part.title, f"[{colour}]{points}[/{colour}]", f"[{colour}]{verdict}[/{colour}]"
        )
    return table


def _verdict(tests: list[TestScore]) -> str:
    if all(test.passed for test in tests):
        return "all right"
    own = [test for test in tests if not test.end_to_end]
    if own and all(test.unwritten for test in own):
        return "not written yet"
    failed = [test for test in tests if not test.passed]
    text = f"{len(failed)} of {len(tests)} tests fail"
    if all(test.hidden for test in failed):
        text += ", all of them hidden"
    elif all(test.end_to_end for test in failed):
        text += ": those that use all your functions together"
    return text


def _without_repetition(failures: list[TestScore]) -> list[tuple[TestScore, list[TestScore]]]:
    """One entry for each thing to say, with the other tests it also explains."""
    entries: dict[tuple[str, str, str], list[TestScore]] = {}
    for test in failures:
        group = "" if test.where.startswith("submitted.py") else test.part
        entries.setdefault((group, test.what, test.where), []).append(test)
    return [(tests[0], tests[1:]) for tests in entries.values()]


def _print_failure(console: Console, test: TestScore, others: list[TestScore]) -> None:
    kind = "hidden test" if test.hidden else "end to end" if test.end_to_end else "test"
    names = f"[bold]{escape(test.name)}[/bold]"
    if others:
        names += f" and {len(others)} more"
    lost = points_text(sum(t.points for t in (test, *others)))
    console.print(f"\n{names} [dim]({kind}, {lost} points)[/dim]")
    text = escape(f"{test.what} {test.numbers}".strip())
    if test.where:
        text += "\n[dim]" + escape(f"Look at {test.where}") + "[/dim]"
    if test.printed.strip():
        lines = test.printed.strip().splitlines()
        shown = [line[:200] for line in lines[:PRINTED_LINES]]
        if len(lines) > PRINTED_LINES:
            shown.append(f"... and {len(lines) - PRINTED_LINES} lines more")
        text += "\n[dim]It printed:\n" + escape("\n".join("  " + line for line in shown)) + "[/dim]"
    console.print(Padding(text, (0, 0, 0, 2)))


def print_closing(console: Console, grade: Grade) -> None:
    """Say how to go on."""
    failed = next((t for t in grade.tests if not (t.passed or t.unwritten or t.hidden)), None)
    if failed is not None:
        console.print(f"To see one test in full: python grade.py --debug {failed.name}")
