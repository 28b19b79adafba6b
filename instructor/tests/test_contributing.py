"""What CONTRIBUTING.md shows works as it stands there."""

import re

from grading.kit import KIT
from instructor import catalogue
from instructor.catalogue.mistakes import edited
from instructor.proof import sweep
from instructor.proof.matrix import cascades, caught

TEXT = (KIT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """The text under a heading."""
    return TEXT.split(f"## {title}\n")[1].split("\n## ")[0]


def test_the_mistake_of_the_example_costs_points_of_its_part_and_no_others(graders):
    (code,) = re.findall(r"```python\n(.*?)```", section("Adding a mistake"), flags=re.DOTALL)
    mistake = eval(code, {"edited": edited})
    source = catalogue.source_of(mistake)
    grade = sweep.sweep(graders, [("example", source)], sweep.Options())["example"]
    assert caught(grade, mistake.part, hidden=False)
    assert caught(grade, mistake.part, hidden=True)
    assert cascades(grade, mistake.part) == []


def test_the_files_and_commands_it_names_exist():
    for name in re.findall(r"`([a-z_/]+(?:\.py|/))`", TEXT):
        assert (KIT / name).exists(), name
    commands = (KIT / "instructor" / "__main__.py").read_text(encoding="utf-8")
    for command in re.findall(r"^python -m instructor (\w+)", TEXT, flags=re.MULTILINE):
        assert f'add_parser("{command}"' in commands, command
