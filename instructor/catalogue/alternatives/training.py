"""Right training loops, written differently."""

import textwrap

from instructor.catalogue.alternatives import Alternative, edited
from instructor.catalogue.entry import Change
from instructor.catalogue.reference_lines.training import (
    ADVANTAGES,
    BACKWARD,
    CHOICE,
    COLLECT,
    COLLECTED,
    COLLECTIONS,
    EPOCHS,
    IMPORT,
    INDICES,
    LEARNING_RATE,
    LISTS,
    LOSS_ARGUMENTS,
    LOSSES,
    MINIBATCH,
    MINIBATCHES,
    RECORD_ACTOR,
    RECORD_CRITIC,
    SHUFFLE,
    STEP,
    ZERO,
)


def _shuffled(
    name: str, lines: str, imports: str = "", listed: bool = False, once: str = ""
) -> Alternative:
    """Other lines that shuffle `indices` in every epoch: an array, or a list where it is `listed`.

    once: lines before the first collection.
    """
    steps = "range(rollout_buffer.final_size)"
    epoch = textwrap.indent(lines + "\n", " " * 12)
    edits = [
        (INDICES, f"        indices = {'list' if listed else 'np.array'}({steps})\n"),
        (SHUFFLE, epoch),
    ]
    if imports:
        edits.append((IMPORT, f"import {imports}\n\n{IMPORT}"))
    if once:
        edits.append((LISTS, f"{LISTS}    {once}\n"))
    return edited(name, *edits)


ALTERNATIVES = [
    # Collections, returns and advantages.
    edited(
        "alternative_training_collect_with_keywords",
        (
            COLLECT + COLLECTED,
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
    # The caller's array stays as it is. Nobody is told that it must not.
    edited(
        "alternative_training_own_copy_of_the_seeds",
        (
            COLLECTIONS,
            "    rollout_seed = None if rollout_seed is None else rollout_seed.copy()\n"
            + COLLECTIONS,
        ),
    ),
    edited(
        "alternative_training_collect_positionally",
        (
            COLLECT + COLLECTED,
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
    edited(
        "alternative_training_weights_once",
        (
            ADVANTAGES,
            """\
        return_or_advantage = returns.clone()
        if get_advantages:
            return_or_advantage = get_advantages(value_net, rollout_buffer.observations, returns)
""",
        ),
        (CHOICE, ""),
    ),
    # What the losses are given.
    edited(
        "alternative_training_index_tensor",
        (
            CHOICE + LOSS_ARGUMENTS,
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
    edited(
        "alternative_training_index_select",
        (
            LOSS_ARGUMENTS,
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
    edited(
        "alternative_training_comprehension",
        (
            CHOICE + LOSS_ARGUMENTS,
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
    edited(
        "alternative_training_stacked_rows",
        (
            LOSS_ARGUMENTS,
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
    edited(
        "alternative_training_tensor_dataset",
        (
            CHOICE + LOSS_ARGUMENTS,
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
    Alternative(
        "alternative_training_minibatch_class",
        Change(
            edits=(
                (
                    CHOICE + LOSS_ARGUMENTS,
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
    # How the steps are shuffled: every way is as good as any other.
    edited(
        "alternative_training_permutation",
        (
            INDICES + EPOCHS + SHUFFLE,
            """\
        indices = np.arange(rollout_buffer.final_size)
        for _ in range(training_epochs_per_rollout):
            indices = np.random.permutation(len(indices))
""",
        ),
    ),
    edited(
        "alternative_training_shuffled_list",
        (
            INDICES + EPOCHS + SHUFFLE,
            """\
        indices = [i for i in range(rollout_buffer.final_size)]
        for _epoch in range(training_epochs_per_rollout):
            np.random.shuffle(indices)
""",
        ),
    ),
    _shuffled(
        "alternative_training_randperm", "indices = torch.randperm(rollout_buffer.final_size)"
    ),
    _shuffled(
        "alternative_training_generator_permutation",
        "indices = generator.permutation(rollout_buffer.final_size)",
        once="generator = np.random.default_rng()",
    ),
    _shuffled(
        "alternative_training_generator_shuffle",
        "generator.shuffle(indices)",
        once="generator = np.random.default_rng(seed=0)",
    ),
    _shuffled(
        "alternative_training_generator_permuted",
        "indices = generator.permuted(np.arange(rollout_buffer.final_size))",
        once="generator = np.random.Generator(np.random.PCG64())",
    ),
    _shuffled(
        "alternative_training_random_state",
        "indices = state.permutation(rollout_buffer.final_size)",
        once="state = np.random.RandomState(3)",
    ),
    _shuffled(
        "alternative_training_random_shuffle",
        "random.shuffle(indices)",
        imports="random",
        listed=True,
    ),
    _shuffled(
        "alternative_training_random_sample",
        "indices = random.sample(indices, k=len(indices))",
        "random",
        True,
    ),
    _shuffled(
        "alternative_training_random_keys",
        "indices.sort(key=lambda step: random.random())",
        "random",
        True,
    ),
    _shuffled(
        "alternative_training_choice_without_replacement",
        "indices = np.random.choice(len(indices), len(indices), replace=False)",
    ),
    _shuffled(
        "alternative_training_argsort_of_noise",
        "indices = torch.rand(rollout_buffer.final_size).argsort()",
    ),
    _shuffled(
        "alternative_training_multinomial",
        "indices = torch.multinomial(torch.ones(len(indices)), len(indices), replacement=False)",
    ),
    _shuffled(
        "alternative_training_fisher_yates",
        "for last in range(len(indices) - 1, 0, -1):\n"
        "    other = np.random.randint(last + 1)\n"
        "    indices[last], indices[other] = indices[other], indices[last]",
    ),
    edited(
        "alternative_training_tensors_shuffled_together",
        (
            CHOICE + LOSS_ARGUMENTS,
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
    # Minibatches.
    edited(
        "alternative_training_array_split",
        (
            MINIBATCHES + MINIBATCH,
            """\
            cuts = np.arange(minibatch_size, len(indices), minibatch_size)
            for minibatch in np.split(indices, cuts):
""",
        ),
    ),
    edited(
        "alternative_training_tensor_split",
        (
            MINIBATCHES + MINIBATCH,
            "            for minibatch in torch.from_numpy(indices).split(minibatch_size):\n",
        ),
    ),
    edited(
        "alternative_training_batch_sampler",
        (
            MINIBATCHES + MINIBATCH,
            """\
            sampler = torch.utils.data.BatchSampler(indices, minibatch_size, drop_last=False)
            for minibatch in sampler:
""",
        ),
    ),
    edited(
        "alternative_training_while_loop",
        (
            MINIBATCHES + MINIBATCH,
            """\
            done = 0
            while done < rollout_buffer.final_size:
                minibatch = indices[done : min(done + minibatch_size, rollout_buffer.final_size)]
                done += len(minibatch)
""",
        ),
    ),
    edited(
        "alternative_training_data_loader",
        (
            INDICES + EPOCHS + SHUFFLE + MINIBATCHES + MINIBATCH + CHOICE + LOSS_ARGUMENTS,
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
    # The optimizer step.
    edited(
        "alternative_training_zero_grad_at_the_end",
        (COLLECTIONS, "    optimizer.zero_grad()\n" + COLLECTIONS),
        (
            ZERO + BACKWARD + STEP,
            """\
                loss.backward()
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)
""",
        ),
    ),
    edited(
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
        (
            ZERO + BACKWARD + STEP,
            "                loss.backward()\n                optimizer.step()\n",
        ),
    ),
    edited(
        "alternative_training_closure",
        (
            LOSSES + "\n" + ZERO + BACKWARD + STEP,
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
    edited(
        "alternative_training_two_backward_passes",
        (
            BACKWARD,
            """\
                loss_actor.backward()
                if loss_critic.requires_grad:
                    (critic_loss_multiplier * loss_critic).backward()
""",
        ),
    ),
    # What is recorded.
    edited(
        "alternative_training_record_before_step",
        (
            ZERO + BACKWARD + STEP + "\n" + RECORD_ACTOR + RECORD_CRITIC,
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
    edited(
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
]
