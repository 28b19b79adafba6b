"""A small class for the report's tests: mistakes, an attack, an endless loop, a missing grade."""

import json
from concurrent.futures import ProcessPoolExecutor

from grading.report.results import results
from instructor import catalogue
from instructor.batch.entries import Entry, Graded, Student
from instructor.proof import sweep

ATTACK = (
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"> "
    "</script></pre><b>bold</b> {{x}} ```` fence"
)
REFERENCE = catalogue.REFERENCE.read_text(encoding="utf-8")
MISTAKES = {mistake.name: mistake for mistake in catalogue.all_mistakes()}
PRINTS = REFERENCE.replace(
    "def get_returns(rollout_buffer, discount_factor=0.95):",
    "def get_returns(rollout_buffer, discount_factor=0.95):\n"
    f"    print({ATTACK!r}, 'Zora Quill')\n    raise ValueError('I am Zora Quill ' + {ATTACK!r})",
)
ENDLESS = REFERENCE.replace(
    "def get_advantages(",
    "import time\ndef get_advantages(*_, **__):\n    while True: time.sleep(0.1)\ndef unused(",
)
# Key, name, what they handed in. Two share one mistake; a third one's differs.
CLASS = (
    ("quill_zora", "Zora Quill", PRINTS),
    ("brandt_ulf", "Ulf Brandt <b>", "advantages_sign"),
    ("achebe_ife", "Ife Achebe", "advantages_sign"),
    ("costa_rui", "Rui Costa", "value_loss_sum"),
    ("dahl_liv", "Liv Dahl", REFERENCE),
    ("endo_ken", "Ken Endo", ENDLESS),
)
SENTENCE = MISTAKES["advantages_sign"].misconception
UNGRADED = Graded(
    Entry(
        Student("fox_amy", "Amy Fox", "afox7", "amy@fox.example"), None, "upload.zip/amy_fox.docx"
    ),
    None,
    "upload.zip/amy_fox.docx of Amy Fox is not Python. Hand in submitted.py.",
)


def grade_class(graders: ProcessPoolExecutor) -> list[Graded]:
    """What came of the class: six graded, and one who handed in no Python."""
    sources = {
        key: catalogue.source_of(MISTAKES[text]) if text in MISTAKES else text
        for key, _, text in CLASS
    }
    grades = sweep.sweep(graders, sources.items(), sweep.Options(time_limit=1.5))
    found = []
    for n, (key, name, _) in enumerate(CLASS):
        student = Student(key, name, f"login{n}x", f"{key}@mail.example", {"canvas": f"77001{n}"})
        entry = Entry(student, sources[key].encode(), f"{key}_homework.py")
        # As a batch does: through JSON.
        found.append(Graded(entry, json.loads(json.dumps(results(grades[key])))))
    return [*found, UNGRADED]
