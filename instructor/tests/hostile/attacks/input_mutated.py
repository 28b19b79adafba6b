"""Returns what is right, but changes the buffer it was lent so that later tests differ."""
# bites: returns: get_returns changes the rollout buffer
# bites: value_loss: The loss has the wrong value
# loses: returns

_right = get_returns


def get_returns(rollout_buffer, discount_factor=0.95):
    returns = _right(rollout_buffer, discount_factor)
    rollout_buffer.rewards.zero_()
    rollout_buffer.terminateds.fill_(True)
    return returns


def get_value_net_loss(value_net, observation, returns, **kwargs):
    with torch.no_grad():
        for parameter in value_net.parameters():
            parameter.zero_()
    returns.zero_()
    return value_net(observation).mean()
