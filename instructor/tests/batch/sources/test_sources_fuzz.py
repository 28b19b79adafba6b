"""Whatever a class's files and folders are called, nobody is lost, and no two become one."""

import json
import os
import shutil
import sys
import unicodedata
import zipfile
from dataclasses import dataclass

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grading.submission import CannotGrade
from instructor.batch.sources.listing import DEPTH, clean
from instructor.batch.sources.student_keys import RESERVED
from instructor.tests.batch.sources.uploads import by_key
from instructor.tests.json_documents import documents

# Names that systems, platforms or this kit give a meaning to, more often than chance would find them.
ODD = (
    *("submitted", "submitted-2", "utils", "con", "con.a", "aux", "CON.b.c", "x.PY", "a.py.txt"),
    *("a b", "a_b", "a_b-2", "A_B", "é", "e\u0301", "ﬁ", "王", "\u202ea", "x\x01", "x\x02", "-"),
    *("jane_1_2_submitted.py", "joe_LATE_3_2_submitted.py", "jim_4_3_work", "anon_7_8_a.py"),
    *("Jane_1_assignsubmission_file_", "Max_1_assignsubmission_file_", "jay_5_text.html"),
    *("C:", "...", "~", "*?", "x" * 200, "x" * 199 + "y", "con." + "x" * 90, "a.zip", "a.csv"),
    *(".git", "__MACOSX", "__pycache__", "submission_1", "submission_metadata.yml"),
)
tops = st.sampled_from(ODD) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="/\\\0"), min_size=1, max_size=6
).filter(lambda name: name.strip(".") != "")


@dataclass(frozen=True)
class Upload:
    """One Python file of one student: beside the others' (depth 0), or in a folder of their own."""

    top: str
    depth: int
    file: str

    @property
    def path(self) -> str:
        """Where it is, from the class's folder."""
        if self.depth == 0:
            return self.top if self.top.endswith(".py") else f"{self.top}.py"
        return "/".join([self.top, *["in"] * (self.depth - 1), self.file])

    @property
    def counts(self) -> bool:
        """Whether it is a student's and not a system's."""
        name = self.path.split("/")[0]
        return not name.startswith(".") and name not in ("__MACOSX", "__pycache__")


uploads = st.builds(
    Upload,
    tops,
    st.sampled_from([0, 0, 1, 1, 2, DEPTH - 1, DEPTH, DEPTH + 2]),
    st.sampled_from(["submitted.py", "work.py", "submitted-1.py"]),
)
# More than one, as a single folder may also be one around the whole class. And one of each name: a
# file and a folder named alike may be one student's.
classes = st.lists(
    uploads, min_size=2, max_size=7, unique_by=(lambda u: u.top, lambda u: u.path)
).filter(lambda found: sum(upload.counts for upload in found) > 1)


def check_texts(entries):
    """What is told of everybody can be printed."""
    for entry in entries.values():
        for text in (entry.student.name, entry.student.email, entry.where, entry.problem):
            text.encode()
            assert not any(unicodedata.category(c) in ("Cc", "Zl", "Zp") for c in text)


def check(source, handed_in):
    """Everybody is there, under a name of their own, with their own content or with a problem."""
    entries = by_key(source)
    students = [upload for upload in handed_in if upload.counts]
    assert len(entries) == len(students)
    contents = {entry.content for entry in entries.values()}
    for number, upload in enumerate(handed_in):
        if upload.counts and upload.depth < DEPTH:
            assert str(number).encode() in contents
    assert len({key.casefold() for key in entries}) == len(entries)
    assert not any(RESERVED.fullmatch(key) for key in entries)
    check_texts(entries)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("classes")


def pair(*names: str, depth: int = 1, files: tuple[str, str] = ("submitted.py", "work.py")):
    """Two students' folders of these names."""
    return [Upload(name, depth, file) for name, file in zip(names, files)]


FOUND = (
    pair("x\x01", "x\x02"),
    pair("é", "e\u0301"),
    pair("a", "b", depth=DEPTH + 2),
    pair("Jane_1_assignsubmission_file_", "Max_1_assignsubmission_file_"),
    [Upload("jane_1_2_submitted.py", 0, ""), Upload("jim_4_3_work", 1, "work.py")],
    [*pair("Jane_1_assignsubmission_file_", "b"), Upload("jane_1_2_submitted.py", 0, "")],
    pair("con.a", "con." + "x" * 90),
    pair("Jan_1_assignsubmission_file", "Jan 1 assignsubmission file_2_assignsubmission_file"),
)


def with_what_was_found(test):
    """The test with every case that was wrong once."""
    for found in FOUND:
        test = example(handed_in=found)(test)
    return test


@given(handed_in=classes)
@with_what_was_found
@example(handed_in=pair("x" * 300, "x" * 299 + "y"))
@example(handed_in=pair("x" * 300, "x" * 299 + "y", depth=0))
def test_everybody_in_a_zip_is_there(folder, handed_in):
    source = folder / "class.zip"
    with zipfile.ZipFile(source, "w") as archive:
        for number, upload in enumerate(handed_in):
            archive.writestr(upload.path, str(number))
    before = sorted(os.listdir(folder))
    check(source, handed_in)
    assert sorted(os.listdir(folder)) == before


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere not every name can be given")
@settings(max_examples=settings().max_examples // 4)  # each writes a tree of folders
@given(handed_in=classes)
@with_what_was_found
@example(handed_in=pair("zo\udceb", "zo\udcec"))
def test_everybody_in_a_folder_is_there(folder, handed_in):
    source = folder / "class"
    shutil.rmtree(source, ignore_errors=True)
    for number, upload in enumerate(handed_in):
        path = source / upload.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(number))
    check(source, handed_in)


names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@given(
    members=st.lists(st.tuples(names | st.sampled_from(["../x.py", "/a.py", "C:\\b.py"]), names)),
    cut=st.integers(0, 10**4),
    change=st.binary(max_size=3),
)
def test_any_zip_is_a_class_or_refused(folder, members, cut, change):
    source = folder / "any.zip"
    with zipfile.ZipFile(source, "w") as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name or "x"), content)
    data = source.read_bytes()
    place = cut % len(data)
    source.write_bytes(data[:place] + change + data[place + len(change) :])
    try:
        by_key(source)
    except CannotGrade as error:
        said = str(error)
    else:
        return
    assert said.startswith(str(source))


people = st.fixed_dictionaries({}, optional=dict.fromkeys([":name", ":sid", ":email"], documents))
lists = st.fixed_dictionaries({":submitters": st.lists(people | documents, max_size=3) | documents})
metadata = st.dictionaries(st.sampled_from(["submission_1", "submission_2", ""]), lists | documents)


@given(listed=metadata | documents)
@example(listed={"submission_1": {":submitters": [{":name": "\ud800"}]}})
@example(listed={"submission_1": {":submitters": [{":name": "\x1b[31m", ":email": "\x85"}]}})
def test_any_list_of_gradescopes_is_read_or_refused(folder, listed):
    source = folder / "export"
    for number in "12":
        (source / f"submission_{number}").mkdir(parents=True, exist_ok=True)
        (source / f"submission_{number}" / "submitted.py").write_text(number)
    # Every JSON document is YAML.
    (source / "submission_metadata.yml").write_text(json.dumps(listed))
    try:
        entries = by_key(source)
    except CannotGrade as error:
        said = str(error)
    else:
        said = ""
    if said:
        assert said.endswith("again from Gradescope.")
        return
    check_texts(entries)
    assert {b"1", b"2"} <= {entry.content for entry in entries.values()}


def test_what_lies_beside_gradescopes_folders_is_graded_too(folder):
    source = folder / "with_late_ones"
    (source / "submission_1").mkdir(parents=True)
    (source / "submission_1" / "submitted.py").write_text("1")
    (source / "submission_metadata.yml").write_text("submission_1: {}\n")
    (source / "late.py").write_text("2")
    assert {key: e.content for key, e in by_key(source).items()} == {
        "late": b"2",
        "submission_1": b"1",
    }


@given(text=st.text() | st.text(st.characters(categories=["Cs", "Cc", "Mn", "Lu"])))
@example(text="\ud800")
@example(text="zo\udceb")
def test_a_clean_name_can_be_printed_and_stays_as_it_is(text):
    shown = clean(text)
    shown.encode()
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in shown)
    assert clean(shown) == shown
