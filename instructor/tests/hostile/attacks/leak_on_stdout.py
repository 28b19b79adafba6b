"""Prints its inputs on every stream, as warnings and as tracebacks too."""
# bites: prints: LEAK [
# bites: prints: UserWarning: LEAK [
# bites: prints: ERROR:root:LEAK [
# bites: plain grader: gives no result

import faulthandler
import logging
import os
import sys
import warnings

_right = get_returns


def get_returns(rollout_buffer, discount_factor=0.95):
    said = f"LEAK {rollout_buffer.rewards.flatten().tolist()}"
    print(said)
    print(said, file=sys.stderr)
    for fd in (0, 1, 2):
        try:
            os.write(fd, said.encode())
        except OSError:
            pass
    warnings.warn(said)
    logging.error(said)
    faulthandler.dump_traceback()
    sys.__stdout__.write(said)
    return _right(rollout_buffer, discount_factor)
