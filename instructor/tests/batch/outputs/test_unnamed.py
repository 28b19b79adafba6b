"""Who returns the same without a name is one group, and what is said of it is told to all of it."""

import itertools
import json

import pytest

from grading.judge.diagnosis import diagnose
from grading.judge.grade import read_keys
from grading.judge.keys import read_named
from grading.kit import KIT, NAMED, VISIBLE, sources
from grading.report.feedback import known
from grading.report.results import ALL_AT_ONCE, Options, results
from grading.submission import CannotGrade
from instructor import catalogue
from instructor.batch import name_group
from instructor.batch.entries import Entry, Graded, Student
from instructor.batch.outputs import unnamed
from instructor.batch.outputs.class_report import misconceptions, report_data
from instructor.batch.record import RECORD_FILE, Record, kit_hash
from instructor.proof import sweep

REFERENCE = catalogue.REFERENCE.read_text(encoding="utf-8")
RESULT = "    return returns\n"
SENTENCE, LOOK = "The returns are shrunk by a third.", "Is there a factor in the formula?"
CLASS = {
    "ana": REFERENCE,
    "ben": REFERENCE.replace(RESULT, "    return returns * 0.7 + 0.1\n"),
    "cem": REFERENCE.replace(RESULT, "    shrunk = [0.1 + r * 7 / 10 for r in returns]\n"
                             "    return torch.stack(shrunk)\n"),
    "eve": REFERENCE.replace(RESULT, "    return returns * 0.6 + 0.1\n"),
    "dan": REFERENCE.replace(RESULT, "    return returns.squeeze(1)\n"),
}  # fmt: skip


@pytest.fixture(scope="module")
def grades(graders):
    return sweep.sweep(graders, CLASS.items(), sweep.Options(only=("returns",)))


@pytest.fixture(scope="module")
def graded(grades):
    return [
        Graded(
            Entry(Student(name), CLASS[name].encode()),
            json.loads(json.dumps(results(grade, ALL_AT_ONCE))),
        )
        for name, grade in grades.items()
    ]


@pytest.fixture
def out(graded, tmp_path, monkeypatch):
    """A batch's folder, and a place for what is named."""
    monkeypatch.setattr(name_group, "NAMED", tmp_path / "named.json")
    monkeypatch.setattr("instructor.batch.outputs.class_report.NAMED", tmp_path / "named.json")
    monkeypatch.setattr("grading.judge.grade.NAMED", tmp_path / "named.json")
    kit = kit_hash(sweep.Options())
    with Record(tmp_path / RECORD_FILE) as record:
        record.set_entries([one.entry for one in graded])
        for one in graded:
            record.add(one.entry.content_hash(), kit, one.document, "", 0.0)
    return tmp_path


def test_those_who_return_the_same_are_one_group(graded):
    first, second = unnamed.groups(graded)
    assert (first.part, first.rows) == ("returns", [1, 2])
    assert second.rows == [3]
    assert first.id != second.id
    assert first.id == unnamed.groups(graded[1:2])[0].id


def test_the_page_has_them_with_the_code_of_one(graded):
    groups = report_data(graded, "Class")["unnamed"]
    assert [group["rows"] for group in groups] == [[1, 2], [3]]
    code = groups[0]["code"].splitlines()
    assert code[0].startswith("def get_returns(")
    assert code[-1] == "    return returns * 0.7 + 0.1"
    anonymous = report_data(graded, "Class", anonymous=True)["unnamed"]
    assert [group["code"] for group in anonymous] == ["", ""]


@pytest.mark.parametrize(
    "code", ["<" * 2**20, "def get_returns():\n" + "    x = 1\n" * 2**17, "x\n" * 59 + "<" * 2**20]
)
def test_an_example_is_short_whatever_its_lines_are(code):
    shown = unnamed.example(Graded(Entry(Student("eve"), code.encode()), None), "returns")
    assert len(shown) < 6100
    assert len(shown.splitlines()) < 63
    assert shown.endswith("\n...")
    assert code.startswith(shown.removesuffix("\n..."))


def test_what_is_said_of_a_group_is_told_to_all_of_it(graded, grades, out, capsys):
    group = unnamed.groups(graded)[0]
    assert name_group.main(out, group.id, SENTENCE, LOOK) == 0
    assert "told to 2 of this class, in 5 tests" in capsys.readouterr().out
    (named,) = read_named(out / "named.json").values()
    assert (named.name, named.part, named.misconception) == (
        f"named_{group.id}",
        "returns",
        SENTENCE,
    )
    assert "return returns" not in (out / "named.json").read_text(encoding="utf-8")
    mistakes = read_keys(sources()).mistakes
    assert mistakes[named.name].look == LOOK
    told = {}
    for name, grade in grades.items():
        diagnose(grade.tests, mistakes.values())
        told[name] = {line for test in grade.tests for line in known(test)}
    assert [name for name in CLASS if SENTENCE in told[name]] == ["ben", "cem"]
    documents = [
        Graded(one.entry, results(grade, ALL_AT_ONCE))
        for one, grade in zip(graded, grades.values())
    ]
    assert misconceptions(documents)[0] == {"text": SENTENCE, "part": "Returns", "rows": [1, 2]}
    assert [g.rows for g in unnamed.groups(documents)] == [[3]]


@pytest.fixture
def by_hand(tmp_path, monkeypatch):
    """A batch's folder in which one student returned something odd, with the group of that."""
    monkeypatch.setattr(name_group, "NAMED", tmp_path / "hidden" / "named.json")
    (tmp_path / "hidden").mkdir()
    ana = returning("ana", 500.0)
    with Record(tmp_path / RECORD_FILE) as record:
        record.set_entries([ana.entry])
        record.add(ana.entry.content_hash(), "kit", ana.document, "", 0.0)
    (group,) = unnamed.groups([ana])
    return tmp_path, group.id


def returning(name, *numbers):
    """A student for whose result in one test nothing is known but these numbers."""
    test = {"name": "Returns: first", "tags": ["returns"], "score": 0.0, "max_score": 1.0}
    test |= {"status": "failed", "output": "A value is wrong."}
    extra = {"unnamed": {"first": ["", *numbers]}}
    return Graded(Entry(Student(name), name.encode()), {"tests": [test], "extra_data": extra})


def test_a_sentence_that_is_no_text_is_refused_and_leaves_nothing(by_hand):
    out, group = by_hand
    for sentences, which in (
        (("caf\udce9", LOOK), "misconception"),
        ((SENTENCE, "\udce9"), "look at"),
    ):
        with pytest.raises(CannotGrade, match=f"{which} is not UTF-8"):
            name_group.main(out, group, *sentences)
    assert not list((out / "hidden").iterdir())


def test_a_named_mistake_that_cannot_be_written_is_told(by_hand):
    out, group = by_hand
    (out / "hidden").rmdir()
    with pytest.raises(CannotGrade, match=r"named.json cannot be written \(No such file"):
        name_group.main(out, group, SENTENCE, LOOK)


# Each is alike to the next, and the first is not to the last.
NEAR = {
    "ana": (554.0, -800.0),
    "bob": (556.0, -800.4),
    "cat": (552.0, -799.7),
    "dan": (558.0, -800.0),
}


def test_the_order_of_students_changes_neither_groups_nor_their_names():
    graded = [returning(name, *numbers) for name, numbers in NEAR.items()]
    found = set()
    for order in itertools.permutations(graded):
        groups = unnamed.groups(order)
        assert all(group.rows == sorted(group.rows) for group in groups)
        found.add(
            frozenset((g.id, frozenset(order[r].entry.student for r in g.rows)) for g in groups)
        )
    assert len(found) == 1


def test_an_anonymous_report_calls_groups_as_the_other_does():
    graded = [returning(name, *numbers) for name, numbers in NEAR.items()]
    names = [
        [group["text"] for group in report_data(graded, "Class", anonymous)["unnamed"]]
        for anonymous in (False, True)
    ]
    assert names[0] == names[1]


def test_groups_that_differ_have_different_names(by_hand):
    out, _ = by_hand
    graded = [returning("ana", 5000.0), returning("bob", 5040.0)]
    first, second = unnamed.groups(graded)
    assert second.id == f"{first.id}_2"
    for one in graded:  # as when the first group has a name in the second's batch
        with Record(out / RECORD_FILE) as record:
            record.set_entries([one.entry])
            record.add(one.entry.content_hash(), "kit", one.document, "", 0.0)
        name_group.main(out, first.id, f"{one.entry.student.key}'s.", LOOK)
        name_group.main(out, first.id, f"{one.entry.student.key}'s, said anew.", LOOK)
    named = read_named(out / "hidden" / "named.json")
    assert [m.misconception for m in named.values()] == ["ana's, said anew.", "bob's, said anew."]


def test_a_second_name_leaves_the_first(graded, out):
    for group in unnamed.groups(graded):
        name_group.main(out, group.id, SENTENCE, LOOK)
    assert len(read_named(out / "named.json")) == 2


@pytest.mark.parametrize(
    ("group", "sentence", "says"),
    [
        ("returns_none", SENTENCE, "has no group returns_none; its groups: returns_"),
        ("", " ", "empty"),
    ],
)
def test_what_cannot_be_named_is_refused(out, group, sentence, says):
    with pytest.raises(CannotGrade, match=says):
        name_group.main(out, group, sentence, LOOK)


def test_a_folder_without_a_batch_and_a_damaged_file_are_refused(graded, out, tmp_path_factory):
    with pytest.raises(CannotGrade, match="is no folder of a batch"):
        name_group.main(tmp_path_factory.mktemp("empty"), "x", SENTENCE, LOOK)
    (out / "named.json").write_text("{", encoding="utf-8")
    with pytest.raises(
        CannotGrade, match=r"named.json cannot be read: .*Put it right, or remove it"
    ):
        name_group.main(out, unnamed.groups(graded)[0].id, SENTENCE, LOOK)
    with pytest.raises(CannotGrade, match=r"named\.json cannot be read"):
        read_keys([VISIBLE])


def test_students_results_hold_no_sketches(grades):
    document = results(grades["ben"], Options())
    assert "unnamed" not in document["extra_data"]
    assert not NAMED.exists() or NAMED.is_relative_to(KIT)
