"""What a check of the notebook shows: a coloured card in Jupyter, plain text elsewhere."""

from __future__ import annotations

import html
import importlib
import textwrap
from collections.abc import Sequence

from grading.judge.scores import TestScore
from grading.parts import PARTS, Part
from grading.report.feedback import feedback, known
from grading.report.terminal import failures, part_rows

# Colours that can be read on a light and on a dark background.
COLOURS = {"green": "#2a9d55", "yellow": "#c98a00", "red": "#d1495b", "bright_black": "#888888"}
PROGRESS = "progress-of-the-assignment"  # the table's name, by which Jupyter finds it again


def show_check(part: Part, tests: Sequence[TestScore]) -> None:
    """Show what the tests say of one part: its points, then the first thing to put right."""
    own = [test for test in tests if test.part == part.name]
    (row,) = part_rows(own)
    left = sum(any(not t.passed for t in tests if t.part == name) for name in PARTS)
    to_go = f"{left} part{'' if left == 1 else 's'} to go" if left else "all parts are right"
    earned, possible = sum(t.score for t in own), sum(t.points for t in own)
    head = f"{part.title}: {row.verdict}. {earned:g} of {possible:g} visible points; {to_go}."
    lines: list[str] = []
    count = 0
    if any(test.unwritten for test in own if not test.end_to_end):
        lines = [
            f'The section "{part.section}" explains it. sanity.hint("{part.name}") helps to begin.'
        ]
    elif groups := failures(own):
        lines, count = feedback(groups[0][0]), len(known(groups[0][0]))
        if len(groups) > 1:
            lines.append("That is not all: run this cell again when it is put right.")
    _display("\n".join([head, *lines]), _card(head, lines, count, COLOURS[row.colour]))


def show_hint(text: str) -> None:
    """Show a hint: its title, then the rest. Lines that begin with blanks keep them."""
    title, _, rest = text.partition("\n\n")
    lines = rest.split("\n")
    plain = [line if line.startswith(" ") else textwrap.fill(line, 88) for line in lines]
    drawn = [f"  {line}" for line in lines] if len(lines) > 1 else lines
    _display("\n".join([title, "", *plain]), _card(title, drawn, 0, COLOURS["bright_black"]))


def show_progress(tests: Sequence[TestScore]) -> None:
    """Show the table of all parts, under a name by which it can be changed later."""
    _display(*_progress(tests), name=PROGRESS)


def update_progress(tests: Sequence[TestScore]) -> None:
    """Bring the table up to date, where there is one."""
    shell = importlib.import_module("IPython").get_ipython()
    if shell is not None:
        _display(*_progress(tests), name=PROGRESS, update=True)


def _progress(tests: Sequence[TestScore]) -> tuple[str, str]:
    """The table of the parts, as text and for Jupyter."""
    rows = part_rows(tests)
    width = max(len(PARTS[row.part].title) for row in rows)
    text = [f"{PARTS[r.part].title:<{width}}  {r.points:>7}  {r.verdict}" for r in rows]
    total = f"{sum(t.score for t in tests):g} of {sum(t.points for t in tests):g} visible points"
    cells = "".join(
        f'<tr><td style="text-align:left">{PARTS[row.part].number}</td>'
        f'<td style="text-align:left">{html.escape(PARTS[row.part].title)}</td>'
        f"<td>{row.points}</td>"
        f'<td style="text-align:left;color:{COLOURS[row.colour]};font-weight:600">'
        f"{html.escape(row.verdict)}</td></tr>"
        for row in rows
    )
    head = "<tr><th>Part</th><th></th><th>Points</th><th></th></tr>"
    table = f"<table>{head}{cells}</table><p>{total}</p>"
    return "\n".join([*text, total]), table


def _card(head: str, lines: Sequence[str], bold: int, colour: str) -> str:
    """A card: its first line, then lines of which the first `bold` ones count most.

    Lines that begin with two blanks are drawn in columns.
    """
    body, drawing = "", ""
    for number, line in enumerate([*lines, ""]):
        if line.startswith("  "):
            drawing += html.escape(line[2:]) + "\n"
            continue
        if drawing:
            body += (
                f'<pre style="margin:4px 0;background:none;font-family:monospace">{drawing}</pre>'
            )
            drawing = ""
        weight = ";font-weight:600" if number < bold else ""
        body += f'<div style="margin-top:4px{weight}">{html.escape(line)}</div>' if line else ""
    return (
        f'<div style="border-left:4px solid {colour};padding:4px 12px;overflow-x:auto">'
        f'<div style="color:{colour};font-weight:700">{html.escape(head)}</div>{body}</div>'
    )


def _display(text: str, page: str, name: str | None = None, update: bool = False) -> None:
    """Show something in Jupyter; print it where there is none."""
    ipython = importlib.import_module("IPython")
    if ipython.get_ipython() is None:
        print(text)
        return
    content = {"text/plain": text, "text/html": page}
    show = importlib.import_module("IPython.display").display
    show(content, raw=True, **({"display_id": name, "update": update} if name else {}))
