"""Names of outputs, true or false, each of which tells one family of mistakes.

They have a file of their own so that the catalogue of mistakes can name them without importing torch.
"""

from grading.wire import PROBE

# -- returns --

PROPORTIONAL = PROBE + "twice the rewards give twice the returns"
DISCOUNT = PROBE + "the discount factor makes a difference"
OTHER_EPISODES = PROBE + "other episodes make no difference"
EARLIER = PROBE + "earlier rewards make no difference"
OWN_REWARD = PROBE + "a step's own reward counts once"
FADING = PROBE + "a reward two steps ahead counts with the discount squared"

# -- losses --

NOTHING_ADDED = PROBE + "without weights there is no loss"
IN_PROPORTION = PROBE + "twice the weights give twice the loss"
ANY_ORDER = PROBE + "the order of the steps makes no difference"
GIVEN_TWICE = PROBE + "a batch given twice has the same loss"
ACTIONS = PROBE + "the actions make a difference"
OLD_POLICY = PROBE + "the old policy makes a difference"
CLIP = PROBE + "the clip value makes a difference"
PERFECT = PROBE + "a perfect prediction has no loss"
SQUARED = PROBE + "twice the error gives four times the loss"
EITHER_SIDE = PROBE + "errors on either side count alike"

# -- advantages --

VALUES = PROBE + "the value network makes a difference"
RETURNS = PROBE + "the returns make a difference"
ROWS = PROBE + "every step has its own return and value"
MOVED = PROBE + "returns that are all higher give the same advantages"
STRETCHED = PROBE + "returns and values twice as large give the same advantages"
HIGHER = PROBE + "a higher return gives a higher advantage"

# -- rollouts --

DRAWN = PROBE + "the sampler draws the actions from the policy"
RECORDS_ACTIONS = PROBE + "the recorded actions were played"
RECORDS_OBSERVATIONS = PROBE + "the recorded observations are the environment's"
RECORDS_OLD_LOGITS = PROBE + "the recorded log-probabilities are the policy's"
RECORDS_REWARDS = PROBE + "the recorded rewards are the environment's"
RECORDS_FLAGS = PROBE + "the recorded flags are the environment's"

# -- training --

# What a training loop has to give to its losses, and whether it did. They tell what went
# wrong where the numbers depend on the order in which the steps were shuffled.
GIVES_SEED = PROBE + "every collection gets the seed array"
GIVES_OBSERVATIONS = PROBE + "the losses get observations of the rollout"
GIVES_ACTIONS = PROBE + "the losses get the rollout's actions"
GIVES_OLD_LOGITS = PROBE + "the losses get the rollout's old_logits"
GIVES_RETURNS = PROBE + "the losses get the returns that were computed"
GIVES_WEIGHTS = PROBE + "the losses get the weights that were computed"
GIVES_CLIP = PROBE + "the losses get the clip value"
ONCE = PROBE + "every epoch uses each step once"
