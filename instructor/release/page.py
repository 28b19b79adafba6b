"""The notebook as one HTML file for reading without Jupyter, and without a network."""

from __future__ import annotations

import re
from pathlib import Path

# Text between backquotes is code and keeps its dollar signs.
CODE_OR_MATH = re.compile(r"(`[^`]*`)|\$\$(.+?)\$\$|\$(.+?)\$", re.DOTALL)
PLACEHOLDER = re.compile(r"FORMULA(\d+)END")
# Wide formulas and tables scroll by themselves instead of widening a phone's page.
STYLE = """<style>
math[display=block] { overflow-x: auto; overflow-y: hidden; max-width: 100%; padding: 0.2em 0; }
.jp-RenderedMarkdown table { display: block; overflow-x: auto; max-width: max-content; }
</style>"""


def notebook_page(path: Path) -> bytes:
    """The notebook with its outputs and pictures in one page, formulas as MathML."""
    import nbformat
    from nbconvert import HTMLExporter

    notebook = nbformat.read(path, as_version=4)
    formulas: list[str] = []

    def keep(match: re.Match[str]) -> str:
        """Put a formula aside, because the conversion from Markdown to HTML would damage it."""
        code, displayed, inline = match.groups()
        if code is not None:
            return code
        formulas.append(_as_mathml(displayed or inline, "block" if displayed else "inline"))
        return f"FORMULA{len(formulas) - 1}END"

    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = CODE_OR_MATH.sub(keep, cell.source)
    # Browsers draw MathML by themselves. MathJax would have to be fetched from the network.
    exporter = HTMLExporter(embed_images=True, mathjax_url="", require_js_url="")
    body, _ = exporter.from_notebook_node(notebook)
    body = PLACEHOLDER.sub(lambda match: formulas[int(match[1])], body)
    return body.replace("</head>", STYLE + "</head>", 1).encode()


def _as_mathml(latex: str, display: str) -> str:
    from latex2mathml.converter import convert

    return str(convert(" ".join(latex.split()), display=display))
