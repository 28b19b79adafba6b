"""Whatever stands in a gradebook, filling it in changes the grades' cells and not a byte elsewhere."""

import csv
import io
from dataclasses import dataclass

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grading.submission import CannotGrade
from instructor.batch.entries import Student
from instructor.batch.gradebook.canvas_gradebook import fill_canvas
from instructor.batch.gradebook.csv_cells import read_table
from instructor.batch.gradebook.moodle_worksheet import fill_moodle

ENCODINGS = ("utf-8", "utf-8-sig", "cp1252")
HEADERS = {
    "canvas": ["Student", "ID", "SIS Login ID", "Notes", "PPO (8)", "Final Score"],
    "moodle": ["Full name", "Identifier", "Email address", "Status", "Grade", "Feedback"],
}
GRADE = 4  # the column that is filled in
SCORE = {"87.5": 87.5, "100": 100.0, "0": 0.0}


@dataclass
class Written:
    """A cell as it is written: with quotation marks or without."""

    text: str
    quoted: bool


@dataclass
class Gradebook:
    """A file, and what stands in each of its cells."""

    platform: str
    rows: list[list[Written]]
    delimiter: str
    line_end: str
    last_line_ends: bool
    encoding: str

    def text(self) -> str:
        """The file's text."""
        lines = [self.delimiter.join(map(self._cell, row)) for row in self.rows]
        return self.line_end.join(lines) + (self.line_end if self.last_line_ends else "")

    def _cell(self, cell: Written) -> str:
        plain = not cell.text.startswith('"') and not {self.delimiter, *"\r\n"} & set(cell.text)
        if plain and not cell.quoted:
            return cell.text
        return '"' + cell.text.replace('"', '""') + '"'


# What separates, quotes and ends lines, more often than chance would have it.
SPECIAL = "\",;\t\r\n '=é€\u00a0\x0b"
of_cp1252 = st.text(SPECIAL, max_size=5)
of_utf8 = of_cp1252 | st.text(
    st.sampled_from("\ufeff\x85\u2028")
    | st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    max_size=4,
)


@st.composite
def gradebooks(draw, encodings=ENCODINGS, line_ends=("\n", "\r\n", "\r")):
    platform = draw(st.sampled_from(sorted(HEADERS)))
    encoding = draw(st.sampled_from(encodings))
    texts = of_cp1252 if encoding == "cp1252" else of_utf8
    rows = [[Written(name, draw(st.booleans())) for name in HEADERS[platform]]]
    for number in range(draw(st.integers(0, 3))):
        row = [Written(draw(texts), draw(st.booleans())) for _ in rows[0]]
        row[1].text = str(number) if platform == "canvas" else f"Participant {number}"
        rows.append(row)
    delimiter, line_end = draw(st.sampled_from(",;\t")), draw(st.sampled_from(line_ends))
    return Gradebook(platform, rows, delimiter, line_end, draw(st.booleans()), encoding)


def of_one_row(grade: str, note: str, quoted: bool = False) -> Gradebook:
    """A gradebook of one student."""
    texts = ("", "0", "", note, grade, "")
    rows = [[Written(n, False) for n in HEADERS["canvas"]], [Written(t, quoted) for t in texts]]
    return Gradebook("canvas", rows, ",", "\n", True, "utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("gradebooks")


@given(book=gradebooks(), grades=st.lists(st.none() | st.sampled_from(sorted(SCORE)), max_size=5))
@example(book=of_one_row('say "5"', '"'), grades=["87.5"])
@example(book=of_one_row("\r\n", 'a"\r\n', quoted=True), grades=["0"])
def test_only_the_grades_cells_change(folder, book, grades):
    export, out = folder / "grades.csv", folder / "filled.csv"
    export.write_bytes(book.text().encode(book.encoding))
    scores = {
        Student(str(n), ids={book.platform: str(n)}): SCORE[grade]
        for n, grade in enumerate(grades)
        if grade is not None
    }
    filled = (fill_canvas if book.platform == "canvas" else fill_moodle)(export, scores, out)
    expected = 0
    for row, grade in zip(book.rows[1:], grades):
        excused = book.platform == "canvas" and row[GRADE].text.strip().upper() == "EX"
        if grade is not None and not excused:
            # Cells that have to be quoted stay quoted, and so do those that only are.
            row[GRADE] = Written(grade, book._cell(row[GRADE]).startswith('"'))
            expected += 1
    assert filled.matched == expected
    assert out.read_bytes() == book.text().encode(book.encoding)


pieces = st.sampled_from(
    ['"', '""', ",", ";", "\r", "\n", "\r\n", "a", "Student", "Points Possible"]
)


@given(
    data=st.binary(max_size=60) | st.lists(pieces, max_size=30).map(lambda p: "".join(p).encode())
)
@example(data=b'a,b\n"x"y"z,"\n')
@example(data=b'"a""')
def test_any_bytes_are_a_table_or_refused(folder, data):
    export = folder / "any.csv"
    export.write_bytes(data)
    try:
        table = read_table(export)
    except CannotGrade:
        return
    cells = [cell for row in table.rows for cell in row]
    assert all(row for row in table.rows)
    assert all(0 <= cell.start <= cell.end <= len(data) for cell in cells)
    assert all(before.end < after.start for before, after in zip(cells, cells[1:]))
    assert table.filled({}) == data
    again = table.filled(dict.fromkeys(cells, "7"))
    assert [[cell.text for cell in row] for row in _table_of(again, folder).rows] == [
        ["7"] * len(row) for row in table.rows
    ] or len(table.rows[0]) == 1


def _table_of(data: bytes, folder):
    (folder / "again.csv").write_bytes(data)
    return read_table(folder / "again.csv")


@given(book=gradebooks(encodings=["utf-8"], line_ends=["\r\n"]))
def test_pythons_own_reader_agrees(folder, book):
    export = folder / "own.csv"
    export.write_bytes(book.text().encode())
    rows = csv.reader(io.StringIO(book.text(), newline=""), delimiter=book.delimiter)
    assert [[cell.text for cell in row] for row in read_table(export).rows] == list(rows)
