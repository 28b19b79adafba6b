"""The lines of `get_advantages`."""

DIFFERENCE = "        advantages = returns - value_net(observations)\n"
RESULT = "        return (advantages - advantages.mean()) / (advantages.std() + EPSILON)\n"

# The first of these lines alone stands elsewhere as well.
BODY = "    with torch.no_grad():\n" + DIFFERENCE + RESULT
