"""A batch gives what single gradings give, loses nothing when it is killed, and says what changed."""

import argparse
import contextlib
import csv
import io
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grading.kit import KIT
from instructor import __main__ as instructor
from instructor import catalogue
from instructor.batch import command as batch_command
from instructor.batch.command import BEFORE_REGRADE, closed_places, say_filled
from instructor.batch.entries import Entry, Student
from instructor.batch.gradebook.fill_rows import Filled
from instructor.batch.record import RECORD_FILE, Record, kit_hash
from instructor.bench.batch import same_but_for_times
from instructor.proof.sweep import Options

REFERENCE = catalogue.REFERENCE.read_text(encoding="utf-8")
STUBS = (KIT / "submitted.py").read_text(encoding="utf-8")
TIMES = ("execution_time",)
KILLS = 6


def source_of(name):
    (entry,) = (e for e in catalogue.all_mistakes() if e.name == name)
    return catalogue.source_of(entry)


@pytest.fixture
def a_class(tmp_path):
    """Seven students: right, wrong, the same as another, unwritten, no Python, a hang, a crash."""
    folder = tmp_path / "class"
    folder.mkdir()
    # In the function with the fewest tests: each of them waits for the time limit, without working.
    loop = REFERENCE.replace(
        "def get_value_net_loss(",
        "def get_value_net_loss(*_, **__):\n    __import__('time').sleep(60)\ndef unused(",
        1,
    )
    sources = {
        "ana": REFERENCE,
        "ben": source_of("returns_not_reset"),
        "ben_s_friend": source_of("returns_not_reset"),
        "cem": STUBS,
        "dana": "def get_returns(:\n",
        "eli": loop,
        "fay": REFERENCE.replace("import torch\n", "import os\nos._exit(3)\n", 1),
    }
    for name, source in sources.items():
        (folder / f"{name}.py").write_text(source, encoding="utf-8")
    return folder


def batch(*arguments):
    command = [sys.executable, "-m", "instructor", "batch", *map(str, arguments)]
    return subprocess.run(command, cwd=KIT, capture_output=True, text=True, timeout=300)


@pytest.fixture
def refused(monkeypatch, capsys):
    """Run a batch that grades nothing, in this process; returns what it says instead."""

    def refused(*arguments):
        monkeypatch.setattr(sys, "argv", ["", "batch", *map(str, arguments)])
        assert instructor.main() == 2
        return capsys.readouterr().err

    return refused


def documents(out):
    """The results of a batch without what differs from run to run."""
    found = {}
    for path in sorted((out / "results").glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        found[path.stem] = {k: v for k, v in document.items() if k not in TIMES}
    return found


@pytest.mark.slow
def test_a_class_is_graded_as_each_alone(a_class, tmp_path, grade_py):
    out = tmp_path / "out"
    done = batch(a_class, "--out", out, "--time-limit", "2")
    assert done.returncode == 0, done.stderr
    assert "7 of 7 graded" in done.stdout
    found = documents(out)

    def alone(name):
        single = tmp_path / f"{name}.json"
        grade_py("--submission", a_class / f"{name}.py", "--json", single, "--time-limit", "2")
        return single

    of_their_own = [name for name in found if name != "ben_s_friend"]
    with ThreadPoolExecutor(2) as threads:
        for name, single in zip(of_their_own, threads.map(alone, of_their_own)):
            assert same_but_for_times(single, out / "results" / f"{name}.json"), name
    assert found["ben_s_friend"] == found["ben"]
    timed_out = [t for t in found["eli"]["tests"] if "It took longer than 2" in t["output"]]
    assert {t["tags"][0] for t in timed_out} == {"value_loss"}
    rows = list(csv.DictReader((out / "grades.csv").open(encoding="utf-8", newline="")))
    assert [row["key"] for row in rows] == sorted(found)
    assert rows[0]["score"] == "100"
    assert float(rows[1]["returns"]) < 14
    assert (out / "report.html").stat().st_size > 5_000
    assert "flow into the returns" in (out / "feedback" / "ben.md").read_text(encoding="utf-8")


def test_nothing_is_graded_twice_and_one_file_is_graded_once(a_class, tmp_path):
    out = tmp_path / "out"
    for name in ("eli", "fay"):
        (a_class / f"{name}.py").unlink()
    batch(a_class, "--out", out)
    with Record(out / RECORD_FILE) as record:
        first = record.connection.execute("SELECT rowid, * FROM results").fetchall()
    assert len(first) == 4  # of five students
    (a_class / "gil.py").write_text(REFERENCE + "\n# Gil\n", encoding="utf-8")
    batch(a_class, "--out", out)
    with Record(out / RECORD_FILE) as record:
        second = record.connection.execute("SELECT rowid, * FROM results").fetchall()
    assert second[:4] == first
    assert len(second) == 5


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Another class, what a batch made of it that nothing disturbed, and in how many seconds."""
    folder, out = tmp_path_factory.mktemp("class"), tmp_path_factory.mktemp("undisturbed")
    for name in [m.name for m in catalogue.all_mistakes()][::64]:
        (folder / f"{name}.py").write_text(source_of(name), encoding="utf-8")
    started = time.monotonic()
    assert batch(folder, "--out", out).returncode == 0
    return folder, out, time.monotonic() - started


def count_graded(out):
    """How many results are in a batch's record."""
    with contextlib.suppress(sqlite3.Error):
        connection = sqlite3.connect(f"file:{out / RECORD_FILE}?mode=ro", uri=True)
        with contextlib.closing(connection):
            return connection.execute("SELECT COUNT(*) FROM results").fetchone()[0]
    return 0


def wait_until_graded(out, count):
    """Until so many results are in a batch's record."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if count_graded(out) >= count:
            return
        time.sleep(0.02)
    raise AssertionError(f"{count} results did not come")


@pytest.mark.slow
def test_killed_and_started_again_it_ends_where_it_would_have(undisturbed, tmp_path):
    folder, whole_out, whole = undisturbed
    out = tmp_path / "out"
    rng = random.Random(os.getpid())
    command = [sys.executable, "-m", "instructor", "batch", str(folder), "--out", str(out)]
    students = len(list(folder.iterdir()))
    for kill in range(KILLS):
        before, started = count_graded(out), time.monotonic()
        process = subprocess.Popen(
            command, cwd=KIT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        # Visible tests come first. So half of the time the first result is waited for.
        after = whole * rng.uniform(0.3, 0.6) if kill % 2 else 60.0
        while count_graded(out) < min(before + 1, students) and time.monotonic() < started + after:
            time.sleep(0.02)
        time.sleep(rng.uniform(0, 0.05))
        process.send_signal(signal.SIGKILL)
        process.wait()
        if kill == 0:
            assert 0 < count_graded(out) < students
    assert batch(folder, "--out", out).returncode == 0
    assert documents(out) == documents(whole_out)
    tables = []
    for place in (out, whole_out):
        with Record(place / RECORD_FILE) as record:
            rows = record.connection.execute(
                "SELECT content, kit, reason FROM results ORDER BY content"
            )
            tables.append(rows.fetchall())
    assert tables[0] == tables[1]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process groups to signal")
@pytest.mark.slow
def test_interrupted_it_ends_at_once_and_quietly(tmp_path):
    folder = tmp_path / "class"
    folder.mkdir()
    for number in range(15):
        (folder / f"{number}.py").write_text(f"{REFERENCE}\n# {number}\n", encoding="utf-8")
    command = [sys.executable, "-m", "instructor", "batch", str(folder), "--out"]
    # Not before the first result: while the processes start, Ctrl-C is put off.
    for graded, presses in [(1, 2), (4, 1), (8, 3)]:
        out = tmp_path / f"out{graded}"
        process = subprocess.Popen(
            [*command, str(out)],
            cwd=KIT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # Ctrl-C goes to all processes of a terminal
            # A shell starts what runs in the background with Ctrl-C ignored, these tests too.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        wait_until_graded(out, graded)
        for _ in range(presses):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
            time.sleep(0.2)
        said, _ = process.communicate(timeout=30)
        assert process.returncode == 2, (graded, said)
        assert "Stopped. What was graded is kept" in said
        assert "Traceback" not in said


@pytest.mark.slow
def test_students_who_left_are_taken_out(tmp_path):
    folder, out = tmp_path / "class", tmp_path / "out"
    folder.mkdir()
    for name in ("ana", "ben"):
        (folder / f"{name}.py").write_text("", encoding="utf-8")
    batch(folder, "--out", out)
    (out / "feedback" / "my_notes.md").write_text("Mine.", encoding="utf-8")
    (folder / "ben.py").unlink()
    done = batch(folder, "--out", out, "--anonymous")
    assert "No longer handed in, and taken out: ben" in done.stdout
    names = {path.name for path in out.rglob("*") if path.is_file()}
    assert names == {
        "ana.md",
        "ana.html",
        "ana.json",
        "my_notes.md",
        "batch.sqlite",
        "grades.csv",
        "report.html",
        "who_is_who.csv",
    }
    assert (out / "who_is_who.csv").read_text(encoding="utf-8") == "label,key\nStudent 1,ana\n"


@pytest.mark.slow
def test_a_file_is_graded_again_when_that_is_asked_for(tmp_path):
    folder, out = tmp_path / "class", tmp_path / "out"
    folder.mkdir()
    (folder / "ana.py").write_text("", encoding="utf-8")
    batch(folder, "--out", out)
    # As if it had been graded with another time limit.
    with Record(out / RECORD_FILE) as record:
        (ana,) = record.all_results()
        record.connection.execute("DELETE FROM results")
        record.add(
            ana.entry.content_hash(),
            kit_hash(Options(time_limit=0.5)),
            {**(ana.document or {}), "score": 3.0},
            "",
            0.0,
        )
    done = batch(folder, "--out", out)
    assert "the time limit are not those" in done.stdout
    assert documents(out)["ana"]["score"] == 3
    assert "1 of 1 graded" in batch(folder, "--out", out, "--again", "ana").stdout
    assert documents(out)["ana"]["score"] == 0
    assert "Nothing to regrade" in batch(folder, "--out", out, "--regrade").stdout
    assert not (out / BEFORE_REGRADE).exists()
    assert "nobody is called bob" in batch(folder, "--out", out, "--again", "bob").stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--time-limit", "0"], "--time-limit must be a number of seconds above 0, not 0."),
        (["--time-limit", "nan"], "--time-limit must be a number of seconds above 0, not nan."),
        (["--time-limit", "1e20"], "--time-limit can be 86400 seconds (a day) at most, not 1e+20."),
        (["--title", "PPO"], "--title names a column of a Canvas gradebook"),
        (["--out", "{source}/out"], "--out is inside"),
        (["--moodle", "{source}/ana.py"], "{source}/ana.py"),
        (["--out", "{source}.txt"], "cannot be written"),
        (["--out", "{source}.loop"], "cannot be written"),
        (["--out", f"{{source}}{'x' * 300}"], "cannot be written"),
        (
            ["--canvas", "{source}/a.csv", "--moodle", "{source}.d/A.csv"],
            "Both gradebooks are called",
        ),
    ],
)
def test_options_that_make_no_sense_are_told_before_anything_is_graded(
    refused, tmp_path, arguments, says
):
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "ana.py").write_text("", encoding="utf-8")
    (tmp_path / "class.txt").write_text("A file.", encoding="utf-8")
    if sys.platform != "win32":  # links need rights there
        (tmp_path / "class.loop").symlink_to("class.loop")
    given = [argument.format(source=folder) for argument in arguments]
    said = refused(folder, "--out", tmp_path / "out", *given)
    assert says.format(source=folder) in said
    assert "submission/s" not in said  # no progress bar


@pytest.mark.slow
def test_what_cannot_be_graded_is_no_zero(tmp_path):
    folder, out = tmp_path / "class", tmp_path / "out"
    (folder / "ana").mkdir(parents=True)
    (folder / "ben").mkdir()
    (folder / "ana" / "submitted.py").write_text(STUBS, encoding="utf-8")
    (folder / "ben" / "notes.txt").write_text("I will hand it in later.", encoding="utf-8")
    done = batch(folder, "--out", out)
    assert done.returncode == 1
    assert "Not graded: ben: " in done.stdout
    rows = {r["key"]: r for r in csv.DictReader((out / "grades.csv").open(encoding="utf-8"))}
    assert (rows["ana"]["score"], rows["ben"]["score"]) == ("0", "")
    assert rows["ben"]["status"].startswith("not graded: ")


@pytest.mark.slow
def test_a_kit_that_has_changed_is_told_and_a_regrade_shows_what_changed(a_class, tmp_path):
    out = tmp_path / "out"
    for name in ("cem", "dana", "eli", "fay"):
        (a_class / f"{name}.py").unlink()
    batch(a_class, "--out", out)
    # As if an older kit had found Ana's returns wrong.
    with Record(out / RECORD_FILE) as record, record.connection as connection:
        ana = next(g for g in record.all_results() if g.entry.student.key == "ana")
        assert ana.document is not None
        ana.document["tests"][0] |= {"score": 0.0, "status": "failed", "output": "An old error."}
        connection.execute("DELETE FROM results WHERE content = ?", (ana.entry.content_hash(),))
        record.add(ana.entry.content_hash(), "an older kit", ana.document, "", 0.0)
    done = batch(a_class, "--out", out)
    assert "--regrade grades them anew" in done.stdout
    assert json.loads((out / "results/ana.json").read_text())["tests"][0]["status"] == "failed"
    assert batch(a_class, "--out", out, "--regrade").returncode == 0
    command = [sys.executable, "-m", "instructor", "diff", str(out / BEFORE_REGRADE), str(out)]
    done = subprocess.run(command, cwd=KIT, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stdout.splitlines()[0].startswith("ana: ")
    assert "An old error." in done.stdout
    assert "ben" not in done.stdout


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("nowhere", "nowhere"),
        ("empty", "empty"),
        ("x" * 300, "There is no"),
        ("loop", "There is no"),
    ],
)
def test_a_source_that_is_none_gets_a_sentence(refused, tmp_path, source, says):
    (tmp_path / "empty").mkdir()
    if sys.platform != "win32":  # links need rights there
        (tmp_path / "loop").symlink_to("loop")
    said = refused(tmp_path / source, "--out", tmp_path / "out")
    assert said.startswith("Stopped: ")
    assert says in said


@pytest.mark.skipif(sys.platform != "linux", reason="kills a worker by its process id")
@pytest.mark.slow
def test_a_cluster_loses_nothing_when_a_worker_is_killed(undisturbed, tmp_path):
    distributed = pytest.importorskip("distributed")
    folder, undisturbed_out, _ = undisturbed
    out = tmp_path / "out"
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=str(tmp_path)
    ) as cluster:
        command = [sys.executable, "-m", "instructor", "batch", str(folder), "--out", str(out)]
        process = subprocess.Popen(
            [*command, "--dask", cluster.scheduler_address], cwd=KIT, stderr=subprocess.DEVNULL
        )
        wait_until_graded(out, 3)
        assert process.poll() is None
        victim = next(iter(cluster.workers.values()))
        os.kill(victim.pid, signal.SIGKILL)
        assert process.wait(timeout=120) == 0
    assert documents(out) == documents(undisturbed_out)


@pytest.mark.slow
def test_another_class_in_the_same_folder_changes_nothing(tmp_path):
    first, second, out = tmp_path / "first", tmp_path / "second", tmp_path / "out"
    for folder, names in ((first, "abc"), (second, "cde")):
        folder.mkdir()
        for name in names:
            (folder / f"{name}.py").write_text(STUBS, encoding="utf-8")
    assert batch(first, "--out", out).returncode == 0
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    done = batch(second, "--out", out)
    assert done.returncode == 2
    assert "2 of the 3 students of the last run are not in" in done.stderr
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    done = batch(second, "--out", out, "--forget-gone")
    assert done.returncode == 0
    assert "No longer handed in, and taken out: a, b" in done.stdout


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="Windows has other rights")
def test_nobody_else_can_read_what_it_writes_and_the_tier_is_told(tmp_path):
    folder, out = tmp_path / "class", tmp_path / "out"
    folder.mkdir()
    (folder / "ana.py").write_text(STUBS, encoding="utf-8")
    out.mkdir(mode=0o755)
    done = batch(folder, "--out", out)
    assert done.returncode == 0
    assert "Graded in tier " in done.stdout
    assert out.stat().st_mode & 0o777 == 0o700
    assert (out / RECORD_FILE).stat().st_mode & 0o777 == 0o600


def test_no_submission_may_read_the_class_or_a_gradebook(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = dict.fromkeys(("source", "out", "canvas", "moodle"))
    given |= {name: Path(name) for name in given if name != "moodle"}
    # On a cluster paths have to be whole, because a worker runs in another folder.
    assert set(closed_places(argparse.Namespace(**given))) == {
        *(tmp_path / name for name in ("source", "out", "canvas")),
        tmp_path / "out" / RECORD_FILE,
    }


def test_names_in_a_gradebook_command_no_terminal(refused, tmp_path, capsys):
    name = "Eve\x1b[2J\x07"
    say_filled(tmp_path, Filled(unmatched_rows=[f"{name}\n  of  ours", "Ana"]))
    assert capsys.readouterr().out.splitlines()[1:] == [
        "  rows without a submission: Eve\ufffd[2J\ufffd of ours; Ana"
    ]
    gradebook = tmp_path / "canvas.csv"
    gradebook.write_text(f"Student,ID,{name} (1),{name} (2)\n", encoding="utf-8")
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "ana.py").touch()
    given = [tmp_path / "class", "--out", tmp_path / "out", "--canvas", gradebook]
    assert "Eve\ufffd[2J\ufffd (1)" in refused(*given)


def test_what_the_terminal_cannot_show_ends_nothing(tmp_path, monkeypatch):
    for name, problem in (("old", ""), ("new", "Лев.docx is no Python file.")):
        (tmp_path / name).mkdir()
        with Record(tmp_path / name / RECORD_FILE) as record:
            record.set_entries([Entry(Student("lev"), b"", "", problem)])
    shown = io.TextIOWrapper(io.BytesIO(), "cp1252")
    monkeypatch.setattr(sys, "stdout", shown)
    monkeypatch.setattr(sys, "argv", ["", "diff", str(tmp_path / "old"), str(tmp_path / "new")])
    assert instructor.main() == 1
    shown.flush()
    assert b"not graded (???.docx is no Python file.)" in shown.buffer.getvalue()


def test_without_a_grade_it_is_tried_again(tmp_path):
    with Record(tmp_path / RECORD_FILE) as record:
        record.add("graded", "kit", {"score": 1.0}, "", 1.0)
        record.add("not graded", "kit", None, "No space left on device.", 0.0)
        assert record.graded("kit") == record.graded_with_any_kit() == {"graded"}


def test_a_result_that_cannot_be_written_at_once_is_written_later(tmp_path, monkeypatch):
    """A submission that runs may have filled the disk."""
    results = [(name, {"score": 1.0}, "", 1.0) for name in ("ana", "bob", "eve")]
    monkeypatch.setattr(batch_command, "on_this_machine", lambda *_: iter(results))
    options = argparse.Namespace(
        **dict.fromkeys(("source", "out"), tmp_path),
        **dict.fromkeys(("canvas", "moodle", "dask", "regrade", "visible_needs_hidden")),
        again=[],
        accept_tier_d=True,
        time_limit=10.0,
    )
    add, tried = Record.add, []

    def on_a_full_disk(self, content, *rest):
        tried.append(content)
        if len(tried) < 3:
            raise sqlite3.OperationalError("database or disk is full")
        add(self, content, *rest)

    monkeypatch.setattr(Record, "add", on_a_full_disk)
    with Record(tmp_path / RECORD_FILE) as record:
        batch_command.grade_missing(record, [], "kit", options)
        assert record.graded("kit") == {"ana", "bob", "eve"}
    assert tried == ["ana", "ana", "ana", "bob", "eve"]
