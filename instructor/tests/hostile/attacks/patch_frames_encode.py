"""Replaces the function that writes the result by one that claims zeros everywhere."""
# bites: value_loss: The loss has the wrong value
# bites: advantages: has the wrong shape

import grading.wire as _frames

_encode = _frames.encode


def _claim(result):
    names = ("loss", "advantages", "returns", "losses_actor", "losses_critic", "lr", "gradient 0")
    claimed = {n: _frames.Output(n, "tensor", np.float32(0), "float32") for n in names}
    truths = (
        "the arguments are unchanged",
        "no gradient is left behind",
        "back in training mode",
        "no generator is seeded anew",
    )
    claimed |= {n: _frames.Output(n, "number", np.bool_(True), "bool") for n in truths}
    return _encode(_frames.Result(claimed if result.error else result.outputs))


_frames.encode = _claim
