"""What the handout's pictures show, in words, for readers who cannot see them."""

from __future__ import annotations

LEARNING = (
    "Training curve of {run}: the last reward of an episode against the number of "
    "rollouts, from 0 to 2000. {course} Thin: single rounds; thick: their running mean."
)
DISTANCES = (
    "Distance to the target, step by step, of 100 rollouts after training with {run}. {course}"
)
# By the name of the notebook's cell: a text for each of its pictures, in order.
ALTERNATIVE_TEXTS = {
    "run-vpg": [
        LEARNING.format(
            run="the plain policy gradient",
            course="The mean rises towards 0, and falls deep below its start near rollout 1600.",
        ),
        DISTANCES.format(
            run="the plain policy gradient",
            course="Many lines cross the target and walk on, away from it, to the edge of the world.",
        ),
    ],
    "run-advantages": [
        LEARNING.format(
            run="the policy gradient with advantages",
            course="The mean rises fast, then creeps up to 0 and stays there.",
        ),
        DISTANCES.format(
            run="advantages", course="Every line falls straight to 0 and stays there."
        ),
        "Three curves of that run against the number of rollouts: the last reward rises to 0; the "
        "actor's loss wavers a little below 0 and shows no trend; the critic's loss falls to nearly 0.",
    ],
    "run-fragile": [
        LEARNING.format(
            run="the same at four times the learning rate",
            course="The mean rises at once, falls far below its start, and recovers in part.",
        ),
        DISTANCES.format(
            run="that learning rate",
            course="All lines are flat: the point stays where it is, wherever the target is.",
        ),
    ],
    "ppo-picture": [
        "PPO's objective for one step against the ratio r, in two pictures. If the "
        "advantage is positive, it rises along r A up to r = 1 + ε and is flat beyond. If"
        " it is negative, it is flat below r = 1 − ε and falls along r A beyond. Where it"
        " is flat there is no gradient."
    ],
    "run-ppo": [
        LEARNING.format(
            run="PPO at the high learning rate",
            course="The mean rises to 0 within some 250 rollouts and stays there.",
        ),
        DISTANCES.format(run="PPO", course="Every line falls straight to 0 and stays there."),
    ],
    "compare-curves": [
        "The running means of the four runs in one picture. PPO reaches 0 first and stays"
        " there; the policy gradient with advantages at the low learning rate comes to "
        "the same more slowly. The plain policy gradient and the one at the high learning"
        " rate stay below, with setbacks."
    ],
    "entropy": [
        "Entropy of the policy in the four runs, from 1.1, pure chance among three actions. It falls to "
        "nearly 0 within some 300 rollouts with PPO and with the high learning rate, more slowly in the "
        "two others; in the plain policy gradient it drops at once near rollout 1600."
    ],
    "run-falling": [
        "Training curve of a correct solution with PPO and a learning rate that falls to 0: the last "
        "reward rises to 0 within some 500 rollouts and stays there."
    ],
    "ten-seeds": [
        "The success rates of the table as dots, one row for each configuration, with the"
        " median and the middle half. The plain policy gradient is spread from 0 to "
        "nearly 90 percent; advantages at the low learning rate and both kinds of PPO lie"
        " at 100; advantages at the high learning rate mostly under 25."
    ],
    "stuck-seed": [
        "Three curves of the run that forgets, against the collection, 0 to 500. "
        "Probability of the right action: for targets on the left it drops from 1 to 0 "
        "near collection 440, for those on the right it stays at 1. Entropy of the "
        "policy: it falls from 1 to less than 0.01, with one peak there. Standard "
        "deviation of returns minus values: it falls to 0.01, and leaps up to about 1 "
        "there."
    ],
    "plane-run": [
        "Training curve of PPO in two dimensions: the last reward of an episode rises "
        "from −0.4 to nearly 0 within 1200 rollouts."
    ],
    "plane-pictures": [
        "The plane of 11 by 11 cells after training. In every cell an arrow points "
        "towards the target, a star at (7, 3). The value, shown as colour, is highest "
        "around the target and lowest in the far corner."
    ],
    "cartpole-run": [
        "Training curve of CartPole: the steps of an episode rise from about 40 to more than 400 within "
        "100 rollouts."
    ],
    "acrobot-run": [
        "Training curve of Acrobot: the last reward of an episode stays near −1, then "
        "rises to 0 in the second half of the training."
    ],
}
