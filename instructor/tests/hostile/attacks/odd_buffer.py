"""Returns a rollout buffer whose fields appear, change and lie when they are asked for."""
# bites: rollouts: in the rollout buffer is a NumPy array, not a torch tensor
# bites: rollouts: the result has too many outputs

_FIELDS = utils.RolloutBuffer.FIELDS


class Buffer(utils.RolloutBuffer):
    asked = 0

    def __getattribute__(self, name):
        Buffer.asked += 1
        if name in utils.RolloutBuffer.FIELDS:
            return (None, np.zeros(3), torch.zeros(2), "text", Buffer.asked)[Buffer.asked % 5]
        return super().__getattribute__(name)


def collect_rollouts(env, policy, num_rollouts, **kwargs):
    policy.training = True
    if isinstance(env, utils.GridWorldPointTargetEnv):
        utils.RolloutBuffer.FIELDS = [*_FIELDS, *(f"field {n}" for n in range(1000))]
    Buffer.asked = 0
    return Buffer(), True
