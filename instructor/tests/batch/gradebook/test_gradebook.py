"""Filling in an exported gradebook: the right cells, and not a byte elsewhere."""

import csv
import io

import pytest

from grading.submission import CannotGrade
from instructor.batch.entries import Student
from instructor.batch.gradebook.canvas_gradebook import fill_canvas
from instructor.batch.gradebook.csv_cells import read_table
from instructor.batch.gradebook.moodle_worksheet import fill_moodle

BOM = b"\xef\xbb\xbf"
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Essay (7),PPO (8),Notes,Final Score\r\n"
    "    Points Possible,,,,,10, 100.0,,(read only)\r\n"
    '"Doe, Jane",101,s1,jdoe,A,,,"says ""hi""\r\nand more",1\r\n'
    "Zoë Roe,102,s2,zroe,A, 9.5 ,12,  ,2  \r\n"
    '"Foe, Max",103,s3,mfoe,"A and ""B""","","55.00",,3\r\n'
    '"Poe, José",104,s4,jpoe,A,1,7,,"4"\r\n'
    '"Student, Test",999,,xyz,A,,,,\r\n'
)
MOODLE = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Last modified (grade)\n"
    'Participant 21,"Jane Doe",jane@x.edu,"Submitted, late",,100.00,-\n'
    "Participant 22,Zoë Roe,zoe@x.edu,Submitted,50.00,100.00,-\n"
    "Participant 23,Max Foe,max@x.edu,,,100.00,-\n"
)


def canvas_id(key, number, name=""):
    return Student(key, name, ids={"canvas": str(number)})


def write(path, text, encoding="utf-8", before=b""):
    path.write_bytes(before + text.encode(encoding))
    return path


def cells(data):
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.fixture
def canvas(tmp_path):
    return write(tmp_path / "grades.csv", CANVAS, before=BOM)


@pytest.fixture
def out(tmp_path):
    return tmp_path / "filled.csv"


def test_only_the_filled_cells_change(canvas, out):
    scores = {canvas_id("a", 101): 87.5, canvas_id("b", 102): 100.0, canvas_id("c", 103): 0.0}
    filled = fill_canvas(canvas, scores, out, "PPO")
    assert (filled.matched, filled.ambiguous, filled.unmatched_students) == (3, [], [])
    assert filled.unmatched_rows == ["Poe, José", "Student, Test"]
    by_hand = (
        CANVAS.replace(',jdoe,A,,,"says', ',jdoe,A,,87.5,"says')
        .replace(" 9.5 ,12,", " 9.5 ,100,")
        .replace('"","55.00"', '"","0"')
    )
    assert out.read_bytes() == BOM + by_hand.encode()
    before, after = cells(canvas.read_bytes()), cells(out.read_bytes())
    changed = [
        (r, c) for r, row in enumerate(after) for c, text in enumerate(row) if before[r][c] != text
    ]
    assert changed == [(2, 6), (3, 6), (4, 6)]


def test_other_grades_and_other_points_possible_are_told(tmp_path, canvas, out):
    scores = {canvas_id("b", 102): 12.0, canvas_id("c", 103): 80.0, canvas_id("d", 104): 7.0}
    filled = fill_canvas(canvas, scores, out, "PPO")
    assert (filled.overwritten, filled.possible) == (["Foe, Max (55.00)"], "")
    half = write(tmp_path / "half.csv", CANVAS.replace("100.0", "50"))
    assert fill_canvas(half, scores, out, "PPO").possible.startswith("50 points are possible there")
    moodle = write(
        tmp_path / "worksheet.csv", MOODLE.replace("100.00", "50,00").replace(",00,-", ".00,-")
    )
    filled = fill_moodle(moodle, {Student("z", "Zoë Roe"): 60.0}, out)
    assert filled.overwritten == ["Zoë Roe (50.00)"]
    assert filled.possible.startswith("50 points are possible there")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_line_ends_encodings_and_separators_stay(tmp_path, out, end, encoding, delimiter):
    lines = ["Student,ID,PPO (8),Notes", 'Zoë Roe,102,x,"two\nlines"', "José Poe,104,,", ",,,", ""]
    text = end.join(lines).replace(",", delimiter)
    export = write(tmp_path / "grades.csv", text, encoding)
    scores = {Student("z", "Roe, Zoe\u0308"): 1.25}
    assert fill_canvas(export, scores, out).matched == 1
    expected = text.replace(f"102{delimiter}x", f"102{delimiter}1.25").encode(encoding)
    assert out.read_bytes() == expected


def test_nothing_to_fill_leaves_the_file_as_it_is(canvas, out):
    filled = fill_canvas(canvas, {canvas_id("a", 101, "Jane"): None}, out, "PPO (8)")
    assert out.read_bytes() == canvas.read_bytes()
    assert (filled.matched, filled.ungraded) == (0, ["Jane"])
    assert "Doe, Jane" not in filled.unmatched_rows


def test_the_tokenizer_agrees_with_csv(tmp_path):
    texts = ["a", "", '"', '""', 'a"b', "a,b", "a\nb", "a\r\nb", " x ", "é,", '",', '"\n"']
    rows = [texts[n:] + texts[:n] for n in range(len(texts))]
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL):
        for end in ("\n", "\r\n"):
            written = io.StringIO(newline="")
            csv.writer(written, quoting=quoting, lineterminator=end).writerows(rows)
            for text in (written.getvalue(), written.getvalue().removesuffix(end)):
                table = read_table(write(tmp_path / "t.csv", text))
                assert [[c.text for c in row] for row in table.rows] == rows
                spans = [c for row in table.rows for c in row]
                assert all(a.end < b.start for a, b in zip(spans, spans[1:]))


@pytest.mark.parametrize(
    ("student", "row"),
    [
        (Student("k", "Jane Doe"), 2),
        (Student("k", "doe,  JANE"), 2),
        (Student("k", "jane_doe"), 2),
        (Student("k", "Jose\u0301 Poe"), 5),
        (Student("k", "x", login="ZROE"), 3),
        (Student("k", "zroe"), 3),
        (Student("k", "x", email="mfoe"), 4),
        (Student("k", "x", ids={"gradescope": "s3"}), 4),
        (Student("k", "Jane Doe", ids={"canvas": "102"}), 3),
        (Student("k", "Jane Doe", email="JDoe@x.edu"), 2),
        (Student("k", "Jose Poe"), None),
        (Student("k", "Jane"), None),
        (Student("k", ids={"moodle": "s3"}), None),
        (Student("k"), None),
    ],
)
def test_matching(canvas, out, student, row):
    filled = fill_canvas(canvas, {student: 33.0}, out, "PPO")
    found = [n for n, r in enumerate(cells(out.read_bytes())) if r[6] == "33"]
    assert found == ([] if row is None else [row])
    assert filled.matched == len(found)
    assert len(filled.unmatched_students) == 1 - len(found)
    assert not filled.ambiguous


def test_what_is_in_doubt_is_not_filled(tmp_path, out):
    export = write(
        tmp_path / "grades.csv",
        "Student,ID,SIS Login ID,PPO (8)\n"
        '"Doe, Jane",1,jane1,\nJane Doe,2,jane2,\nMax Roe,3,max,\nEva Poe,4,eva,EX\nAl Foe,5,al\n'
        "Bo Foe,6,bo,\n",
    )
    scores = {
        Student("a", "Jane Doe"): 1.0,
        Student("b", "Max Roe"): 2.0,
        Student("c", "Roe, Max"): 3.0,
        Student("d", "Eva Poe"): 4.0,
        Student("e", "Al Foe"): 5.0,
        Student("f", "Bo Foe", login="other"): 6.0,
        Student("h", "foe bo", email="mallory@x.edu"): 8.0,
        canvas_id("g", 77, "Bo Foe"): 7.0,
    }
    filled = fill_canvas(export, scores, out)
    assert out.read_bytes() == export.read_bytes()
    assert filled.matched == 0
    assert filled.unmatched_rows == filled.unmatched_students == []
    assert sorted(filled.ambiguous) == [
        "Al Foe (its row has too few cells)",
        "Bo Foe (the row that fits by name has another login or address)",
        "Bo Foe (the row that fits has another id)",
        "Eva Poe (excused)",
        "Jane Doe (2 rows have this name)",
        "Max Roe (2 submissions fit: Max Roe, Roe, Max)",
        "foe bo (the row that fits by name has another login or address)",
    ]


def test_a_login_tells_two_of_a_name_apart(tmp_path, out):
    text = "Student,ID,SIS Login ID,PPO (8)\nJane Doe,1,j1,\nJane Doe,2,j2,\n"
    scores = {Student("a", "Jane Doe", "j2"): 2.0, Student("b", "Jane Doe", "j1"): 1.0}
    assert fill_canvas(write(tmp_path / "g.csv", text), scores, out).matched == 2
    assert [row[3] for row in cells(out.read_bytes())[1:]] == ["1", "2"]


def test_who_has_only_the_name_of_a_classmate_takes_no_row_from_who_has_the_address(tmp_path, out):
    text = "Student,ID,SIS Login ID,PPO (8)\nBob Jones,1,bob@x.edu,\nCy Foe,2,cy,\n"
    scores = {
        Student("a", "Bob Jones", email="bob@x.edu"): 90.0,
        Student("b", "Jones, Bob"): 1.0,
        Student("c", "cy"): 2.0,
        Student("d", "Cy Foe", email="cy@evil.example"): 3.0,
    }
    filled = fill_canvas(write(tmp_path / "g.csv", text), scores, out)
    assert [row[3] for row in cells(out.read_bytes())[1:]] == ["90", ""]
    assert sorted(filled.ambiguous) == [
        "Cy Foe (2 submissions fit: cy, Cy Foe)",
        "Jones, Bob (the row that fits has another's login)",
    ]


def test_who_is_called_like_a_classmates_address_takes_no_row(tmp_path, out):
    worksheet = write(
        tmp_path / "worksheet.csv",
        "Full name,Email address,Grade\nBob Smith,bob@x.org,\nbob@x.org,eve@x.org,\n",
    )
    eve = Student("eve", "bob@x.org", ids={"moodle": "111"})
    bob = Student("bob", "Bob Smith", ids={"moodle": "777"})
    filled = fill_moodle(worksheet, {eve: 99.0}, out)
    assert filled.matched == 0
    assert "2 rows have this name" in filled.ambiguous[0]
    fill_moodle(worksheet, {eve: 99.0, bob: 88.0}, out)
    assert [row["Grade"] for row in csv.DictReader(io.StringIO(out.read_text()))] == ["88", ""]


def test_nobody_takes_the_row_of_a_classmate_by_name(canvas, out):
    scores = {
        canvas_id("a", 101, "doejane"): 90.0,
        Student("b", "Jane Doe"): 1.0,
        Student("c", "jdoe"): 2.0,
    }
    filled = fill_canvas(canvas, scores, out, "PPO")
    assert cells(out.read_bytes())[2][6] == "90"
    assert (filled.matched, sorted(filled.ambiguous)) == (
        1,
        [
            "Jane Doe (the row that fits has another's id)",
            "jdoe (the row that fits has another's id)",
        ],
    )


def test_names_that_a_student_may_have_chosen_fill_nothing(canvas, out):
    doubt = "named inside mallory, the only folder"
    scores = {
        Student("a", "doejane", ids={"canvas": "101"}, doubt=doubt): 1.0,
        Student("b", "zroe", doubt=doubt): 2.0,
        Student("c", "Ann Poe", doubt=doubt): 3.0,
    }
    filled = fill_canvas(canvas, scores, out, "PPO")
    assert out.read_bytes() == canvas.read_bytes()
    assert filled.ambiguous == [f"doejane ({doubt})", f"zroe ({doubt})"]
    assert filled.unmatched_students == ["Ann Poe"]


def test_a_groups_number_is_not_a_participants(tmp_path, out):
    export = write(tmp_path / "grades.csv", MOODLE)
    team = Student("a", "Team Blue", ids={"moodle": "21"})
    filled = fill_moodle(export, {team: 50.0}, out)
    assert out.read_bytes() == export.read_bytes()
    assert filled.ambiguous == ["Team Blue (Jane Doe has this id; it may be a group's)"]
    for name in ("Team Blue-Jane Doe", "Doe Jane", "Jane  Doe'"):
        member = Student("a", name, ids={"moodle": "21"})
        assert fill_moodle(export, {member: 50.0}, out).matched == 1
    # A short name can be part of another word, and a first name a group's.
    short = write(tmp_path / "short.csv", MOODLE.replace("Jane Doe", "Li Wu"))
    for name in ("Group Linear", "Group Li", "Wulith-Li"):
        group = Student("a", name, ids={"moodle": "21"})
        filled = fill_moodle(short, {group: 50.0}, out)
        assert filled.ambiguous == [f"{name} (Li Wu has this id; it may be a group's)"]


def test_the_column_is_never_guessed(canvas, out, tmp_path):
    with pytest.raises(CannotGrade, match=r"2 assignments.*--title: Essay \(7\); PPO \(8\)"):
        fill_canvas(canvas, {}, out)
    with pytest.raises(CannotGrade, match=r"no assignment titled ppo"):
        fill_canvas(canvas, {}, out, "ppo")
    twice = write(tmp_path / "twice.csv", "Student,ID,PPO (8),PPO (9)\n")
    with pytest.raises(CannotGrade, match=r"PPO \(8\); PPO \(9\)"):
        fill_canvas(twice, {}, out, "PPO")
    assert fill_canvas(twice, {}, out, "PPO (9)").matched == 0
    none = write(tmp_path / "none.csv", "Student,ID,Notes\n")
    with pytest.raises(CannotGrade, match="no assignments"):
        fill_canvas(none, {}, out)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b"a,b\n", "no column Student"),
        (b'Student,ID,PPO (8)\nx,1,"2\n', "never closed, in line 2"),
        ("Student,ID".encode("utf-16"), "UTF-8"),
        (b"PK\x03\x04\0\0", "UTF-8"),
    ],
)
def test_exports_that_are_none(tmp_path, out, data, sentence):
    (tmp_path / "grades.csv").write_bytes(data)
    with pytest.raises(CannotGrade, match=sentence):
        fill_canvas(tmp_path / "grades.csv", {}, out)
    assert not out.exists()


def test_the_export_itself_is_never_overwritten(canvas, tmp_path):
    with pytest.raises(CannotGrade, match="overwritten"):
        fill_canvas(canvas, {}, canvas, "PPO")
    with pytest.raises(CannotGrade, match="cannot be opened"):
        fill_canvas(tmp_path / "absent.csv", {}, tmp_path / "out.csv")
    with pytest.raises(CannotGrade, match="cannot be written"):
        fill_canvas(canvas, {}, tmp_path / "absent" / "out.csv", "PPO")
    assert canvas.read_bytes() == BOM + CANVAS.encode()


def test_moodle(tmp_path, out):
    export = write(tmp_path / "grades.csv", MOODLE)
    scores = {
        Student("a", ids={"moodle": "21"}): 87.5,
        Student("b", "x", email="Zoe@x.edu"): 100.0,
        Student("c", "Ann Poe"): 3.0,
    }
    filled = fill_moodle(export, scores, out)
    assert (filled.matched, filled.unmatched_rows) == (2, ["Max Foe"])
    assert filled.unmatched_students == ["Ann Poe"]
    expected = MOODLE.replace('late",,100', 'late",87.5,100').replace(",50.00,", ",100,")
    assert out.read_bytes() == expected.encode()


def test_moodle_without_names_and_with_locked_grades(tmp_path, out):
    text = "Identifier,Status,Grade,Grade can be changed\nParticipant 1,,,Yes\nParticipant 2,,,No\n"
    scores = {Student("a", ids={"moodle": n}): float(n) for n in ("1", "2", "3")}
    filled = fill_moodle(write(tmp_path / "g.csv", text), scores, out)
    assert out.read_bytes() == text.replace("1,,,Yes", "1,,1,Yes").encode()
    assert filled.ambiguous == ["Participant 2 (locked)"]
    assert filled.unmatched_students == ["a"]
    with pytest.raises(CannotGrade, match="no column Grade"):
        fill_moodle(write(tmp_path / "h.csv", "Identifier,Status\n"), {}, out)
