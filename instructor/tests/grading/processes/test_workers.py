"""Workers of both kinds: state is fresh, and a task that misbehaves spoils nothing but itself."""

import functools
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from grading.judge.grade import grade
from grading.processes import forked
from grading.processes.forked import ForkedWorkers
from grading.processes.start import start_workers
from grading.processes.workers import CannotStart
from grading.wire import Task
from instructor.catalogue import REFERENCE

pytestmark = pytest.mark.slow

KINDS = ["fresh"] + (["forked"] if sys.platform == "linux" else [])
ONES = {"rewards": [1.0, 1.0], "terminateds": [False, True], "discount_factors": [0.5]}
PROLOGUE = "import os, sys, signal, time, torch\n"


@pytest.fixture(scope="module", params=KINDS)
def workers(request):
    with start_workers(REFERENCE, fresh=request.param == "fresh") as started:
        yield started


@pytest.fixture
def run(workers, tmp_path):
    """Run a get_returns with this body; returns the outcome."""

    def run(body: str, time_limit: float = 5.0, before: str = ""):
        path = tmp_path / "submitted.py"
        lines = "".join(f"    {line}\n" for line in body.splitlines())
        function = f"def get_returns(rollout_buffer, discount_factor=0.95):\n{lines}"
        path.write_text(PROLOGUE + before + "\n" + function)
        return workers.collect(workers.submit(Task(path, "returns", ONES, time_limit)))

    return run


def series_of(workers, path, *bodies: str, time_limit: float = 5.0, before: str = ""):
    """Run bodies of get_returns one after the other in one process; returns outcomes.

    The first reward of each task is its number, which tells the function which body to run.
    """
    lines = ""
    for number, body in enumerate(bodies):
        lines += f"    if rollout_buffer.rewards[0] == {number}:\n"
        lines += "".join(f"        {line}\n" for line in body.splitlines())
    path.write_text(
        f"{PROLOGUE}{before}\ndef get_returns(rollout_buffer, discount_factor=0.95):\n{lines}"
    )
    tasks = [
        Task(path, "returns", {**ONES, "rewards": [float(n), 1.0]}, time_limit)
        for n in range(len(bodies))
    ]
    return [workers.collect(number) for number in workers.submit_series(tasks)]


@pytest.fixture
def run_series(workers, tmp_path):
    return functools.partial(series_of, workers, tmp_path / "submitted.py")


def number_of(outcome):
    return outcome.result.outputs["returns, discount 0.5"].array.item()


@pytest.fixture(scope="module")
def told(workers, tmp_path_factory):
    """What three tasks say: a result, where they run, and what goes wrong."""
    return series_of(
        workers,
        tmp_path_factory.mktemp("told") / "submitted.py",
        "return torch.tensor([[1.5], [1.0]])",
        "print(sorted(os.environ), sys.path, os.getcwd()); return None",
        "print(__file__)\nopen(os.path.join(os.getcwd(), 'my_notes'))",
    )


def test_result_crosses(told):
    outcome = told[0]
    assert outcome.ended == "done"
    output = outcome.result.outputs["returns, discount 0.5"]
    assert (output.kind, output.dtype, output.array.tolist()) == (
        "tensor",
        "float32",
        [[1.5], [1.0]],
    )


@pytest.mark.usefixtures("told")
def test_versions_are_reported(workers):
    assert set(workers.versions) == {"torch", "numpy", "cpu capability"}


def test_environment_is_clean(told):
    outcome = told[1]
    assert outcome.ended == "done"
    assert "PATH" in outcome.printed
    assert "PYTEST" not in outcome.printed
    assert str(REFERENCE.parent.parent) + "'" not in outcome.printed


def test_what_it_says_does_not_tell_the_folder_it_ran_in(told):
    # The folder differs every time, and two gradings of one file must not.
    outcome = told[2]
    assert outcome.printed.split() == ["submitted.py"]
    assert outcome.result.error.message == "[Errno 2] No such file or directory: 'my_notes'"


MISBEHAVIOUR = [
    ("os._exit(0)", "stopped"),
    ("os._exit(3)", "stopped"),
    ("os.kill(os.getpid(), signal.SIGKILL)", "crashed"),
    ("import ctypes; ctypes.string_at(0)", "crashed"),
    ("time.sleep(60)", "timeout"),
    ("while True: pass", "timeout"),
    ("signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)", "timeout"),
    (
        "for fd in range(3, 20):\n    try: os.write(fd, b'x' * 99)\n    except OSError: pass\n",
        "garbled",
    ),
]


@pytest.fixture(scope="module")
def misbehaved(workers, tmp_path_factory):
    """The outcomes of a series in which tasks that misbehave stand between others, two at its end."""
    bodies = ["return 10"]
    for number, (body, _) in enumerate(MISBEHAVIOUR, 11):
        bodies += [body, f"return {number}"]
    path = tmp_path_factory.mktemp("misbehaved") / "submitted.py"
    return series_of(workers, path, *bodies, "return 20", time_limit=1.5)


@pytest.mark.parametrize(("number", "ended"), list(enumerate(e for _, e in MISBEHAVIOUR)))
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
def test_misbehaviour_is_named_and_costs_the_other_tasks_nothing(misbehaved, number, ended):
    before, wrong, after = misbehaved[2 * number : 2 * number + 3]
    assert [outcome.ended for outcome in (before, wrong, after)] == ["done", ended, "done"]
    # The task that misbehaves is run again as the first of a new process before it is blamed.
    assert [outcome.first for outcome in (before, wrong, after)] == [True] * 3
    assert [number_of(before), number_of(after)] == [10 + number, 11 + number]
    last = misbehaved[-1]
    assert (last.ended, last.first, number_of(last)) == ("done", False, 20)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
def test_who_closes_what_it_could_print_to_and_the_next_task_are_fine(run):
    outcome = run("os.close(1); os.close(2); return torch.ones(2, 1)", time_limit=1.0)
    assert outcome.ended == "done"
    assert run("return torch.ones(2, 1)").ended == "done"


def test_tasks_of_a_series_share_a_process_but_not_a_module(run_series):
    count = "globals()['count']"
    body = f"{count} += 1\nprint('task')\nreturn os.getpid() * 100 + {count}"
    outcomes = run_series(body, body, body, before="count = 0\nprint('import')")
    assert [outcome.first for outcome in outcomes] == [True, False, False]
    assert {number_of(outcome) for outcome in outcomes} == {number_of(outcomes[0])}
    assert number_of(outcomes[0]) % 100 == 1
    assert [outcome.printed.split() for outcome in outcomes] == [["import", "task"]] * 3


def test_a_thread_that_goes_on_spoils_no_later_task(run_series):
    thread = "import threading\nthreading.Thread(target=time.sleep, args=(60,)).start()\nreturn 10"
    outcomes = run_series(thread, "return 11", time_limit=3.0)
    assert [number_of(outcome) for outcome in outcomes] == [10, 11]


@pytest.fixture(scope="module")
def usual_workers():
    """Of the kind that this platform has."""
    with start_workers(REFERENCE) as started:
        yield started


def test_a_right_solution_that_is_spoilt_by_what_it_left_behind_loses_nothing(
    usual_workers, tmp_path
):
    # Networks can no longer be made in a process in which this loss was once computed.
    path = tmp_path / "submitted.py"
    text = REFERENCE.read_text(encoding="utf-8")
    line = "    return -(log_probability * return_or_advantage).mean()\n"
    after = "    torch.nn.Linear.reset_parameters = None\n" + line
    path.write_text(text.replace(line, after), encoding="utf-8")
    result = grade(path, usual_workers, visible_only=True, only=("vpg_loss", "value_loss"))
    assert result.score == result.points


def test_end_to_end_tests_are_asked_again_where_every_function_is_right(usual_workers, tmp_path):
    # It cannot train in a process in which returns were asked for before.
    path = tmp_path / "submitted.py"
    text = REFERENCE.read_text(encoding="utf-8")
    text += """
import sys
returns_anew, train_anew = get_returns, train_policy_gradient
def get_returns(*arguments, **options):
    sys.returned = True
    return returns_anew(*arguments, **options)
def train_policy_gradient(*arguments, **options):
    assert hasattr(sys, "trains") or not hasattr(sys, "returned")
    sys.trains = True
    return train_anew(*arguments, **options)
"""
    path.write_text(text, encoding="utf-8")
    result = grade(path, usual_workers, visible_only=True)
    assert any(test.end_to_end for test in result.tests)
    assert result.score == result.points


def test_a_right_solution_may_make_a_folder_once(usual_workers, tmp_path):
    path = tmp_path / "submitted.py"
    text = REFERENCE.read_text(encoding="utf-8")
    text = "import os\nos.mkdir('plots')\n" + text
    path.write_text(text, encoding="utf-8")
    result = grade(path, usual_workers, visible_only=True, only=("returns", "value_loss"))
    assert result.score == result.points


def test_printing_without_end_is_cut(run):
    outcome = run("while True: print('x' * 1000)", time_limit=1.0)
    assert outcome.ended == "timeout"
    assert len(outcome.printed) == 64 * 1024


def test_state_is_fresh(run):
    before = "count = 0"
    body = "global count\ncount += 1\ntorch.manual_seed(1)\nos.environ['MARK'] = '1'\nreturn count"
    assert run(body, before=before).result.outputs["returns, discount 0.5"].array == 1
    body = "global count\ncount += 1\nreturn count + 10 * ('MARK' in os.environ)"
    assert run(body, before=before).result.outputs["returns, discount 0.5"].array == 1


def test_random_generators_start_the_same(run):
    body = "import numpy\nreturn torch.rand(3) + float(numpy.random.rand())"
    first, second = (run(body).result.outputs["returns, discount 0.5"].array for _ in range(2))
    assert (first == second).all()


def test_processes_and_folders_are_gone_afterwards(tmp_path):
    for kind in KINDS:
        with start_workers(REFERENCE, fresh=kind == "fresh") as workers:
            workers.collect(workers.submit(Task(REFERENCE, None, {})))
            scratch = workers.scratch
            assert scratch.exists()
            pid = workers.parent.pid if isinstance(workers, ForkedWorkers) else None
        assert not scratch.exists()
        if pid:
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_interpreter_without_torch_is_told_in_a_sentence(kind, monkeypatch):
    monkeypatch.setattr(sys, "path", [path for path in sys.path if "site-packages" not in path])
    with start_workers(REFERENCE, fresh=kind == "fresh") as workers:
        number = workers.submit(Task(REFERENCE, None, {}))
        with pytest.raises(CannotStart, match=r"No module named '(torch|numpy)'"):
            workers.collect(number)


@pytest.mark.skipif(sys.platform != "linux", reason="the warm parent is Linux's")
def test_warm_parent_has_run_no_torch_operation(tmp_path, monkeypatch):
    # An operation would have started OpenMP's threads, and a large product in a child would hang.
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    product = tmp_path / "submitted.py"
    product.write_text("import torch\ntorch.rand(700, 700) @ torch.rand(700, 700)\n")
    with start_workers(product) as workers:
        assert isinstance(workers, ForkedWorkers)
        outcome = workers.collect(workers.submit(Task(product, None, {})))
        status = Path(f"/proc/{workers.parent.pid}/status").read_text()
    assert outcome.ended == "done"
    assert "Threads:\t1\n" in status


def test_fresh_interpreters_grade_as_forked_workers_do():
    with start_workers(REFERENCE, fresh=True) as workers:
        result = grade(REFERENCE, workers, visible_only=True, only=("returns", "training"))
    assert (result.score, result.points) == (17, 17)
    assert result.tier.letter == "D"


linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks workers")


def children_of(workers: ForkedWorkers) -> list[int]:
    """The process numbers of the children, dead ones that nobody has waited for included."""
    parent = workers.parent.pid
    return [int(n) for n in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def next_child(workers: ForkedWorkers, before: list[int]) -> list[int]:
    """The children at work, once they are others than `before`."""
    for _ in range(100):
        children = children_of(workers)
        if children not in ([], before):
            return children
        workers._serve()
    raise AssertionError("no child")


@pytest.fixture
def forked_workers(usual_workers):
    assert isinstance(usual_workers, ForkedWorkers)
    usual_workers.collect(usual_workers.submit(Task(REFERENCE, None, {})))
    while children_of(usual_workers):
        usual_workers._serve()
    return usual_workers


@linux_only
@pytest.mark.parametrize(("kills", "ended"), [(1, "done"), (2, "crashed")])
def test_a_task_whose_process_somebody_else_kills_is_asked_again(
    forked_workers, tmp_path, kills, ended
):
    path = tmp_path / "submitted.py"
    path.write_text("import time\ntime.sleep(1)\n")
    number = forked_workers.submit(Task(path, None, {}))
    children: list[int] = []
    for _ in range(kills):
        children = next_child(forked_workers, children)
        os.kill(children[0], signal.SIGKILL)
    outcome = forked_workers.collect(number)
    assert (outcome.ended, outcome.lost) == (ended, ended == "crashed")


@linux_only
def test_a_parent_that_does_not_answer_is_replaced(forked_workers, tmp_path, monkeypatch):
    monkeypatch.setattr(forked, "ANSWER_LIMIT", 1.0)
    path = tmp_path / "submitted.py"
    path.write_text("import time\ntime.sleep(5)\n")
    parent = forked_workers.parent
    number = forked_workers.submit(Task(path, None, {}, time_limit=1.0))
    next_child(forked_workers, [])
    os.kill(parent.pid, signal.SIGSTOP)
    assert forked_workers.collect(number).ended == "timeout"
    assert forked_workers.parent is not parent
    task = Task(REFERENCE, None, {})
    assert forked_workers.collect(forked_workers.submit(task)).ended == "done"


@pytest.fixture
def crowded():
    """Two processes for every processor that never rest."""
    command = [sys.executable, "-c", "while True: pass"]
    crowd = [subprocess.Popen(command) for _ in range(2 * len(os.sched_getaffinity(0)))]
    yield
    for process in crowd:
        process.kill()
        process.wait()


@linux_only
@pytest.mark.usefixtures("crowded")
def test_the_time_others_had_the_processor_is_not_counted(forked_workers, tmp_path, monkeypatch):
    monkeypatch.setattr(forked, "MAX_WAITING", 20.0)  # who knows what else the machine has to do
    # Alone it takes 0.8 seconds, and beside the crowd more than twice as long.
    body = "while time.process_time() < start + 0.8: pass\nreturn torch.zeros(2, 1)"
    before = "start = time.process_time()"
    path = tmp_path / "submitted.py"
    (outcome,) = series_of(forked_workers, path, body, time_limit=1.0, before=before)
    assert outcome.ended == "done"
    assert outcome.seconds > 1.0
    (outcome,) = series_of(forked_workers, path, "while True: pass", time_limit=0.3)
    assert outcome.ended == "timeout"


def test_a_task_that_takes_too_long_says_where_and_puts_off_those_that_use_the_same(
    workers, tmp_path
):
    path = tmp_path / "submitted.py"
    head = PROLOGUE + "def get_returns(rollout_buffer, discount_factor=0.95):\n"
    path.write_text(head + "    print('.')\n    while True:\n        pass\n")
    first = Task(path, "returns", ONES, 2.0, uses=("a",))
    tasks = [first, replace(first, uses=("a", "b")), replace(first, scenario=None, uses=("b",))]
    late, put_off, other = [workers.collect(n) for n in workers.submit_series(tasks)]
    assert [o.ended for o in (late, put_off, other)] == ["timeout", "put off", "done"]
    # Which of two functions took too long is not known.
    tasks = [replace(first, uses=("a", "b")), replace(first, scenario=None, uses=("b",))]
    outcomes = [workers.collect(n) for n in workers.submit_series(tasks)]
    assert [outcome.ended for outcome in outcomes] == ["timeout", "done"]
    assert late.line in (head.count("\n") + 2, head.count("\n") + 3)
    assert late.printed == ".\n"
