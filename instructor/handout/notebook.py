"""Execute the notebook as a student would, with the reference or the stubs as submitted.py.

`python -m instructor notebook` writes the outputs of a run with the reference into mp_notebook.ipynb;
the notebook's own cells hold no solution code. The curves of all its training runs go into
handout/reference_curves.json, where the notebook's plots find them.
"""

from __future__ import annotations

import base64
import io
import json
import os
import re
import tempfile
import time
from pathlib import Path
from typing import Any
from unittest import mock

import nbformat

from grading.kit import KIT
from handout.pictures import REFERENCE_CURVES
from instructor.catalogue import REFERENCE
from instructor.handout.ten_seeds import RECORDED_RUNS
from instructor.release.package import Settings, student_files

NOTEBOOK = KIT / "mp_notebook.ipynb"
CELL_LIMIT = 300  # seconds for one cell
# Cells with these tags show what `python -m instructor ten-seeds` has written: a table, a figure.
FILLED = {"ten-seeds": ("table.md", "success.png"), "stuck-seed": ("", "stuck.png")}
PICTURE_COLOURS = 128
# Runs that are off by default: the cell, and the flag that turns it on.
OFF_BY_DEFAULT = {"run-falling": "RUN_FALLING"}

# Added while curves are recorded: a cell after the imports, and one at the end.
RECORD = """
import functools
import inspect
import json

recorded = {}


def recording(plot):
    @functools.wraps(plot)
    def plot_and_record(runs, *args, **options):
        given = inspect.signature(plot).bind(runs, *args, **options).arguments
        settings = ("rollouts_per_collection", "smoothing", "ylabel")
        kept = {name: given[name] for name in settings if given.get(name) is not None}
        for name, values in runs.items():
            # What is plotted without a reference is no run's final_rewards.
            if given.get("reference") != ():
                rewards = [round(float(value), 3) for value in values]
                recorded.setdefault(name, {"final_rewards": rewards, **kept})
        return plot(runs, *args, **options)

    return plot_and_record


pictures.plot_training = recording(pictures.plot_training)
"""
PRINT_RECORD = "print(json.dumps(recorded))"


def execute(
    submission: Path | str, stop_at_error: bool = True, notebook: Any = None
) -> tuple[Any, float]:
    """Run the notebook in a copy of the student's kit; returns it with outputs, and the seconds.

    Args:
        submission: what stands for the student's file, as a path or as its text.
        stop_at_error: whether the first cell that fails ends the run, with
            nbclient.exceptions.CellExecutionError.
        notebook: another one than the handout.
    """
    from nbclient import NotebookClient

    if notebook is None:
        notebook = nbformat.read(NOTEBOOK, as_version=4)
    if isinstance(submission, Path):
        submission = submission.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        for name, content in student_files(Settings()).items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        (Path(folder) / "submitted.py").write_text(submission, encoding="utf-8")
        client = NotebookClient(
            notebook,
            timeout=CELL_LIMIT,
            kernel_name="python3",
            allow_errors=not stop_at_error,
            resources={"metadata": {"path": folder}},
        )
        started = time.perf_counter()
        # Otherwise the outputs would hold every step of a bar.
        with mock.patch.dict(os.environ, TQDM_DISABLE="1"):
            client.execute()
        seconds = time.perf_counter() - started
        without_this_machine(notebook, folder)
    return notebook, seconds


def without_this_machine(notebook: Any, folder: str) -> None:
    """Remove what the outputs say about where and when the notebook was run."""
    notebook.metadata.pop("language_info", None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            if "text" in output:
                output["text"] = output["text"].replace(folder, ".")


def printed(notebook: Any) -> str:
    """Everything the cells printed, in order."""
    outputs = (o for cell in notebook.cells for o in cell.get("outputs", []))
    return "".join(o.get("text", "") for o in outputs if o.output_type == "stream")


def success_rates(notebook: Any) -> dict[str, int]:
    """The success rates the training cells printed, in percent, by configuration."""
    found = re.findall(r"^(.+): success rate: (\d+) %$", printed(notebook), flags=re.MULTILINE)
    return {name: int(percent) for name, percent in found}


def fill_recorded_runs(notebook: Any) -> None:
    """Put tables and figures of `python -m instructor ten-seeds` into the cells that show them."""
    for tag, (table, figure) in FILLED.items():
        (cell,) = (c for c in notebook.cells if tag in c.metadata.get("tags", []))
        picture = base64.b64encode((RECORDED_RUNS / figure).read_bytes()).decode()
        cell["attachments"] = {figure: {"image/png": picture}}
        text = (RECORDED_RUNS / table).read_text(encoding="utf-8") + "\n" if table else ""
        cell.source = f"{text}![{tag}](attachment:{figure})"


def record_curves(submission: Path) -> tuple[Any, float, dict[str, Any]]:
    """Run the notebook; returns it with outputs, the seconds, and the curves of all its training runs.

    The cells that record are taken out again, and so are the runs that are off by default.
    """
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    cells = {cell.id: cell for cell in notebook.cells}
    first = nbformat.v4.new_code_cell(RECORD)
    last = [nbformat.v4.new_code_cell(PRINT_RECORD)]
    for name, flag in reversed(OFF_BY_DEFAULT.items()):
        turned_on = cells[name].source.replace(f"{flag} = False", f"{flag} = True")
        last.insert(0, nbformat.v4.new_code_cell(turned_on))
    notebook.cells.insert(notebook.cells.index(cells["setup"]) + 1, first)
    notebook.cells += last
    executed, seconds = execute(submission, notebook=notebook)
    curves = json.loads(executed.cells[-1].outputs[0].text)
    executed.cells = [cell for cell in executed.cells if cell is not first][: -len(last)]
    renumber(executed)
    return executed, seconds, curves


def renumber(notebook: Any) -> None:
    """Count the code cells from 1, as in a run without cells that record."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(code, start=1):
        cell.execution_count = number
        for output in cell.outputs:
            if "execution_count" in output:
                output["execution_count"] = number


def with_fewer_colours(notebook: Any) -> None:
    """Make the file smaller: a plot needs no more than a palette of PICTURE_COLOURS."""
    for cell in notebook.cells:
        bundles = [output.get("data", {}) for output in cell.get("outputs", [])]
        for bundle in (*bundles, *cell.get("attachments", {}).values()):
            if "image/png" in bundle:
                picture = _fewer_colours(base64.b64decode(bundle["image/png"]))
                bundle["image/png"] = base64.b64encode(picture).decode()


def _fewer_colours(png: bytes) -> bytes:
    from PIL import Image

    written = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        flat = Image.new("RGB", picture.size, "white")
        flat.paste(picture, mask=picture.getchannel("A") if picture.mode == "RGBA" else None)
    method = Image.Quantize.MAXCOVERAGE  # the other one loses colours that few points have
    small = flat.quantize(PICTURE_COLOURS, method=method, dither=Image.Dither.NONE)
    small.save(written, "png", optimize=True)
    return min(written.getvalue(), png, key=len)


def main() -> int:
    """Execute with the reference; write the outputs into the notebook, and the curves beside it."""
    notebook, seconds, curves = record_curves(REFERENCE)
    text = json.dumps(curves, separators=(",", ":")).replace("},", "},\n") + "\n"
    if not REFERENCE_CURVES.exists() or REFERENCE_CURVES.read_text(encoding="utf-8") != text:
        REFERENCE_CURVES.write_text(text, encoding="utf-8")
        print(f"{REFERENCE_CURVES.name} has changed; once more, so that the plots show it")
        notebook, seconds, _ = record_curves(REFERENCE)
    fill_recorded_runs(notebook)
    with_fewer_colours(notebook)
    nbformat.validate(notebook)
    nbformat.write(notebook, NOTEBOOK)
    for name, percent in success_rates(notebook).items():
        print(f"{name}: {percent} %")
    print(f"executed in {seconds:.0f} s; wrote {NOTEBOOK.name} and {REFERENCE_CURVES.name}")
    return 0
