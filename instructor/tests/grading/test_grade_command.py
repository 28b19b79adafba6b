"""`python grade.py` as its users run it: in a process of its own, from anywhere."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest

from grading.kit import KIT
from grading.parts import PARTS

REFERENCE = KIT / "instructor" / "reference.py"
ENGINE = (
    "grade.py",
    "utils.py",
    "submitted.py",
    "solution.json",
    "grading",
    "tests",
)


@pytest.fixture
def students_kit(tmp_path):
    """What a student has, in a folder with a space in its name."""
    kit = tmp_path / "my kit"
    kit.mkdir()
    for name in ENGINE:
        if (KIT / name).is_dir():
            shutil.copytree(KIT / name, kit / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(KIT / name, kit / name)
    return kit


SOURCE = REFERENCE.read_text(encoding="utf-8")
FIRST_LINE = "    returns = torch.zeros("


@pytest.mark.slow
def test_a_loop_without_end_is_told_with_its_line_and_waited_for_twice(grade_py, tmp_path):
    path = tmp_path / "submitted.py"
    path.write_text(SOURCE.replace(FIRST_LINE, f"    while True: pass\n{FIRST_LINE}", 1))
    line = SOURCE[: SOURCE.index(FIRST_LINE)].count("\n") + 1
    done = grade_py("--submission", path, "--visible", "--time-limit", "2")
    assert done.stdout.splitlines()[-1] == "Total: 39 / 50"
    assert "(5 points): returns_known_values, returns_unequal_episodes" in done.stdout
    assert re.search(rf"Look at submitted.py, line {line}\s", done.stdout)
    assert "(2 points): returns_default_discount" in done.stdout
    assert "It was not waited for: a function that it uses took too long" in done.stdout
    assert "It printed" not in done.stdout  # what tells the line is not the submission's own


@pytest.mark.slow
@pytest.mark.parametrize(
    ("more", "points"),
    [
        ("for _ in range(60):\n    time.sleep(1)\n", 50),
        ("results = [time.sleep(1) for _ in range(60)]\n", 50),
        ("SIZE = 3\n\n\ndef slow():\n    time.sleep(60)\n\n\nslow()\n", 50),
        ("def slow():\n    return SIZE\n\n\nSIZE = time.sleep(60)\nslow = 1 / 0\n", 0),
    ],
)
def test_who_trains_while_importing_is_told_so_and_loses_nothing(grade_py, tmp_path, more, points):
    path = tmp_path / "submitted.py"
    path.write_text(f"import time\n{SOURCE}\n\n{more}", encoding="utf-8")
    done = grade_py("--submission", path, "--visible", "--time-limit", "2")
    assert done.stdout.splitlines()[-1] == f"Total: {points} / 50"
    assert ('`if __name__ == "__main__":`' in " ".join(done.stdout.split())) == (points > 0)


@pytest.mark.skipif(os.name == "nt", reason="no such names there")
def test_a_folder_may_be_named_as_pytest_names_tests(students_kit):
    odd = students_kit.rename(students_kit.with_name("kit[1]::a"))
    command = [sys.executable, odd / "grade.py", "--only", "returns"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=odd.parent)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[-1] == "Total: 0 / 7"


def test_stubs(grade_py):
    done = grade_py()
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].endswith("0 / 100")
    assert done.stdout.count("not written yet") == len(PARTS)
    assert max(len(line) for line in done.stdout.splitlines()) <= 80
    assert "\x1b" not in done.stdout
    assert done.stderr == ""


def test_reference(grade_py, tmp_path):
    file = tmp_path / "results.json"
    done = grade_py("--submission", REFERENCE, "--json", file)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].endswith("100 / 100")
    results = json.loads(file.read_text())
    assert results["score"] == 100
    assert sum(test["score"] for test in results["tests"]) == 100
    assert sum(test["max_score"] for test in results["tests"]) == 100
    hidden = [test for test in results["tests"] if test["visibility"] == "after_published"]
    assert sum(test["max_score"] for test in hidden) == 50


@pytest.mark.slow
@pytest.mark.parametrize("variable", ["OMP_NUM_THREADS=1", "ATEN_CPU_CAPABILITY=default"])
def test_reference_in_other_surroundings(grade_py, variable):
    name, _, value = variable.partition("=")
    done = grade_py("--submission", REFERENCE, **{name: value})
    assert done.stdout.splitlines()[-1].endswith("100 / 100")


def test_points_of_every_part(grade_py):
    listed = grade_py("--list").stdout
    points = {"returns": 14, "vpg_loss": 14, "rollouts": 16, "value_loss": 6}
    points |= {"advantages": 14, "ppo_loss": 16, "training": 20}
    for part, possible in points.items():
        assert f"{part}: {PARTS[part].function}, {possible} points" in listed
    visible = grade_py("--list", "--visible").stdout
    for part, possible in points.items():
        assert f"{part}: {PARTS[part].function}, {possible // 2} points" in visible


def test_end_to_end_tests_are_worth_little(grade_py):
    worth = [
        line.split("(")[1]
        for line in grade_py("--list").stdout.splitlines()
        if "end to end" in line
    ]
    assert sum(float(points.split(",")[0]) for points in worth) <= 10


def test_visible_only(grade_py):
    done = grade_py("--submission", REFERENCE, "--visible")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1].endswith("50 / 50")


def test_a_part_alone_does_not_take_the_blame_for_another(grade_py, tmp_path):
    source = REFERENCE.read_text(encoding="utf-8")
    wrong = source.replace("    return returns\n", "    return 2 * returns\n")
    assert wrong != source
    path = tmp_path / "submitted.py"
    path.write_text(wrong, encoding="utf-8")
    done = grade_py("--submission", path, "--only", "training")
    said = " ".join(done.stdout.split())
    assert "It uses all your functions together. Grade these parts as well: Returns," in said
    assert "Look at train_policy_gradient" not in said


def test_only_some_parts(grade_py):
    done = grade_py("--submission", REFERENCE, "--only", "returns", "value_loss")
    assert done.stdout.splitlines()[-1].endswith("20 / 20")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--only", "bogus"], "There is no part bogus. The parts are: returns,"),
        (["--submission", "nowhere.py"], "There is no file nowhere.py."),
        (["--submission", "tests"], "tests is a folder."),
        (["--debug", "bogus", "--trust"], "There is no test bogus."),
        (
            ["--debug", "returns_known_values"],
            "This would run the submission unguarded, beside the hidden tests.",
        ),
        (["--time-limit", "0"], "--time-limit must be a number of seconds above 0, not 0."),
        (["--time-limit", "1e20"], "--time-limit can be 86400 seconds (a day) at most, not 1e+20."),
        (["--budget", "nan"], "--budget must be a number of seconds above 0, not nan."),
    ],
)
def test_wrong_arguments(grade_py, arguments, says):
    done = grade_py(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(f"Could not grade: {says}")
    assert "Traceback" not in done.stderr


def test_results_file_is_written_even_without_a_grade(grade_py, tmp_path):
    file = tmp_path / "results.json"
    done = grade_py("--submission", "nowhere.py", "--json", file)
    assert done.returncode == 2
    results = json.loads(file.read_text())
    assert results["score"] == 0
    assert "no file nowhere.py" in results["output"]


@pytest.mark.slow
def test_results_file_that_cannot_be_written(grade_py, tmp_path):
    done = grade_py("--json", tmp_path / "no" / "folder.json", "--only", "value_loss")
    assert done.returncode == 2
    assert "Could not write" in done.stderr
    assert done.stdout.splitlines()[-1].endswith("0 / 6")


@pytest.mark.slow
def test_results_are_valid_whatever_is_printed(grade_py, tmp_path):
    submission, file = tmp_path / "submitted.py", tmp_path / "results.json"
    shout = r"""import os
os.write(1, b'{"score": 1e999}\x00\x1b[31m\xff\xfe' * 1000)
print('\ud800', flush=True)
"""
    submission.write_text(shout + REFERENCE.read_text().replace("** 2).mean()", "** 2).sum()"))
    done = grade_py("--submission", submission, "--json", file)
    assert done.returncode == 1
    results = json.loads(file.read_text(), parse_constant=lambda name: pytest.fail(name))
    assert results["score"] == sum(test["score"] for test in results["tests"]) < 100
    assert "\x1b" not in done.stdout
    assert any("Your code printed" in test["output"] for test in results["tests"])


@pytest.mark.slow
def test_students_kit_alone(grade_py, students_kit, tmp_path):
    done = grade_py(kit=students_kit, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[-1].endswith("0 / 50")


def test_missing_key(grade_py, students_kit):
    (students_kit / "solution.json").unlink()
    done = grade_py(kit=students_kit)
    assert done.returncode == 2
    assert "solution.json is missing. Restore it from the original kit." in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"cases"', '"boxes"', 'it has no "cases"'),
        ('"float32"', '"float33"', "is not an array"),
        ('"scenario"', '"scene"', 'has no "scenario"'),
        ('{"float32": ', '{"float32": [[1.0], 2.0], "x": ', "is not an array"),
        ("[1.9882812]", "[1.9882812", "is damaged at line"),
        ("[1.9882812]", "[NaN]", "is not finite"),
        ("returns_unequal_episodes", "returns_bogus", 'has no case "returns_unequal_episodes"'),
    ],
)
def test_damaged_key(grade_py, students_kit, old, new, says):
    key = students_kit / "solution.json"
    text = key.read_text()
    assert old in text
    key.write_text(text.replace(old, new, 1))
    done = grade_py(kit=students_kit)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_debug_shows_values_and_the_students_own_traceback(grade_py, tmp_path):
    done = grade_py("--debug", "returns_known_values", "--trust")
    assert done.returncode == 1
    assert "get_returns is not written yet" in done.stdout
    assert "grading" not in done.stdout
    done = grade_py("--submission", REFERENCE, "--debug", "test_value_loss_batch", "--trust")
    assert done.returncode == 0
    assert "expected, float32 ():" in done.stdout
    assert "The test passes." in done.stdout


@pytest.mark.slow
def test_graded_tests_run_under_plain_pytest_too(students_kit):
    shutil.copy(REFERENCE, students_kit / "submitted.py")
    command = [sys.executable, "-m", "pytest", "tests", "-q", "-p", "no:cacheprovider"]
    run = {"cwd": students_kit, "capture_output": True, "text": True, "timeout": 120}
    done = subprocess.run([*command, "--trust"], **run, check=False)
    assert done.returncode == 0, done.stdout
    assert "20 passed" in done.stdout
    if os.getuid() == 0:
        done = subprocess.run(command, **run, check=False)
        assert done.returncode != 0
        assert "unguarded, with the rights of root. If you trust" in done.stderr


@pytest.mark.slow
def test_the_whole_grading_ends_within_its_budget(grade_py, tmp_path):
    submission = tmp_path / "submitted.py"
    line = "    log_probability = policy(observation).gather(1, action)\n"
    slow = "    __import__('time').sleep(60)\n" + line
    submission.write_text(REFERENCE.read_text().replace(line, slow))
    started = time.monotonic()
    done = grade_py("--submission", submission, "--budget", "8", "--time-limit", "2")
    assert time.monotonic() - started < 14
    assert done.returncode == 1
    assert "It took longer than 2 seconds and was stopped." in done.stdout
    assert "the grading as a whole had used up its time" in done.stdout
    assert re.search(r"Returns +7 / 14", done.stdout)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="there are no such signals")
@pytest.mark.parametrize("ends", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_nothing_is_left_when_it_is_ended(tmp_path, ends):
    if signal.getsignal(getattr(signal, ends)) is signal.SIG_IGN:
        pytest.skip(f"whoever runs the tests in the background has {ends} ignored, here and below")
    waits = tmp_path / "submitted.py"
    waits.write_text("import time\ntime.sleep(60)\n")
    (tmp_path / "temporary").mkdir()
    command = [sys.executable, "grade.py", "--submission", waits]
    variables = {**os.environ, "TMPDIR": str(tmp_path / "temporary")}
    with subprocess.Popen(command, cwd=KIT, env=variables, stderr=subprocess.PIPE) as process:
        end = time.monotonic() + 60
        while not any((tmp_path / "temporary").rglob("submitted.py")) and time.monotonic() < end:
            time.sleep(0.05)
        process.send_signal(getattr(signal, ends))
        _, told = process.communicate(timeout=60)
    assert (process.returncode, told) == (2, b"\nStopped; nothing was graded.\n")
    assert list((tmp_path / "temporary").iterdir()) == []
