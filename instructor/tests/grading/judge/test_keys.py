"""A key is read as it was written, or refused with one sentence that says what is wrong with it."""

import copy
import dataclasses
import json
import re

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grading.judge.keys import BadKey, read_key
from grading.kit import VISIBLE
from instructor.keys.text import write_key
from instructor.tests.json_documents import documents, with_one_change

CASE, MISTAKES = "returns_known_values", 2


def small() -> dict:
    """A small key: one case of the visible key, and the first mistakes that it can tell."""
    whole = json.loads(VISIBLE[1].read_text(encoding="utf-8"))
    told = {n: m for n, m in whole["mistakes"].items() if CASE in m["sketches"]}
    return {
        "about": whole["about"],
        "made with": whole["made with"],
        "cases": {CASE: whole["cases"][CASE]},
        "mistakes": {
            name: {**told[name], "sketches": {CASE: told[name]["sketches"][CASE]}}
            for name in list(told)[:MISTAKES]
        },
    }


SMALL = small()
FIRST = next(iter(SMALL["mistakes"]))


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("key") / "solution.json"


def facts(key):
    """All of a key, in values that can be compared."""
    cases = {
        name: {
            **{n: v for n, v in vars(case).items() if n != "expected"},
            "expected": {n: (a.dtype.name, a.tolist()) for n, a in case.expected.items()},
        }
        for name, case in key.cases.items()
    }
    return repr((cases, {n: dataclasses.asdict(m) for n, m in key.mistakes.items()}))


def read(path, content: bytes):
    """The key, which has to be one in every respect; or the sentence it is refused with."""
    path.write_bytes(content)
    try:
        key = read_key(path)
    except BadKey as error:
        return str(error)
    for case in key.cases.values():
        assert isinstance(case.scenario, str)
        assert case.draw_margin is None or 0 <= case.draw_margin <= 1
        for name, array in case.expected.items():
            assert np.isfinite(array).all()
            assert 0 <= case.rounding(name) <= case.tolerance(name) < np.inf
    for mistake in key.mistakes.values():
        texts = (mistake.name, mistake.part, mistake.misconception, mistake.look)
        assert all(isinstance(text, str) for text in texts)
        numbers = [n for sketch in mistake.sketches.values() for n in sketch.numbers]
        assert np.isfinite(numbers).all()
    text = write_key("", {}, key)
    if "\ud800" not in text:  # half of a character: JSON can spell it, a file cannot hold it
        path.write_text(text, encoding="utf-8")
        assert facts(read_key(path)) == facts(key)
    return key


def changed(*places, to=None) -> dict:
    """The small key with another value in one place; "…" is the first name there."""
    document = copy.deepcopy(SMALL)
    inner = document
    *way, last = places
    for name in way:
        inner = inner[next(iter(inner)) if name == "…" else name]
    inner[last] = to
    return document


BAD = {
    "a list": ([], 'it has no "cases"'),
    "no mistakes": ({"cases": {}}, 'it has no "mistakes"'),
    "a case is a text": (changed("cases", CASE, to="x"), f'case "{CASE}" has no "scenario"'),
    "no inputs": (changed("cases", CASE, "inputs"), f'case "{CASE}" has no "inputs"'),
    "closeness is a list": (
        changed("cases", CASE, "closeness", to=[]),
        'of case "returns_known_values" has no tolerance',
    ),
    "tolerance of 1": (
        changed("cases", CASE, "closeness", "…", "tolerance", to=1),
        "has no tolerance",
    ),
    "spread is a flag": (
        changed("cases", CASE, "closeness", "…", "spread", to=False),
        "has no tolerance",
    ),
    "the smallest mistake is a text": (
        changed("cases", CASE, "closeness", "…", "smallest mistake", to="x"),
        "has a smallest mistake that is no number",
    ),
    "a number that is no byte": (
        changed("cases", CASE, "expected", "x", to={"int8": [300]}),
        "cannot be read as int8",
    ),
    "a number beyond float64": (
        changed("cases", CASE, "expected", "x", to={"float64": [10**400]}),
        "cannot be read as float64",
    ),
    "an object": (changed("cases", CASE, "expected", "x", to={"object": 1}), "is not an array"),
    "not finite": (
        changed("cases", CASE, "expected", "x", to={"float32": [1e999]}),
        "is not finite",
    ),
    "draw margin is a text": (
        changed("cases", CASE, "draw margin", to="x"),
        f'case "{CASE}" has no "draw margin" between 0 and 1',
    ),
    "draw margin of 2": (
        changed("cases", CASE, "draw margin", to=2),
        f'case "{CASE}" has no "draw margin" between 0 and 1',
    ),
    "a name of two lines": (changed("mistakes", "m\nn", to="x"), 'mistake "m n" has no "part"'),
    "a mistake is a text": (changed("mistakes", "m", to="x"), 'mistake "m" has no "part"'),
    "no misconception": (changed("mistakes", "…", "misconception"), 'has no "misconception"'),
    "sketches are a list": (changed("mistakes", "…", "sketches", to=[1]), 'has no "sketches"'),
    "a sketch is a number": (
        changed("mistakes", "…", "sketches", CASE, to=3),
        f'the sketch of case "{CASE}" in mistake "{FIRST}" is not a list',
    ),
    "a sketch is a text": (
        changed("mistakes", "…", "sketches", CASE, to="x"),
        f'the sketch of case "{CASE}" in mistake "{FIRST}" is not a list',
    ),
    "a sketch of infinity": (
        changed("mistakes", "…", "sketches", CASE, to=[1e999]),
        f'the sketch of case "{CASE}" in mistake "{FIRST}" is not finite',
    ),
    "a sketch beyond float64": (
        changed("mistakes", "…", "sketches", CASE, to=[10**400]),
        f'the sketch of case "{CASE}" in mistake "{FIRST}" cannot be read',
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_key_is_refused_for_its_reason(path, name):
    document, reason = BAD[name]
    said = read(path, json.dumps(document).encode())
    assert told_in_one_sentence(said)
    assert said.startswith(f"The answer key {path} is damaged: ")
    assert reason in said
    assert said.endswith(". Restore it from the original kit.")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "damaged at line 1, column 1: "),
        (b'{"cases": \n{', "damaged at line 2, column 2: "),
        (b"\xff", "damaged: it is not text"),
        (b"[" * 10**5, "damaged: it is nested too deeply"),
    ],
)
def test_what_is_no_json_is_refused_with_its_place(path, content, reason):
    assert reason in str(read(path, content))


def test_a_key_that_is_not_there(tmp_path):
    for name, reason in (("absent.json", "is missing"), ("", "cannot be opened")):
        with pytest.raises(
            BadKey, match=rf"^The answer key {re.escape(str(tmp_path / name))} {reason}"
        ):
            read_key(tmp_path / name)


def test_the_small_key_is_one(path):
    key = read(path, json.dumps(SMALL).encode())
    assert list(key.cases) == [CASE]
    assert len(key.mistakes) == MISTAKES


def told_in_one_sentence(found) -> bool:
    """Whether a refusal is one line that names the file, or there is none."""
    return not isinstance(found, str) or bool(
        re.fullmatch(r"The answer key .* is damaged.*\. Restore it from the original kit\.", found)
    )


sections = st.dictionaries(st.text(max_size=5), documents, max_size=2)


@given(document=documents | st.fixed_dictionaries({"cases": sections, "mistakes": sections}))
def test_any_document_is_a_key_or_refused(path, document):
    assert told_in_one_sentence(read(path, json.dumps(document).encode()))


@given(document=with_one_change(st.builds(copy.deepcopy, st.just(SMALL))))
def test_a_key_with_one_change_is_a_key_or_refused(path, document):
    assert told_in_one_sentence(read(path, json.dumps(document).encode()))


@given(at=st.integers(0, 10**5), length=st.integers(0, 40), new=st.binary(max_size=4))
@example(at=len(json.dumps(SMALL)) // 2, length=0, new=b"9" * 5000)
def test_a_key_with_changed_bytes_is_a_key_or_refused(path, at, length, new):
    content = json.dumps(SMALL).encode()
    start = at % (len(content) + 1)
    assert told_in_one_sentence(read(path, content[:start] + new + content[start + length :]))
