"""The pytest plugin of the judge: hands a case to each graded test and collects the scores.

A graded test is a plain function `test_NAME(answer)` marked `part("returns", points=3)`. NAME is its
case in the key; `answer` runs that case's scenario on the submission and holds what came out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, cast

import pytest

from grading.ending import Ended
from grading.judge.compare import Answer, Mismatch
from grading.judge.diagnosis import sketch
from grading.judge.explain import (
    LEFT_OUT,
    Explanation,
    explain,
    explain_import,
    without_torch_sources,
)
from grading.judge.keys import BadKey, Case
from grading.judge.scores import TestScore
from grading.kit import Source
from grading.parts import PARTS
from grading.wire import PROBE, Outcome, Task, as_on_a_terminal, printable

MARKERS = (
    "part(name, points): the part of the assignment a test belongs to, and what it is worth",
    "end_to_end: the test uses all of the submission's functions together",
)


# Where so many of a part's visible or hidden tests have taken too long, those that were put off are not
# asked any more. Otherwise a loop without end would take minutes.
MAX_TIMEOUTS = 2

Tasks = dict[str | None, Task]
Check = Callable[[Answer], None]  # a graded test, once pytest has collected it


class TaskRunner(Protocol):
    """Where tasks are run: workers, or the process itself (see `grading.debug`).

    in_series: whether tasks really share a process, so that one task may spoil a later one.
    """

    in_series: bool

    def submit_series(self, tasks: list[Task]) -> list[int]:
        """Take tasks that may share a process and return their numbers."""

    def collect(self, number: int) -> Outcome:
        """Wait for a task's outcome."""

    def expect(self, series: int = 1) -> None:
        """So many more series will follow: get processes ready for them, where that takes a while."""


class KitError(Exception):
    """The kit itself is broken; the message says where."""


@dataclass
class Verdict:
    """What one outcome means for its test.

    explanation: why there is nothing to compare. error: what the comparison ended with, a Mismatch or
    a failure of the kit's own. With neither, the test passes.
    """

    outcome: Outcome
    explanation: Explanation | None = None
    error: Exception | None = None

    @property
    def failed(self) -> bool:
        """Whether the test fails for any other reason than that a function is still a stub."""
        return self.error is not None or self.stopped

    @property
    def stopped(self) -> bool:
        """Whether there is no result, for any other reason than that a function is still a stub."""
        return self.explanation is not None and not self.explanation.unwritten

    @property
    def told(self) -> str:
        """Why the test fails, in a sentence; empty where it passes."""
        told = self.explanation or self.error
        return told.what if isinstance(told, (Explanation, Mismatch)) else str(told or "")


class GradingPlugin:
    """The plugin for one grading of one submission."""

    def __init__(
        self,
        submission: Path,
        runner: TaskRunner,
        sources: list[Source],
        cases: dict[str, Case],
        time_limit: float = 10.0,
        only: tuple[str, ...] = (),
        earlier: Sequence[TestScore] | None = None,
        remark: str = "",
        first: Collection[str] = (),
        told: Callable[[str, bool], None] | None = None,
    ) -> None:
        """Fix what is asked.

        earlier: what the visible tests have given, if only hidden ones are to be run.
        remark: what was said of the file then.
        first: the parts whose visible tests are asked before all others, in a process of their own.
        told: called with a visible test's name and whether it passes, when its answer is final.
        """
        self.submission, self.runner, self.cases = submission, runner, cases
        self.sources, self.earlier = sources, earlier
        self.time_limit, self.only = time_limit, only
        self.remark = remark
        self.first, self.told = first, told or (lambda *_: None)
        # All that follows is kept by the test's node id.
        self.scores: dict[str, TestScore] = {}
        self.checks: dict[str, Check] = {}
        self.verdicts: dict[str, Verdict] = {}
        # The numbers of the tasks not yet collected. None stands for the task that only imports.
        self.numbers: dict[str | None, int] = {}
        self.import_failure: Explanation | None = None
        self.lost_while_imported = False  # see TestScore.lost
        for test in earlier or ():
            if test.whole_file:
                self.import_failure = Explanation(test.what, test.where, test.unwritten)
                self.lost_while_imported = test.lost
        self.problem: Exception | None = None
        self.interrupted = False  # whether somebody has stopped it
        self.is_printed = True  # whether pytest shows the failures to somebody

    # -- before any student code runs --

    def pytest_configure(self, config: pytest.Config) -> None:
        """Register the markers, and keep pytest from formatting failures that it does not print."""
        self.is_printed = hasattr(config.option, "tbstyle")
        if not self.is_printed:
            # In its own format pytest quotes the source, which takes longer than the test itself.
            config.option.tbstyle = "native"
        for marker in MARKERS:
            config.addinivalue_line("markers", marker)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A test file that cannot be read is the kit's fault, not the student's."""
        if report.failed and self.problem is None:
            self.problem = KitError(
                f"{report.nodeid or 'The tests'} cannot be loaded: {report.longrepr}"
            )

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Fix the list of tests and points, and hand every case to the workers."""
        hidden = {source.tests for source in self.sources if source.hidden}
        selected = []
        for item in items:
            mark = item.get_closest_marker("part")
            if mark is None:
                selected.append(item)
                continue
            if self.only and mark.args[0] not in self.only:
                continue
            selected.append(item)
            self.checks[item.nodeid] = cast(pytest.Function, item).function
            self.scores[item.nodeid] = TestScore(
                name=item.name.removeprefix("test_"),
                part=mark.args[0],
                points=mark.kwargs["points"],
                hidden=item.path in hidden,
                end_to_end=item.get_closest_marker("end_to_end") is not None,
            )
        items[:] = selected

    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Run every case, beginning with the import of the submission."""
        if session.config.option.collectonly or not self.scores:
            return
        definitions = self.remark == LEFT_OUT
        only_import = Task(
            self.submission, None, {}, self.time_limit, definitions=definitions, uses=()
        )
        tasks: Tasks = {None: only_import}
        for nodeid, score in self.scores.items():
            case = self.cases.get(score.name)
            if case is None:
                self.problem = BadKey(f'The answer key has no case "{score.name}".')
                pytest.exit("incomplete key")
            uses = tuple(PARTS) if score.end_to_end else (score.part,)
            tasks[nodeid] = replace(
                only_import, scenario=case.scenario, inputs=case.inputs, uses=uses
            )
        if not self.runner.in_series:
            self.numbers.update(zip(tasks, self.runner.submit_series(list(tasks.values()))))
            return
        try:
            self._judge_all(tasks)
        except Exception as error:  # no worker could be started
            self.problem = error
            pytest.exit("there is no grade")

    def _judge_all(self, tasks: Tasks) -> None:
        """Ask the visible tests, then the hidden ones, and judge the answers.

        The visible tests share a process, because a process costs time. What one test leaves behind
        there (a patched module, another default) can spoil the answer of a right function to the
        next. So a test that fails is asked again where no other part has been before it, and only
        that answer counts.

        The hidden tests are asked when the last visible answer is in, so that nothing of theirs can
        reach an answer that is shown. They share a process too, but where a visible test has passed only
        when it was asked again, every part has a process of its own from the start. A wrong answer
        to a hidden test is final: a second one would be a second guess.

        Tests that have failed are probed last, the visible ones before a hidden one is asked: what the
        probes' calls do costs no point.

        What an import says by itself is told as it is. So it is asked once, before any hidden input
        is there: if it fails with the visible tests, it has failed for the hidden ones.
        """
        if self.import_failure is not None:
            return
        # Of each kind, those that use all functions come last: the others tell which one takes too long.
        ordered = sorted(self.scores, key=lambda nodeid: self.scores[nodeid].end_to_end)
        visible = [nodeid for nodeid in ordered if not self.scores[nodeid].hidden]
        hidden = [nodeid for nodeid in ordered if self.scores[nodeid].hidden]
        apart = any(test.failed_first and test.passed for test in self.earlier or ())
        if self.earlier is None:
            groups = self._groups(visible)
            series = [tasks[None], *(tasks[nodeid] for nodeid in groups[0])]
            probe, *numbers = self.runner.submit_series(series)
            if hidden:
                self.runner.expect()
            too_long = self._note_import(probe).ended == "timeout"
            if too_long and self._imports_without_its_end(tasks):
                numbers = self._submit(groups[0], tasks)
            if self.import_failure is not None:
                return  # nothing else is waited for
            for place, nodeids in enumerate(groups):
                self._judge_series(nodeids, numbers if place == 0 else self._submit(nodeids, tasks))
                apart = self._ask_failing_tests_again(nodeids, tasks) or apart
                for nodeid in nodeids:
                    self.told(self.scores[nodeid].name, self._passes(nodeid))
            self._probe_failing_tests(visible, tasks)
        by_part: dict[str, list[str]] = {}
        for nodeid in hidden:
            by_part.setdefault(self.scores[nodeid].part if apart else "", []).append(nodeid)
        asked = [(n, self._submit(n, tasks)) for n in by_part.values()]
        for nodeids, numbers in asked:
            self._judge_series(nodeids, numbers)
        self._ask_failing_tests_again(hidden, tasks)
        self._probe_failing_tests(hidden, tasks)

    def _groups(self, visible: list[str]) -> list[list[str]]:
        """Those of `visible` that are to be asked first, then the others; an empty one is left out.

        Which functions fail by themselves must be known before a test uses all of them together.
        """
        early = [
            nodeid
            for nodeid in visible
            if self.scores[nodeid].part in self.first and not self.scores[nodeid].end_to_end
        ]
        groups = [early, [nodeid for nodeid in visible if nodeid not in early]]
        return [nodeids for nodeids in groups if nodeids] or [[]]

    def _passes(self, nodeid: str) -> bool:
        verdict = self.verdicts[nodeid]
        return verdict.error is None and verdict.explanation is None

    def _note_import(self, number: int) -> Outcome:
        outcome = self.runner.collect(number)
        self.import_failure = explain_import(outcome, self.time_limit)
        self.lost_while_imported = outcome.lost
        return outcome

    def _imports_without_its_end(self, tasks: Tasks) -> bool:
        """Whether the file can be imported without code below its functions; then all tasks do so.

        Who trains there has done nothing wrong in any function.
        """
        shorter = {name: replace(task, definitions=True) for name, task in tasks.items()}
        failure, lost = self.import_failure, self.lost_while_imported
        self._note_import(self.runner.submit_series([shorter[None]])[0])
        if self.import_failure is not None:
            self.import_failure, self.lost_while_imported = failure, lost
            return False
        self.remark = LEFT_OUT
        tasks.update(shorter)
        return True

    def _submit(self, nodeids: list[str], tasks: Tasks) -> list[int]:
        return self.runner.submit_series([tasks[nodeid] for nodeid in nodeids])

    def _judge_series(self, nodeids: list[str], numbers: list[int]) -> None:
        for nodeid, number in zip(nodeids, numbers):
            self.verdicts[nodeid] = self._judge(nodeid, self.runner.collect(number))

    def _ask_failing_tests_again(self, nodeids: list[str], tasks: Tasks) -> bool:
        """Ask tests again that failed behind others in their process; whether one passes now.

        A test that gave no result is asked in a process of its own: even a second import may find a
        folder that the first has made. Those that were put off come last, one by one, and no more of
        a part when MAX_TIMEOUTS of its tests have taken too long, of end-to-end tests one. Those are
        asked again only where no function fails by itself: otherwise they fail with it.
        """
        passes = False
        hidden = any(self.scores[nodeid].hidden for nodeid in nodeids)
        alike = [nodeid for nodeid in self.verdicts if self.scores[nodeid].hidden == hidden]
        for end_to_end in (False, True):
            chosen = [n for n in nodeids if self.scores[n].end_to_end == end_to_end]
            functions_fail = any(
                self.verdicts[n].failed for n in alike if not self.scores[n].end_to_end
            )
            blames_others = end_to_end and functions_fail
            series: dict[str, list[str]] = {}
            put_off: list[str] = []
            for nodeid in chosen:
                verdict, score = self.verdicts[nodeid], self.scores[nodeid]
                if verdict.outcome.ended == "put off":
                    put_off.append(nodeid)
                elif verdict.failed and not verdict.outcome.first and not blames_others:
                    if verdict.stopped:
                        series[nodeid] = [nodeid]
                    elif not score.hidden:
                        series.setdefault(score.part, []).append(nodeid)
            before = dict(self.verdicts)
            asked = [(together, self._submit(together, tasks)) for together in series.values()]
            for together, numbers in asked:
                self._judge_series(together, numbers)
                for nodeid in together:
                    self.scores[nodeid].failed_first = before[nodeid].told
                    passes = passes or not self.verdicts[nodeid].failed
            for nodeid in put_off:
                own = [n for n in alike if self._same_kind(n, nodeid)]
                late = [n for n in own if self.verdicts[n].outcome.ended == "timeout"]
                if len(late) < (1 if end_to_end else MAX_TIMEOUTS):
                    self._judge_series([nodeid], self._submit([nodeid], tasks))
        return passes

    def _same_kind(self, one: str, other: str) -> bool:
        first, second = self.scores[one], self.scores[other]
        return (first.part, first.end_to_end) == (second.part, second.end_to_end)

    def _probe_failing_tests(self, nodeids: list[str], tasks: Tasks) -> None:
        """Add what probes say of wrong results to them, to tell families of mistakes by."""
        wrong = [
            nodeid
            for nodeid in nodeids
            if self.verdicts[nodeid].error is not None and PARTS[self.scores[nodeid].part].probed
        ]
        series = [replace(tasks[nodeid], probing=True) for nodeid in wrong]
        for nodeid, number in zip(wrong, self.runner.submit_series(series) if series else []):
            judged, probed = self.verdicts[nodeid].outcome, self.runner.collect(number)
            if judged.result is not None and probed.result is not None:
                said = probed.result.outputs
                judged.result.outputs |= {n: said[n] for n in said if n.startswith(PROBE)}

    def _judge(self, nodeid: str, outcome: Outcome) -> Verdict:
        """Explain the outcome where it holds nothing to compare, otherwise run its test."""
        verdict = self._explain(nodeid, outcome)
        if verdict.explanation is None:
            try:
                self.checks[nodeid](self._answer(nodeid, outcome))
            except Exception as error:
                verdict.error = error
        return verdict

    def _explain(self, nodeid: str, outcome: Outcome) -> Verdict:
        score = self.scores[nodeid]
        function = PARTS[score.part].function
        return Verdict(outcome, explain(outcome, function, self.time_limit, score.hidden))

    def _answer(self, nodeid: str, outcome: Outcome) -> Answer:
        score = self.scores[nodeid]
        assert outcome.result is not None
        return Answer(self.cases[score.name], outcome.result.outputs, PARTS[score.part].function)

    # -- each test --

    @pytest.fixture
    def answer(self, request: pytest.FixtureRequest) -> Answer:
        """What the submission returned for the case the test is named after."""
        nodeid = request.node.nodeid
        score = self.scores[nodeid]
        if None in self.numbers:
            self._note_import(self.numbers.pop(None))
        if self.import_failure is not None:
            score.whole_file, score.lost = True, self.lost_while_imported
            self._fail(score, self.import_failure)
        if nodeid in self.numbers:
            outcome = self.runner.collect(self.numbers.pop(nodeid))
            self.verdicts[nodeid] = self._explain(nodeid, outcome)
        verdict = self.verdicts[nodeid]
        outcome = verdict.outcome
        score.seconds, score.lost = outcome.seconds, outcome.lost
        if not score.hidden:
            printed = without_torch_sources(as_on_a_terminal(outcome.printed))
            score.printed = printable(printed)
        if verdict.explanation is not None:
            score.sketch = sketch(self.cases[score.name], outcome, None)
            self._fail(score, verdict.explanation)
        return self._answer(nodeid, outcome)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        """Do not run a test a second time that has already judged its answer."""
        verdict = self.verdicts.get(pyfuncitem.nodeid)
        if verdict is None or not self.runner.in_series:
            return None  # pytest runs it
        if verdict.error is not None:
            raise verdict.error
        return True

    def long_text(self, score: TestScore, error: Mismatch) -> str:
        """The text about a wrong result in pytest's own report."""
        return str(error)

    def _fail(self, score: TestScore, explanation: Explanation) -> None:
        score.what, score.where = explanation.what, explanation.where
        score.unwritten = explanation.unwritten
        pytest.fail(explanation.what, pytrace=False)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Note that it was stopped. Pytest's own reasons to stop are exceptions of another class."""
        self.interrupted = excinfo.type in (KeyboardInterrupt, Ended)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        """Note how a test ended. Only a test that ran and passed earns its points."""
        if call.excinfo is not None and not self.is_printed:
            call.excinfo = _without_traceback(call.excinfo)
        result = yield
        score = self.scores.get(item.nodeid)
        if score is None:
            return
        error = call.excinfo.value if call.excinfo else None
        if call.when == "call" and result.get_result().passed:
            score.passed, score.what = True, ""
        elif isinstance(error, Mismatch):
            score.what = error.what
            if not score.hidden:
                score.numbers, score.picture = error.numbers, error.picture
            outcome = self.verdicts[item.nodeid].outcome
            score.sketch = sketch(self.cases[score.name], outcome, error)
            result.get_result().longrepr = self.long_text(score, error)
        elif (
            error is not None
            and call.when == "call"
            and not isinstance(error, pytest.fail.Exception)
        ):
            # A result that cannot be compared fails its own test and does not end the grading.
            score.what = f"The kit could not compare this result ({type(error).__name__})."
        elif error is not None and not isinstance(error, pytest.fail.Exception):
            self.problem = error if isinstance(error, Exception) else KitError(str(error))
            item.session.shouldstop = "there is no grade"


def _without_traceback(excinfo: pytest.ExceptionInfo[Any]) -> pytest.ExceptionInfo[Any]:
    """The same exception with the frame that raised it only.

    Pytest looks at every frame between itself and the test to choose those it shows, which takes half
    of the time in which a wrong submission is judged.
    """
    last = excinfo.tb
    while last.tb_next is not None:
        last = last.tb_next
    return pytest.ExceptionInfo.from_exception(excinfo.value.with_traceback(last))
