"""Make the two zips: what a student gets, and what is uploaded to the autograder.

The student's has one folder, so that unzipping it anywhere scatters nothing. The autograder's is flat,
as Gradescope wants it.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

from grading import kit
from grading.kit import KIT
from instructor.release.gradescope.upload import SETTINGS
from instructor.release.page import notebook_page
from instructor.release.readme_pictures import PICTURES
from instructor.release.requirements import students_project

ABOUT_THE_KIT = """
The first installs what the assignment needs and grades `submitted.py`; an untouched one gets
`0 / 100`. The second is for people who work on the kit: it runs the kit's own tests.
"""
ABOUT_THE_ZIP = """
It installs what the assignment needs and grades `submitted.py`; an untouched one gets `0 / 50`
(the other 50 of 100 points are in tests your instructor keeps).
"""
FOLDER = "policy-gradients"  # what a student's zip unpacks to
PAGE = "mp_notebook.html"
# The earliest time that a zip can hold. With one fixed time the same files give the same bytes.
MOMENT = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Settings:
    """What the instructor chooses for the autograder."""

    hidden_visibility: str = "after_published"
    leaderboard: bool = False
    budget: float = 480.0
    accept_tier_d: bool = False
    visible_needs_hidden: bool = False


VISIBLE_NEEDS_HIDDEN = """
## What counts

In the end, a visible test counts only where a hidden test of the same part passes, too. If you have
written the function, you need not think of it.
"""


def student_readme(settings: Settings) -> str:
    """The README without what is meant for instructors and maintainers."""
    text = (KIT / "README.md").read_text(encoding="utf-8")
    text = text[: text.index("## For instructors")].rstrip() + "\n"
    for old, new in (
        (ABOUT_THE_KIT, ABOUT_THE_ZIP),
        ("these lines do everything", "this line does everything"),
        ("python -m pip install -r requirements-dev.txt && python -m pytest -n 2\n", ""),
    ):
        if text.count(old) != 1:
            raise ValueError(f"the README has changed; this passage is not in it once: {old!r}")
        text = text.replace(old, new)
    return text + (VISIBLE_NEEDS_HIDDEN if settings.visible_needs_hidden else "")


def explore_files() -> dict[str, bytes]:
    """The files of explore/ by name, without what runs have written there."""
    folder = KIT / "explore"
    kept = [p for p in folder.iterdir() if p.suffix in (".py", ".md", ".pt")]
    kept += (folder / "figures").iterdir()
    return {p.relative_to(KIT).as_posix(): p.read_bytes() for p in kept if p.is_file()}


def student_files(settings: Settings) -> dict[str, bytes]:
    """What a student gets, by name, but for the notebook as a page."""
    pictures = [path.relative_to(KIT).as_posix() for path in PICTURES]
    files = {name: (KIT / name).read_bytes() for name in (*kit.student_files(), *pictures)}
    written = {"README.md": student_readme(settings), "pyproject.toml": students_project()}
    return files | {name: text.encode() for name, text in written.items()}


def autograder_files(settings: Settings) -> dict[str, bytes]:
    """What the autograder needs, by name. Its requirements take the place of the student's."""
    files = {name: (KIT / name).read_bytes() for name in kit.autograder_files()}
    for name in ("setup.sh", "run_autograder", "requirements.txt"):
        files[name] = (Path(__file__).parent / "gradescope" / "autograder" / name).read_bytes()
    return files | {SETTINGS: (json.dumps(vars(settings), indent=1) + "\n").encode()}


def in_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    """The same files within the student's folder."""
    return {f"{FOLDER}/{name}": content for name, content in files.items()}


def write_zip(path: Path, files: dict[str, bytes]) -> None:
    """Write a zip that its owner alone may read. With one zlib the same files give the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    with zipfile.ZipFile(path, "w") as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, MOMENT)
            info.create_system = 3  # Unix on every system, so that the mode below is used
            executable = name in ("setup.sh", "run_autograder")
            info.external_attr = (0o100755 if executable else 0o100644) << 16
            archive.writestr(info, files[name], zipfile.ZIP_DEFLATED, compresslevel=9)


def package(folder: Path, settings: Settings, with_explore: bool = False) -> list[Path]:
    """Write both zips and the notebook as a page; returns their paths.

    explore/ gets a zip of its own: it holds finished policy gradient methods, for after the deadline.
    """
    student, autograder = folder / "student.zip", folder / "autograder.zip"
    content = notebook_page(KIT / "mp_notebook.ipynb")
    write_zip(student, in_folder(student_files(settings) | {PAGE: content}))
    write_zip(autograder, autograder_files(settings))
    page = folder / PAGE
    page.write_bytes(content)
    if not with_explore:
        return [student, autograder, page]
    explore = folder / "explore.zip"
    write_zip(explore, in_folder(explore_files()))
    return [student, autograder, page, explore]
