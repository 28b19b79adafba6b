"""The report on the terminal: a table of parts, then what to look at."""

from __future__ import annotations

from rich.console import Console, Group
from rich.markup import escape
from rich.padding import Padding
from rich.status import Status
from rich.table import Table
from rich.text import Text

from grading.judge.scores import Grade, TestScore
from grading.parts import PARTS, TOTAL_POINTS
from grading.report.feedback import feedback, known

PRINTED_LINES = 5


def waiting(what: str) -> Status:
    """A context manager that shows on a terminal that something is going on."""
    return Console(stderr=True).status(what)


def print_report(grade: Grade) -> None:
    """Print the whole report: in colour on a terminal, plain and 80 columns wide elsewhere."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(width=80, no_color=True, highlight=False)
    console.print(_table(grade))
    unwritten = {
        part for part in PARTS if _is_unwritten([t for t in grade.tests if t.part == part])
    }
    groups = _groups([t for t in grade.tests if not t.passed and t.part not in unwritten])
    printed: set[str] = set()
    for tests in groups:
        _print_failure(console, tests)
        _print_what_it_printed(console, tests[0].printed, printed)
    console.print()
    debuggable = [test for tests in groups for test in tests if not test.hidden]
    if debuggable:
        console.print(f"One test in full: python grade.py --debug {debuggable[0].name}")
    elsewhere = TOTAL_POINTS - grade.points
    if elsewhere and not grade.only:
        console.print(f"The other {elsewhere:g} of {TOTAL_POINTS} points are in hidden tests.")
    versions = ", ".join(f"{name} {version}" for name, version in grade.versions.items())
    console.print(f"[dim]{versions}; {grade.seconds:.1f} s[/dim]")
    console.print(f"[dim]{grade.tier}[/dim]")
    console.print(f"[bold]Total: {grade.score:g} / {grade.points:g}[/bold]")


def _table(grade: Grade) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("Part")
    table.add_column("Points", justify="right")
    table.add_column("")
    for part in PARTS.values():
        tests = [test for test in grade.tests if test.part == part.name]
        if tests:
            earned, possible = sum(t.score for t in tests), sum(t.points for t in tests)
            verdict, colour = _verdict(tests)
            cells = (part.title, f"{earned:g} / {possible:g}", escape(verdict))
            table.add_row(*(f"[{colour}]{cell}[/{colour}]" for cell in cells))
    return table


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
