"""A change of the submission concerns the functions that it changes, and those that use them."""

import pytest

from grading.parts import PARTS
from grading.watch.changed_parts import changed, digests

SOURCE = """
import torch

HALF = 0.5

def summed(x):
    return x.sum()

def get_returns(rollout_buffer, discount_factor=0.95):
    return summed(rollout_buffer.rewards)

def get_advantages(value_net, observations, returns):
    return returns

def collect_rollouts():
    return get_returns

def train_policy_gradient():
    return collect_rollouts()
"""
CASES = {
    "a comment": ("return returns", "return returns  # as they are", ()),
    "one function": ("return returns", "return returns + 1", ("advantages",)),
    "what a function uses": ("x.sum()", "x.mean()", ("returns", "rollouts", "training")),
    "what all may use": ("HALF = 0.5", "HALF = 0.4", tuple(PARTS)),
    "an import": ("import torch", "import torch, math", tuple(PARTS)),
}


@pytest.mark.parametrize("case", CASES)
def test_what_a_change_concerns(case):
    old, new, parts = CASES[case]
    assert SOURCE.count(old) == 1
    before, after = digests(SOURCE.encode()), digests(SOURCE.replace(old, new).encode())
    assert changed(before, after) == parts


def test_nothing_before_means_everything():
    assert changed({}, digests(SOURCE.encode())) == tuple(PARTS)
