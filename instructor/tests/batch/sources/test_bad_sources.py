"""Sources that are broken, too large, ambiguous or hostile: each costs at most its own student."""

import os
import struct
import sys
import zipfile

import pytest

from grading.submission import CannotGrade
from instructor.batch.sources import listing
from instructor.batch.sources import read_source as reading
from instructor.batch.sources.read_source import read_source
from instructor.tests.batch.sources.uploads import CODE, by_key, in_folder, zipped


def test_sources_that_are_no_source(tmp_path):
    for name in ("absent", "one.py", "some.txt"):
        if name != "absent":
            (tmp_path / name).write_bytes(CODE)
        with pytest.raises(CannotGrade):
            read_source(tmp_path / name)
    (tmp_path / "empty").mkdir()
    with pytest.raises(CannotGrade, match="no submissions"):
        read_source(tmp_path / "empty")
    with pytest.raises(CannotGrade, match="no submissions"):
        read_source(zipped(tmp_path / "empty.zip", {}))
    whole = zipped(tmp_path / "whole.zip", {"ana.py": os.urandom(500)}).read_bytes()
    (tmp_path / "half.zip").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CannotGrade, match="zip"):
        read_source(tmp_path / "half.zip")


# Hostile sources --------------------------------------------------------------------------------


def test_names_in_a_zip_lead_nowhere(tmp_path):
    members = ["../../x.py", "/etc/passwd.py", "C:\\windows\\y.py", "..\\..\\z.py", "a/../../w.py"]
    inside = tmp_path / "inside"
    inside.mkdir()
    entries = by_key(zipped(inside / "class.zip", dict.fromkeys(members, CODE)))
    assert len(entries) == len(members)
    assert all(e.content == CODE for e in entries.values())
    assert os.listdir(tmp_path) == ["inside"]
    assert os.listdir(inside) == ["class.zip"]


def test_large_members_are_refused_alone(tmp_path):
    bomb = bytes(2 * 2**20)
    source = zipped(tmp_path / "class.zip", {"ana.py": CODE, "ben.py": bomb, "cleo.py": bomb})
    # A directory that understates a member's size: what is read ends there, and fails its checksum.
    data = bytearray(source.read_bytes())
    at = data.rfind(b"cleo.py") - 46
    data[at + 24 : at + 28] = struct.pack("<L", 100)
    source.write_bytes(data)
    entries = by_key(source)
    assert entries["ana"].content == CODE
    assert entries["ben"].problem == "ben.py is larger than 1 MB, which no submission is."
    assert "damaged" in entries["cleo"].problem
    folder = in_folder(tmp_path / "class", {"ana.py": bytes(2**20), "ben.py": bytes(2**20 + 1)})
    assert [e.content is None for e in by_key(folder).values()] == [False, True]


def test_all_together_have_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "TOTAL_LIMIT", 2**20)
    entries = by_key(in_folder(tmp_path, {f"{n}.py": bytes(2**19) for n in "abc"}))
    assert [e.content is None for e in entries.values()] == [False, False, True]
    assert "1 MB together" in entries["c"].problem


def test_many_members(tmp_path, monkeypatch):
    same = [(f"{n % 5000}/{n}.py", b"") for n in range(10_000)]
    entries = by_key(zipped(tmp_path / "class.zip", same))
    assert len(entries) == 5000
    assert all("2 Python files" in e.problem for e in entries.values())
    files = by_key(
        zipped(tmp_path / "files.zip", {f"{'é' * (1 + n % 3)}.{n}.py": b"" for n in range(9)})
    )
    assert len(files) == 9
    monkeypatch.setattr(listing, "FILE_LIMIT", 99)
    with pytest.raises(CannotGrade, match="more than 99 files"):
        read_source(tmp_path / "class.zip")


TOO_MUCH = "More than 9 files and folders were handed in. Hand in submitted.py alone."
MANY = {
    "files": [f"{n}.py" for n in range(12)],
    "folders": [f"{n}/" for n in range(12)],
    "files in folders": [f"in/{n}/work.py" for n in range(6)],
    "nothing but text": [f"{n}.txt" for n in range(12)],
}


@pytest.mark.parametrize("around", ["", "class/"])
@pytest.mark.parametrize("many", MANY.values(), ids=MANY)
def test_who_hands_in_too_many_files_is_not_graded_and_the_others_are(
    tmp_path, monkeypatch, many, around
):
    monkeypatch.setattr(listing, "FILES_OF_A_STUDENT", 9)
    hers = [f"eve/{name}" for name in ("submitted.py", *many)]
    # In a zip, what belongs to several students may be in any order.
    ours = [f"{name}/{file}" for file in ("submitted.py", "b", "c") for name in ("ana", "fay")]
    mixed = [f"{around}{name}" for pair in zip(hers, ours) for name in pair]
    mixed += [f"{around}{name}" for name in hers[len(ours) :]]
    folder = in_folder(tmp_path / "folder", {around + name: CODE for name in [*ours, *hers]})
    for source in (folder, zipped(tmp_path / "class.zip", dict.fromkeys(mixed, CODE))):
        entries = by_key(source)
        assert {key: e.content for key, e in entries.items()} == {
            "ana": CODE,
            "eve": None,
            "fay": CODE,
        }
        assert entries["eve"].problem == TOO_MUCH
        assert "eve" in entries["eve"].where


@pytest.mark.parametrize(
    "name",
    ["{student}_{id}_{n}_work.py", "{student}_{id}_assignsubmission_file_{n}.py"],
    ids=["canvas", "moodle"],
)
def test_too_many_files_beside_those_of_others(tmp_path, monkeypatch, name):
    monkeypatch.setattr(listing, "FILES_OF_A_STUDENT", 9)
    files = [name.format(student="eve", id=5, n=n) for n in range(20)]
    files += [name.format(student=f"ana{n}", id=n + 100, n=n) for n in range(20)]
    entries = by_key(in_folder(tmp_path, dict.fromkeys(files, CODE)))
    assert [key for key, e in entries.items() if e.content is None] == ["eve_5"]
    assert entries["eve_5"].problem == TOO_MUCH
    assert len(entries) == 21


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere not every name can be given")
def test_nobodys_files_count_as_those_of_one_with_nearly_the_same_name(tmp_path, monkeypatch):
    monkeypatch.setattr(listing, "FILES_OF_A_STUDENT", 9)
    hers = [f"x\x02/{n}.txt" for n in range(12)]
    names = ["x\x01/submitted.py", *hers, "x\x01/work.py"]
    for source in (
        in_folder(tmp_path / "class", dict.fromkeys(names, CODE)),
        zipped(tmp_path / "class.zip", dict.fromkeys(names, CODE)),
    ):
        assert sorted(e.content is None for e in read_source(source)) == [False, True]


def test_nothing_is_looked_at_beyond_what_a_student_may_have(tmp_path, monkeypatch):
    monkeypatch.setattr(listing, "FILES_OF_A_STUDENT", 9)
    members = [f"eve/{n % 50}/{n}.py" for n in range(500)] + ["ana/submitted.py"]
    folder = in_folder(tmp_path / "class", dict.fromkeys(members, b""))
    scan, scanned = os.scandir, set()

    def scandir(path):
        scanned.add(os.path.basename(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    for source in (folder, zipped(tmp_path / "class.zip", dict.fromkeys(members, b""))):
        with listing.opened(source, lambda top, is_folder: top) as found:
            assert len(found.files) + len(found.folders) < 15
    assert scanned == {"class", "ana", "eve"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name(tmp_path):
    twice = [
        ("ana/submitted.py", b"1"),
        ("../ana/submitted.py", b"2"),
        ("b.py", b"1"),
        ("b.py", b"2"),
    ]
    entries = by_key(zipped(tmp_path / "class.zip", twice))
    assert "more than one" in entries["ana"].problem
    assert {entries["b-1"].content, entries["b-2"].content} == {b"1", b"2"}


def test_one_damaged_or_encrypted_member_is_one_students(tmp_path):
    source = zipped(tmp_path / "class.zip", {"ana.py": CODE, "ben.py": CODE, "cleo.py": CODE})
    data = bytearray(source.read_bytes())
    at = data.find(b"ben.py") + len("ben.py")
    data[at : at + 10] = b"\xff" * 10
    at = data.rfind(b"cleo.py") - 46
    data[at + 8] |= 1
    source.write_bytes(data)
    entries = by_key(source)
    assert entries["ana"].content == CODE
    assert "damaged" in entries["ben"].problem
    assert "encrypted" in entries["cleo"].problem


def test_other_compressions_are_not_read(tmp_path):
    with zipfile.ZipFile(tmp_path / "class.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("ana.py", CODE)
    assert "compressed" in by_key(tmp_path / "class.zip")["ana"].problem


def test_names_without_the_flag_for_utf8(tmp_path):
    """As macOS writes them."""
    source = zipped(tmp_path / "class.zip", {"Zoë_1_assignsubmission_file_/submitted.py": CODE})
    data = source.read_bytes()
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature) + offset
        data = data[:at] + b"\0\0" + data[at + 2 :]
    source.write_bytes(data)
    assert [e.student.name for e in read_source(source)] == ["Zoë"]


def test_a_long_name_keeps_its_ending(tmp_path):
    names = ["x" * 300 + ".py", "x" * 300 + "y.py", "ben.py"]
    entries = by_key(zipped(tmp_path / "class.zip", dict.fromkeys(names, CODE)))
    assert [e.content for e in entries.values()] == [CODE] * 3


@pytest.mark.parametrize(
    "name", ["{}_55_10_{}_1234_9_submitted.py", "{}_55_assignsubmission_file_{}_1234_submitted.py"]
)
def test_the_end_of_a_long_name_does_not_say_whose_it_is(tmp_path, name):
    members = {name.format("a" * length, "b" * 230): CODE for length in (10, 220)}
    members[name.format("c", "d").replace("_1234", "")] = CODE
    found = by_key(zipped(tmp_path / "class.zip", members))
    told = [number for e in found.values() for number in e.student.ids.values()]
    assert len(found) == 3
    assert told == ["55"] * 3


def test_keys_of_odd_names(tmp_path):
    names = ["李明", "王芳", "con", "a" * 200, "Ana", "ana", "x\x1b[31m", "Łukasz", "-rf", "José"]
    first = by_key(zipped(tmp_path / "a.zip", {f"{n}.py": CODE for n in names}))
    assert len({key.casefold() for key in first}) == len(names)
    assert {"Ana-1", "ana-2", "Lukasz", "rf", "Jose", "con_"} < set(first)
    without = by_key(zipped(tmp_path / "b.zip", {f"{n}.py": CODE for n in names[1:]}))
    assert set(without) < set(first)
    assert all(e.student.name.isprintable() for e in first.values())
    assert {"李明", "王芳"} < {e.student.name for e in first.values()}


def test_collisions_get_numbers_that_nobody_has(tmp_path):
    names = ["a b.py", "a_b.py", "a_b-2.py", "a,b.py"]
    assert list(by_key(in_folder(tmp_path, dict.fromkeys(names, CODE)))) == [
        "a_b-1",
        "a_b-2",
        "a_b-3",
        "a_b-4",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_and_pipes_in_a_folder(tmp_path):
    (tmp_path / "secret.py").write_bytes(b"secret")
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "submitted.py").write_bytes(b"secret")
    source = in_folder(tmp_path / "class", {"ana.py": CODE, "ben/submitted.py": CODE})
    (source / "cleo.py").symlink_to(tmp_path / "secret.py")
    (source / "dan").symlink_to(tmp_path / "private")
    (source / "eva").mkdir()
    (source / "eva" / "submitted.py").symlink_to("../../secret.py")
    (source / "fay.py").symlink_to("ana.py")
    (source / "fred").mkdir()
    (source / "fred" / "submitted.py").symlink_to("../ben/submitted.py")
    (source / "gina" / "src").mkdir(parents=True)
    (source / "gina" / "src" / "work.txt").write_bytes(CODE)
    (source / "gina" / "submitted.py").symlink_to("src/work.txt")
    (source / "gus.py").symlink_to("gus.py")
    (source / "hal.py").symlink_to("nowhere.py")
    os.mkfifo(source / "ida.py")
    entries = by_key(source)
    assert len(entries) == 11
    assert {k for k, e in entries.items() if e.content == CODE} == {"ana", "ben", "gina"}
    assert all(e.content in (CODE, None) for e in entries.values())
    for name in ("cleo", "dan", "eva", "fay", "fred"):
        assert "link" in entries[name].problem
    (tmp_path / "linked").symlink_to(source)
    assert by_key(tmp_path / "linked")["gina"].content == CODE
    # A folder around the class is nobody's own.
    (tmp_path / "around").mkdir()
    for file in source.glob("*.py"):
        file.unlink()
    source.rename(tmp_path / "around" / "class")
    entries = by_key(tmp_path / "around")
    assert {k for k, e in entries.items() if e.content == CODE} == {"ben", "gina"}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_what_may_not_be_read(tmp_path):
    source = in_folder(tmp_path, {"ana/submitted.py": CODE, "ben/submitted.py": CODE})
    (source / "ben").chmod(0)
    try:
        assert "cannot be opened" in by_key(source)["ben"].problem
    finally:
        (source / "ben").chmod(0o755)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are text")
def test_names_that_are_not_text(tmp_path):
    with open(os.fsencode(tmp_path) + b"/zo\xeb.py", "wb") as file:
        file.write(CODE)
    (entry,) = read_source(tmp_path)
    assert entry.content == CODE
    entry.student.name.encode()
    entry.where.encode()
