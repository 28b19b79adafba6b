"""Your solution. Fill in the seven functions; then run `python grade.py`.

Each function raises NotImplementedError until you have written it. Keep the names, the order of the
arguments and their defaults: the tests call them as they stand here. In two functions most of the code
is given; the place for yours is marked.

Shapes: N timesteps in a batch, O numbers in an observation, A actions. All tensors are float32 unless
it says otherwise. log means the natural logarithm.
"""

import numpy as np
import torch

import utils

EPSILON = 1e-10


def get_returns(rollout_buffer, discount_factor=0.95):
    """The discounted return from every step to the end of the episode it belongs to.

        G_t = r_t + γ r_{t+1} + γ² r_{t+2} + ... + γ^(T-t) r_T,   T the last step of t's own episode

    The buffer holds several whole episodes, one after the other; `terminateds` is True on the last
    step of each. (Nothing is asked about a buffer that ends in the middle of an episode.)

    Args:
        rollout_buffer: a utils.RolloutBuffer; `rewards` is float32 (N,) and `terminateds` bool (N,).
            It is used again afterwards, so leave it as it is.
        discount_factor: γ, from 0 to 1.

    Returns:
        float32 tensor (N, 1), the return of each step in units of reward.
    """
    raise NotImplementedError("get_returns is not written yet")


def get_vanilla_policy_gradient_loss(policy, observation, action, return_or_advantage, **kwargs):
    """The loss whose gradient is minus the policy gradient estimated from a batch.

        L = - (1/N) Σ_i log π(a_i | s_i) · w_i,   w_i the return or the advantage of step i

    Args:
        policy: a module; `policy(observation)` gives the log-probability of every action, (N, A).
        observation: (N, O), the observations s_i.
        action: int64 (N, 1), the actions a_i that were taken.
        return_or_advantage: (N, 1), the weights w_i.
        **kwargs: whatever else the training loop passes to every loss; not needed here.

    Returns:
        scalar tensor, of shape () or (1,); gradients flow from it to the parameters of `policy`.
    """
    raise NotImplementedError("get_vanilla_policy_gradient_loss is not written yet")


def collect_rollouts(env, policy, num_rollouts, base_rollout=0, num_total_rollouts=None, seed=None):
    """Let the policy act for a number of episodes and record every step.

    Whether environments are reset with a seed is left open: no test has one that would notice.

    Args:
        env: a utils.EnvInterface.
        policy: a module; `policy(observation)` gives the log-probability of every action, (1, A).
        num_rollouts: how many episodes to play.
        base_rollout: how many were played before; only for the progress bar.
        num_total_rollouts: how many will be played in all; only for the progress bar.
        seed: array of integers for `utils.distribution_sample`, which changes it in place, or None.

    Returns:
        (rollout_buffer, mean_last_reward): a finalized utils.RolloutBuffer, and the mean over the
        rollouts of the reward at their last step.
    """
    rollout_buffer = utils.RolloutBuffer()
    last_rewards = []
    policy.eval()
    for _ in utils.rollout_progress(num_rollouts, base_rollout, num_total_rollouts):
        observation = env.reset()
        terminated = False
        reward = 0.0
        while not terminated:
            # YOUR CODE HERE. One step:
            # - the policy's log-probabilities (1, A) for `observation`, without gradient;
            # - an action drawn from them: utils.distribution_sample(logits, seed=seed);
            # - a step of the environment with that action;
            # - rollout_buffer.add(action, logits, observation, terminated, reward), where the
            #   observation is the one the action was taken in;
            # - move on: the next step starts from the observation that followed.
            raise NotImplementedError("collect_rollouts is not written yet")
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
    """Train a policy, and a value network if there is one, by a policy gradient method.

    Again and again: collect rollouts with the policy as it is; compute returns and, if
    `get_advantages` is given, advantages, once for the collection; then go through the collected steps
    `training_epochs_per_rollout` times in shuffled minibatches and take one optimizer step for each.
    Every epoch is shuffled anew; how is up to you.

    Args:
        env: a utils.EnvInterface.
        policy: a module giving log-probabilities.
        optimizer: steps the parameters of `policy` (and of `value_net`).
        get_policy_gradient_loss: called with keywords only, see `loss_arguments` below.
        get_returns: called with the rollout buffer.
        lr_sched: a learning rate scheduler, stepped after each optimizer step, or None.
        rollouts: how many episodes to collect in all.
        rollouts_before_training: how many of them to collect before each round of training. Where
            that does not divide `rollouts`, how many the last round collects is left open.
        training_epochs_per_rollout: how often a round goes through the steps it has collected.
        minibatch_size: steps per optimizer step; the last minibatch of an epoch may be smaller.
        ppo_clip: passed on to the loss.
        critic_loss_multiplier: weight of the critic's loss beside the actor's.
        value_net: a module giving V(s), or None.
        get_advantages: called with (value_net, observations, returns), or None.
        get_value_net_loss: called with the same keywords as the policy's loss.
        rollout_seed: array of integers; passed to `collect_rollouts` as `seed`.

    Returns:
        (losses_actor, losses_critic, final_rewards, lr), four lists: per optimizer step the two losses
        as NumPy arrays, per collection the mean last reward, per optimizer step the learning rate, if
        there is a scheduler (read before the scheduler is stepped or after, that is left open).
    """
    losses_actor, losses_critic, final_rewards, lr = [], [], [], []
    for base_rollout in range(0, rollouts, rollouts_before_training):
        num_rollouts = min(rollouts_before_training, rollouts - base_rollout)
        # YOUR CODE HERE: collect `num_rollouts` rollouts with the policy as it is now. `base_rollout`
        # and `rollouts` tell the progress bar where it stands.
        raise NotImplementedError("train_policy_gradient is not written yet")
        rollout_buffer, mean_last_reward = None, None
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
                # YOUR CODE HERE: fill in what the losses are called with, for the steps in `minibatch`:
                #   policy, value_net       the modules
                #   critic                  another name for value_net; what it holds is left open
                #   observation, old_logits, action   from the rollout buffer
                #   return_or_advantage     the advantages where there are any, else the returns
                #   returns                 always the returns
                #   ppo_clip
                loss_arguments = {}
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
    """How far the value network is from the observed returns: their mean squared difference.

        L = (1/N) Σ_i (V(s_i) - G_i)²

    Args:
        value_net: a module; `value_net(observation)` gives V(s), (N, 1).
        observation: (N, O), the observations s_i.
        returns: (N, 1), the returns G_i, in units of reward.
        **kwargs: whatever else the training loop passes to every loss; not needed here.

    Returns:
        scalar tensor, of shape () or (1,); gradients flow from it to the parameters of `value_net`.
    """
    raise NotImplementedError("get_value_net_loss is not written yet")


def get_advantages(value_net, observations, returns):
    """How much better each step turned out than the value network expected, standardized.

        Â_i = G_i - V(s_i)
        A_i = (Â_i - mean(Â)) / (std(Â) + EPSILON)

    Mean and standard deviation are taken over the whole batch; the standard deviation is that of a
    sample, with N - 1 in the denominator.

    Args:
        value_net: a module; `value_net(observations)` gives V(s), (N, 1).
        observations: (N, O), the observations s_i.
        returns: (N, 1), the returns G_i, in units of reward.

    Returns:
        float32 tensor (N, 1), without units. It is data for the policy's loss: no gradient flows
        through it to the value network.
    """
    raise NotImplementedError("get_advantages is not written yet")


def get_PPO_policy_gradient_loss(
    policy, observation, old_logits, action, return_or_advantage, ppo_clip=0.2, **kwargs
):
    """The clipped surrogate loss of Proximal Policy Optimization (Schulman et al., 2017, eq. 7).

        r_i = π(a_i | s_i) / π_old(a_i | s_i)
        L = - (1/N) Σ_i min( r_i · A_i,  clip(r_i, 1 - ε, 1 + ε) · A_i )

    Args:
        policy: a module; `policy(observation)` gives the log-probability of every action, (N, A).
        observation: (N, O), the observations s_i.
        old_logits: (N, A), the log-probabilities of every action when the rollout was made.
        action: int64 (N, 1), the actions a_i that were taken.
        return_or_advantage: (N, 1), the advantages A_i (or returns).
        ppo_clip: ε, how far the ratio may leave 1 before the objective stops rewarding it.
        **kwargs: whatever else the training loop passes to every loss; not needed here.

    Returns:
        scalar tensor, of shape () or (1,); gradients flow from it to the parameters of `policy`.
    """
    raise NotImplementedError("get_PPO_policy_gradient_loss is not written yet")
