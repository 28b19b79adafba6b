"""The lines of `train_policy_gradient`, and the import above all functions."""

IMPORT = "import numpy as np\n"
LISTS = "    losses_actor, losses_critic, final_rewards, lr = [], [], [], []\n"

# A collection.
COLLECTIONS = "    for base_rollout in range(0, rollouts, rollouts_before_training):\n"
COLLECT_ARGUMENTS = "env, policy, num_rollouts, base_rollout, rollouts, seed=rollout_seed"
COLLECT = f"""\
        rollout_buffer, mean_last_reward = collect_rollouts(
            {COLLECT_ARGUMENTS}
        )
"""
COLLECTED = "        final_rewards.append(mean_last_reward)\n"
RETURNS = "        returns = get_returns(rollout_buffer)\n"
IF_ADVANTAGES = "        if get_advantages is not None:\n"
ADVANTAGES = (
    "        advantages = None\n"
    + IF_ADVANTAGES
    + "            advantages = get_advantages(value_net, rollout_buffer.observations, returns)\n"
)

# Epochs and minibatches.
INDICES = "        indices = np.arange(rollout_buffer.final_size)\n"
EPOCHS = "        for _ in range(training_epochs_per_rollout):\n"
SHUFFLE = "            np.random.shuffle(indices)\n"
MINIBATCHES = "            for start in range(0, len(indices), minibatch_size):\n"
MINIBATCH = "                minibatch = indices[start : start + minibatch_size]\n"

# What the losses are given.
CHOICE = "                return_or_advantage = returns if advantages is None else advantages\n"
VALUE_NET = '                    "value_net": value_net,\n'
OBSERVATION = "rollout_buffer.observations[minibatch]"
OLD_LOGITS = "rollout_buffer.old_logits[minibatch]"
ACTION = "rollout_buffer.actions[minibatch]"
WEIGHT = '"return_or_advantage": return_or_advantage[minibatch]'
TARGET = '"returns": returns[minibatch]'
CLIP = '                    "ppo_clip": ppo_clip,\n'
LOSS_ARGUMENTS = (
    "                loss_arguments = {\n"
    '                    "policy": policy,\n'
    f"{VALUE_NET}"
    '                    "critic": value_net,\n'
    f'                    "observation": {OBSERVATION},\n'
    f'                    "old_logits": {OLD_LOGITS},\n'
    f'                    "action": {ACTION},\n'
    f"                    {WEIGHT},\n"
    f"                    {TARGET},\n"
    f"{CLIP}"
    "                }\n"
)

# An optimizer step.
CRITIC_LOSS = "                loss_critic = get_value_net_loss(**loss_arguments)\n"
LOSS = "                loss = loss_actor + critic_loss_multiplier * loss_critic\n"
LOSSES = (
    "                loss_actor = get_policy_gradient_loss(**loss_arguments)\n" + CRITIC_LOSS + LOSS
)
ZERO = "                optimizer.zero_grad()\n"
BACKWARD = "                loss.backward()\n"
STEP = "                optimizer.step()\n"

# What is recorded.
RECORD_ACTOR = "                losses_actor.append(loss_actor.detach().numpy())\n"
RECORD_CRITIC = "                losses_critic.append(loss_critic.detach().numpy())\n"
IF_SCHEDULER = "                if lr_sched is not None:\n"
SCHEDULER = "                    lr_sched.step()\n"
LEARNING_RATE = (
    IF_SCHEDULER + '                    lr.append(optimizer.param_groups[0]["lr"])\n' + SCHEDULER
)
RESULT = "    return losses_actor, losses_critic, final_rewards, lr\n"
