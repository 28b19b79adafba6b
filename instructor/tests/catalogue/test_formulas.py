"""Formulas are right where no term is wrong, and do what the catalogue's entries do where one is."""

import functools
from typing import Any

import numpy as np
import pytest

from grading.judge.keys import read_key
from grading.kit import HIDDEN, VISIBLE
from grading.wire import PROBE
from grading.worker import exercise
from instructor import catalogue
from instructor.catalogue.entry import replace_functions
from instructor.catalogue.formulas import (
    WITH_FORMULA,
    Formula,
    Term,
    all_programs,
    formula_of,
    programs_of,
)

MISTAKES = {mistake.name: mistake for mistake in catalogue.all_mistakes()}
REFERENCE = catalogue.REFERENCE.read_text(encoding="utf-8")
SINGLE = [program for program in all_programs() if len(program.mistakes) == 1]
PLAIN = [program for program in SINGLE if program.plain]


@functools.cache
def cases_of(part):
    cases = {**read_key(VISIBLE.key).cases, **read_key(HIDDEN.key).cases}
    return [case for case in cases.values() if case.scenario == part]


def results(source, part, path):
    """What a submission returns, by case: its outputs but for probes, or the type of its error."""
    path.write_text(source, encoding="utf-8")
    found: dict[str, Any] = {}
    for case in cases_of(part):
        result = exercise.run(path, case.scenario, case.inputs)
        if result.error is not None:
            found[case.name] = result.error.type
            continue
        found[case.name] = {
            name: (output.kind, output.dtype, output.array)
            for name, output in result.outputs.items()
            if not name.startswith(PROBE)
        }
    return found


def assert_same(one, other):
    for case, outputs in one.items():
        if isinstance(outputs, str):
            assert other[case] == outputs, case
            continue
        for name, (kind, dtype, array) in outputs.items():
            assert other[case][name][:2] == (kind, dtype), (case, name)
            if array is not None:
                scale = np.nan_to_num(np.abs(array).astype(float)).max(initial=0)
                np.testing.assert_allclose(
                    other[case][name][2], array, rtol=1e-4, atol=1e-5 * scale, err_msg=case + name
                )


def test_a_term_takes_its_place_on_one_line_or_on_several():
    source = "def f(x):\n    $before\n    return $sign * x$end\n"
    terms = {"before": Term("", ()), "sign": Term("1", ()), "end": Term("", ())}
    formula = Formula(source, terms)
    assert formula.written({}) == "def f(x):\n\n    return 1 * x\n"
    several = "\nif x:\n    x = 2\n"
    assert formula.written({"before": several, "sign": "-1", "end": ".mean()"}) == (
        "def f(x):\n    if x:\n        x = 2\n    return -1 * x.mean()\n"
    )


@pytest.mark.parametrize("part", WITH_FORMULA)
def test_a_formula_is_right_where_no_term_is_wrong(part, tmp_path):
    path = tmp_path / "submitted.py"
    formula = formula_of(part)
    assert formula is not None
    right = results(replace_functions(REFERENCE, formula.written({})), part, path)
    assert_same(results(REFERENCE, part, path), right)


def test_every_variant_belongs_to_an_entry_of_its_part():
    for part in WITH_FORMULA:
        for program in programs_of(part):
            assert {MISTAKES[name].part for name in program.mistakes} == {part}


def test_there_are_as_many_programs_as_can_be_run_in_minutes():
    assert 150 < len(SINGLE) < 350
    assert 5_000 < len(all_programs()) < 10_000


@pytest.mark.slow
@pytest.mark.parametrize("program", PLAIN, ids=lambda program: program.mistakes[0])
def test_the_first_text_of_an_entry_does_what_the_entry_does(program, tmp_path):
    part = MISTAKES[program.mistakes[0]].part
    path = tmp_path / "submitted.py"
    entry = results(catalogue.source_of(MISTAKES[program.mistakes[0]]), part, path)
    assert_same(entry, results(program.source, part, path))
