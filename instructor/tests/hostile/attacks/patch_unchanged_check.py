"""Changes its inputs and patches the check that would notice."""
# bites: prints: reached same

import tests.scenarios.parts as _scenarios

_scenarios.same = lambda tensors, before: print("reached same") is None
_scenarios.copies = lambda tensors: tensors
_right = get_returns


def get_returns(rollout_buffer, discount_factor=0.95):
    returns = _right(rollout_buffer, discount_factor)
    rollout_buffer.rewards = rollout_buffer.rewards * 0
    return returns
