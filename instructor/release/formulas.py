"""Formulas in LaTeX as MathML that looks right in every font, also where there is no maths font.

A maths font has large sums, large brackets and slanted letters of its own. Without one a browser
shows small ones, and for rare letters an empty box. So sizes are written into the MathML, the letters
are those that every font has, and the page's style slants them.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

NAMESPACE = "http://www.w3.org/1998/Math/MathML"
SUMS = "∑∏"
# The double-struck E is not in every font. A bold one is another common sign of the expectation.
BOLD = {"\U0001d53c": "E"}
NAMES = ("log", "min", "max", "exp")  # functions that latex2mathml sets as if they were letters
OPENING = ("(", "[")
BEFORE_A_SIGN = (*OPENING, ",", "=")
SPACE = "0.17em"
LONG = 36  # characters of LaTeX; a longer formula in the text may break behind an equals sign


def as_mathml(latex: str, displayed: bool) -> str:
    """A formula as one element, or several if it stands in the text and is long."""
    pieces = [latex] if displayed or len(latex) < LONG else split_at_equals(latex)
    return " ".join(_element(piece, displayed) for piece in pieces)


def split_at_equals(latex: str) -> list[str]:
    """The formula cut behind every equals sign that stands outside of braces."""
    pieces, depth = [""], 0
    for character in latex:
        depth += (character == "{") - (character == "}")
        pieces[-1] += character
        if character == "=" and depth == 0:
            pieces.append("")
    return [piece for piece in pieces if piece.strip()]


def _element(latex: str, displayed: bool) -> str:
    from latex2mathml.converter import convert

    display = "block" if displayed else "inline"
    math = ET.fromstring(convert(" ".join(latex.split()), display=display))
    for element in math.iter():
        element.tag = element.tag.removeprefix(f"{{{NAMESPACE}}}")
    _adapt(math, displayed)
    if displayed:
        # A wide formula can be scrolled from the keyboard, too. A paragraph may hold a span.
        return f'<span class="formula" tabindex="0">{ET.tostring(math, encoding="unicode")}</span>'
    return ET.tostring(math, encoding="unicode")


def _adapt(parent: ET.Element, displayed: bool) -> None:
    """Change what depends on the font, in all that is within."""
    children = list(parent)
    for place, child in enumerate(children):
        text = child.text or ""
        before = next((c for c in reversed(children[:place]) if c.tag != "mspace"), None)
        behind = children[place + 1] if place + 1 < len(children) else None
        if child.tag == "mo" and (size := child.get("minsize")):
            parent[place] = _enlarged(
                text, float(size.removesuffix("em")), SPACE if text == "|" else "0"
            )
        elif child.tag == "mo" and text in SUMS:
            parent[place] = _enlarged(text, 1.5 if displayed else 1.1, "0.1em")
        elif child.tag == "mi" and text == "~":
            child.tag, child.text = "mo", "∼"
        elif child.tag == "mi" and text in BOLD:
            child.text = BOLD[text]
            child.attrib.update({"mathvariant": "normal", "class": "bold"})
        elif text in NAMES or (child.tag == "mo" and text.isalpha() and len(text) > 1):
            child.tag = "mo"
            bracket = behind is not None and (behind.text or "") in OPENING
            child.attrib |= {"form": "prefix", "lspace": SPACE if place else "0"}
            child.set("rspace", "0" if bracket else SPACE)
        elif child.tag == "mi" and len(text) == 1:
            child.set("mathvariant", "normal")  # no rare letter; the style slants it
        elif child.tag == "mover" and child.get("accent") and child[1].text == "^":
            child[1].text = "ˆ"
        elif child.tag == "mo" and text == "=" and behind is None:
            child.attrib.update({"form": "infix", "rspace": "0"})  # a space follows
        elif child.tag == "mo" and text in "()[]":
            child.attrib.update({"stretchy": "false", "lspace": "0", "rspace": "0"})
        elif child.tag == "mo" and text == "−" and (before is None or before.text in BEFORE_A_SIGN):
            child.attrib.update({"form": "prefix", "lspace": "0", "rspace": "0"})
        elif child.tag == "mtext" and child.get("mathvariant") == "monospace":
            child.attrib.update({"mathvariant": "normal", "class": "code"})
        elif child.tag == "msqrt":
            # No other font has a root that grows. So the line is drawn by the style.
            child.tag = "mrow"
            content = ET.Element("mrow", {"class": "root"})
            content.extend(list(child))
            child[:] = [_fixed("√", "0"), content]
        _adapt(child, displayed)


def _enlarged(sign: str, size: float, space: str) -> ET.Element:
    """A sign enlarged by the style, and lowered so that its middle stays where it was."""
    lower = 0.25 * (size - 1)
    box = {"height": 0.76 * size - lower, "depth": 0.22 * size + lower, "voffset": -lower}
    padded = ET.Element("mpadded", {name: f"{length:.3g}em" for name, length in box.items()})
    operator = _fixed(sign, space)
    operator.set("style", f"font-size: {size:g}em")
    padded.append(operator)
    return padded


def _fixed(sign: str, space: str) -> ET.Element:
    """An operator that no browser changes, with a space behind it."""
    fixed = {"stretchy": "false", "largeop": "false", "lspace": "0", "rspace": space}
    operator = ET.Element("mo", fixed)
    operator.text = sign
    return operator
