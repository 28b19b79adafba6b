"""Which mistake is named if several fit a wrong result, and when none is named."""

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from grading.judge.compare import Mismatch, WrongForm
from grading.judge.diagnosis import PROJECTIONS, alike, diagnose, diagnose_alone, sketch
from grading.judge.keys import Case, Closeness, KnownMistake, Sketch
from grading.judge.sketches import OfCase, Sketches
from grading.wire import BY_CHANCE, PROBE, Outcome, Output, Result, ScenarioError

CASE = Case(
    "case",
    "returns",
    {},
    {"returns": np.linspace(-2, 3, 12).reshape(12, 1).astype(np.float32)},
    {"returns": Closeness(1e-7, 1e-4, 0.1)},
)
TELLTALE = PROBE + "it holds"
DIFFERENT = Mismatch("`returns` has wrong values.")


def outcome(array):
    return Outcome("done", Result({"returns": Output("returns", "tensor", array, "float32")}))


def sketch_of(array, mismatch=DIFFERENT):
    return sketch(CASE, outcome(array), mismatch)


def wrong(factor=2.0):
    return CASE.expected["returns"] * np.float32(factor)


def test_rounding_does_not_change_a_sketch():
    noise = 1 + 1e-6 * np.random.RandomState(0).normal(size=(12, 1)).astype(np.float32)
    assert alike(sketch_of(wrong()), sketch_of((wrong() * noise).astype(np.float32)))


@pytest.mark.parametrize("factor", [-1.0, 0.0, 1.9, 2.05, 4.0])
def test_other_numbers_give_another_sketch(factor):
    assert not alike(sketch_of(wrong()), sketch_of(wrong(factor)))


def test_order_and_place_count():
    assert not alike(sketch_of(wrong()), sketch_of(wrong()[::-1]))


def test_wrong_form_is_part_of_a_sketch():
    shape = WrongForm("`returns` has the wrong shape.")
    assert not alike(sketch_of(wrong()), sketch_of(wrong(), shape))
    assert alike(sketch_of(wrong().ravel(), shape), sketch_of(wrong().ravel(), shape))


def test_errors_are_alike_if_they_say_the_same():
    def error(message):
        return sketch(
            CASE, Outcome("done", Result(error=ScenarioError("call", "T", message))), None
        )

    assert alike(error("a"), error("a"))
    assert not alike(error("a"), error("b"))


@pytest.mark.parametrize(
    "array",
    [
        np.full((12, 1), np.nan, np.float32),
        np.array([np.inf, -np.inf] * 6),
        np.full((12, 1), 1.7e308),
        np.full((12, 1), -1.7e308),
        np.zeros((0, 1), np.float32),
        np.zeros(2_000_000, np.uint8),
        np.full((3, 4), 2**62),
    ],
)
def test_any_array_has_a_finite_sketch(array):
    assert np.isfinite(sketch_of(array).numbers).all()


@dataclass
class Shown:
    name: str
    sketch: Sketch | None = None
    part: str = "returns"
    mistakes: tuple[KnownMistake, ...] = ()

    @property
    def passed(self):
        return self.sketch is None


def known(name, **sketches):
    numbers = {case: Sketch("", (float(n), 0.0, 0.0)) for case, n in sketches.items()}
    return KnownMistake(name, "returns", f"It is {name}.", "look", numbers)


def named(tests, *mistakes):
    diagnose(tests, mistakes)
    return [test.mistakes[0].name if test.mistakes else None for test in tests]


def shows(number):
    return Sketch("", (float(number), 0.0, 0.0))


def test_of_equals_the_first_is_named():
    tests = [Shown("a", shows(1000))]
    assert named(tests, known("simple", a=1000), known("other", a=1000)) == ["simple"]


def test_what_explains_more_tests_is_named():
    tests = [Shown("a", shows(1000)), Shown("b", shows(500))]
    assert named(tests, known("one", a=1000), known("both", a=1000, b=500)) == ["both", "both"]


def test_a_mistake_that_would_fail_a_passing_test_is_out():
    tests = [Shown("a", shows(1000)), Shown("b")]
    assert named(tests, known("out", a=1000, b=500), known("in", a=1000)) == ["in", None]


def test_a_mistake_that_most_failures_contradict_is_out():
    tests = [Shown("a", shows(1000)), Shown("b", shows(500)), Shown("c", shows(700))]
    assert named(tests, known("out", a=1000, b=1, c=2)) == [None, None, None]
    assert named(tests, known("half", a=1000, b=1)) == [None, None, None]
    assert named(tests, known("in", a=1000, b=500, c=2)) == ["in", "in", None]
    # A failure that a mistake does not cause says nothing against it: another one may be there too.
    assert named(tests, known("one of two", a=1000)) == ["one of two", None, None]


def test_a_test_alone_is_explained_only_by_what_nothing_else_looks_like():
    def named_alone(*mistakes):
        test: Any = Shown("a", shows(1000))
        diagnose_alone(test, mistakes)
        return test.mistakes[0].name if test.mistakes else None

    assert named_alone(known("one", a=1000), known("two", a=1000)) is None
    assert named_alone(known("one", a=1000), known("two", a=2000)) == "one"


def test_two_mistakes_can_be_named_in_two_tests():
    tests = [Shown("a", shows(1000)), Shown("b", shows(500))]
    assert named(tests, known("one", a=1000), known("two", b=500)) == ["one", "two"]


def test_what_nobody_knows_is_not_named():
    assert named([Shown("a", shows(1234))], known("one", a=1000)) == [None]


def test_other_parts_do_not_count():
    other = Shown("a", shows(1000), part="vpg_loss")
    assert named([other], known("one", a=1000)) == [None]


# -- two mistakes at once --


def two_known(pairs, outputs=()):
    """The sketches of pairs, {(first, second): {case: number}}, and of outputs of mistakes.

    outputs: (mistake, case, output, number); an output named "flag" is one.
    """
    names = sorted({n for pair in pairs for n in pair} | {row[0] for row in outputs})
    cases = sorted({c for known in pairs.values() for c in known} | {row[1] for row in outputs})
    of = {}
    for case in cases:
        of_outputs = [row for row in outputs if row[1] == case]
        of_pairs = [(n, k[case]) for n, k in enumerate(pairs.values()) if case in k]
        of[case] = OfCase(
            np.array([names.index(row[0]) for row in of_outputs], int),
            [row[2] for row in of_outputs],
            np.array([numbers(row[3]) for row in of_outputs]).reshape(-1, PROJECTIONS),
            np.array([n for n, _ in of_pairs], int),
            [""] * len(of_pairs),
            np.array([numbers(number) for _, number in of_pairs]).reshape(-1, PROJECTIONS),
        )
    indexes = [[*(names.index(name) for name in pair), 0] for pair in pairs]
    return Sketches(names, [""], np.array(indexes, int).reshape(-1, 3), {"flag", TELLTALE}, of)


def numbers(number):
    return (float(number), *[0.0] * (PROJECTIONS - 1))


def wide(name, part="returns", **cases):
    sketches = {case: Sketch("", numbers(n)) for case, n in cases.items()}
    return KnownMistake(name, part, f"It is {name}.", "look", sketches)


def shows_outputs(**outputs):
    projected = {output: numbers(number) for output, number in outputs.items()}
    compared = [number for output, number in outputs.items() if not output.startswith(PROBE)]
    return Sketch("", numbers(sum(compared)), projected)


def all_named(tests, mistakes, sketches):
    diagnose(tests, mistakes, sketches)
    return [[mistake.name for mistake in test.mistakes] for test in tests]


ONE, OTHER = wide("one", a=1000, b=500), wide("other", a=70, b=90)
BOTH = {("one", "other"): {"a": 3000, "b": 500}}


def test_two_mistakes_are_named_where_both_show_and_one_where_the_other_does_not():
    tests = [Shown("a", shows_outputs(x=3000)), Shown("b", shows_outputs(x=500))]
    assert all_named(tests, [ONE, OTHER], two_known(BOTH)) == [["one", "other"], ["one"]]


def test_one_mistake_is_named_before_two():
    tests = [Shown("a", shows_outputs(x=3000))]
    assert all_named(tests, [ONE, OTHER, wide("c", a=3000)], two_known(BOTH)) == [["c"]]


@pytest.mark.parametrize("says", ["unwritten", "missing", "import"])
def test_what_is_not_there_shows_no_mistake(says):
    sketches = two_known(BOTH)
    sketches.cases["a"].says[0] = says
    mistakes = [
        ONE,
        OTHER,
        KnownMistake("c", "returns", "It is c.", "look", {"a": Sketch(says, ())}),
    ]
    assert all_named([Shown("a", Sketch(says, ()))], mistakes, sketches) == [[]]


def test_a_pair_that_would_fail_a_passing_test_is_out():
    tests = [Shown("a", shows_outputs(x=3000)), Shown("b")]
    assert all_named(tests, [ONE, OTHER], two_known(BOTH)) == [[], []]


@pytest.mark.parametrize(("c", "named"), [(3000, ["one", "other"]), (2, [])])
def test_a_pair_that_any_failure_contradicts_is_out(c, named):
    known = two_known({("one", "other"): {"a": 3000, "b": 3000, "c": c}})
    tests = [Shown(name, shows_outputs(x=3000)) for name in "abc"]
    assert all_named(tests, [ONE, OTHER], known) == [named] * 3


@pytest.mark.parametrize(("number", "named"), [(55, []), (66, ["c"])])
def test_beside_what_nobody_knows_no_name_is_told_that_several_would_fit(number, named):
    """Several mistakes give 55 in the first test, such as zeros; only one gives 66."""
    mistakes = [wide("c", a=number), wide("d", a=55, b=1), wide("e", a=66)]
    mistakes[2].misconception = mistakes[0].misconception  # the same, written another way
    tests = [Shown("a", shows_outputs(x=number)), Shown("b", shows_outputs(x=2000))]
    assert all_named(tests, mistakes, two_known({})) == [named, []]
    assert all_named([tests[0]], mistakes, two_known({})) == [["c"]]


OUTPUTS = [
    ("one", "a", "x", 1000),
    ("one", "a", "flag", 300),
    ("other", "a", "y", 70),
    ("third", "a", "flag", 300),
]


def three(part):
    return [wide("one", part, a=1300), wide("other", part, a=70), wide("third", part, a=300)]


def outputs_named(part="rollouts", **outputs):
    tests = [Shown("a", shows_outputs(**outputs), part)]
    (names,) = all_named(tests, three(part), two_known({}, OUTPUTS))
    return names


def test_two_mistakes_are_told_apart_where_they_change_different_outputs():
    assert outputs_named(x=1000, y=70, flag=300) == ["one", "other"]


def test_the_other_output_may_be_wrong_in_a_way_that_nobody_knows():
    assert outputs_named(x=1000, y=715, flag=300) == ["one"]


def test_a_mistake_that_changes_an_output_that_is_right_is_out():
    assert outputs_named(x=1000, y=715, flag=0) == []


def test_a_flag_alone_proves_nothing():
    assert outputs_named(x=0, y=715, flag=300) == []


def test_a_mistake_must_explain_more_than_half_of_what_it_changes():
    assert outputs_named(x=1000, y=715, flag=12) == []


@pytest.mark.parametrize(("y", "named"), [(0, ["one"]), (70, [])])
def test_the_outputs_of_one_formula_are_one(y, named):
    """Two mistakes in it change all outputs, so each of them is no evidence by itself."""
    changed = [row for row in OUTPUTS if row[0] == "one"] + [
        ("other", "a", "x", 5),
        ("other", "a", "y", 70),
    ]
    tests = [Shown("a", shows_outputs(x=1000, y=y, flag=300), "value_loss")]
    mistakes = three("value_loss")[:2]
    mistakes[0].sketches["a"] = Sketch("", numbers(9999))  # it does not show the whole
    assert all_named(tests, mistakes, two_known({}, changed)) == [named]


def test_a_formula_is_told_only_where_its_numbers_are_explained():
    """In the second test the mistake explains a flag, and other numbers than those that are wrong."""
    changed = [("one", "a", "x", 1000), ("one", "b", "x", 10), ("one", "b", "flag", 300)]
    tests = [
        Shown("a", shows_outputs(x=1000), "value_loss"),
        Shown("b", shows_outputs(x=2000, flag=300), "value_loss"),
    ]
    one = wide("one", "value_loss", a=9999, b=9999)  # it does not show the whole
    assert all_named(tests, [one], two_known({}, changed)) == [["one"], []]


def test_a_mistake_may_be_written_in_another_way():
    """A pair of one mistake with itself is that mistake, and it comes after an entry and before two."""
    known = two_known({("one", "one"): {"a": 55}, ("one", "other"): {"a": 55}})
    tests = [Shown("a", shows_outputs(x=55))]
    assert all_named(tests, [ONE, OTHER], known) == [["one"]]
    assert all_named(tests, [ONE, OTHER, wide("c", a=55)], known) == [["c"]]


def family(name, part="returns", telltale=TELLTALE):
    return dataclasses.replace(wide(name, part), telltale=telltale)


def test_what_nobody_knows_may_be_told_by_one_output():
    unknown = shows_outputs(x=715, **{TELLTALE: 300})
    assert all_named([Shown("a", unknown)], [ONE, family("some")], None) == [["some"]]
    right = shows_outputs(x=715, **{TELLTALE: 1})
    assert all_named([Shown("a", right)], [ONE, family("some")], None) == [[]]
    assert all_named([Shown("a")], [ONE, family("some")], None) == [[]]


def test_an_output_tells_nothing_where_a_named_mistake_makes_it_wrong():
    rows = [("one", "a", TELLTALE, 300), ("other", "a", "x", 1000)]
    for name, named in (("one", ["one"]), ("other", ["other", "some"])):
        known = [wide(name, "training", a=1000), family("some", "training")]
        tests = [Shown("a", shows_outputs(x=1000, **{TELLTALE: 300}), "training")]
        assert all_named(tests, known, two_known({}, rows)) == [named]


def test_a_probe_is_no_part_of_what_a_result_shows():
    case = dataclasses.replace(CASE, expected={**CASE.expected, TELLTALE: np.array(True)})
    result = Result({"returns": Output("returns", "tensor", wrong(), "float32")})
    for holds in (True, False):
        result.outputs[TELLTALE] = Output(TELLTALE, "number", np.array(holds), "bool")
        found = sketch(case, Outcome("done", result), DIFFERENT)
        assert alike(found, sketch_of(wrong()))
        assert (np.abs(found.outputs[TELLTALE]).max() > 50) is not holds


def test_of_a_formula_one_family_is_told_and_of_the_loop_two():
    wrong = {f"{TELLTALE} {n}": 300 for n in (1, 2, 3)}
    for part, named in (("vpg_loss", ["1"]), ("training", ["1", "2"])):
        known = [family(str(n), part, f"{TELLTALE} {n}") for n in (3, 2, 1)]
        assert all_named([Shown("a", shows_outputs(**wrong), part)], known, None) == [named]


def test_a_family_is_told_in_every_test_that_shows_it():
    """Also where the others have been told before, as the visible tests have when hidden ones follow."""
    wrong = shows_outputs(x=715, **{TELLTALE: 300})
    tests: list[Any] = [Shown("a", wrong), Shown("b", wrong)]
    some = family("some")
    rows = [("some", "a", TELLTALE, 300), ("some", "b", TELLTALE, 300)]
    diagnose(tests[:1], [some], two_known({}, rows))
    diagnose(tests, [some], two_known({}, rows), noted=tests[1:])
    assert [[m.name for m in test.mistakes] for test in tests] == [["some"], ["some"]]


@pytest.mark.parametrize("draws", [True, False])
def test_a_result_of_chance_shows_only_a_mistake_that_draws(draws):
    """What was drawn may happen to be what another mistake returns."""
    rows = [("one", "a", BY_CHANCE, 300)] if draws else [("other", "a", BY_CHANCE, 300)]
    pairs: Any = {("one", "other"): {"a": 55}}
    known = [wide("one", a=1000), wide("other"), family("some", telltale=BY_CHANCE)]
    by_chance = {"x": 1000, BY_CHANCE: 300}
    tests = [Shown("a", shows_outputs(**by_chance))]
    assert all_named(tests, known, two_known(pairs, rows)) == [["one" if draws else "some"]]
    certain = [Shown("a", shows_outputs(x=1000))]
    assert all_named(certain, known, two_known(pairs, rows)) == [[] if draws else ["one"]]
    certain = [Shown("a", shows_outputs(x=55))]
    assert all_named(certain, known, two_known(pairs, rows)) == [[]]
    tests = [Shown("a", shows_outputs(**{"x": 55, BY_CHANCE: 300}))]
    assert all_named(tests, known, two_known(pairs, rows)) == [["some"]]


def test_of_mistakes_that_explain_the_same_outputs_the_one_that_changes_fewer_is_told():
    rows = [
        ("one", "a", "x", 1000),
        ("one", "a", "y", 70),
        ("one", "a", "z", 500),
        ("other", "a", "x", 1000),
        ("other", "a", "y", 70),
    ]
    known = [wide("one", "rollouts", a=1570), wide("other", "rollouts", a=1070)]
    tests = [Shown("a", shows_outputs(x=1000, y=70, z=715), "rollouts")]
    assert all_named(tests, known, two_known({}, rows)) == [["other"]]
