"""Pictures: a correct solution's curve stands behind one's own, and animations play by themselves."""

import io
import json
import re

import matplotlib
import numpy as np
import pytest
import torch
from PIL import Image, ImageSequence

import utils
from grading import kit
from handout import pictures
from instructor.handout import notebook

matplotlib.use("Agg")

RUN = "PPO, learning rate 4e-3"


@pytest.fixture(autouse=True)
def closed():
    import matplotlib.pyplot as plt

    yield
    plt.close("all")


def policy(inputs, actions):
    torch.manual_seed(0)
    return utils.SimpleReLuNetwork(inputs, actions, out_logsoftmax=True)


def frames(animation):
    with Image.open(io.BytesIO(animation.data)) as film:
        assert film.format == "GIF"
        assert film.info["loop"] == 0  # for ever
        shown = ImageSequence.Iterator(film)
        return [(np.array(frame.convert("RGB")), frame.info["duration"]) for frame in shown]


# -- Reference curves --


def test_every_run_that_the_notebook_names_has_a_curve():
    cells = json.loads(notebook.NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    named = set(re.findall(r'(?:needs_submission|watched)\("(.+?)"', code))
    assert len(named) == 8
    assert named == set(pictures.reference_curves())


def test_the_file_of_curves_is_small_and_handed_out():
    name = pictures.REFERENCE_CURVES.relative_to(kit.KIT).as_posix()
    assert name in kit.student_files()
    assert pictures.REFERENCE_CURVES.stat().st_size < 60_000


def test_a_run_is_drawn_before_the_correct_solution_of_its_name():
    axes = pictures.plot_training({RUN: [-0.5] * 500})
    grey, own, raw = axes.get_lines()
    assert grey.get_color() == pictures.GREY
    assert grey.get_label() == "a correct solution, same seed"
    assert grey.get_zorder() < own.get_zorder()
    assert own.get_label() == RUN
    assert grey.get_linewidth() > own.get_linewidth()  # seen where the two are one
    assert np.array_equal(grey.get_xdata(), own.get_xdata())
    assert np.asarray(raw.get_xdata())[-1] == 2000


def test_without_a_run_the_correct_solutions_stand_by_themselves():
    names = [RUN, "PPO in the plane"]
    lines = pictures.plot_training({}, reference=names).get_lines()
    assert [line.get_label() for line in lines] == [f"{n} (a correct solution)" for n in names]
    assert len({line.get_linestyle() for line in lines}) == 2


def test_settings_are_those_of_the_reference():
    axes = pictures.plot_training({}, reference=["CartPole"])
    assert axes.get_ylabel() == "steps of an episode"
    (line,) = axes.get_lines()
    assert np.size(line.get_xdata()) == 25 - 5 + 1  # a running mean over five


def test_an_unknown_name_no_reference_and_no_file_do_no_harm(monkeypatch, tmp_path):
    assert len(pictures.plot_training({"mine": [0.0] * 50}).get_lines()) == 2
    assert len(pictures.plot_training({RUN: [0.0] * 50}, reference=()).get_lines()) == 2
    assert pictures.plot_training({}, reference=["no such run"]).get_lines()[:] == []
    monkeypatch.setattr(pictures, "REFERENCE_CURVES", tmp_path / "absent.json")
    assert len(pictures.plot_training({RUN: [0.0] * 50}).get_lines()) == 2


def test_losses_may_be_scalars_or_hold_one_number():
    actor, critic = [np.float32(k) for k in range(40)], [np.ones(1)] * 40
    pictures.plot_losses(actor, critic, [-0.5] * 10)
    figure = matplotlib.pyplot.gcf()
    raw = np.asarray(figure.axes[1].get_lines()[0].get_ydata())
    assert raw.tolist() == [np.mean(range(4 * k, 4 * k + 4)) for k in range(10)]


# -- Animations --


def test_a_walk_plays_every_step_and_stays_at_the_end():
    env = utils.GridWorldPointTargetEnv(episode_length=5)
    animation = pictures.animate_rollout(env, {"one": policy(4, 5), "two": policy(4, 5)})
    shown = frames(animation)
    assert len(shown) == 6
    assert shown[-1][1] == 1500 > shown[0][1]
    assert "one, two" in animation.alt
    assert len(animation.data) < 100_000
    assert np.array_equal(shown[0][0][0, 0], [255, 255, 255])  # for dark themes, too


def test_learning_shows_every_snapshot():
    env = utils.GridWorldPointTargetEnv()
    snapshots = {0: policy(4, 5), 80: policy(4, 5), 160: policy(4, 5)}
    with torch.no_grad():
        snapshots[160].net[-2].bias[1] += 5  # to the right, everywhere
    shown = frames(pictures.animate_learning(env, snapshots, target=(7, 3)))
    assert len(shown) == 3
    assert (shown[0][0] != shown[2][0]).mean() > 0.01


def test_arrows_need_a_plane():
    env = utils.GridWorldPointTargetEnv(dimensions=1)
    with pytest.raises(ValueError, match="dimensions=2"):
        pictures.animate_learning(env, {0: policy(2, 3)})


def test_a_game_is_shown_until_it_is_over_also_beside_another():
    animation = pictures.animate_gym(
        "CartPole-v1", {"a": policy(4, 2), "b": policy(4, 2)}, title="CartPole, "
    )
    (left, right) = map(int, re.findall(r"(\d+) steps", animation.alt))
    assert left == right  # the same start and the same draws
    # One picture of every fifth step, the first and the last.
    assert len(frames(animation)) == 1 + -(-left // 5)


def test_a_notebooks_plots_get_a_palette():
    png = io.BytesIO()
    Image.effect_noise((200, 200), 60).convert("RGBA").save(png, "png")
    small = notebook._fewer_colours(png.getvalue())
    with Image.open(io.BytesIO(small)) as picture:
        assert picture.mode == "P"
        assert len(picture.getcolors() or ()) <= notebook.PICTURE_COLOURS
    assert len(small) < len(png.getvalue())
