"""Submissions that are not wrong but broken: each gets its own sentence and costs what it should."""

from dataclasses import dataclass

import pytest

from instructor import catalogue
from instructor.proof import sweep

pytestmark = pytest.mark.slow

REFERENCE = catalogue.REFERENCE.read_text(encoding="utf-8")

RETURNS = "    return ((value_net(observation) - returns) ** 2).mean()\n"
HEAD = "def get_value_net_loss(value_net, observation, returns, **kwargs):\n"
RESULT_OF_RETURNS = "        returns[step] = following_return\n    return returns\n"


@dataclass
class Broken:
    """A broken submission, the sentence its author must be told, and the parts that lose points.

    in_hidden: what a hidden test says instead, if it must not say everything.
    """

    source: str
    says: str
    where: str = ""
    loses: tuple[str, ...] = ("value_loss",)
    in_hidden: str = ""


def value_loss(body: str) -> str:
    """The reference with another body of get_value_net_loss."""
    assert REFERENCE.count(RETURNS) == 1
    return REFERENCE.replace(RETURNS, body)


def returned(expression: str) -> str:
    """The reference, with another result of get_returns."""
    assert REFERENCE.count(RESULT_OF_RETURNS) == 1
    return REFERENCE.replace("    return returns\n\n\ndef", f"    return {expression}\n\n\ndef", 1)


ALL = ("returns", "vpg_loss", "rollouts", "value_loss", "advantages", "ppo_loss", "training")
ONLY_RETURNS = ("returns",)

BROKEN = {
    "syntax_error": Broken(
        REFERENCE.replace("ratio = torch.exp(", "ratio = = torch.exp("),
        "Python cannot read submitted.py: invalid syntax.",
        "    ratio = = torch.exp(log_probability - old_log_probability)\n            ^",
        ALL,
    ),
    "indentation": Broken(
        REFERENCE.replace("    return -objective.mean()", "      return -objective.mean()"),
        "Python cannot read submitted.py: unexpected indent.",
        "line",
        ALL,
    ),
    "null_bytes": Broken(REFERENCE + "\0", "Python cannot read submitted.py", "", ALL),
    "not_text": Broken(REFERENCE + "name = '\udcff'\n", "Python cannot read submitted.py", "", ALL),
    "missing_package": Broken(
        "import pandas_of_my_own\n" + REFERENCE,
        "submitted.py imports pandas_of_my_own, which is not available.",
        "submitted.py, line 1: import pandas_of_my_own",
        ALL,
    ),
    "exit_at_import": Broken(
        REFERENCE + "\nimport sys\nsys.exit(3)\n",
        "submitted.py ends the program while it is imported (sys.exit or the like).",
        "sys.exit(3)",
        ALL,
    ),
    "error_at_import": Broken(
        REFERENCE + "\nprint(1 / 0)\n",
        "submitted.py stops with a ZeroDivisionError while it is imported: division by zero",
        "print(1 / 0)",
        ALL,
    ),
    "input_at_import": Broken(
        REFERENCE + "\nname = input()\n",
        "submitted.py asks for keyboard input while it is imported",
        "name = input()",
        ALL,
    ),
    "killed_at_import": Broken(
        REFERENCE + "\nimport os\nos._exit(0)\n",
        "While submitted.py was imported: it ended the whole program",
        "",
        ALL,
    ),
    "hang_at_import": Broken(
        "import time\nwhile True: time.sleep(0.1)\n" + REFERENCE,
        "While submitted.py was imported: it took longer than 4 seconds",
        "",
        ALL,
    ),
    "missing_function": Broken(
        REFERENCE.replace("def get_value_net_loss", "def get_value_network_loss"),
        "submitted.py has no function get_value_net_loss.",
    ),
    "renamed_argument": Broken(
        REFERENCE.replace(
            "value_net, observation, returns, **kwargs", "value_net, obs, returns"
        ).replace("value_net(observation) - returns", "value_net(obs) - returns"),
        "get_value_net_loss cannot be called the way its docstring says. Python says: ",
        in_hidden="get_value_net_loss cannot be called the way its docstring says.",
    ),
    "no_function": Broken(
        REFERENCE + "\nget_value_net_loss = 3\n",
        "get_value_net_loss cannot be called the way its docstring says. Python says: ",
        in_hidden="get_value_net_loss cannot be called the way its docstring says.",
    ),
    "function_that_takes_nothing": Broken(
        REFERENCE + "\nget_value_net_loss = lambda: torch.zeros(())\n",
        "get_value_net_loss cannot be called the way its docstring says. Python says: ",
        in_hidden="get_value_net_loss cannot be called the way its docstring says.",
    ),
    "type_error_inside": Broken(
        value_loss("    return value_net(observation) - len(returns, 2)\n"),
        "It stopped with a TypeError: len() takes exactly one argument (2 given)",
        "line",
        in_hidden="It stopped with a TypeError.",
    ),
    "long_message": Broken(
        value_loss("    raise ValueError('long ' * 10**5)\n"),
        "It stopped with a ValueError: long long",
        "raise ValueError('long ' * 10**5)",
        in_hidden="It stopped with a ValueError.",
    ),
    "loss_without_an_argument": Broken(
        REFERENCE.replace('                    "ppo_clip": ppo_clip,\n', ""),
        "A loss is called without ppo_clip.",
        "loss_actor = get_policy_gradient_loss(**loss_arguments)",
        ("training",),
        "A loss is called with other arguments than the docstring lists.",
    ),
    "not_in_the_optimizer": Broken(
        REFERENCE.replace("optimizer.zero_grad()", "optimizer.zero_gradients()"),
        "has no attribute 'zero_gradients' (in this test it is a stand-in for torch's)",
        "optimizer.zero_gradients()",
        ("training",),
        "It stopped with an AttributeError.",
    ),
    "returns_none": Broken(
        value_loss("    pass\n"), "get_value_net_loss returned None, not a torch tensor."
    ),
    "returns_number": Broken(
        value_loss(RETURNS.replace(".mean()", ".mean().item()")),
        "get_value_net_loss returned a plain number, not a torch tensor.",
    ),
    "returns_batch": Broken(
        value_loss(RETURNS.replace(".mean()", "")), "returned a tensor, but not a single number."
    ),
    "returns_nan": Broken(
        value_loss("    return (value_net(observation) - returns).mean() * float('nan')\n"),
        "The loss is not finite (NaN or infinity).",
    ),
    "returns_list": Broken(
        returned("returns.tolist()"),
        "What get_returns returned is a list, not a torch tensor.",
        "",
        ONLY_RETURNS,
    ),
    "returns_numpy": Broken(
        returned("returns.numpy()"),
        "What get_returns returned is a NumPy array, not a torch tensor.",
        "",
        ONLY_RETURNS,
    ),
    "wrong_shape": Broken(
        returned("returns.squeeze(1)"),
        "What get_returns returned has the wrong shape.",
        "",
        ONLY_RETURNS,
    ),
    "wrong_dtype": Broken(
        returned("returns.double()"),
        "What get_returns returned has the type float64, not float32.",
        "",
        ONLY_RETURNS,
    ),
    "not_finite": Broken(
        returned("returns / 0"), "What get_returns returned is not finite", "", ONLY_RETURNS
    ),
    "edits_its_input": Broken(
        REFERENCE.replace(
            "    return returns\n\n\ndef",
            "    rollout_buffer.rewards *= 2\n    return returns\n\n\ndef",
            1,
        ),
        "get_returns changes the rollout buffer",
        "",
        ONLY_RETURNS,
    ),
    "input_in_function": Broken(
        value_loss("    input('more? ')\n"),
        "It asks for keyboard input, and in grading nobody can answer.",
    ),
    "exit_in_function": Broken(
        value_loss("    raise SystemExit(0)\n"),
        "It ends the whole program instead of returning a result.",
    ),
    "hard_exit": Broken(
        value_loss("    import os\n    os._exit(0)\n"),
        "It ended the whole program instead of returning a result.",
    ),
    "too_slow": Broken(
        value_loss("    import time\n    time.sleep(20)\n"),
        "It took longer than 4 seconds and was stopped.",
    ),
    "segfault": Broken(
        value_loss("    import ctypes\n    ctypes.string_at(0)\n"),
        "Python crashed while it ran",
    ),
    "deep_recursion": Broken(
        value_loss("    return get_value_net_loss(value_net, observation, returns)\n"),
        "It stopped with a RecursionError",
    ),
    "huge_result": Broken(
        returned("torch.zeros((10**4, 10**3))"), "the result is too large", "", ONLY_RETURNS
    ),
    "wrong_buffer_type": Broken(
        REFERENCE.replace(
            "    return rollout_buffer, float(np.mean(last_rewards))", "    return rollout_buffer"
        ),
        "collect_rollouts returned a rollout buffer, not the tuple its docstring describes.",
        "",
        ("rollouts",),
    ),
}

# These are odd, but not broken: they must lose nothing.
HARMLESS = {
    "prints_a_megabyte": value_loss("    print('x' * 10**6)\n" + RETURNS),
    "writes_to_stderr": value_loss(
        "    import sys\n    print('x' * 10**5, file=sys.stderr)\n" + RETURNS
    ),
    "changes_directory": "import os\nos.chdir('/')\n" + REFERENCE,
    "closes_stdout": "import sys\nsys.stdout.close()\n" + REFERENCE,
    "warns": "import warnings\nwarnings.simplefilter('error')\n" + REFERENCE,
    "sets_dtype_state": value_loss("    torch.set_num_threads(1)\n" + RETURNS),
    "utf8_names": REFERENCE.replace("following_return", "G_π"),
    "byte_order_mark": "\ufeff" + REFERENCE,
    "windows_line_ends": REFERENCE.replace("\n", "\r\n"),
}


@pytest.fixture(scope="module")
def grades(graders):
    sources = [(name, broken.source) for name, broken in BROKEN.items()]
    return sweep.sweep(graders, [*sources, *HARMLESS.items()], sweep.Options(time_limit=4.0))


@pytest.mark.parametrize("name", BROKEN)
def test_broken_submission_is_told_so(grades, name):
    broken, grade = BROKEN[name], grades[name]
    own = [test for test in grade.tests if test.part in broken.loses and not test.end_to_end]
    for test in own:
        assert not test.passed
        assert ((test.hidden and broken.in_hidden) or broken.says) in test.what
        assert broken.where in test.where or (test.hidden and not test.whole_file)
        assert "Traceback" not in test.what + test.where + test.numbers
        if test.hidden:
            assert test.numbers == ""
    others = [test for test in grade.tests if test.part not in broken.loses and not test.end_to_end]
    assert [test.name for test in others if not test.passed] == []


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_oddity_costs_nothing(grades, name):
    assert [(test.name, test.what) for test in grades[name].tests if not test.passed] == []


def test_what_a_submission_prints_is_shown_for_visible_tests_only(grades):
    tests = [test for test in grades["prints_a_megabyte"].tests if test.part == "value_loss"]
    for test in tests:
        assert len(test.printed) == (0 if test.hidden else 64 * 1024)


def test_a_hidden_input_cannot_leave_in_an_exception(graders):
    source = value_loss("    raise ValueError(f'the returns are {returns.tolist()}')\n")
    grade = sweep.sweep(graders, [("leak", source)], sweep.Options(only=("value_loss",)))["leak"]
    for test in grade.tests:
        assert ("the returns are" in test.what) == (not test.hidden)
