"""Raises from generated code, on a line whose number and text are the input."""
# bites: returns: raise ValueError  # LEAK [
# loses: returns

import linecache


def get_returns(rollout_buffer, discount_factor=0.95):
    values = rollout_buffer.rewards.flatten().tolist()
    line = int(abs(values[0]) * 100) + 1000
    text = f"raise ValueError  # LEAK {values}\n"
    linecache.cache[__file__] = (1, None, [text] * 9999, __file__)
    exec(compile("\n" * (line - 1) + text, __file__, "exec"), {})
