"""Execute the notebook as a student would, with the reference or the stubs as submitted.py.

`python -m instructor notebook` writes the outputs of a run with the reference into mp_notebook.ipynb;
the notebook's own cells hold no solution code.
"""

from __future__ import annotations

import base64
import os
import re
import tempfile
import time
from pathlib import Path
from typing import Any
from unittest import mock

import nbformat

from grading.kit import KIT
from instructor.catalogue import REFERENCE
from instructor.handout.ten_seeds import RECORDED_RUNS
from instructor.release.package import Settings, student_files

NOTEBOOK = KIT / "mp_notebook.ipynb"
CELL_LIMIT = 300  # seconds for one cell
# Cells with these tags show what `python -m instructor ten-seeds` has written: a table, a figure.
FILLED = {"ten-seeds": ("table.md", "success.png"), "stuck-seed": ("", "stuck.png")}


def execute(submission: Path, stop_at_error: bool = True) -> tuple[Any, float]:
    """Run the notebook in a copy of the student's kit; returns it with outputs, and the seconds.

    Raises nbclient.exceptions.CellExecutionError if a cell fails and `stop_at_error` is set.
    """
    from nbclient import NotebookClient

    notebook = nbformat.read(NOTEBOOK, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        for name, content in student_files(Settings()).items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        (Path(folder) / "submitted.py").write_bytes(submission.read_bytes())
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


def main() -> int:
    """Execute with the reference and write the outputs into the notebook."""
    notebook, seconds = execute(REFERENCE)
    fill_recorded_runs(notebook)
    nbformat.validate(notebook)
    nbformat.write(notebook, NOTEBOOK)
    for name, percent in success_rates(notebook).items():
        print(f"{name}: {percent} %")
    print(f"executed in {seconds:.0f} s; wrote {NOTEBOOK.name}")
    return 0
