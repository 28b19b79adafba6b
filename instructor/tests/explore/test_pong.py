"""Pong: what the policy sees, how games are scored, and a short training from start to checkpoint."""

import json

import numpy as np
import pytest
import torch

from explore import pong, pong_games


def batch(rewards, game, seed=0):
    rng = np.random.default_rng(seed)
    count = len(rewards)
    probabilities = rng.dirichlet([2, 2], count)
    return pong_games.Batch(
        rng.integers(-1, 2, (count, 1600)).astype(np.int8),
        rng.integers(0, 2, count),
        np.log(probabilities).astype(np.float32),
        np.array(rewards, np.float32),
        np.array(game),
    )


def test_returns_end_with_the_point_and_with_the_game():
    given = batch([0, 1, 0, 0, -1, 0, 1, 0], [0, 0, 0, 0, 0, 1, 1, 1])
    d = pong.DISCOUNT
    assert pong.returns(given) == pytest.approx([d, 1, -d * d, -d, -1, d, 1, 0])
    assert given.scores().tolist() == [0, 1]


def test_returns_are_standardized_game_by_game():
    values = np.array([1.0, 2, 3, 10, 30])
    got = pong.standardize_by_game(values, np.array([0, 0, 0, 1, 1]))
    root = np.sqrt(1.5)
    assert got == pytest.approx([-root, 0, root, -1, 1])


def test_what_is_seen_of_a_screen():
    screen = np.full((210, 160, 3), 72, np.uint8)
    screen[34 + 8 : 34 + 12, 100:102] = 236  # a ball; of each 4 x 4 pixels one is kept
    screen[:34] = 200  # the score, which is cut off
    seen = pong_games.preprocess(screen)
    assert seen.shape == (40, 40)
    assert np.argwhere(seen).tolist() == [[2, 25]]


def test_playing_without_torch_gives_the_policys_probabilities():
    policy = pong.network()
    observations = np.random.default_rng(0).integers(-1, 2, (5, 1600)).astype(np.int8)
    got = pong_games.log_probabilities(observations, pong.weights_of(policy))
    with torch.no_grad():
        expected = policy(torch.from_numpy(observations).float()).numpy()
    assert got == pytest.approx(expected, abs=1e-5)


def test_chunks_do_not_change_the_gradient(monkeypatch):
    given = batch([0, 0, 1, 0, -1, 0, 0, 1, 0, -1], [0] * 5 + [1] * 5)
    after = []
    for chunk in (100, 3):
        monkeypatch.setattr(pong, "CHUNK", chunk)
        torch.manual_seed(0)
        policy = pong.network()
        optimizer = torch.optim.SGD(policy.parameters(), lr=1.0)
        pong.update(policy, optimizer, given, "vpg", None)
        after.append(torch.cat([p.detach().flatten() for p in policy.parameters()]))
    assert torch.allclose(after[0], after[1], atol=1e-6)


def test_an_update_makes_what_was_rewarded_more_probable():
    for method in ("vpg", "ppo"):
        given = batch([0, 1, 0, -1], [0] * 4)
        torch.manual_seed(0)
        policy = pong.network()
        given.log_probabilities = pong_games.log_probabilities(
            given.observations, pong.weights_of(policy)
        )
        optimizer = torch.optim.SGD(policy.parameters(), lr=1e-3)
        pong.update(policy, optimizer, given, method, np.random.default_rng(0))
        after = pong_games.log_probabilities(given.observations, pong.weights_of(policy))
        change = (after - given.log_probabilities)[np.arange(4), given.decisions]
        assert change[1] > 0 > change[3], method


@pytest.mark.slow
def test_short_training_going_on_and_a_game(tmp_path):
    out = ["--out", str(tmp_path), "--short", "--processes", "1"]
    assert pong.main(["--games", "1", "--updates", "1", *out]) == 0
    checkpoint = tmp_path / "pong_vpg.pt"
    assert len(json.loads((tmp_path / "pong.json").read_text())["log"]) == 1
    assert pong.main(["--games", "1", "--resume", str(checkpoint), *out]) == 0
    log = json.loads((tmp_path / "pong.json").read_text())["log"]
    assert [entry["update"] for entry in log] == [1, 2]
    assert log[1]["frames"] > log[0]["frames"] > 1000
    assert (tmp_path / "pong_vpg.png").exists()
    assert pong.main(["--play", str(checkpoint), *out]) == 0
    assert (tmp_path / "pong_game.gif").read_bytes().startswith(b"GIF8")
    assert pong.main(["--compare", str(checkpoint), str(checkpoint), *out]) == 0
    assert (tmp_path / "pong_compare.png").exists()


def test_bad_options_get_a_sentence(tmp_path, capsys):
    with pytest.raises(SystemExit, match="There is no checkpoint"):
        pong.main(["--play", str(tmp_path / "none.pt"), "--out", str(tmp_path)])
    (tmp_path / "text.pt").write_text("no checkpoint")
    with pytest.raises(SystemExit, match="is not a checkpoint of this program"):
        pong.main(["--evaluate", str(tmp_path / "text.pt"), "--out", str(tmp_path)])
    with pytest.raises(SystemExit):
        pong.main(["--games", "0"])
    assert "--updates, --games and --processes must be at least 1" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        pong.main(["--seed", "-1"])
    assert "a seed is a whole number" in capsys.readouterr().err
