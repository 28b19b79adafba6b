"""The README's pictures: a report of `grade.py`, and a watch session after a save.

They are drawn by what draws the real ones. Times, versions and the tier are fixed, so that a picture
changes only where what is printed does.
"""

from __future__ import annotations

import ast
import html
import io
import re
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from unittest import mock

from rich.console import Console

from grading.judge.scores import Grade
from grading.kit import KIT
from grading.processes.tier import Tier
from instructor import catalogue

REPORT, WATCH = KIT / "docs" / "report.svg", KIT / "docs" / "watch.svg"
PICTURES = (REPORT, WATCH)
WIDTH = 84  # columns
SECONDS, VERSIONS = 3.2, {"Python": "3.12.4", "torch": "2.13.0", "NumPy": "2.1.0"}
TIER = Tier("C", "isolated: Landlock, seccomp")
TIME_OF_DAY = "15:04:10"
# What the student of the pictures has got wrong: names of mistakes in the catalogue.
WEIGHTS, DISCOUNT = "vpg_loss_broadcast", "returns_hard_coded_discount"
FONT_FACE = re.compile(r"@font-face \{\{.*?\}\}\s*", re.DOTALL)
FONTS = "ui-monospace, 'Cascadia Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"


def pictures() -> dict[Path, str]:
    """Each picture as SVG, by its path."""
    before = submission(["get_returns", "get_vanilla_policy_gradient_loss"], DISCOUNT, WEIGHTS)
    after = submission(["get_returns", "get_vanilla_policy_gradient_loss"], DISCOUNT)
    first, second = graded(before), graded(after)
    return {REPORT: report_picture(first), WATCH: watch_picture(first, second)}


def submission(functions: Iterable[str], *mistakes: str) -> str:
    """The stubs with some functions written: those of the reference with these mistakes."""
    known = {mistake.name: mistake for mistake in catalogue.all_mistakes()}
    source = catalogue.REFERENCE.read_text(encoding="utf-8")
    for name in mistakes:
        source = known[name].change.apply(source)
    written = [
        ast.get_source_segment(source, node) or ""
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and node.name in functions
    ]
    stubs = (KIT / "submitted.py").read_text(encoding="utf-8")
    return catalogue.replace_functions(stubs, "\n\n\n".join(written) + "\n")


def graded(source: str) -> Grade:
    """What a student's copy of the kit makes of this submission, with the fixed figures."""
    from grading.judge.grade import grade
    from grading.processes.start import start_workers

    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # the workers are another user's where there is root
        path = Path(folder) / "submitted.py"
        path.write_text(source, encoding="utf-8")
        with start_workers(path) as workers:
            result = grade(path, workers, visible_only=True)
    return replace(result, seconds=SECONDS, versions=VERSIONS, tier=TIER)


def report_picture(grade: Grade) -> str:
    """The report on the terminal."""
    from grading.report import terminal

    console = _recording_console()
    with mock.patch.object(terminal, "new_console", return_value=console):
        terminal.print_report(grade)
    return _svg(console, "python grade.py", "report")


def watch_picture(first: Grade, second: Grade) -> str:
    """The screen of a watch session after its second save."""
    from grading.watch import screen

    shown = screen.Screen(Path("submitted.py"))
    with mock.patch.object(screen.time, "strftime", return_value=TIME_OF_DAY):
        for grade, changed in ((first, ()), (second, ("vpg_loss",))):
            shown.console = _recording_console()
            shown.show(grade, changed)
    return _svg(shown.console, "python grade.py --watch", "watch")


def words(svg: str) -> list[str]:
    """What stands in a picture, without what a release of rich may draw otherwise."""
    texts = re.findall(r"<text[^>]*>(.*?)</text>", svg, re.DOTALL)
    return " ".join(html.unescape(text) for text in texts).split()


def outdated() -> list[str]:
    """The pictures that do not show what would be printed, by their paths in the kit."""
    return [
        path.relative_to(KIT).as_posix()
        for path, svg in pictures().items()
        if not path.exists() or words(path.read_text(encoding="utf-8")) != words(svg)
    ]


def main(check: bool) -> int:
    """Write the pictures, or say whether they are current; 1 if they are not."""
    if check:
        old = outdated()
        for name in old:
            print(f"{name} shows something else than is printed: python -m instructor pictures")
        if not old:
            print("The README's pictures are current.")
        return int(bool(old))
    for path, svg in pictures().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(svg, encoding="utf-8", newline="\n")
        print(f"wrote {path.relative_to(KIT).as_posix()} ({len(svg) / 1000:.0f} kB)")
    return 0


def _recording_console() -> Console:
    return Console(
        file=io.StringIO(),
        record=True,
        width=WIDTH,
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
        highlight=False,
    )


def _svg(console: Console, title: str, name: str) -> str:
    """The picture. Where it is shown, no font is fetched, so the reader's own is used."""
    from rich._export_format import CONSOLE_SVG_FORMAT

    form = FONT_FACE.sub("", CONSOLE_SVG_FORMAT).replace("Fira Code, monospace", FONTS)
    svg = console.export_svg(title=title, code_format=form, unique_id=name)
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"
