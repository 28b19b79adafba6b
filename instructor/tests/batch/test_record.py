"""A record that is damaged, or not there, ends every command that reads it with one sentence."""

import argparse
import contextlib
import sqlite3

import pytest

from grading.submission import CannotGrade
from instructor.batch import command, diff, name_group
from instructor.batch.entries import Entry, Student
from instructor.batch.record import RECORD_FILE, Record
from instructor.tests.batch.sources.uploads import CODE


def overwritten(path):
    """As by a disk that lost some of its pages."""
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))


def with_a_text_that_is_none(path):
    """As where one text was overwritten."""
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE submissions SET ids = CAST(x'ff' AS TEXT)")


def with_a_result_cut_short(path):
    """As where the file was edited by hand."""
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE results SET document = '{\"tests\": ['")


@pytest.fixture(params=[overwritten, with_a_text_that_is_none, with_a_result_cut_short])
def folder(request, tmp_path):
    """A class, and beside it the folder of a batch whose record is damaged."""
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "ana.py").write_bytes(CODE)
    (tmp_path / "out").mkdir()
    entry = Entry(Student("ana"), CODE)
    with Record(tmp_path / "out" / RECORD_FILE) as record:
        record.set_entries([entry])
        record.add(entry.content_hash(), "kit", {"tests": []}, "", 0.0)
    request.param(tmp_path / "out" / RECORD_FILE)
    return tmp_path


def options_of(folder):
    options = {"source": folder / "class", "out": folder / "out", "time_limit": 10.0, "title": None}
    options |= {"canvas": None, "moodle": None, "visible_needs_hidden": False}
    return argparse.Namespace(**options, forget_gone=False, anonymous=False)


@pytest.mark.parametrize("which", ["batch", "diff", "name"])
def test_a_damaged_record_is_told_in_a_sentence(folder, monkeypatch, which):
    out = folder / "out"
    monkeypatch.setattr(command, "grade_missing", lambda *_: None)
    commands = {
        "batch": lambda: command.main(options_of(folder)),
        "diff": lambda: diff.main(out, out),
        "name": lambda: name_group.main(out, "returns_0", "One.", "Look."),
    }
    with pytest.raises(CannotGrade, match=r"batch\.sqlite cannot be used as the record of a"):
        commands[which]()


def test_a_name_that_no_file_can_have_is_told_in_a_sentence(tmp_path):
    nowhere = tmp_path / ("x" * 300)
    with pytest.raises(CannotGrade, match="There is no batch in"):
        diff.main(nowhere, nowhere)
    with pytest.raises(CannotGrade, match="is no folder of a batch"):
        name_group.main(nowhere, "returns_0", "One.", "Look.")


def test_outputs_of_who_is_gone_are_removed_before_others_are_written(tmp_path, monkeypatch):
    """On some systems Ana.html and ana.html are one file."""
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "ana.py").write_bytes(CODE)
    (tmp_path / "out").mkdir()
    with Record(tmp_path / "out" / RECORD_FILE) as record:
        record.set_entries([Entry(Student(key), CODE) for key in ("ana", "Ana")])
    done = []
    monkeypatch.setattr(
        command, "grade_missing", lambda record, entries, *_: record.set_entries(entries)
    )
    monkeypatch.setattr(command, "write_outputs", lambda *_: done.append("written"))
    monkeypatch.setattr(command, "remove_outputs", lambda _, keys: done.append(keys))
    command.main(options_of(tmp_path))
    assert done == [{"Ana"}, "written"]
