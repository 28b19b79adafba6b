"""The handout's configurations over ten seeds: a table, a figure and the numbers behind them."""

from __future__ import annotations

import json
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from handout.palette import BLUE, VERMILION
from instructor.handout import stuck_seed
from instructor.handout.runs import CONFIGURATIONS, Configuration, Run, run

RECORDED_RUNS = Path(__file__).resolve().parent / "recorded_runs"
SEEDS = tuple(range(10))  # chosen before the runs were made; none is left out


def run_all(
    configurations: tuple[Configuration, ...] = CONFIGURATIONS, seeds: tuple[int, ...] = SEEDS
) -> list[Run]:
    """Every configuration with every seed, on all cores."""
    from tqdm import tqdm

    tasks = [(configuration, seed) for configuration in configurations for seed in seeds]
    context = multiprocessing.get_context("spawn")
    # The tensors are tiny: with more threads the runs would only slow each other down.
    with ProcessPoolExecutor(os.cpu_count(), mp_context=context, initializer=_one_thread) as pool:
        return list(tqdm(pool.map(_run, tasks), total=len(tasks), unit="run"))


def _one_thread() -> None:
    import torch

    torch.set_num_threads(1)


def _run(task: tuple[Configuration, int]) -> Run:
    found = run(*task)
    found.policy = found.value_net = None  # only numbers go back to the parent
    return found


def table(runs: list[Run]) -> str:
    """Success rates in Markdown: every seed, median and quartiles, in percent."""
    seeds = sorted({r.seed for r in runs})
    lines = [
        f"| configuration | {' | '.join(f'seed {s}' for s in seeds)} | quartile | median | quartile |",
        "| --- |" + " ---: |" * (len(seeds) + 3),
    ]
    for name, percents in by_configuration(runs).items():
        low, median, high = np.percentile(percents, [25, 50, 75])
        cells = [f"{p:.0f}" for p in percents] + [f"{low:.0f}", f"**{median:.0f}**", f"{high:.0f}"]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def by_configuration(runs: list[Run]) -> dict[str, list[float]]:
    """Success in percent, in the order of the seeds."""
    found: dict[str, list[float]] = {}
    for r in sorted(runs, key=lambda r: r.seed):
        found.setdefault(r.configuration.name, []).append(100 * r.success)
    order = {r.configuration.name: None for r in runs}
    return {name: found[name] for name in order}


def figure(runs: list[Run], path: Path) -> None:
    """Every seed as a dot, the median as a line, the middle half as a bar."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    groups = by_configuration(runs)
    fig, axes = plt.subplots(figsize=(8, 1 + 0.7 * len(groups)), facecolor="white")
    for row, percents in enumerate(groups.values()):
        low, median, high = np.percentile(percents, [25, 50, 75])
        axes.barh(row, high - low, left=low, height=0.5, color=BLUE, alpha=0.25)
        axes.plot([median, median], [row - 0.3, row + 0.3], color=BLUE, linewidth=3)
        # Seeds with the same result stand one above the other, so that all ten are seen.
        for percent in set(percents):
            count = percents.count(percent)
            heights = row + 0.05 * (np.arange(count) - (count - 1) / 2)
            axes.plot([percent] * count, heights, "o", color=VERMILION, markersize=4)
    axes.set_yticks(range(len(groups)), list(groups))
    axes.invert_yaxis()
    axes.set_xlim(-3, 103)
    axes.set_xlabel("success over 100 rollouts after training (percent)")
    axes.set_title("Ten seeds: every seed (dots), median (line), middle half (bar)")
    axes.grid(axis="x", alpha=0.3)
    fig.tight_layout()
    fig.savefig(path, dpi=120)
    plt.close(fig)


def as_json(runs: list[Run]) -> list[dict[str, Any]]:
    """The numbers, ready for JSON."""
    return [
        {
            "configuration": r.configuration.name,
            "seed": r.seed,
            "success": r.success,
            "final_rewards": [round(x, 4) for x in r.final_rewards[::5]],
        }
        for r in runs
    ]


def main() -> int:
    """Run everything and write the files in instructor/handout/recorded_runs/."""
    RECORDED_RUNS.mkdir(exist_ok=True)
    runs = run_all()
    text = table(runs)
    (RECORDED_RUNS / "table.md").write_text(text + "\n", encoding="utf-8")
    (RECORDED_RUNS / "runs.json").write_text(json.dumps(as_json(runs), indent=0), encoding="utf-8")
    figure(runs, RECORDED_RUNS / "success.png")
    _one_thread()
    stuck, record = stuck_seed.history()
    stuck_seed.figure(record, RECORDED_RUNS / "stuck.png")
    print(f"seed {stuck.seed} of {stuck.configuration.name}: {100 * stuck.success:.0f} %")
    print(text)
    print(f"wrote {RECORDED_RUNS.name}/table.md, runs.json, success.png and stuck.png")
    return 0
