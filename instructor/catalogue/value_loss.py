"""Wrong value losses."""

from instructor.catalogue import Change, Mistake

PREDICTION = "    return ((value_net(observation) - returns) ** 2).mean()\n"


def _instead(name: str, misconception: str, look: str, new: str) -> Mistake:
    return Mistake(name, "value_loss", misconception, look, Change(edits=((PREDICTION, new),)))


MISTAKES = [
    _instead(
        "value_loss_sum",
        "The squared differences are added up; the loss then grows with the size of the batch.",
        "What does the formula divide by?",
        "    return ((value_net(observation) - returns) ** 2).sum()\n",
    ),
    _instead(
        "value_loss_broadcast",
        "Two shapes that look alike broadcast: every prediction is compared with every return.",
        "The shapes of the two tensors that are subtracted, and that of the result.",
        "    return ((value_net(observation).squeeze(-1) - returns) ** 2).mean()\n",
    ),
]
