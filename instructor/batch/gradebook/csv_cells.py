"""A table in a CSV file as bytes: where each cell is, so that one can be changed and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grading.submission import CannotGrade

BOM = b"\xef\xbb\xbf"
DELIMITERS = (b",", b";", b"\t")


@dataclass(frozen=True)
class Cell:
    """A cell: where its bytes are, quotation marks included, and what they say."""

    start: int
    end: int
    text: str
    quoted: bool


@dataclass(frozen=True)
class Table:
    """The bytes of a file and its rows of cells, the header first."""

    data: bytes
    rows: list[list[Cell]]

    def filled(self, values: Mapping[Cell, str]) -> bytes:
        """The file with other text in some cells, which stay quoted if they were."""
        pieces, done = [], 0
        for cell in sorted(values, key=lambda c: c.start):
            text = values[cell].encode("ascii")
            pieces += [self.data[done : cell.start], b'"%b"' % text if cell.quoted else text]
            done = cell.end
        return b"".join([*pieces, self.data[done:]])


def read_table(path: Path) -> Table:
    """Read a CSV file with a header. Raises CannotGrade."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CannotGrade(f"{path} cannot be opened ({error.strerror or error}).") from None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data:
        raise CannotGrade(
            f"{path} is not a CSV file in UTF-8. Export it again, and do not edit it."
        )
    start = len(BOM) if data.startswith(BOM) else 0
    encoding = "utf-8" if _is_utf8(data) else "cp1252"
    header = re.split(rb"[\r\n]", data[start:], maxsplit=1)[0]
    # A column's name may contain any of the delimiters. The most frequent one separates columns.
    delimiter = max(DELIMITERS, key=header.count)
    rows = _rows(data, start, delimiter, encoding, path)
    if not rows:
        raise CannotGrade(f"{path} is empty. Export the grades again.")
    return Table(data, rows)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _rows(data: bytes, at: int, delimiter: bytes, encoding: str, path: Path) -> list[list[Cell]]:
    d = re.escape(delimiter)
    # Quoted if it begins with a quotation mark; what follows the closing one belongs to it.
    pattern = re.compile(
        rb'(?P<quoted>"[^"]*(?:""[^"]*)*"(?!"))?(?P<rest>[^%b\r\n]*)(?P<end>%b|\r\n|\r|\n|\Z)'
        % (d, d)
    )
    rows: list[list[Cell]] = []
    row: list[Cell] = []
    while at < len(data) or row:
        match = pattern.match(data, at)
        if match is None or (match["quoted"] is None and match["rest"].startswith(b'"')):
            line = len(data[:at].splitlines()) + (data[:at].endswith((b"\r", b"\n")) or not at)
            raise CannotGrade(f"{path} has a quotation mark that is never closed, in line {line}.")
        inner = match["quoted"][1:-1].replace(b'""', b'"') if match["quoted"] else b""
        text = (inner + match["rest"]).decode(encoding, "replace")
        row.append(Cell(at, match.start("end"), text, match["quoted"] is not None))
        at = match.end()
        if match["end"] != delimiter:
            rows.append(row)
            row = []
    return rows
