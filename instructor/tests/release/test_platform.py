"""Uploads on the emulated platform: the zip as it would be uploaded, the real run_autograder."""

import json
import os
import re
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import jsonschema
import pytest

from grading.kit import HIDDEN, KIT
from instructor import catalogue
from instructor.release.gradescope.emulated import Platform
from instructor.release.package import FOLDER, PAGE, Settings, package
from instructor.release.requirements import AUTOGRADER

SCHEMA = json.loads((Path(__file__).parent / "results_schema.json").read_text())
REFERENCE = catalogue.REFERENCE.read_bytes()
STUBS = (KIT / "submitted.py").read_bytes()

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the platform is Linux")


@pytest.fixture(scope="module")
def zips(tmp_path_factory):
    return package(tmp_path_factory.mktemp("dist"), Settings(leaderboard=True))


@pytest.fixture(scope="module")
def platform(zips, tmp_path_factory):
    root = tmp_path_factory.mktemp("autograder")
    # The platform's own folder can be reached by everybody; a test's temporary one cannot.
    for folder in (root, *root.parents[:2]):
        folder.chmod(0o755)
    return Platform(root, zips[1])


@pytest.mark.parametrize(
    ("upload", "score", "says"),
    [
        ({"submitted.py": REFERENCE}, 100, "50 of 50 points in the visible tests."),
        ({"submitted.py": STUBS}, 0, "0 of 50 points in the visible tests."),
        ({}, 0, "There is no submitted.py in the upload. Please upload that file."),
        ({"my_solution.py": REFERENCE}, 100, "my_solution.py was graded in its place."),
        ({"a.py": REFERENCE, "b.py": REFERENCE}, 0, "but several others: a.py, b.py."),
        ({"homework/submitted.py": REFERENCE, "homework/x.txt": b""}, 100, "not a folder."),
        ({"__MACOSX/submitted.py": STUBS, "submitted.py": REFERENCE}, 100, "50 of 50"),
        ({"submitted.py": Path("/etc/passwd")}, 0, "There is no submitted.py in the upload."),
        (
            {"submitted.py": REFERENCE, "torch.py": b"raise SystemExit", "json.py": b"1/0"},
            100,
            "50 of 50",
        ),
        ({"submitted.py": b"#" * 2_000_000}, 0, "larger than 1000 kB"),
        (
            {"submitted.py": REFERENCE + b"\nwhile True: pass\n"},
            0,
            "0 of 50 points in the visible tests.",
        ),
        (
            {"submitted.py": b"x = []\nwhile True: x.append(bytearray(10**8))\n"},
            0,
            "0 of 50 points in the visible tests.",
        ),
    ],
)
@pytest.mark.slow
def test_upload(platform, upload, score, says):
    run = platform.grade(upload)
    jsonschema.validate(run.results, SCHEMA)
    assert run.status == 0
    assert run.results["score"] == score
    assert says in run.results["output"]
    assert run.results["stdout_visibility"] == "hidden"
    for test in run.results["tests"]:
        hidden = "hidden_" in test["name"]
        assert test["visibility"] == ("after_published" if hidden else "visible")


def test_results_say_where_and_how_they_were_made(platform):
    results = platform.grade({"submitted.py": REFERENCE}).results
    extra = results["extra_data"]
    assert {"python", "torch", "numpy", "cpu capability"} <= set(extra["environment"])
    assert extra["tier"].startswith("tier ")
    assert results["leaderboard"][0] == {"name": "Points", "value": 50.0, "order": "desc"}


def test_only_the_owner_reads_source_and_results(platform):
    platform.grade({"submitted.py": STUBS})
    for folder in ("source", "submission", "results"):
        assert stat.S_IMODE((platform.root / folder).stat().st_mode) == 0o700
    # Results of earlier uploads stand there, those of hidden tests as well.
    metadata = platform.root / "submission_metadata.json"
    assert stat.S_IMODE(metadata.stat().st_mode) == 0o600
    spy = f"print('META', open({str(metadata)!r}).read())\n".encode()
    outputs = [test["output"] for test in platform.grade({"submitted.py": spy}).results["tests"]]
    assert any("PermissionError" in output for output in outputs)
    assert not any("created_at" in output for output in outputs)


def test_zips_are_the_same_bytes_again(zips, tmp_path):
    again = package(tmp_path, Settings(leaderboard=True))
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in zips]


def test_the_students_zip_is_small_enough_to_be_mailed(zips):
    (student,) = (path for path in zips if path.name == "student.zip")
    assert student.stat().st_size < 5_000_000


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
def test_only_the_owner_reads_the_zips(zips):
    """The hidden key is in one of them."""
    for path in zips:
        if path.suffix == ".zip":
            assert path.stat().st_mode & 0o077 == 0


def test_names_in_the_zips(zips):
    packed, autograder = (set(zipfile.ZipFile(path).namelist()) for path in zips[:2])
    assert {Path(name).parts[0] for name in packed} == {FOLDER}
    student = {name.removeprefix(f"{FOLDER}/") for name in packed}
    assert {"submitted.py", "utils.py", "grade.py", "solution.json", "README.md"} <= student
    assert {"mp_notebook.ipynb", PAGE, "handout/sanity.py", "handout/pictures.py"} <= student
    # A list of files that forgets subfolders would leave these out.
    assert {"grading/worker/main.py", "grading/worker/jail/seccomp.py"} <= student
    hidden = {path.relative_to(KIT).as_posix() for path in (HIDDEN.tests, HIDDEN.key)}
    assert not student & hidden
    assert not any(name.startswith("instructor") for name in student)
    assert {"setup.sh", "run_autograder", *hidden} <= autograder
    assert not any("reference" in name or "catalogue" in name for name in autograder)


def test_what_the_students_readme_names_is_in_the_zip(zips):
    with zipfile.ZipFile(zips[0]) as archive:
        names = {name.removeprefix(f"{FOLDER}/") for name in archive.namelist()}
        readme = archive.read(f"{FOLDER}/README.md").decode()
    assert set(re.findall(r"\]\(([^)]+)\)", readme)) <= names
    table = re.findall(r"^\| `([\w./]+)` \|", readme, re.MULTILINE)
    assert len(table) > 8
    assert not [name for name in table if not any(n.startswith(name) for n in names)]
    assert "instructor" not in readme.replace("Your instructor", "").replace("your instructor", "")


def test_the_autograder_has_requirements_of_its_own(zips):
    student, autograder = (
        zipfile.ZipFile(path).read(name).decode()
        for path, name in zip(zips, (f"{FOLDER}/requirements.txt", "requirements.txt"))
    )
    assert "jupyter" in student
    assert autograder == AUTOGRADER.read_text(encoding="utf-8")
    assert "jupyter" not in autograder
    assert re.search(r"^torch==\d", autograder, re.MULTILINE)  # setup.sh installs this line first


@pytest.mark.slow
def test_explore_has_a_zip_of_its_own(tmp_path):
    student, *_, explore = package(tmp_path, Settings(), with_explore=True)
    assert not [n for n in zipfile.ZipFile(student).namelist() if "explore" in n]
    for path in (student, explore):
        with zipfile.ZipFile(path) as archive:
            archive.extractall(tmp_path / "kit")
    run = [sys.executable, "-m", "explore.natural_gradient", "--short", "--out", str(tmp_path)]
    kit = tmp_path / "kit" / FOLDER
    done = subprocess.run(run, cwd=kit, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "natural_gradient.json").exists()
    assert (kit / "explore/figures").is_dir()


def test_executables_in_the_zip(zips):
    with zipfile.ZipFile(zips[1]) as archive:
        for name in ("setup.sh", "run_autograder"):
            assert archive.getinfo(name).external_attr >> 16 & 0o111
            assert archive.read(name).startswith(b"#!/usr/bin/env bash\n")


def test_students_zip_works_by_itself(zips, grade_py, tmp_path):
    with zipfile.ZipFile(zips[0]) as archive:
        archive.extractall(tmp_path / "an empty folder")
    kit = tmp_path / "an empty folder" / FOLDER
    done = grade_py(kit=kit, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[-1].endswith("0 / 50")
    assert "The other 50 of 100 points are in hidden tests." in done.stdout
    done = grade_py("--submission", catalogue.REFERENCE, kit=kit, cwd=tmp_path)
    assert done.stdout.splitlines()[-1].endswith("50 / 50")
