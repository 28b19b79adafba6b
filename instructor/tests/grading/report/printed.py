"""What the terminal's report prints, as text."""

import io

from rich.console import Console

from grading.report import terminal


def printed_report(monkeypatch, grade, width=80):
    """The report without colours on so many columns."""
    text = io.StringIO()
    with monkeypatch.context() as patch:
        patch.setattr(terminal, "Console", lambda **_: Console(file=text, width=width))
        terminal.print_report(grade)
    return text.getvalue()
