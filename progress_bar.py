"""The progress bar of `collect_rollouts`: one bar for a whole training run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

_bar: Any = None


def rollout_progress(
    num_rollouts: int, base_rollout: int, num_total_rollouts: int | None
) -> Iterator[int]:
    """Count rollouts 0 ... num_rollouts - 1, moving one bar through a training run of many calls.

    Quiet on short runs and where nobody watches (output that is neither terminal nor notebook).
    """
    global _bar
    total = num_total_rollouts or num_rollouts
    in_notebook = "IPython" in sys.modules and sys.modules["IPython"].get_ipython() is not None
    if total < 100 or not (in_notebook or sys.stderr.isatty()):
        yield from range(num_rollouts)
        return
    if _bar is None or base_rollout == 0 or _bar.total != total:
        from tqdm import tqdm

        if _bar is not None:
            _bar.close()
        _bar = tqdm(total=total, initial=base_rollout, unit="rollout")
    for rollout in range(num_rollouts):
        yield rollout
        _bar.update()
    if base_rollout + num_rollouts >= total:
        _bar.close()
        _bar = None
