"""The key generator says when a key is not what the reference gives."""

import dataclasses
import json
import re
import sys

import pytest

from grading.judge.keys import Key, read_key
from grading.kit import HIDDEN, VISIBLE
from instructor import __main__ as instructor
from instructor import catalogue
from instructor.keys import known_pairs
from instructor.keys import write as key
from instructor.keys.text import write_key
from instructor.keys.tolerances import KeyRefused

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made():
    return key.calibrated_and_known()


@pytest.fixture(scope="module")
def texts(made):
    return key.texts_of(*made)


def test_committed_keys_are_current(texts):
    for path, text in texts.items():
        assert key.check_key(path, text) == []


def test_committed_sketches_are_current(made):
    solved, mistakes = made
    assert key.check_sketches(key.together(solved), mistakes) == []


CHECKED = (
    "keys are current",
    "requirements are current",
    "reference has full marks",
    "stubs have none",
    "nothing hidden is given out",
    "the platform grades",
)


def test_the_check_before_an_upload_finds_the_kit_ready(made, monkeypatch, capsys, tmp_path):
    """`python -m instructor check`, with what was made for the tests of this file."""
    monkeypatch.setattr(key, "calibrated_and_known", lambda: made)
    monkeypatch.setattr(sys, "argv", ["", "check", "--out", str(tmp_path)])
    assert instructor.main() == 0
    *checks, last = capsys.readouterr().out.splitlines()
    assert last == "Ready to upload."
    found = [re.match(r"ok +(.+?) +[\d.]+ s  ", check) for check in checks]
    assert [match and match[1] for match in found] == list(CHECKED)


def test_sketches_of_something_else_are_not_current(made, monkeypatch):
    solved, mistakes = made
    cases = key.together(solved)
    name = next(iter(mistakes))
    without = {n: m for n, m in mistakes.items() if n != name}
    assert "of other mistakes" in key.check_sketches(cases, without)[0]
    other = {**mistakes, name: dataclasses.replace(mistakes[name], sketches={})}
    assert f"of {name} that it does not change" in key.check_sketches(cases, other)[0]
    monkeypatch.setattr(known_pairs, "sketches_of", lambda pairs, cases: [{} for _ in pairs])
    assert " and " in key.check_sketches(cases, mistakes)[0]


def test_writing_twice_gives_the_same_bytes(monkeypatch):
    some = catalogue.all_mistakes()[::12]  # all of them would take a minute
    monkeypatch.setattr(catalogue, "all_mistakes", lambda: some)
    assert key.key_texts() == key.key_texts()


@pytest.mark.parametrize("path", [VISIBLE.key, HIDDEN.key])
def test_key_reads_back_and_is_small(texts, path):
    made_with = json.loads(path.read_text(encoding="utf-8"))["made with"]
    rewritten = write_key(key.ABOUT[path], made_with, read_key(path))
    assert rewritten == path.read_text(encoding="utf-8")
    assert len(texts[path]) < 1_000_000
    assert max(len(line) for line in texts[path].splitlines()) <= 200


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (
            lambda d: d["returns_known_values"]["inputs"].update(discount_factors=[0.6]),
            "discount_factors",
        ),
        (
            lambda d: d["value_loss_batch"]["expected"].update(loss={"float32": 0.1}),
            "value_loss_batch",
        ),
        (lambda d: d.pop("ppo_loss_default_clip"), ""),
    ],
)
def test_changed_key_is_noticed(texts, monkeypatch, tmp_path, change, where):
    text = next(iter(texts.values()))
    document = json.loads(text)
    change(document["cases"])
    changed = tmp_path / "solution.json"
    changed.write_text(json.dumps(document))
    monkeypatch.setattr(key, "KIT", tmp_path)
    (problem,) = key.check_key(changed, text)
    assert "solution.json is not what the reference gives" in problem
    assert where in problem


def test_changed_mistake_is_noticed(texts, monkeypatch, tmp_path):
    monkeypatch.setattr(key, "KIT", tmp_path)
    changed, text = tmp_path / "solution.json", next(iter(texts.values()))
    for field, new in (("look at", "Elsewhere."), ("sketches", {})):
        document = json.loads(text)
        document["mistakes"]["returns_flat"][field] = new
        changed.write_text(json.dumps(document))
        (problem,) = key.check_key(changed, text)
        assert "returns_flat" in problem


def test_rounding_of_another_machine_is_no_difference(texts, monkeypatch, tmp_path):
    text = next(iter(texts.values()))
    document = json.loads(text)
    loss = document["cases"]["value_loss_batch"]["expected"]["loss"]
    loss["float32"] *= 1 + 1e-7
    changed = tmp_path / "solution.json"
    changed.write_text(json.dumps(document))
    monkeypatch.setattr(key, "KIT", tmp_path)
    assert key.check_key(changed, text) == []


def test_one_case_is_made_anew_and_the_others_stay(monkeypatch):
    present = read_key(VISIBLE[1])
    del present.cases["value_loss_batch"]
    for mistake in present.mistakes.values():
        mistake.sketches.pop("value_loss_batch", None)
    present.cases["value_loss_large_returns"].draw_margin = 0.5  # nobody would find this margin
    monkeypatch.setattr(key, "read_key", lambda path: present)
    ((path, text),) = key.key_texts(["value_loss_batch"]).items()
    assert path == VISIBLE[1]
    document = json.loads(text)
    assert document["cases"]["value_loss_large_returns"].pop("draw margin") == 0.5
    assert key.check_key(path, json.dumps(document)) == []


def test_one_case_is_refused_where_more_has_changed(monkeypatch):
    with pytest.raises(KeyRefused, match="no case value_loss_bath"):
        key.key_texts(["value_loss_bath"])
    present = read_key(VISIBLE[1])
    fresh = Key({}, {name: m for name, m in present.mistakes.items() if name != "returns_flat"})
    with pytest.raises(KeyRefused, match="have changed too"):
        key.completed(present, fresh, present.cases)
    with pytest.raises(KeyRefused, match="have changed too"):
        key.completed(present, Key({}, present.mistakes), [*present.cases, "another"])
    assert key.completed(present, Key({}, present.mistakes), present.cases) == present
