"""Every mistake of the catalogue costs points of its own part and no other; no alternative costs any."""

import ast
import functools
import importlib
import sys
from collections import Counter
from pathlib import Path

import pytest

from grading.judge.grade import list_tests, read_keys
from grading.judge.scores import Grade
from grading.kit import KIT, sources
from grading.parts import PARTS
from grading.worker import exercise
from instructor import catalogue
from instructor.catalogue.entry import Change, Entry
from instructor.keys.known_mistakes import first_named
from instructor.proof import sweep
from instructor.proof.matrix import NAMED_AT_LEAST, cascades, caught

MISTAKES: dict[str, catalogue.Mistake] = {entry.name: entry for entry in catalogue.all_mistakes()}
ALTERNATIVES: dict[str, catalogue.Alternative] = {
    entry.name: entry for entry in catalogue.alternatives_here()
}


ENTRIES: dict[str, catalogue.Entry] = {**MISTAKES, **ALTERNATIVES}
# Their tests take more than half of a grading's time. Each runs one graded function and no other, as is
# tested below; but for the end-to-end tests, which count for no other part's mistakes.
LONG_PARTS = ("rollouts", "training")


def changed_function(source):
    """The name of the only thing in which a source differs from the reference, or None.

    None as well where it differs in several things, or in another one than a function.
    """
    before, after = statements(reference()), ast.parse(source).body
    if len(before) != len(after):
        return None
    pairs = [(old, new) for (old, text), new in zip(before, after) if text != ast.dump(new)]
    names = {getattr(node, "name", None) for pair in pairs for node in pair}
    functions = all(isinstance(node, ast.FunctionDef) for pair in pairs for node in pair)
    return names.pop() if len(pairs) == len(names) == 1 and functions else None


def reference():
    return catalogue.REFERENCE.read_text(encoding="utf-8")


@functools.cache
def statements(source):
    return [(node, ast.dump(node)) for node in ast.parse(source).body]


@functools.cache
def asked_of(name):
    """The parts whose tests an entry is graded with; none for all of them.

    What a mistake in one function returns does not reach the long tests of another part. All others it
    meets, in the same processes: it may have left something behind there.
    """
    entry = ENTRIES[name]
    changed = changed_function(catalogue.source_of(entry))
    if name not in MISTAKES or entry.part == "training" or changed != PARTS[entry.part].function:
        return ()
    return tuple(part for part in PARTS if part == entry.part or part not in LONG_PARTS)


def graded(graders, names, asked):
    """Grades by the names of entries; `asked` says which parts' tests each of them is asked."""
    together: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        together.setdefault(asked(name), []).append(name)
    found: dict[str, Grade] = {}
    for only, some in together.items():
        pairs = [(name, catalogue.source_of(ENTRIES[name])) for name in some]
        found |= sweep.sweep(graders, pairs, sweep.Options(only))
    return found


@pytest.fixture(scope="module")
def grades(graders):
    return graded(graders, ENTRIES, asked_of)


def functions_run(case):
    """The reference's graded functions that run in a test."""
    run = set()

    def note(frame, event, _):
        if event == "call" and frame.f_code.co_filename == str(catalogue.REFERENCE):
            run.add(frame.f_code.co_name)

    module = exercise.import_submission(catalogue.REFERENCE)
    sys.setprofile(note)
    try:
        exercise.call(module, case.scenario, case.inputs)
    finally:
        sys.setprofile(None)
    return run & {part.function for part in PARTS.values()}


def test_a_long_test_runs_the_function_of_its_part_only():
    cases = read_keys(sources()).cases
    tests = [test for test in list_tests(only=LONG_PARTS) if not test.end_to_end]
    run = {test.name: functions_run(cases[test.name]) for test in tests}
    assert run == {test.name: {PARTS[test.part].function} for test in tests}
    assert {test.part for test in tests} == set(LONG_PARTS)


def test_only_a_change_of_one_function_is_asked_less():
    source = reference()
    assert changed_function(source.replace("following_return = 0.0", "pass")) == "get_returns"
    for other in (
        source,
        f"import os\n{source}",
        source.replace("import torch", "import torch, os"),
        source.replace("def get_returns(", "def get_return("),
        source.replace("return -(", "return (").replace("following_return = 0.0", "pass"),
    ):
        assert changed_function(other) is None
    less = [name for name in MISTAKES if asked_of(name)]
    assert {MISTAKES[name].part for name in less} == set(PARTS) - {"training"}
    assert not any(asked_of(name) for name in ALTERNATIVES)


def test_names_are_unique():
    entries: list[catalogue.Entry] = [*catalogue.all_mistakes(), *catalogue.all_alternatives()]
    assert len({entry.name for entry in entries}) == len(entries)
    assert {entry.part for entry in entries} == set(PARTS)


FOLDERS = ("mistakes", "alternatives", "reference_lines")


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_has_a_file_for_every_part(folder):
    files = (Path(catalogue.__file__).parent / folder).glob("*.py")
    assert {file.stem for file in files} == {"__init__", *PARTS}


def of_the_catalogue(folder, part):
    return importlib.import_module(f"instructor.catalogue.{folder}.{part}")


@pytest.mark.parametrize("part", PARTS)
def test_the_entries_of_a_file_belong_to_its_part(part):
    mistakes = of_the_catalogue("mistakes", part).MISTAKES
    alternatives = of_the_catalogue("alternatives", part).ALTERNATIVES
    assert [m.name for m in mistakes if not m.name.startswith(f"{part}_")] == []
    assert [a.name for a in alternatives if not a.name.startswith("alternative_")] == []
    assert {entry.part for entry in mistakes + alternatives} == {part}


def test_a_name_without_a_part_is_refused():
    with pytest.raises(ValueError, match="lost_returns: the name of an entry begins with"):
        _ = Entry("lost_returns", Change()).part


@pytest.mark.parametrize("part", PARTS)
def test_lines_with_a_name_stand_once_in_the_reference(part):
    reference = catalogue.REFERENCE.read_text(encoding="utf-8")
    lines = {
        name: text
        for name, text in vars(of_the_catalogue("reference_lines", part)).items()
        if name.isupper()
    }
    assert {name: reference.count(text) for name, text in lines.items()} == dict.fromkeys(lines, 1)


def test_there_are_enough():
    parts = Counter(entry.part for entry in MISTAKES.values())
    assert min(parts[part] for part in PARTS) >= 49
    assert parts["training"] >= 96
    matrix = (KIT / "instructor" / "MATRIX.md").read_text(encoding="utf-8")
    everything = next(line for line in matrix.splitlines() if line.startswith("| all |"))
    cells = [cell.strip() for cell in everything.strip("|").split("|")]
    assert int(cells[1]) == len(MISTAKES)
    assert int(cells[8]) >= len(ALTERNATIVES)  # it was made where SciPy is installed


@pytest.mark.parametrize("name", MISTAKES)
@pytest.mark.slow
def test_mistake_costs_points_in_visible_and_in_hidden_tests(grades, name):
    for hidden in (False, True):
        assert caught(grades[name], MISTAKES[name].part, hidden)


@pytest.mark.parametrize("name", MISTAKES)
@pytest.mark.slow
def test_mistake_costs_no_other_part(grades, name):
    assert cascades(grades[name], MISTAKES[name].part) == []


@pytest.mark.parametrize("name", ALTERNATIVES)
@pytest.mark.slow
def test_alternative_has_full_marks(grades, name):
    lost = [test for test in grades[name].tests if not test.passed]
    assert [(test.name, test.what, test.numbers) for test in lost] == []


@pytest.mark.slow
def test_most_mistakes_are_named_first(grades):
    named = [n for n, m in MISTAKES.items() if first_named(grades[n], m.part) == m.misconception]
    assert len(named) >= NAMED_AT_LEAST * len(MISTAKES)


SAMPLE = [*MISTAKES][::14], [*ALTERNATIVES][::17]


def test_thirty_mistakes_and_ten_right_solutions(graders):
    """These are asked everything."""
    found = graded(graders, [*SAMPLE[0], *SAMPLE[1]], lambda name: ())
    assert len(found) >= 40
    for name in SAMPLE[0]:
        part = MISTAKES[name].part
        assert caught(found[name], part, hidden=False), name
        assert caught(found[name], part, hidden=True), name
        assert cascades(found[name], part) == [], name
        assert first_named(found[name], part) == MISTAKES[name].misconception, name
    for name in SAMPLE[1]:
        assert found[name].score == found[name].points, name


def test_two_mistakes_at_once_are_both_named_and_shown_where_they_depart(graders):
    source = catalogue.REFERENCE.read_text(encoding="utf-8")
    both = ["returns_own_reward_discounted", "returns_not_reset"]
    for name in both:
        source = MISTAKES[name].change.apply(source)
    grade = sweep.sweep(graders, [("both", source)], sweep.Options(("returns",)))["both"]
    for test in grade.tests:
        assert not test.passed
        assert sorted(m.name for m in test.mistakes) == sorted(both)
        assert test.hidden or ("expected" in test.numbers and "<- differs" in test.picture)


def test_stubs_and_reference_have_the_same_signatures_and_given_code():
    stubs = (catalogue.REFERENCE.parent.parent / "submitted.py").read_text(encoding="utf-8")
    reference = catalogue.REFERENCE.read_text(encoding="utf-8")
    functions = [
        {n.name: n for n in ast.parse(text).body if isinstance(n, ast.FunctionDef)}
        for text in (stubs, reference)
    ]
    assert list(functions[0]) == list(functions[1])
    for name, stub in functions[0].items():
        assert ast.dump(stub.args) == ast.dump(functions[1][name].args)
    placeholders = ("rollout_buffer, mean_last_reward = ", "loss_arguments = ")
    for statement in ast.walk(ast.parse(stubs)):
        if isinstance(statement, (ast.Assign, ast.For, ast.If, ast.While, ast.Return)):
            text = ast.unparse(statement).splitlines()[0]
            if not text.startswith(placeholders):
                assert text in ast.unparse(ast.parse(reference))
