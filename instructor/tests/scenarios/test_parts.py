"""What scenarios report that is more than what a function returned."""

import pytest
import torch

from tests.scenarios.parts import may_be_standardized


@pytest.mark.parametrize("size", [2, 4, 6])
def test_equal_differences_may_give_any_standardized_numbers_and_no_others(size):
    """What is rounded may be standardized. The bound is met where one number differs from all others."""
    most = torch.tensor([[1.0]] + [[0.0]] * (size - 1))
    most = (most - most.mean()) / most.std()
    assert may_be_standardized(torch.zeros(size, 1))
    assert may_be_standardized(most)
    for wrong in (1.1 * most, torch.full((size, 1), 8.0), most * float("nan"), None, most[:0]):
        assert not may_be_standardized(wrong)
