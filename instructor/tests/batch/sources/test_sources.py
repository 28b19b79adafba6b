"""What a class's submissions come as: files, folders, and the downloads of three platforms."""

import sys

import pytest

from grading.submission import CannotGrade
from instructor.batch.sources.read_source import read_source
from instructor.tests.batch.sources.uploads import CODE, by_key, in_folder, zipped

METADATA = """\
---
submission_11:
  :submitters:
  - :name: Ana P\u00e9rez
    :sid: 01234567
    :email: ana@example.edu
  :created_at: 2025-01-02 03:04:05.000000000 Z
  :score: !ruby/object:BigDecimal 18:0.875e2
submission_12:
  :submitters:
  - :name: Ben Doe
    :sid:
    :email: ben@example.edu
  - :name: Cleo Roe
    :sid: '77'
    :email: cleo@example.edu
submission_13:
  :submitters:
  - :name: Dan Foe
    :sid: '78'
    :email: dan@example.edu
"""


@pytest.fixture(params=["folder", "zip", "wrapped zip"])
def source_of(request, tmp_path):
    """A source of these files, of every kind."""

    def make(members):
        if request.param == "folder":
            return in_folder(tmp_path / "class", members)
        before = "class/" if request.param == "wrapped zip" else ""
        return zipped(tmp_path / "class.zip", {before + n: c for n, c in members.items()})

    return make


def test_files(source_of):
    members = {"ben.py": b"2", "ana.py": b"1", "carl.ipynb": b"{}", "roster.csv": b"ana\n"}
    entries = by_key(source_of(members | {".hidden.py": b"", "__MACOSX/._ana.py": b""}))
    assert {k: e.content for k, e in entries.items()} == {"ana": b"1", "ben": b"2", "carl": None}
    assert entries["ana"].student.name == "ana"
    assert entries["ana"].where.endswith("ana.py")
    assert "notebook" in entries["carl"].problem


def test_folders(source_of):
    entries = by_key(
        source_of(
            {
                "ana/submitted.py": b"1",
                "ana/utils.py": b"",
                "ana/tests/submitted.py": b"deeper",
                "ben/mp/submitted.py": b"2",
                "ben/mp/utils.py": b"",
                "cleo/my_work.py": b"3",
                "dan/a.py": b"",
                "dan/b.py": b"",
                "eva/work.ipynb": b"{}",
                "fay/": b"",
                "gus/report.pdf": b"",
                "hal/one/submitted.py": b"",
                "hal/two/submitted.py": b"",
                "ida/all.zip": b"",
            }
        )
    )
    assert [entries[k].content for k in ("ana", "ben", "cleo")] == [b"1", b"2", b"3"]
    assert entries["cleo"].where.endswith("my_work.py")
    problems = {k: e.problem for k, e in entries.items() if e.problem}
    assert problems == {
        "dan": "There are 2 Python files and none is submitted.py: a.py, b.py.",
        "eva": "work.ipynb is a notebook; the functions belong in submitted.py.",
        "fay": "Nothing was handed in. submitted.py is needed.",
        "gus": "There is no Python file, only report.pdf.",
        "hal": "There is more than one submitted.py: one/submitted.py, two/submitted.py.",
        "ida": "all.zip is packed. Unpack it and take submitted.py from it.",
    }


def test_a_single_students_folder_is_not_unwrapped(tmp_path):
    assert list(by_key(in_folder(tmp_path / "a", {"ana/submitted.py": CODE}))) == ["ana"]
    assert list(by_key(in_folder(tmp_path / "b", {"ana/submission_1/work.py": CODE}))) == ["ana"]


ONE_FOLDER = {
    "class/class": "",
    "class/assignment_12_export": "",
    "class/mallory": "named inside mallory, the only folder",
    "class.zip/class": "",
    "class (1).zip/class": "",
    "late.zip/mallory": "named inside mallory, the only folder",
}


@pytest.mark.parametrize("path", ONE_FOLDER)
@pytest.mark.parametrize(
    "names",
    [
        ["examplebob_1234_99_submitted.py"],
        ["bob/submitted.py", "cy/submitted.py"],
        ["Bob_21_assignsubmission_file_/submitted.py"],
    ],
)
def test_the_only_folder_names_the_class_only_where_no_student_named_it(tmp_path, path, names):
    name, folder = path.split("/")
    make = zipped if name.endswith(".zip") else in_folder
    found = by_key(make(tmp_path / name, {f"{folder}/{file}": CODE for file in names}))
    assert len(found) == len(names)
    assert {e.student.doubt for e in found.values()} == {ONE_FOLDER[path]}


def test_gradescope(source_of):
    entries = by_key(
        source_of(
            {
                "submission_metadata.yml": METADATA.encode(),
                "submission_11/submitted.py": b"1",
                "submission_12/mp/submitted.py": b"2",
                "submission_99/submitted.py": b"9",
            }
        )
    )
    known = ["Ana_Perez_01234567", "Ben_Doe_ben", "Cleo_Roe_77", "Dan_Foe_78"]
    assert list(entries) == [*known, "submission_99"]
    ana, ben, cleo, dan, _ = entries.values()
    assert ana.student.name == "Ana Pérez"
    assert ana.student.ids == {"gradescope": "01234567"}
    assert (ben.student.email, ben.student.ids) == ("ben@example.edu", {})
    assert ben.content == cleo.content == b"2"
    assert dan.problem.startswith("Nothing was handed in")


def test_who_takes_a_classmates_name_in_gradescope_does_not_get_the_classmates_key(tmp_path):
    text = "".join(
        f"submission_{number}:\n  :submitters:\n"
        f"  - :name: {name}\n    :sid: {sid}\n    :email: {email}\n"
        for number, name, sid, email in (
            (7, "bob", "", "123@evil.example"),
            (12, "Bob", "123", "bob@uni.example"),
            (13, "Bob", "123-12", "ann@uni.example"),
            (14, "Cy", "5", "cy@uni.example"),
        )
    )
    members = {f"submission_{n}/submitted.py": b"%d" % n for n in (7, 12, 13, 14)}
    source = in_folder(tmp_path, {"submission_metadata.yml": text.encode(), **members})
    assert {key: e.content for key, e in by_key(source).items()} == {
        "bob_123-7": b"7",
        "Bob_123-12-1": b"12",
        "Bob_123-12-2": b"13",
        "Cy_5": b"14",
    }


def test_what_nobody_can_be_called_is_no_name(tmp_path):
    long = "x" * 2**20
    text = f"submission_7:\n  :submitters:\n  - :name: {long}\n    :sid: '5'\n    :email: {long}\n"
    source = {"submission_metadata.yml": text.encode(), "submission_7/submitted.py": CODE}
    (entry,) = by_key(in_folder(tmp_path, source)).values()
    assert (entry.student.display_name, entry.student.ids) == ("5", {"gradescope": "5"})


@pytest.mark.parametrize("text", [b"", b"a: [", b"- 1\n", b"\xff\xfe\x00", b"a: " + b"[" * 50_000])
def test_gradescope_list_that_is_broken(tmp_path, text):
    source = {"submission_metadata.yml": text, "submission_1/submitted.py": CODE}
    with pytest.raises(CannotGrade, match="again from Gradescope"):
        read_source(in_folder(tmp_path, source))


def test_gradescope_needs_a_package(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(CannotGrade, match="pip install pyyaml"):
        read_source(in_folder(tmp_path, {"submission_metadata.yml": METADATA.encode()}))


def test_metadata_makes_nothing_but_text(tmp_path):
    text = b"submission_1: !!python/object/apply:os.system ['exit 1']\n"
    source = {"submission_metadata.yml": text, "submission_1/submitted.py": CODE}
    assert list(by_key(in_folder(tmp_path, source))) == ["submission_1"]


def test_canvas(source_of):
    entries = by_key(
        source_of(
            {
                "doejane_101_9001_submitted.py": b"1",
                "roejan_LATE_102_9002_submitted-1.py": b"2",
                "foe-ray_max_103_9003_submitted-2.py": b"old",
                "foe-ray_max_103_9004_submitted-10.py": b"3",
                "foe-ray_max_103_9005_utils.py": b"",
                "poe_104_9006_hw-1.py": b"4",
                "moe_105_9007_hw.ipynb": b"{}",
                "anon_aB3x9_9008_submitted.py": b"6",
                "anon_12345_LATE_9009_submitted.py": b"7",
                "zoe_106_text.html": b"<p>",
                "extra.py": b"8",
            }
        )
    )
    assert {k: e.content for k, e in entries.items()} == {
        "doejane_101": b"1",
        "roejan_102": b"2",
        "foe-ray_max_103": b"3",
        "poe_104": b"4",
        "moe_105": None,
        "anon_aB3x9": b"6",
        "anon_12345": b"7",
        "zoe_106": None,
        "extra": b"8",
    }
    assert entries["roejan_102"].student.ids == {"canvas": "102"}
    assert entries["anon_12345"].student.name == ""
    assert "canvas" not in entries["anon_12345"].student.ids


def test_moodle(source_of):
    entries = by_key(
        source_of(
            {
                "Jane Doe_21_assignsubmission_file_/submitted.py": b"1",
                "Zoë O'Hara_22_assignsubmission_file/mp/src/submitted.py": b"2",
                "Participant_23_assignsubmission_file_/submitted.py": b"3",
                "Max Roe_24_assignsubmission_file_submitted.py": b"4",
                "Ann Poe_25_assignsubmission_onlinetext_/onlinetext.html": b"",
                "Jane Doe_21_assignsubmission_onlinetext_/onlinetext.html": b"",
            }
        )
    )
    assert {k: (e.student.name, e.content) for k, e in entries.items()} == {
        "Jane_Doe_21": ("Jane Doe", b"1"),
        "Zoe_O_Hara_22": ("Zoë O'Hara", b"2"),
        "Participant_23": ("", b"3"),
        "Max_Roe_24": ("Max Roe", b"4"),
        "Ann_Poe_25": ("Ann Poe", None),
    }
    assert entries["Jane_Doe_21"].student.ids == {"moodle": "21"}


@pytest.mark.parametrize("name", ["{}submitted.py", "{}/submitted.py"])
def test_a_student_whose_name_begins_with_a_dot_is_no_systems_file(source_of, name):
    names = [".Eve_1_assignsubmission_file_", "Bob_2_assignsubmission_file_"]
    systems = {"._Bob_2_assignsubmission_file_submitted.py": b"", ".idea/a.py": b"", ".x.py": b""}
    found = by_key(source_of({**{name.format(top): CODE for top in names}, **systems}))
    assert {key: e.content for key, e in found.items()} == {"Eve_1": CODE, "Bob_2": CODE}


def test_one_file_named_as_by_moodle_does_not_make_a_canvas_download_moodles(tmp_path):
    names = [f"student{n}_{n}_9_submitted.py" for n in range(1, 6)]
    names.append("x_5_assignsubmission_file_submitted.py")
    in_folder(tmp_path / "class", dict.fromkeys(names, CODE))
    found = by_key(tmp_path / "class")
    assert set(found) == {f"student{n}_{n}" for n in range(1, 6)} | {
        "x_5_assignsubmission_file_submitted"
    }


def test_many_files_named_as_by_moodle_do_not_make_a_canvas_download_moodles(tmp_path):
    names = [f"student{n}_{n}_9_submitted.py" for n in range(1, 4)]
    names += [f"eve_5_{n}_x_{n}_assignsubmission_file_y.py" for n in range(1, 9)]
    found = by_key(zipped(tmp_path / "class.zip", dict.fromkeys(names, CODE)))
    assert set(found) == {"eve_5", *(f"student{n}_{n}" for n in range(1, 4))}


def test_folders_that_file_names_make_hide_no_canvas_download(tmp_path):
    names = [r"eve_5_1_x\submitted.py", r"eve_5_2_y\..\z.py", "bob_6_3_submitted.py"]
    found = by_key(zipped(tmp_path / "class.zip", {name: name.encode() for name in names}))
    assert {key: e.student.ids for key, e in found.items()} == {
        "bob_6": {"canvas": "6"},
        "eve_5": {"canvas": "5"},
    }
    assert found["bob_6"].content == b"bob_6_3_submitted.py"


def test_who_has_a_classmates_number_in_the_name_is_nobody_in_canvas(source_of):
    # Canvas drops an underscore around a number in a name only where there is another behind it.
    members = {
        "jonesbob_1234_9_hw.py": b"bob",
        "jonesbob_1234_55_10_hw.py": b"eve",
        "jonesbob_1234_55_text.html": b"",
        "roeann_1234567_56_11_submitted.py": b"ann",
        "foecy_LATE_7_12_submitted.py": b"cy",
    }
    found = by_key(source_of(members))
    told = {e.content: (e.student.name, e.student.ids) for e in found.values()}
    assert told == {
        b"bob": ("jonesbob", {"canvas": "1234"}),
        b"eve": ("", {}),
        b"ann": ("", {}),
        b"cy": ("foecy", {"canvas": "7"}),
    }


@pytest.mark.parametrize(
    ("eve", "key"),
    [
        ("_55_10_x_1234_9_submitted.py", "55_or_1234"),  # no letter of her name is left
        ("jonesbob_1234_9_hw_55_10_x.py", "jonesbob_1234_or_55"),  # numbers are part of it
        ("jonesbob_1234_55_10_x.py", "jonesbob_1234_or_55"),
        ("roeeve_55_1234_text.html", "roeeve_55_or_1234"),
    ],
)
def test_numbers_in_a_name_put_nobodys_file_to_bobs(source_of, eve, key):
    bob = {"jonesbob_1234_9_submitted.py": b"bob", "jonesbob_1234_9_7_work.py": b"unsure"}
    found = by_key(source_of({**bob, eve: b"eve"}))
    assert found["jonesbob_1234"].content == b"bob"
    assert found["jonesbob_1234_or_9"].content == b"unsure"  # whoever that is, it is not Eve
    assert (found[key].student.name, found[key].student.ids) == ("", {})


def test_late_files_of_an_anonymous_canvas_download(source_of):
    members = {
        "LATE_anon_aB3_9_submitted.py": b"late",
        "anon_aB3_LATE_10_notes.txt": b"",
        "LATE_anon_12345_11_submitted.py": b"digits",
    }
    found = by_key(source_of(members))
    assert {key: (e.content, e.student.ids) for key, e in found.items()} == {
        "anon_aB3": (b"late", {"canvas_anonymous": "aB3"}),
        "anon_12345": (b"digits", {"canvas_anonymous": "12345"}),
    }


def test_a_file_named_as_a_classmates_stays_its_students_own(tmp_path):
    members = {
        "Bob Smith_222_assignsubmission_file_submitted.py": b"bob = 1\n",
        "Eve_111_assignsubmission_file_Bob Smith_222_assignsubmission_file_submitted.py": b"eve = 1\n",
    }
    found = by_key(in_folder(tmp_path / "class", members))
    assert {key: entry.content for key, entry in found.items()} == {
        "Bob_Smith_222": b"bob = 1\n",
        "Eve_111": b"eve = 1\n",
    }


def test_a_folder_that_a_file_name_makes_stays_its_students_own(tmp_path):
    members = {
        "Bob Jones_77_assignsubmission_file_submitted.py": b"bob = 1\n",
        "Eve_1_assignsubmission_file_Bob Jones_77_assignsubmission_file_\\submitted.py": b"eve = 1\n",
        "Cy_5_assignsubmission_file_work\\submitted.py": b"cy = 1\n",
    }
    found = by_key(zipped(tmp_path / "class.zip", members))
    assert {key: (e.student.ids["moodle"], e.content) for key, e in found.items()} == {
        "Bob_Jones_77": ("77", b"bob = 1\n"),
        "Eve_1": ("1", b"eve = 1\n"),
        "Cy_5": ("5", b"cy = 1\n"),
    }


def test_a_student_named_as_a_classmates_folder_is_somebody_else(tmp_path):
    # As Moodle writes the name Bob_77_assignsubmission_file.
    members = {
        "Bob_77_assignsubmission_file/submitted.py": b"bob = 1\n",
        "Bob 77 assignsubmission file_99_assignsubmission_file/submitted.py": b"eve = 1\n",
        "Cy_5_assignsubmission_file/submitted.py": b"cy = 1\n",
    }
    found = by_key(in_folder(tmp_path / "class", members))
    assert {e.student.ids["moodle"]: e.content for e in found.values()} == {
        "77": b"bob = 1\n",
        "99": b"eve = 1\n",
        "5": b"cy = 1\n",
    }


STRAY = {
    "gradescope": {"submission_metadata.yml": b"ana:\n  :submitters:\n  - :name: Ben\n"},
    "broken gradescope": {"submission_metadata.yml": b"[", "submission_1/submitted.py": b"1"},
    "moodle": {"Jane_21_assignsubmission_file_/submitted.py": b"1"},
    "canvas": {"jane_21_9_submitted.py": b"1"},
}


@pytest.mark.parametrize("stray", STRAY.values(), ids=STRAY)
@pytest.mark.parametrize("name", ["{}/submitted.py", "{}.py"])
def test_a_few_names_of_a_platform_do_not_make_a_download(source_of, name, stray):
    ours = {name.format(student): student.encode() for student in ("ana", "ben", "cy")}
    found = by_key(source_of({**ours, **stray}))
    python = [content for file, content in stray.items() if file.endswith(".py")]
    assert {key: e.content for key, e in found.items() if e.content in ours.values()} == {
        "ana": b"ana",
        "ben": b"ben",
        "cy": b"cy",
    }
    assert sorted(e.content for e in found.values()) == sorted([*ours.values(), *python])


DOWNLOADS = {
    "gradescope": {
        "submission_metadata.yml": METADATA.encode(),
        "submission_11/submitted.py": b"1",
        "submission_12/submitted.py": b"2",
    },
    "moodle": {
        "Jane_21_assignsubmission_file_/submitted.py": b"1",
        "Zoe_22_assignsubmission_file_/submitted.py": b"2",
        "Ray_23_assignsubmission_file_/submitted.py": b"3",
    },
    "canvas": {
        "jane_21_9_submitted.py": b"1",
        "zoe_22_9_submitted.py": b"2",
        "ray_23_9_submitted.py": b"3",
    },
}


@pytest.mark.parametrize("platform", DOWNLOADS)
def test_what_lies_beside_a_download_is_graded_too(source_of, platform):
    # What is no submission has no say in which platform it is.
    lists = {f"list{n}.txt": b"" for n in range(5)}
    stray = {"late.py": b"late", "later/submitted.py": b"later", **lists}
    found = by_key(source_of({**DOWNLOADS[platform], **stray}))
    assert found["late"].content == b"late"
    assert found["later"].content == b"later"
    known = [e for e in found.values() if e.student.ids]
    assert {e.content for e in known} >= {b"1", b"2"}


def test_names_do_not_turn_the_direction_of_what_stands_around_them(tmp_path):
    found = by_key(in_folder(tmp_path / "class", {"eve\u202eyp.bob.py": CODE}))
    (entry,) = found.values()
    assert "\u202e" not in entry.student.name + entry.where
