"""Wrong ways to collect rollouts: how many there are, and what one collection leaves to the next."""

import functools

from instructor.catalogue import edited
from instructor.catalogue.rollouts import EPISODES, LAST, LOOK_MEAN, MEAN, RESET

LISTS = "    last_rewards = []\n"
FUNCTION = "def collect_rollouts("


_edits = functools.partial(edited, "rollouts")


MISTAKES = [
    _edits(
        "counted_from_base",
        "Fewer episodes are played because of `base_rollout`, which only says how many were played before.",
        "How many episodes the buffer holds when `base_rollout` is not zero.",
        (EPISODES, "    for _ in range(base_rollout, num_rollouts):\n"),
    ),
    _edits(
        "mean_of_last_rows",
        "The mean is taken over the buffer's last rows, but these are not the last steps of the episodes.",
        LOOK_MEAN,
        (MEAN, "float(torch.as_tensor(rollout_buffer.rewards[-num_rollouts:]).mean())"),
    ),
    _edits(
        "last_rewards_kept",
        "The mean also includes the episodes of earlier calls.",
        "The second returned value when the function is called a second time.",
        (LISTS, ""),
        (FUNCTION, "last_rewards = []\n\n\n" + FUNCTION),
    ),
    _edits(
        "reset_unseen",
        "An episode begins with the last observation of the one before it.",
        "The first recorded observation of every episode.",
        (EPISODES, "    observation = env.reset()\n" + EPISODES),
        (RESET, ""),
        (LAST, LAST + "        env.reset()\n"),
    ),
]
