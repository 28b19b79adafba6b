"""The notebook as one HTML file for reading without Jupyter, and without a network."""

from __future__ import annotations

import base64
import io
import re
from html import escape
from pathlib import Path
from typing import Any

from instructor.release.alternative_texts import ALTERNATIVE_TEXTS
from instructor.release.formulas import as_mathml

STYLE = Path(__file__).with_suffix(".css")
# Text between backquotes is code and keeps its dollar signs.
CODE_OR_MATH = re.compile(r"(`[^`]*`)|\$\$(.+?)\$\$|\$(.+?)\$", re.DOTALL)
ATTACHED = re.compile(r"!\[[^\]]*\]\(attachment:([^)]+)\)")
PUT_ASIDE = re.compile(r"ASIDE(\d+)END")
HEADING = re.compile(r"<h([1-6])[^>]*>(.*?)(?:<a class=\"anchor-link\".*?</a>)?</h\1>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
# A line that a program writes and takes back: it goes up by one and clears what stands there.
TAKEN_BACK = re.compile(r"[^\n]*\n[^\n]*\x1b\[1A\x1b\[2K")
OF_THE_CURSOR = re.compile(r"\x1b\[(?:\?\d+[hl]|\d*[A-HJK])|[^\n]*\r(?!\n)")
COLOURS = 128  # of a picture: enough for lines and their soft edges
STILL = '<p class="soft">In the notebook this is an animation; here stands its last frame.</p>'
ABOUT_THE_PAGE = (
    "This page is for reading: the notebook <code>mp_notebook.ipynb</code> with the outputs of a run. "
    "Its animations stand still."
)
# Nothing runs, and nothing is fetched.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<header>
<h1>{title}</h1>
<p class="soft">{about}</p>
</header>
<nav aria-labelledby="contents"><strong id="contents">Contents</strong>
{contents}
</nav>
<main>
{body}
</main>
</body>
</html>
"""


def notebook_page(path: Path) -> bytes:
    """The notebook with its outputs and pictures in one page, formulas as MathML."""
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    headings: list[tuple[int, str, str]] = []
    body = "\n".join(_cell(cell, headings) for cell in notebook.cells)
    title = next(TAG.sub("", text) for level, _, text in headings if level == 1)
    page = PAGE.format(
        policy=POLICY,
        title=title,
        style=STYLE.read_text(encoding="utf-8"),
        contents=_contents(headings),
        about=ABOUT_THE_PAGE,
        body=body,
    )
    return page.encode()


def _cell(cell: Any, headings: list[tuple[int, str, str]]) -> str:
    pictures = iter(ALTERNATIVE_TEXTS.get(cell.id, []))
    if cell.cell_type == "markdown":
        return _text(cell, headings, pictures)
    code = f'<div class="code">{_highlighted(cell.source)}</div>'
    shown = "\n".join(_outputs(cell, pictures))
    return f'{code}\n<div class="output">{shown}</div>' if shown else code


# -- Text --


def _text(cell: Any, headings: list[tuple[int, str, str]], alternatives: Any) -> str:
    """A cell of text. Its headings are added to `headings`: level, id and what they say."""
    from nbconvert.filters import markdown2html

    aside: list[str] = []

    def keep(element: str) -> str:
        """Put an element aside, because the conversion from Markdown to HTML would damage it."""
        aside.append(element)
        return f"ASIDE{len(aside) - 1}END"

    def formula(match: re.Match[str]) -> str:
        code, displayed, inline = match.groups()
        if code is not None:
            return code
        return keep(as_mathml(displayed or inline, displayed=displayed is not None))

    def picture(match: re.Match[str]) -> str:
        content = cell.attachments[match[1]]["image/png"]
        return keep(_picture(content, next(alternatives, "")))

    def heading(match: re.Match[str]) -> str:
        level, text = int(match[1]), match[2].strip()
        name = re.sub(r"[^a-z0-9]+", "-", TAG.sub("", text).lower()).strip("-")
        headings.append((level, name, text))
        if level == 1:
            return ""  # it stands above the contents
        return f'<h{level} id="{name}">{text}</h{level}>'

    html = markdown2html(CODE_OR_MATH.sub(formula, ATTACHED.sub(picture, cell.source)))
    html = HEADING.sub(heading, html)
    html = html.replace("<table>", '<div class="table" tabindex="0"><table>')
    html = html.replace("</table>", "</table></div>")
    return PUT_ASIDE.sub(lambda match: aside[int(match[1])], html)


def _contents(headings: list[tuple[int, str, str]]) -> str:
    """The second and third level of headings as a list of links in a list."""
    items: list[tuple[str, list[str]]] = []
    for level, name, text in headings:
        link = f'<a href="#{name}">{text}</a>'
        if level == 2:
            items.append((link, []))
        elif level == 3:
            items[-1][1].append(f"<li>{link}</li>")
    lines = (
        f"<li>{link}{f'<ul>{chr(10).join(below)}</ul>' if below else ''}</li>"
        for link, below in items
    )
    return "<ul>\n" + "\n".join(lines) + "\n</ul>"


# -- Code and what it prints --


def _highlighted(source: str) -> str:
    from nbconvert.filters import Highlight2HTML

    html = str(Highlight2HTML()(source))
    # Whoever uses the keyboard can scroll it.
    return html.replace("<pre>", '<pre tabindex="0">', 1)


def _outputs(cell: Any, alternatives: Any) -> list[str]:
    shown = []
    printed = ""
    for output in [*cell.get("outputs", []), None]:
        if output is not None and output.output_type == "stream":
            printed += output.text
            continue
        if printed.strip():
            shown.append(_printed(printed))
        printed = ""
        if output is None or "data" not in output:
            continue
        kind = next((kind for kind in ("image/png", "image/gif") if kind in output.data), "")
        if kind:
            said = output.metadata.get(kind, {}).get("alt") or next(alternatives, "")
            shown.append(_picture(output.data[kind], said))
        if kind == "image/gif":
            shown.append(STILL)
        elif not kind and "text/plain" in output.data:
            shown.append(_printed(output.data["text/plain"]))
    return shown


def _printed(text: str) -> str:
    """What a program has printed, as a terminal shows it in the end."""
    from nbconvert.filters import ansi2html

    text = OF_THE_CURSOR.sub("", TAKEN_BACK.sub("", text.replace("\r\n", "\n")))
    lines = [line.rstrip() for line in text.strip("\n").split("\n")]
    return f'<pre tabindex="0">{ansi2html(chr(10).join(lines))}</pre>'


# -- Pictures --


def _picture(content: str, alternative: str) -> str:
    """A picture within the page, with fewer colours: that takes a third of the bytes.

    Of an animation it is the last frame.
    """
    from PIL import Image

    with Image.open(io.BytesIO(base64.b64decode(content))) as image:
        image.seek(getattr(image, "n_frames", 1) - 1)
        layers = image.convert("RGBA")
    opaque = Image.new("RGB", layers.size, "white")
    opaque.paste(layers, mask=layers.getchannel("A"))
    smaller = io.BytesIO()
    opaque.quantize(COLOURS, dither=Image.Dither.NONE).save(smaller, "PNG", optimize=True)
    data = base64.b64encode(smaller.getvalue()).decode()
    width, height = opaque.size
    return (
        f'<img src="data:image/png;base64,{data}" width="{width}" height="{height}"'
        f' alt="{escape(alternative)}">'
    )
