"""The model solution: the plainest correct one. Both answer keys are made by running it."""

import numpy as np
import torch

import utils

EPSILON = 1e-10


def get_returns(rollout_buffer, discount_factor=0.95):
    """The discounted return from every step to the end of the episode it belongs to."""
    returns = torch.zeros((rollout_buffer.final_size, 1))
    following_return = 0.0
    for step in reversed(range(rollout_buffer.final_size)):
        if rollout_buffer.terminateds[step]:
            following_return = 0.0
        following_return = rollout_buffer.rewards[step] + discount_factor * following_return
        returns[step] = following_return
    return returns


def get_vanilla_policy_gradient_loss(policy, observation, action, return_or_advantage, **kwargs):
    """The loss whose gradient is minus the policy gradient estimated from a batch."""
    log_probability = policy(observation).gather(1, action)
    return -(log_probability * return_or_advantage).mean()


def collect_rollouts(env, policy, num_rollouts, base_rollout=0, num_total_rollouts=None, seed=None):
    """Let the policy act for a number of episodes and record every step."""
    rollout_buffer = utils.RolloutBuffer()
    last_rewards = []
    policy.eval()
    for _ in utils.rollout_progress(num_rollouts, base_rollout, num_total_rollouts):
        observation = env.reset()
        terminated = False
        reward = 0.0
        while not terminated:
            with torch.no_grad():
                logits = policy(observation)
            action = utils.distribution_sample(logits, seed=seed)
            next_observation, terminated, reward = env.step(action)
            rollout_buffer.add(action, logits, observation, terminated, reward)
            observation = next_observation
        last_rewards.append(float(reward))
    policy.train()
    rollout_buffer.finalize()
    return rollout_buffer, float(np.mean(last_rewards))


def _no_value_net_loss(**kwargs):
    """The critic's loss where there is no critic."""
    return torch.tensor([0.0])


def train_policy_gradient(
    env,
    policy,
    optimizer,
    get_policy_gradient_loss,
    get_returns,
    lr_sched=None,
    rollouts=1,
    rollouts_before_training=1,
    training_epochs_per_rollout=1,
    minibatch_size=64,
    ppo_clip=0.2,
    critic_loss_multiplier=0.0,
    value_net=None,
    get_advantages=None,
    get_value_net_loss=_no_value_net_loss,
    rollout_seed=None,
):
    """Train a policy, and a value network if there is one, by a policy gradient method."""
    losses_actor, losses_critic, final_rewards, lr = [], [], [], []
    for base_rollout in range(0, rollouts, rollouts_before_training):
        num_rollouts = min(rollouts_before_training, rollouts - base_rollout)
        rollout_buffer, mean_last_reward = collect_rollouts(
            env, policy, num_rollouts, base_rollout, rollouts, seed=rollout_seed
        )
        final_rewards.append(mean_last_reward)

        returns = get_returns(rollout_buffer)
        advantages = None
        if get_advantages is not None:
            advantages = get_advantages(value_net, rollout_buffer.observations, returns)

        indices = np.arange(rollout_buffer.final_size)
        for _ in range(training_epochs_per_rollout):
            np.random.shuffle(indices)
            for start in range(0, len(indices), minibatch_size):
                minibatch = indices[start : start + minibatch_size]
                return_or_advantage = returns if advantages is None else advantages
                loss_arguments = {
                    "policy": policy,
                    "value_net": value_net,
                    "critic": value_net,
                    "observation": rollout_buffer.observations[minibatch],
                    "old_logits": rollout_buffer.old_logits[minibatch],
                    "action": rollout_buffer.actions[minibatch],
                    "return_or_advantage": return_or_advantage[minibatch],
                    "returns": returns[minibatch],
                    "ppo_clip": ppo_clip,
                }
                loss_actor = get_policy_gradient_loss(**loss_arguments)
                loss_critic = get_value_net_loss(**loss_arguments)
                loss = loss_actor + critic_loss_multiplier * loss_critic

                optimizer.zero_grad()
                loss.backward()
                optimizer.step()

                losses_actor.append(loss_actor.detach().numpy())
                losses_critic.append(loss_critic.detach().numpy())
                if lr_sched is not None:
                    lr.append(optimizer.param_groups[0]["lr"])
                    lr_sched.step()
    return losses_actor, losses_critic, final_rewards, lr


def get_value_net_loss(value_net, observation, returns, **kwargs):
    """How far the value network is from the observed returns: their mean squared difference."""
    return ((value_net(observation) - returns) ** 2).mean()


def get_advantages(value_net, observations, returns):
    """How much better each step turned out than the value network expected, standardized."""
    with torch.no_grad():
        advantages = returns - value_net(observations)
        return (advantages - advantages.mean()) / (advantages.std() + EPSILON)


def get_PPO_policy_gradient_loss(
    policy, observation, old_logits, action, return_or_advantage, ppo_clip=0.2, **kwargs
):
    """The clipped surrogate loss of Proximal Policy Optimization (Schulman et al., 2017, eq. 7)."""
    log_probability = policy(observation).gather(1, action)
    old_log_probability = old_logits.gather(1, action)
    ratio = torch.exp(log_probability - old_log_probability)
    clipped_ratio = torch.clamp(ratio, 1 - ppo_clip, 1 + ppo_clip)
    objective = torch.min(ratio * return_or_advantage, clipped_ratio * return_or_advantage)
    return -objective.mean()
