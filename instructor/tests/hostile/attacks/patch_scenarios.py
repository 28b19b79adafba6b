"""Replaces the scenarios that exercise the functions by ones that return what looks right."""
# bites: value_loss: The loss has the wrong value
# bites: advantages: has wrong values

import tests.scenarios.parts as _scenarios


def _pretend(submission, inputs):
    size = len(inputs.get("returns") or inputs.get("observation") or [0])
    zeros = torch.zeros(size, 1)
    flags = (
        "the arguments are unchanged",
        "no gradient is left behind",
        "back in training mode",
        "no generator is seeded anew",
    )
    answer = {"loss": torch.zeros(()), "advantages": zeros, "carries a gradient": False}
    return answer | dict.fromkeys(flags, True)


for _name in set(_scenarios.SCENARIOS) - {"returns"}:
    _scenarios.SCENARIOS[_name] = _pretend
