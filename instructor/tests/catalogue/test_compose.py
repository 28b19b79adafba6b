"""Two mistakes are put together word by word, or not at all."""

import ast

import pytest

from instructor import catalogue
from instructor.catalogue.compose import compose, hunks_of, place_of, reference_words
from instructor.catalogue.entry import Change, Entry

MISTAKES = {mistake.name: mistake for mistake in catalogue.all_mistakes()}
REFERENCE = catalogue.REFERENCE.read_text(encoding="utf-8")
LINE = "    return -(log_probability * return_or_advantage).mean()\n"


def entry(name, new):
    return Entry(name, Change(((LINE, new),)))


SIGN = entry("vpg_loss_one", LINE.replace("-(", "("))
SUM = entry("vpg_loss_two", LINE.replace(".mean()", ".sum()"))
MEDIAN = entry("vpg_loss_four", LINE.replace(".mean()", ".median()"))


def test_the_words_are_the_reference():
    assert "".join(reference_words()) == REFERENCE


@pytest.mark.parametrize("name", [*MISTAKES][::5])
def test_the_hunks_of_an_entry_make_its_source(name):
    hunks = hunks_of(MISTAKES[name])
    merged, place = [], 0
    for hunk in hunks:
        merged += [*reference_words()[place : hunk.start], *hunk.words]
        place = hunk.end
    assert "".join([*merged, *reference_words()[place:]]) == catalogue.source_of(MISTAKES[name])


def test_changes_of_one_line_go_together_where_they_change_other_words():
    both = compose(SIGN, SUM)
    assert both == REFERENCE.replace(
        LINE, "    return (log_probability * return_or_advantage).sum()\n"
    )
    assert compose(SUM, SIGN) == both


def test_changes_of_the_same_word_do_not_go_together():
    assert compose(SUM, MEDIAN) is None


def test_two_insertions_at_one_place_do_not_go_together():
    one, other = (entry(f"vpg_loss_{n}", LINE.replace("-(", f"-{n} * (")) for n in (2, 3))
    assert compose(one, other) is None


def test_what_is_no_python_is_no_pair():
    opened = entry("vpg_loss_open", LINE.replace("-(", "-(("))
    assert compose(opened, SUM) is None


def test_a_change_that_both_make_is_made_once():
    both = entry("vpg_loss_both", LINE.replace("-(", "(").replace(".mean()", ".sum()"))
    assert compose(SIGN, both) == catalogue.source_of(both)


def test_what_stands_first_in_the_code_is_first():
    assert place_of(SIGN) < place_of(SUM)
    assert place_of(MISTAKES["ppo_loss_ratio_inverted"]) < place_of(MISTAKES["ppo_loss_max"])


def test_most_pairs_of_a_part_go_together():
    pairs = [
        (one, other)
        for number, one in enumerate(MISTAKES.values())
        for other in [*MISTAKES.values()][number + 1 :: 7]
        if one.part == other.part
    ]
    sources = [compose(one, other) for one, other in pairs]
    assert sum(source is not None for source in sources) > 0.8 * len(pairs)
    for source in filter(None, sources[::20]):
        ast.parse(source)
