"""Right training loops, written differently."""

import textwrap

from instructor.catalogue import Alternative, Change

COLLECT = """\
        rollout_buffer, mean_last_reward = collect_rollouts(
            env, policy, num_rollouts, base_rollout, rollouts, seed=rollout_seed
        )
        final_rewards.append(mean_last_reward)
"""
ADVANTAGES = """\
        advantages = None
        if get_advantages is not None:
            advantages = get_advantages(value_net, rollout_buffer.observations, returns)
"""
SHUFFLE = """\
        indices = np.arange(rollout_buffer.final_size)
        for _ in range(training_epochs_per_rollout):
            np.random.shuffle(indices)
"""
MINIBATCHES = """\
            for start in range(0, len(indices), minibatch_size):
                minibatch = indices[start : start + minibatch_size]
"""
WEIGHT = "                return_or_advantage = returns if advantages is None else advantages\n"
ARGUMENTS = """\
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
"""
LOSSES = """\
                loss_actor = get_policy_gradient_loss(**loss_arguments)
                loss_critic = get_value_net_loss(**loss_arguments)
                loss = loss_actor + critic_loss_multiplier * loss_critic
"""
STEP = """\
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
"""
RECORD = """\
                losses_actor.append(loss_actor.detach().numpy())
                losses_critic.append(loss_critic.detach().numpy())
"""


def _edit(name: str, *edits: tuple[str, str]) -> Alternative:
    return Alternative(name, "training", Change(edits=edits))


LEARNING_RATE = """\
                if lr_sched is not None:
                    lr.append(optimizer.param_groups[0]["lr"])
                    lr_sched.step()
"""
LISTS = "    losses_actor, losses_critic, final_rewards, lr = [], [], [], []\n"
IMPORT = "import numpy as np\n"


def _shuffled(
    name: str, lines: str, imports: str = "", listed: bool = False, once: str = ""
) -> Alternative:
    """Other lines that shuffle `indices` in every epoch: an array, or a list where it is `listed`.

    once: lines before the first collection.
    """
    steps = "range(rollout_buffer.final_size)"
    epoch = textwrap.indent(lines + "\n", " " * 12)
    edits = [
        (
            SHUFFLE,
            f"        indices = {'list' if listed else 'np.array'}({steps})\n"
            f"        for _ in range(training_epochs_per_rollout):\n{epoch}",
        )
    ]
    if imports:
        edits.append((IMPORT, f"import {imports}\n\n{IMPORT}"))
    if once:
        edits.append((LISTS, f"{LISTS}    {once}\n"))
    return _edit(f"alternative_training_{name}", *edits)


ALTERNATIVES = [
    _edit(
        "alternative_training_index_tensor",
        (
            WEIGHT + ARGUMENTS,
            """\
                idx = torch.from_numpy(minibatch).long()
                weights = advantages if get_advantages is not None else returns
                loss_arguments = dict(
                    observation=rollout_buffer.observations[idx, :],
                    action=rollout_buffer.actions[idx],
                    old_logits=rollout_buffer.old_logits[idx, :],
                    returns=returns[idx],
                    return_or_advantage=weights[idx],
                    ppo_clip=ppo_clip,
                    policy=policy,
                    critic=value_net,
                    value_net=value_net,
                )
""",
        ),
    ),
    _edit(
        "alternative_training_index_select",
        (
            ARGUMENTS,
            """\
                where = torch.tensor(minibatch.tolist(), dtype=torch.int64)

                def take(field, rows=where):
                    return field.index_select(0, rows)

                loss_arguments = {"policy": policy, "value_net": value_net, "ppo_clip": ppo_clip}
                loss_arguments["critic"] = value_net
                loss_arguments["observation"] = take(rollout_buffer.observations)
                loss_arguments["old_logits"] = take(rollout_buffer.old_logits)
                loss_arguments["action"] = take(rollout_buffer.actions)
                loss_arguments["return_or_advantage"] = take(return_or_advantage)
                loss_arguments["returns"] = take(returns)
""",
        ),
    ),
    _edit(
        "alternative_training_comprehension",
        (
            WEIGHT + ARGUMENTS,
            """\
                data = {
                    "observation": rollout_buffer.observations,
                    "old_logits": rollout_buffer.old_logits,
                    "action": rollout_buffer.actions,
                    "returns": returns,
                    "return_or_advantage": returns if advantages is None else advantages,
                }
                loss_arguments = {name: field[minibatch.tolist()] for name, field in data.items()}
                loss_arguments |= {name: value_net for name in ("value_net", "critic")}
                loss_arguments.update(policy=policy, ppo_clip=ppo_clip)
""",
        ),
    ),
    _edit(
        "alternative_training_stacked_rows",
        (
            ARGUMENTS,
            """\
                batch = [
                    torch.stack([field[i] for i in minibatch])
                    for field in (
                        rollout_buffer.observations,
                        rollout_buffer.old_logits,
                        rollout_buffer.actions,
                        return_or_advantage,
                        returns,
                    )
                ]
                keys = ("observation", "old_logits", "action", "return_or_advantage", "returns")
                loss_arguments = {**dict(zip(keys, batch)), "policy": policy, "ppo_clip": ppo_clip}
                loss_arguments["value_net"] = loss_arguments["critic"] = value_net
""",
        ),
    ),
    _edit(
        "alternative_training_tensor_dataset",
        (
            WEIGHT + ARGUMENTS,
            """\
                dataset = torch.utils.data.TensorDataset(
                    rollout_buffer.observations,
                    rollout_buffer.old_logits,
                    rollout_buffer.actions,
                    advantages if advantages is not None else returns,
                    returns,
                )
                obs, old, act, weight, ret = dataset[minibatch]
                loss_arguments = {"policy": policy, "value_net": value_net, "critic": value_net}
                loss_arguments |= {"observation": obs, "old_logits": old.detach(), "action": act}
                loss_arguments |= {"return_or_advantage": weight.detach(), "returns": ret.detach()}
                loss_arguments |= {"ppo_clip": ppo_clip}
""",
        ),
    ),
    _edit(
        "alternative_training_collect_with_keywords",
        (
            COLLECT,
            """\
        collected = collect_rollouts(
            env=env,
            policy=policy,
            num_rollouts=num_rollouts,
            base_rollout=base_rollout,
            num_total_rollouts=rollouts,
            seed=rollout_seed,
        )
        rollout_buffer = collected[0]
        final_rewards += [collected[1]]
""",
        ),
    ),
    _edit(
        "alternative_training_collect_positionally",
        (
            COLLECT,
            """\
        rollout_buffer, mean_last_reward = collect_rollouts(
            env, policy, num_rollouts, base_rollout, rollouts, rollout_seed
        )
        if rollout_buffer.final_size == 0:
            print("nothing was collected")
        final_rewards.append(float(mean_last_reward))
""",
        ),
    ),
    _edit(
        "alternative_training_weights_once",
        (
            ADVANTAGES,
            """\
        return_or_advantage = returns.clone()
        if get_advantages:
            return_or_advantage = get_advantages(value_net, rollout_buffer.observations, returns)
""",
        ),
        (WEIGHT, ""),
    ),
    _edit(
        "alternative_training_permutation",
        (
            SHUFFLE,
            """\
        indices = np.arange(rollout_buffer.final_size)
        for _ in range(training_epochs_per_rollout):
            indices = np.random.permutation(len(indices))
""",
        ),
    ),
    _edit(
        "alternative_training_shuffled_list",
        (
            SHUFFLE,
            """\
        indices = [i for i in range(rollout_buffer.final_size)]
        for _epoch in range(training_epochs_per_rollout):
            np.random.shuffle(indices)
""",
        ),
    ),
    _edit(
        "alternative_training_array_split",
        (
            MINIBATCHES,
            """\
            cuts = np.arange(minibatch_size, len(indices), minibatch_size)
            for minibatch in np.split(indices, cuts):
""",
        ),
    ),
    _edit(
        "alternative_training_tensor_split",
        (
            MINIBATCHES,
            "            for minibatch in torch.from_numpy(indices).split(minibatch_size):\n",
        ),
    ),
    _edit(
        "alternative_training_batch_sampler",
        (
            MINIBATCHES,
            """\
            sampler = torch.utils.data.BatchSampler(indices, minibatch_size, drop_last=False)
            for minibatch in sampler:
""",
        ),
    ),
    _edit(
        "alternative_training_while_loop",
        (
            MINIBATCHES,
            """\
            done = 0
            while done < rollout_buffer.final_size:
                minibatch = indices[done : min(done + minibatch_size, rollout_buffer.final_size)]
                done += len(minibatch)
""",
        ),
    ),
    _edit(
        "alternative_training_zero_grad_at_the_end",
        (
            "    for base_rollout in range(0,",
            "    optimizer.zero_grad()\n    for base_rollout in range(0,",
        ),
        (
            STEP,
            """\
                loss.backward()
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)
""",
        ),
    ),
    _edit(
        "alternative_training_gradients_to_zeros",
        (
            LOSSES,
            """\
                optimizer.zero_grad(set_to_none=False)
                loss_critic = get_value_net_loss(**loss_arguments)
                loss_actor = get_policy_gradient_loss(**loss_arguments)
                loss = torch.add(loss_actor, loss_critic, alpha=critic_loss_multiplier)
""",
        ),
        (STEP, "                loss.backward()\n                optimizer.step()\n"),
    ),
    _edit(
        "alternative_training_record_before_step",
        (
            STEP + "\n" + RECORD,
            """\
                actor_value = np.array(loss_actor.detach())
                critic_value = loss_critic.detach().cpu().clone().numpy()
                losses_actor.append(actor_value)
                losses_critic.append(critic_value)

                for group in optimizer.param_groups:
                    for parameter in group["params"]:
                        parameter.grad = None
                loss.backward()
                optimizer.step()
""",
        ),
    ),
    Alternative(
        "alternative_training_minibatch_class",
        "training",
        Change(
            edits=(
                (
                    WEIGHT + ARGUMENTS,
                    """\
                weights = advantages if advantages is not None else returns
                loss_arguments = Minibatch(rollout_buffer, minibatch)(returns, weights)
                modules = partial(dict, policy=policy, value_net=value_net, critic=value_net)
                loss_arguments = modules(**loss_arguments, ppo_clip=ppo_clip)
""",
                ),
            ),
            functions='''
            from functools import partial


            class Minibatch:
                """Some steps of a buffer."""

                FIELDS = {"observation": "observations", "old_logits": "old_logits"}

                def __init__(self, buffer, steps):
                    self.steps = steps
                    self.fields = {k: getattr(buffer, v)[steps] for k, v in self.FIELDS.items()}
                    self.fields["action"] = buffer.actions[steps]

                def __call__(self, returns, weights):
                    more = {"returns": returns, "return_or_advantage": weights}
                    return self.fields | {k: v[self.steps] for k, v in more.items()}


            def _no_value_net_loss(**kwargs):
                return torch.tensor([0.0])
            ''',
        ),
    ),
    # Every way to shuffle is as good as any other.
    _shuffled("randperm", "indices = torch.randperm(rollout_buffer.final_size)"),
    _shuffled(
        "generator_permutation",
        "indices = generator.permutation(rollout_buffer.final_size)",
        once="generator = np.random.default_rng()",
    ),
    _shuffled(
        "generator_shuffle",
        "generator.shuffle(indices)",
        once="generator = np.random.default_rng(seed=0)",
    ),
    _shuffled(
        "generator_permuted",
        "indices = generator.permuted(np.arange(rollout_buffer.final_size))",
        once="generator = np.random.Generator(np.random.PCG64())",
    ),
    _shuffled(
        "random_state",
        "indices = state.permutation(rollout_buffer.final_size)",
        once="state = np.random.RandomState(3)",
    ),
    _shuffled("random_shuffle", "random.shuffle(indices)", imports="random", listed=True),
    _shuffled("random_sample", "indices = random.sample(indices, k=len(indices))", "random", True),
    _shuffled("random_keys", "indices.sort(key=lambda step: random.random())", "random", True),
    _shuffled(
        "choice_without_replacement",
        "indices = np.random.choice(len(indices), len(indices), replace=False)",
    ),
    _shuffled("argsort_of_noise", "indices = torch.rand(rollout_buffer.final_size).argsort()"),
    _shuffled(
        "multinomial",
        "indices = torch.multinomial(torch.ones(len(indices)), len(indices), replacement=False)",
    ),
    _shuffled(
        "fisher_yates",
        "for last in range(len(indices) - 1, 0, -1):\n"
        "    other = np.random.randint(last + 1)\n"
        "    indices[last], indices[other] = indices[other], indices[last]",
    ),
    _edit(
        "alternative_training_data_loader",
        (
            SHUFFLE + MINIBATCHES + WEIGHT + ARGUMENTS,
            """\
        data = torch.utils.data.TensorDataset(
            rollout_buffer.observations,
            rollout_buffer.old_logits,
            rollout_buffer.actions,
            returns if advantages is None else advantages,
            returns,
        )
        loader = torch.utils.data.DataLoader(data, batch_size=minibatch_size, shuffle=True)
        names = ("observation", "old_logits", "action", "return_or_advantage", "returns")
        for _ in range(training_epochs_per_rollout):
            for minibatch in loader:
                loss_arguments = dict(zip(names, minibatch))
                loss_arguments |= dict(policy=policy, value_net=value_net, ppo_clip=ppo_clip)
                loss_arguments["critic"] = value_net
""",
        ),
    ),
    _edit(
        "alternative_training_tensors_shuffled_together",
        (
            WEIGHT + ARGUMENTS,
            """\
                if start == 0:
                    order = torch.randperm(rollout_buffer.final_size)
                    weight = (returns if advantages is None else advantages)[order]
                    observations = rollout_buffer.observations[order]
                    old_logits = rollout_buffer.old_logits[order]
                    actions, targets = rollout_buffer.actions[order], returns[order]
                rows = slice(start, start + minibatch_size)
                loss_arguments = {
                    "policy": policy,
                    "value_net": value_net,
                    "critic": value_net,
                    "observation": observations[rows],
                    "old_logits": old_logits[rows],
                    "action": actions[rows],
                    "return_or_advantage": weight[rows],
                    "returns": targets[rows],
                    "ppo_clip": ppo_clip,
                }
""",
        ),
    ),
    _edit(
        "alternative_training_learning_rate_after_the_schedule",
        (
            LEARNING_RATE,
            """\
                if lr_sched is not None:
                    lr_sched.step()
                    lr += lr_sched.get_last_lr()
""",
        ),
    ),
    _edit(
        "alternative_training_closure",
        (
            LOSSES + "\n" + STEP,
            """\
                def closure(loss_arguments=loss_arguments):
                    optimizer.zero_grad()
                    actor = get_policy_gradient_loss(**loss_arguments)
                    critic = get_value_net_loss(**loss_arguments)
                    (actor + critic_loss_multiplier * critic).backward()
                    seen[:] = [actor, critic]
                    return actor

                seen = []
                optimizer.step(closure)
                loss_actor, loss_critic = seen
""",
        ),
    ),
    _edit(
        "alternative_training_two_backward_passes",
        (
            "                loss.backward()\n",
            """\
                loss_actor.backward()
                if loss_critic.requires_grad:
                    (critic_loss_multiplier * loss_critic).backward()
""",
        ),
    ),
]
