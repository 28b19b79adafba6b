"""Which submissions are nearly the same, and which only look so."""

import os
import time
from multiprocessing.context import SpawnProcess

import pytest

from instructor import catalogue
from instructor.batch.entries import Entry, Student
from instructor.batch.outputs import similarity
from instructor.batch.outputs.similarity import near_duplicates, near_duplicates_apart
from instructor.tests.batch.outputs.example_class import MISTAKES, REFERENCE

needs_rapidfuzz = pytest.mark.skipif(not similarity.AVAILABLE, reason="rapidfuzz is not installed")


def entry(key: str, source: str) -> Entry:
    return Entry(Student(key), source.encode())


@needs_rapidfuzz
def test_near_duplicates():
    stub = similarity.STUB.read_text(encoding="utf-8")
    commented = REFERENCE.replace("\n    return ", "\n    # mine\n\n    return ")
    class_ = [
        entry("a", REFERENCE),
        entry("b", REFERENCE),
        entry("c", commented),
        entry("d", catalogue.source_of(MISTAKES["advantages_sign"])),
        entry("stub1", stub),
        entry("stub2", stub),
        entry("other", "\n".join(f"value_{n} = [{n}, spam({n})]" for n in range(300))),
        entry("broken", "def f(:\n" + "\n".join(f"x{n} = '{n}" for n in range(100))),
        Entry(Student("nothing"), None, "", "Nothing was handed in."),
    ]
    pairs = {(a, b): share for a, b, share in near_duplicates(class_)}
    assert {pair for pair, share in pairs.items() if share == 1} == {
        ("a", "b"),
        ("a", "c"),
        ("b", "c"),
    }
    assert set(pairs) - {("a", "b"), ("a", "c"), ("b", "c")} == {("a", "d"), ("b", "d"), ("c", "d")}
    assert all(0.9 <= share <= 1 for share in pairs.values())


@needs_rapidfuzz
def test_partners_who_handed_in_one_file_are_no_pair():
    group = [
        Entry(Student(key), REFERENCE.encode(), "submission_1/submitted.py") for key in ("a", "b")
    ]
    alone = Entry(Student("c"), REFERENCE.encode(), "submission_2/submitted.py")
    assert near_duplicates(group) == []
    assert near_duplicates([*group, alone]) == [("a", "c", 1.0)]


class Deadly(bytes):
    """Ends the process that reads it, as a source can that makes the parser crash."""

    def __reduce__(self):
        return os._exit, (11,)


class Endless(bytes):
    """Keeps the process that reads it."""

    def __reduce__(self):
        return time.sleep, (60,)


@needs_rapidfuzz
def test_what_cannot_be_read_keeps_nobody_else_from_being_compared(monkeypatch):
    monkeypatch.setattr(similarity, "FILE_TIME_LIMIT", 1.0)
    class_ = [
        Entry(Student("eve"), Deadly(b"x")),
        Entry(Student("joe"), Endless(b"y")),
        *(entry(key, REFERENCE) for key in "ab"),
    ]
    assert near_duplicates_apart(class_) == ([("a", "b", 1.0)], ["eve", "joe"])


@needs_rapidfuzz
def test_where_nothing_can_be_compared_that_is_known(monkeypatch):
    monkeypatch.setattr(similarity, "TIME_LIMIT", 0.01)
    assert near_duplicates_apart([entry("a", REFERENCE)]) is None


@needs_rapidfuzz
def test_where_no_process_can_start_that_is_known(monkeypatch):
    def start(self):
        raise BlockingIOError("Resource temporarily unavailable")

    monkeypatch.setattr(SpawnProcess, "start", start)
    assert near_duplicates_apart([entry("a", REFERENCE)]) is None


@needs_rapidfuzz
def test_apart_it_finds_the_same():
    class_ = [entry("a", REFERENCE), entry("b", REFERENCE)]
    assert near_duplicates_apart(class_) == (near_duplicates(class_), [])
    assert near_duplicates(class_) == [("a", "b", 1.0)]


@needs_rapidfuzz
@pytest.mark.parametrize(
    "copied",
    [
        b"# coding: utf-7\n" + REFERENCE.encode("utf-7"),
        b"\xef\xbb\xbf" + REFERENCE.replace("\n", "\r").encode(),
        b"# coding: nothing\n" + REFERENCE.encode(),
        b"# coding: hex\n" + REFERENCE.encode(),
    ],
)
def test_a_source_is_read_in_the_encoding_that_it_declares(copied):
    pairs = near_duplicates([entry("a", REFERENCE), Entry(Student("b"), copied)])
    assert pairs == [("a", "b", 1.0)]
