"""The lines of `get_returns`."""

SIGNATURE = "def get_returns(rollout_buffer, discount_factor=0.95):\n"
ZEROS = "    returns = torch.zeros((rollout_buffer.final_size, 1))\n"
LOOP = "    for step in reversed(range(rollout_buffer.final_size)):\n"
FLAG = "        if rollout_buffer.terminateds[step]:\n"
RESET = FLAG + "            following_return = 0.0\n"
STEP = (
    "        following_return = rollout_buffer.rewards[step] + discount_factor * following_return\n"
)
STORE = "        returns[step] = following_return\n"
RESULT = "    return returns\n"

BODY = ZEROS + "    following_return = 0.0\n" + LOOP + RESET + STEP + STORE + RESULT
