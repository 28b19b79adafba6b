"""Leaving out who a student is: labels for names, and texts without words of the student's own.

An anonymous text is not the student's with some words taken out, because nobody knows all of them. It is
made of the kit's sentences and of numbers. What is none of these becomes a sentence about its kind, or
is left out.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from grading.judge.compare import BUFFER_FIELDS, KINDS, NAMES, OTHER_TYPES
from grading.judge.explain import COMMON_ERRORS, FUNCTIONS, ONLY_THIS
from grading.kit import KIT
from grading.parts import PARTS
from grading.report.results import PRINTED
from grading.wire import DTYPES
from instructor import catalogue
from instructor.batch.entries import Graded

LEFT_OUT = "[left out]"
LINE_LENGTH = 1000  # of the kit's own lines; they have some hundred characters
# Where the sentences about a failed test stand.
SENTENCES_IN = (
    "grading/judge/compare.py",
    "grading/judge/explain.py",
    "grading/judge/grade.py",
    "grading/judge/plugin.py",
    "grading/judge/scores.py",
    "grading/report/feedback.py",
    "grading/report/results.py",
    "tests/checks.py",
    "tests/scenarios/stand_ins.py",
)
WHILE_IMPORTED = "While submitted.py was imported: "
SOURCE_LINE = re.compile(r"(submitted\.py, line \d+):.*", re.DOTALL)  # this line and all below it
STOPPED = re.compile(r"(It stopped|submitted\.py stops) with (an?) (\w+).*")


def _any_of(texts: Iterable[str]) -> str:
    return f"(?:{'|'.join(map(re.escape, sorted(texts, key=len, reverse=True)))})"


NUMBER = r"[-+]?(?:\d[\d.]*(?:e[-+]?\d+)?|inf|nan)"
SHAPE = r"\((?:\d+,|\d+(?:, \d+)+|\d+, \.\.\.)?\)"
PARAMETER = r"(?:net\.\d+\.(?:weight|bias)|weight|pace)"
FUNCTION = _any_of(FUNCTIONS)
TITLE = _any_of(part.title for part in PARTS.values())
ARGUMENTS = {"observation", "returns", "old_logits", "action", "return_or_advantage"}
ARGUMENT = _any_of(ARGUMENTS | {"policy", "value_net", "ppo_clip"})
# What the kit's sentences have in their gaps.
IN_A_GAP = "|".join(
    (
        rf"\d+ of \d+|\d+ numbers|{NUMBER}|{SHAPE}|{FUNCTION}|{TITLE}(?:, {TITLE})*",
        rf"{ARGUMENT}(?: and {ARGUMENT})*|The gradient for {PARAMETER}|{PARAMETER}",
        rf"{PARAMETER} of the (?:policy|value_net) after training|What {FUNCTION} returned",
        rf"`{_any_of(BUFFER_FIELDS)}` in the rollout buffer",
        _any_of({*NAMES.values(), *KINDS.values(), *DTYPES, *OTHER_TYPES, *COMMON_ERRORS}),
        _any_of(part.section for part in PARTS.values()),
        "something else|a number|of another kind|value network|policy|the negative of",
        rf"the wrong value|wrong values|{NUMBER} times|Each|It",
    )
)
VALUES = (
    rf"(?:(?:[Dd]iscount {NUMBER}|[Ss]econd call|[Oo]ne step alone): )?"
    r"(?:[Ff]irst at \[[\d, ]*\](?: \(step \d+ of episode \d+, which has \d+ steps?\))?: )?"
    rf"[Ee]xpected {NUMBER}, got {NUMBER}\.(?: \d+ of \d+ differ\.)?"
)
PLACE = r"(?:It is in|Look at) submitted\.py, line \d+"
ENTRY = r"(?:step|optimizer step|collection)"
PICTURE = re.compile(
    rf" +(?:expected +got|(?:{ENTRY} \d+|\[[\d, ]+\])(?: +{NUMBER}){{2}}(?: +<- differs)?"
    rf"|Every {ENTRY} \(\. right, x wrong(?:, \| between episodes)?\):|[.x|]+)"
)
# Sentences that have a submission's words in them, and what stands there without them.
KINDS_OF_FAILURES = (
    (r"Python crashed while it ran.*", "Python crashed while it ran."),
    (r"Its result cannot be used:.*", "Its result cannot be used."),
    (r"Python cannot read submitted\.py:.*", "Python cannot read submitted.py."),
    (rf"(submitted\.py has no function {FUNCTION}\.).*", r"\1"),
    (r"submitted\.py has no function .*", "submitted.py has no function that is needed."),
    (r".* is not written yet\.", "A function is not written yet."),
    (
        r"submitted\.py imports .*, which is not available\..*",
        f"submitted.py imports a package, which is not available. {ONLY_THIS}",
    ),
    (rf"({FUNCTION} cannot be called the way its docstring says\.).*", r"\1"),
)
# The same for submissions that have no grade.
KINDS_OF_REASONS = (
    (r"Nothing was handed in\. submitted\.py is needed\.", r"\g<0>"),
    (r"More than \d+ files and folders were handed in\. Hand in submitted\.py alone\.", r"\g<0>"),
    (r"The submissions are larger than \d+ MB together\.", r"\g<0>"),
    (r"It has not been graded yet\.", r"\g<0>"),
    (r"The grader itself ended while it graded this\.", r"\g<0>"),
    (r"The cluster could not grade this .*", "The cluster could not grade this."),
    (r"There is no Python file.*", "There is no Python file."),
    (r"There is more than one .*", "There is more than one file that may be meant."),
    (r"(There are \d+ Python files and none is submitted\.py).*", r"\1."),
    (r".* is a notebook; (.*)", "It is a notebook; the functions belong in submitted.py."),
    (r".* is packed\..*", "It is packed. Unpack it and take submitted.py from it."),
    (r".* is larger than (\d+) MB, .*", r"It is larger than \1 MB, which no submission is."),
    (r".* is a link to a (folder|file).*", r"It is a link to a \1, and that is not followed."),
    (r".* is not a regular file\.", "It is not a regular file."),
    (r".* cannot be opened \(.*\)\.", "It cannot be opened."),
    (r".* is (encrypted|damaged) in the zip file\..*", r"It is \1 in the zip file."),
    (r".* is compressed in a way .*", "It is compressed in a way that is not read."),
)


def labels(graded: Sequence[Graded]) -> dict[str, str]:
    """What stands for the names, by key: "Student 1" and so on.

    The order is the same whenever the same files are graded. It depends on what everybody handed in,
    so a list of the class is not enough to find it out.
    """
    contents = sorted(one.entry.content_hash() for one in graded)
    secret = hashlib.sha256("".join(contents).encode()).hexdigest()

    def place(key: str) -> str:
        return hashlib.sha256(f"{secret} {key}".encode()).hexdigest()

    keys = sorted((one.entry.student.key for one in graded), key=place)
    return {key: f"Student {n}" for n, key in enumerate(keys, start=1)}


def without_own_text(output: str) -> str:
    """A test's output in the kit's sentences alone: nothing printed, no source, no exception's words."""
    kept = SOURCE_LINE.sub(r"\1", output.partition(PRINTED)[0].strip())
    return "\n".join(_without_own_words(line) for line in kept.splitlines()).strip()


def reason_without_own_text(reason: str) -> str:
    """Why there is no grade, without names of persons and files."""
    return _kind_of(reason, KINDS_OF_REASONS)


def _without_own_words(line: str) -> str:
    before = WHILE_IMPORTED if line.startswith(WHILE_IMPORTED) else ""
    said = line.removeprefix(before)
    said = said[:1].upper() + said[1:] if before else said
    if not said or PICTURE.fullmatch(said) or _is_the_kits(said):
        return line
    if (match := STOPPED.fullmatch(said)) and match[3] in COMMON_ERRORS:
        return f"{before}{match[1]} with {match[2]} {match[3]}."
    if match:
        return f"{before}{match[1]} with an error."
    kind = _kind_of(said, KINDS_OF_FAILURES)
    return before + (kind[:1].lower() + kind[1:] if before else kind)


def _kind_of(said: str, kinds: Iterable[tuple[str, str]]) -> str:
    for pattern, plain in kinds:
        if match := re.fullmatch(pattern, said, re.DOTALL):
            return match.expand(plain)
    return LEFT_OUT


def _is_the_kits(said: str) -> bool:
    """Whether a line is made of the kit's sentences."""
    at, sentence = 0, _kit_sentence()
    # One at a time: in a pattern of many, the ways to part a line would grow with its length.
    while len(said) <= LINE_LENGTH and (match := sentence.match(said, at)):
        if match.end() == len(said):
            return True
        at = match.end() + 1
        if said[match.end()] != " ":
            return False
    return False


@cache
def _kit_sentence() -> re.Pattern[str]:
    """A sentence of the kit's about a failed test."""
    found = {VALUES, PLACE}
    for mistake in catalogue.all_mistakes():
        found |= {re.escape(mistake.misconception), f"What to look at: {re.escape(mistake.look)}"}
    for name in SENTENCES_IN:
        found.update(_sentences((KIT / name).read_text(encoding="utf-8")))
    return re.compile("|".join(sorted(found, key=lambda one: (-len(one), one))))


def _sentences(source: str) -> Iterator[str]:
    """Patterns of the sentences in a source, with what may stand in their gaps."""
    for node in ast.walk(ast.parse(source)):
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        texts = [str(part.value) if isinstance(part, ast.Constant) else "" for part in parts]
        texts[0] = texts[0].lstrip()
        whole = "".join(texts)
        if whole.endswith((".", "?")) and " " in whole and "\n" not in whole:
            yield "".join(re.escape(text) or f"(?:{IN_A_GAP})" for text in texts)
