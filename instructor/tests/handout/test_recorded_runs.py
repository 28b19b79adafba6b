"""What the tables say: training runs over seeds, environments side by side, the confusion matrix."""

import numpy as np
import pytest

from instructor.bench.single_file_ppo import train
from instructor.bench.train import LineWorld, success_of
from instructor.handout import stuck_seed, ten_seeds
from instructor.handout.runs import CONFIGURATIONS, Run, run
from instructor.proof import matrix
from instructor.proof import versions as compat


def fake_runs():
    percents = {0: [0, 10, 20, 30, 100], 3: [100, 100, 57, 100, 100]}
    return [
        Run(CONFIGURATIONS[number], seed, percent / 100, [-0.5, -0.1], 1.0)
        for number, column in percents.items()
        for seed, percent in enumerate(column)
    ]


def test_table_holds_every_seed_median_and_quartiles():
    lines = ten_seeds.table(fake_runs()).splitlines()
    assert lines[2] == "| VPG, returns, 1e-3 | 0 | 10 | 20 | 30 | 100 | 10 | **20** | 30 |"
    assert lines[3].startswith("| PPO, 4e-3 | 100 | 100 | 57 |")


def test_figure_is_written(tmp_path):
    ten_seeds.figure(fake_runs(), tmp_path / "figure.png")
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")


def test_committed_table_has_all_configurations_and_seeds():
    lines = (ten_seeds.RECORDED_RUNS / "table.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]
    assert [row[0] for row in rows] == [c.name for c in CONFIGURATIONS]
    assert all(len(row) == 1 + len(ten_seeds.SEEDS) + 3 for row in rows)
    medians = [float(row[-2].strip("*")) for row in rows]
    assert medians[1] == medians[3] == medians[4] == 100
    assert medians[2] < 30


@pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=lambda c: c.name)
def test_a_short_run_of_every_configuration(configuration):
    first, again = (run(configuration, seed=1, rollouts=8) for _ in range(2))
    assert len(first.final_rewards) == 2
    assert first.final_rewards == again.final_rewards
    assert 0 <= first.success <= 1


def test_situations_and_dead_units():
    cells, observations = stuck_seed.situations()
    assert cells.shape == (110, 2)
    assert float(observations.min()) == -1
    network = run(CONFIGURATIONS[3], 0, rollouts=4).policy
    for parameter in network.parameters():
        parameter.data.fill_(-1.0)
    assert stuck_seed.dead_units(network, observations[-1:]) == 32


def test_yardsticks_play_the_same_world():
    observation, _ = LineWorld().reset(seed=3)
    assert observation.dtype == np.float32
    act = train(LineWorld(), total_steps=160, seed=0)
    assert act(observation) in (0, 1, 2)
    assert 0 <= success_of(act) <= 1


def record(python, **scores):
    versions = {"python": python, "torch": "2.13.0", "numpy": "2"}
    mistakes = {"a": 90.0, "b": 80.0} | scores
    right = {"x": 100.0, "y": 100.0}
    return {
        "versions": versions,
        "reference": 100.0,
        "stubs": 0.0,
        "alternatives": right,
        "mistakes": mistakes,
        "named": ["a"],
    }


def test_environments_that_differ_are_counted():
    rows = compat.table([record("3.10.1"), record("3.11.0", b=82.0)]).splitlines()[2:]
    assert all("2 of 2 | 1 of 2 | 1 of 2" in row for row in rows)


def test_committed_environments_agree():
    records = compat.read_records()
    assert len(records) >= 3
    for entry in records:
        assert (entry["reference"], entry["stubs"]) == (100, 0)
        assert set(entry["alternatives"].values()) == {100}
        assert entry["mistakes"] == records[0]["mistakes"]


def test_a_mistake_that_is_not_caught_is_a_fault():
    row = matrix.Row("part", ["a", "b", "c"], visible={"a", "b"}, hidden={"b", "c"}, lost={"x"})
    assert row.faults() == ["a", "c", "x"]
    assert row.cells()[:5] == ["part", 3, 2, 2, 1]
