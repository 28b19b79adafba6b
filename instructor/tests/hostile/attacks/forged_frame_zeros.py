"""Writes a frame with zeros and fine claims to every descriptor and ends."""
# bites: value_loss: The loss has the wrong value
# bites: returns: wrong shape
# bites: plain grader: gives no result
# loses: returns

import os

from grading import wire as _wire

_names = ("loss", "advantages", "returns", "mean last reward", "losses_actor", "lr")
_flags = ("the arguments are unchanged", "the buffer is unchanged", "no gradient is left behind")
_claims = {n: _wire.Output(n, "tensor", np.zeros((1, 1), "float32"), "float32") for n in _names}
_claims |= {n: _wire.Output(n, "number", np.array(True), "bool") for n in _flags}
_frame = _wire.with_length(_wire.encode(_wire.Result(_claims)))
for _fd in range(64):
    try:
        os.write(_fd, _frame)
    except OSError:
        pass
os._exit(0)
