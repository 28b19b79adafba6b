"""The lines of `get_value_net_loss`."""

SIGNATURE = "def get_value_net_loss(value_net, observation, returns, **kwargs):\n"
LOSS = "    return ((value_net(observation) - returns) ** 2).mean()\n"
