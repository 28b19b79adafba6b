"""Hints for every part, in steps: a question, the shape of the answer, an example by hand, pseudocode.

One source for `python grade.py --hint`, for watch and for the notebook. None of them is the code.
"""

from __future__ import annotations

from grading.parts import PARTS

STEPS = ("a question", "the shape of the answer", "an example by hand", "pseudocode")

HINTS: dict[str, tuple[str, str, str, str]] = {
    "returns": (
        "If somebody told you the return of the next step, how would you get the return of this one? "
        "And where is there no next step?",
        "One return for each step: float32, shape (N, 1). The buffer's fields have shape (N,). "
        "The buffer itself stays as it is.",
        "Discount 0.5, rewards 1, 2, 3 in one episode, then 4 in another. The last step of an episode is "
        "worth its reward: 3, and 4. The step before 3 is worth 2 + 0.5 · 3 = 3.5, the first one "
        "1 + 0.5 · 3.5 = 2.75. So: 2.75, 3.5, 3, 4.",
        "following = 0\n"
        "go through the steps from the last to the first:\n"
        "    if this step ends an episode: nothing follows it\n"
        "    its return = its reward + discount · following\n"
        "    following = its return\n"
        "put the returns in the steps' order, as a column",
    ),
    "vpg_loss": (
        "The policy gives a log-probability for every action. Which one of them does a step's action make "
        "you look at? And should descending the loss make a good action likelier or rarer?",
        "One number from which gradients flow to the policy. On the way there: policy(observation) is "
        "(N, A); what you pick from it, the weights and their product are all (N, 1).",
        "Two steps. Log-probabilities of the actions taken: −1.3863 and −0.2231; weights 2 and −1. "
        "Products: −2.7726 and 0.2231, their mean is −1.2747. The loss is 1.2747.",
        "log_probabilities = what the policy says about the observations\n"
        "taken = from each row the entry of the action that was taken   (gather)\n"
        "loss = minus the mean over the steps of taken · weight",
    ),
    "rollouts": (
        "The loss will ask: how likely was this action in this situation? Which observation must stand "
        "beside the action for that? And should a gradient be recorded while you play?",
        "One row per step, by rollout_buffer.add(action, logits, observation, terminated, reward). "
        "action is int64 (1, 1), logits are log-probabilities (1, A), observation is (1, O).",
        "A point at cell 2 walks right. Row 0 holds what it saw in cell 2 and the action that took it to "
        "cell 3; row 1 what it saw in cell 3. What it sees after its last step is in no row.",
        "until the episode has terminated:\n"
        "    without gradient: logits = what the policy says about the observation\n"
        "    action = a draw by the sampler of utils, with the seed that was handed in\n"
        "    let the environment step; it gives the next observation, terminated, reward\n"
        "    add action, logits, the observation it was chosen in, terminated, reward\n"
        "    go on from the next observation",
    ),
    "training": (
        "Which of the numbers in a minibatch are about the same step? What could go wrong if one of them "
        "was not picked by the same indices as the others?",
        "A dictionary with policy, value_net, critic, observation, old_logits, action, "
        "return_or_advantage, returns, ppo_clip. Each tensor in it has as many rows as the "
        "minibatch. Both losses get all of it.",
        "Six steps, minibatches of 4, shuffled indices 3 0 5 1 | 4 2. In the first minibatch row 0 of every "
        "tensor is that of step 3, row 1 that of step 0. The second minibatch has two rows.",
        "collect the rollouts: with the policy, how many, how many came before, how many in all, the seed\n"
        "(given: returns; advantages, if there is a function for them; epochs; shuffled indices)\n"
        "for each minibatch of indices:\n"
        "    from observations, old_logits, actions, returns take the rows of these indices\n"
        "    return_or_advantage = the same rows of the advantages if there are any, else of the returns\n"
        "    fill the dictionary by name",
    ),
    "value_loss": (
        "What does the value network predict for each observation, and what turned out in the end? "
        "How far apart are they, on average?",
        "One number from which gradients flow to the value network. Predictions and returns are (N, 1) "
        "both.",
        "Predictions 1, 0, 2; returns 2, 0.5, 4. Differences 1, 0.5, 2; squares 1, 0.25, 4; their mean "
        "is 1.75.",
        "values = what the value network says about the observations\n"
        "loss = the mean over the steps of the squared difference between values and returns",
    ),
    "advantages": (
        "A return of 3: is that good? Compared with what? And should learning from it change the value "
        "network, too?",
        "One advantage for each step: float32, shape (N, 1), with mean 0, spread 1 and no gradient.",
        "Returns 1, 2, 3, 7; values 0, 1, 1, 3. Differences 1, 1, 2, 4: their mean is 2, the standard "
        "deviation of a sample of four is 1.4142. So: −0.7071, −0.7071, 0, 1.4142.",
        "without gradient:\n"
        "    differences = returns − values\n"
        "    take off their mean\n"
        "    divide by (their standard deviation + EPSILON)",
    ),
    "ppo_loss": (
        "How many times as likely is the action now as when it was played? How far may that number go "
        "before a good step should stop pushing it up, or a bad one down?",
        "One number from which gradients flow to the policy. Ratios, advantages and both products are "
        "(N, 1), one for each step.",
        "ε = 0.2. A ratio of 1.5 with advantage 2: not clipped 3, clipped 1.2 · 2 = 2.4, the smaller is 2.4. "
        "With advantage −1: not clipped −1.5, clipped −1.2, the smaller is −1.5.",
        "new, old = log-probabilities of the actions taken, now and when they were played\n"
        "ratio = exp(new − old)\n"
        "for every step: the smaller of  ratio · advantage  and  (ratio kept in 1−ε … 1+ε) · advantage\n"
        "loss = minus the mean over the steps",
    ),
}


def hint(part: str, step: int) -> str:
    """One step, counted from 1, of a part's hints, with a line that says which one it is."""
    title = f"{PARTS[part].title}, hint {step} of {len(STEPS)}: {STEPS[step - 1]}"
    return f"{title}\n\n{HINTS[part][step - 1]}"


class Hints:
    """Hands out a part's hints one after the other; after the last one it begins anew."""

    def __init__(self) -> None:
        self._given: dict[str, int] = {}

    def next(self, part: str) -> str:
        """The part's next hint."""
        step = self._given.get(part, 0) % len(STEPS) + 1
        self._given[part] = step
        return hint(part, step)
