"""What the next batch in a folder makes of one that did not end, or not well. Nothing is graded."""

import argparse
import csv
from pathlib import Path

import pytest

from grading.judge.scores import Grade, TestScore
from grading.processes.tier import tier_of
from grading.report.results import ALL_AT_ONCE, results
from grading.submission import CannotGrade
from instructor.batch import command
from instructor.batch.record import RECORD_FILE, Record
from instructor.tests.streams import without_a_reader

DISK_FULL = "The grader could not go on (No space left on device)."


def document_with(points):
    test = TestScore("seen", "returns", points, False, False, passed=True)
    return results(
        Grade(Path("submitted.py"), [test], (), {}, tier_of({}), {}, "", 0.0), ALL_AT_ONCE
    )


class Batches:
    """Batches of one class in one folder, and graders that give everybody `points`.

    asked: whom the last batch asked. fails_for: whose grading the machine does not get through.
    """

    def __init__(self, folder):
        self.source, self.out = folder / "class", folder / "out"
        self.source.mkdir()
        self.points, self.asked, self.fails_for = 100.0, set(), set()

    def hand_in(self, *names):
        for name in names:
            path = self.source / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"# {name}", encoding="utf-8")

    def graders(self, work, options, place):
        names = {data.decode().removeprefix("# ") for data in work.values()}
        self.asked = {name.partition(".")[0] for name in names}
        for content, data in work.items():
            if data.decode() in {f"# {name}.py" for name in self.fails_for}:
                yield content, None, DISK_FULL, 0.0
            else:
                yield content, document_with(self.points), "", 1.0

    def run(self, **given):
        options = dict.fromkeys(("title", "canvas", "moodle", "dask"))
        options |= dict.fromkeys(
            ("regrade", "visible_needs_hidden", "forget_gone", "anonymous"), False
        )
        options |= {"again": [], "accept_tier_d": True, "time_limit": 10.0}
        options |= {"source": self.source, "out": self.out}
        return command.main(argparse.Namespace(**options | given))

    def scores(self):
        with (self.out / "grades.csv").open(encoding="utf-8", newline="") as file:
            return {row["key"]: row["score"] for row in csv.DictReader(file)}

    def before_regrade(self):
        with Record(self.out / command.BEFORE_REGRADE) as record:
            return {g.entry.student.key: g.score for g in record.all_results()}

    def about(self):
        """Whom the files of the folder are about."""
        return {
            path.stem for name in ("results", "feedback") for path in (self.out / name).iterdir()
        }


@pytest.fixture
def batches(tmp_path, monkeypatch):
    made = Batches(tmp_path)
    monkeypatch.setattr(command, "on_this_machine", made.graders)
    return made


def test_a_regrade_that_fails_for_one_file_keeps_the_grade_and_is_tried_again(batches, capsys):
    batches.hand_in("ana.py", "ben.py")
    assert batches.run() == 0
    batches.points, batches.fails_for = 90.0, {"ana"}
    another_kit = {"time_limit": 11.0}
    assert batches.run(regrade=True, **another_kit) == 1
    assert batches.scores() == {"ana": "100", "ben": "90"}
    told = f"Not graded anew, so the grade from before is kept: ana: {DISK_FULL}\n"
    assert told in capsys.readouterr().out

    # A third kit asks nobody: ana has a grade of the first one, as if nobody had regraded.
    assert batches.run(time_limit=12.0) == 0
    assert (batches.asked, batches.scores()) == (set(), {"ana": "100", "ben": "90"})

    capsys.readouterr()
    batches.fails_for = set()
    assert batches.run(**another_kit) == 0
    assert (batches.asked, batches.scores()) == ({"ana"}, {"ana": "90", "ben": "90"})
    assert "are kept" not in capsys.readouterr().out


def test_no_grade_changes_without_a_grading(batches, capsys):
    """A class is regraded with another kit. Later somebody forgets the option that made the kit."""
    batches.hand_in("ana.py")
    batches.points = 78.0
    batches.run()
    batches.points = 100.0
    another_kit = {"time_limit": 11.0}
    batches.run(regrade=True, **another_kit)
    batches.hand_in("late.py")
    capsys.readouterr()
    batches.run()
    assert (batches.asked, batches.scores()) == ({"late"}, {"ana": "100", "late": "100"})
    told = capsys.readouterr().out
    assert "(1) were graded. Those results are kept; --regrade grades them anew." in told
    # Who wants the first kit's grades again has to say so.
    batches.points = 78.0
    batches.run(regrade=True)
    assert (batches.asked, batches.scores()) == ({"ana"}, {"ana": "78", "late": "100"})


def test_what_another_kit_has_graded_since_is_not_tried_again(batches):
    batches.hand_in("ana.py")
    batches.fails_for = {"ana"}
    batches.run()
    batches.fails_for = set()
    batches.run(time_limit=11.0)
    assert batches.run() == 0
    assert batches.asked == set()


def interrupted(*_):
    raise KeyboardInterrupt


ANOTHER_KIT, A_THIRD_KIT = {"time_limit": 11.0}, {"time_limit": 12.0}


def test_the_record_before_a_regrade_is_that_before_its_first_run(batches, monkeypatch):
    batches.hand_in("ana.py", "ben.py")
    batches.run()
    batches.points, batches.fails_for = 90.0, {"ana"}
    batches.run(regrade=True, **ANOTHER_KIT)
    batches.fails_for = set()
    batches.run(regrade=True, **ANOTHER_KIT)
    assert batches.before_regrade() == {"ana": 100.0, "ben": 100.0}
    with monkeypatch.context() as patch:
        patch.setattr(command, "on_this_machine", interrupted)
        with pytest.raises(KeyboardInterrupt):
            batches.run(regrade=True, **A_THIRD_KIT)
    batches.run(regrade=True, **A_THIRD_KIT)
    assert batches.before_regrade() == {"ana": 90.0, "ben": 90.0}


def test_a_regrade_that_was_killed_keeps_no_later_one_from_its_record(batches, monkeypatch):
    batches.hand_in("ana.py")
    batches.run()
    with monkeypatch.context() as patch:
        patch.setattr(command, "on_this_machine", interrupted)
        with pytest.raises(KeyboardInterrupt):
            batches.run(regrade=True, **ANOTHER_KIT)
    batches.hand_in("cem.py")
    batches.run()
    batches.run(regrade=True, **A_THIRD_KIT)
    assert batches.before_regrade() == {"ana": 100.0, "cem": 100.0}


def test_the_record_before_a_regrade_has_those_who_are_graded_again(batches):
    batches.hand_in("ana.py", "ben.py")
    batches.run()
    batches.points = 90.0
    batches.run(regrade=True, again=["ana"], **ANOTHER_KIT)
    assert batches.before_regrade() == {"ana": 100.0, "ben": 100.0}
    assert batches.scores() == {"ana": "90", "ben": "90"}


def test_all_is_written_even_if_nobody_reads_what_is_printed(batches, monkeypatch):
    filled = []

    def fill(folder, *_):
        filled.append(folder)
        return []

    monkeypatch.setattr(command, "fill_gradebooks", fill)
    batches.hand_in("ana.py", "ben.py")
    with without_a_reader("stdout") as printed:
        assert batches.run() == 0
        assert batches.run(time_limit=11.0) == 0  # says before it grades that the kit is another
        (batches.source / "ben.py").unlink()
        assert batches.run() == 0
    assert printed.lost
    assert filled.count(batches.out) == 3
    assert batches.about() == {"ana"}


def without_scheduler(*_):
    raise CannotGrade("There is no Dask scheduler.")


@pytest.mark.parametrize("end", [interrupted, without_scheduler])
def test_a_grade_counts_until_the_one_that_again_asks_for_is_there(
    batches, monkeypatch, capsys, end
):
    batches.hand_in("ana.py", "ben.py")
    batches.run()
    with monkeypatch.context() as patch:
        patch.setattr(command, "on_this_machine", end)
        with pytest.raises((KeyboardInterrupt, CannotGrade)):
            batches.run(again=["ana"])
    batches.points, batches.fails_for = 90.0, {"ana"}
    assert batches.run() == 1  # what was not graded anew is tried again
    assert (batches.asked, batches.scores()) == ({"ana"}, {"ana": "100", "ben": "100"})
    assert "so the grade from before is kept: ana" in capsys.readouterr().out
    batches.fails_for = set()
    assert batches.run(again=["ana"]) == 0
    assert (batches.asked, batches.scores()) == ({"ana"}, {"ana": "90", "ben": "100"})
    assert batches.run() == 0
    assert batches.asked == set()


@pytest.mark.parametrize("end", [interrupted, without_scheduler])
def test_who_is_gone_is_taken_out_even_if_the_next_batch_does_not_end(
    batches, monkeypatch, capsys, end
):
    batches.hand_in("ana.py", "ben.py", "cleo.py")
    batches.run()
    (batches.source / "ben.py").unlink()
    with monkeypatch.context() as patch:
        patch.setattr(command, "on_this_machine", end)
        with pytest.raises((KeyboardInterrupt, CannotGrade)):
            batches.run()
    assert batches.about() == {"ana", "ben", "cleo"}
    batches.run()
    assert "No longer handed in, and taken out: ben\n" in capsys.readouterr().out
    assert batches.about() == {"ana", "cleo"}
    batches.run()
    assert "taken out" not in capsys.readouterr().out


def test_who_is_gone_is_still_told_if_the_files_could_not_be_written(batches, monkeypatch, capsys):
    batches.hand_in("ana.py", "ben.py", "cleo.py")
    batches.run()
    (batches.source / "ben.py").unlink()
    with monkeypatch.context() as patch:
        patch.setattr(command, "write_outputs", interrupted)
        with pytest.raises(KeyboardInterrupt):
            batches.run()
    batches.run()
    assert "No longer handed in, and taken out: ben\n" in capsys.readouterr().out


def test_nothing_stays_under_a_name_that_two_share_since_a_batch_that_did_not_end(
    batches, monkeypatch
):
    batches.hand_in("ana.py", "ben.py", "cleo.py")
    batches.run()
    batches.hand_in("ana/submitted.py")
    with monkeypatch.context() as patch:
        patch.setattr(command, "on_this_machine", interrupted)
        with pytest.raises(KeyboardInterrupt):
            batches.run()
    batches.run()
    assert batches.about() == {"ana-1", "ana-2", "ben", "cleo"}


def test_batches_that_do_not_end_do_not_add_up_to_a_loss_that_nobody_has_confirmed(
    batches, monkeypatch
):
    """Each of them has lost less than half of the one before it, and together they lose more."""
    everybody = ("ana", "ben", "cleo", "dora", "eli")
    batches.hand_in(*(f"{name}.py" for name in everybody))
    batches.run()
    (batches.source / "ana.py").unlink()
    (batches.source / "ben.py").unlink()
    with monkeypatch.context() as patch:
        patch.setattr(command, "on_this_machine", interrupted)
        with pytest.raises(KeyboardInterrupt):
            batches.run()
    (batches.source / "cleo.py").unlink()
    with pytest.raises(CannotGrade, match="3 of the 5 students"):
        batches.run()
    assert batches.about() == set(everybody)
    batches.run(forget_gone=True)
    assert batches.about() == {"dora", "eli"}


def test_a_record_that_an_earlier_kit_wrote_knows_who_was_there(batches, capsys):
    batches.hand_in("ana.py", "ben.py")
    batches.run()
    with Record(batches.out / RECORD_FILE) as record, record.connection as connection:
        connection.execute("DROP TABLE known")
    (batches.source / "ben.py").unlink()
    batches.run()
    assert "No longer handed in, and taken out: ben\n" in capsys.readouterr().out
    assert batches.about() == {"ana"}
