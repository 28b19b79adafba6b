"""Right returns, written differently: loops, one episode at a time, or without loops."""

from instructor.catalogue import Alternative, Change

RETURNS = """\
    returns = torch.zeros((rollout_buffer.final_size, 1))
    following_return = 0.0
    for step in reversed(range(rollout_buffer.final_size)):
        if rollout_buffer.terminateds[step]:
            following_return = 0.0
        following_return = rollout_buffer.rewards[step] + discount_factor * following_return
        returns[step] = following_return
    return returns
"""


def _body(name: str, new: str) -> Alternative:
    return Alternative(name, "returns", Change(edits=((RETURNS, new),)))


def _functions(name: str, functions: str) -> Alternative:
    return Alternative(name, "returns", Change(functions=functions))


ALTERNATIVES = [
    _body(
        "alternative_returns_append_and_reverse",
        """\
    backwards = []
    G = 0
    for i in range(rollout_buffer.final_size - 1, -1, -1):
        if bool(rollout_buffer.terminateds[i]):
            G = 0
        G = float(rollout_buffer.rewards[i]) + discount_factor * G
        backwards.append(G)
    backwards.reverse()
    return torch.tensor(backwards, dtype=torch.float32).reshape(-1, 1)
""",
    ),
    _body(
        "alternative_returns_insert",
        """\
    returns, g = [], 0.0
    for r, done in zip(reversed(rollout_buffer.rewards), reversed(rollout_buffer.terminateds)):
        g = r + discount_factor * (0.0 if done else g)
        returns.insert(0, g)
    return torch.stack(returns).unsqueeze(1)
""",
    ),
    _body(
        "alternative_returns_deque",
        """\
    from collections import deque

    rewards = rollout_buffer.rewards.flatten().tolist()
    ends = rollout_buffer.terminateds.flatten().tolist()
    returns = deque()
    for reward, end in zip(rewards[::-1], ends[::-1]):
        if end or not returns:
            returns.appendleft(reward)
        else:
            returns.appendleft(reward + discount_factor * returns[0])
    return torch.tensor(list(returns)).float().view(-1, 1)
""",
    ),
    _body(
        "alternative_returns_mask",
        """\
    rewards = rollout_buffer.rewards.unsqueeze(1)
    goes_on = 1.0 - rollout_buffer.terminateds.float()
    returns = torch.empty_like(rewards)
    running = torch.zeros(1)
    for t in range(len(rewards) - 1, -1, -1):
        running = rewards[t] + discount_factor * goes_on[t] * running
        returns[t] = running
    return returns
""",
    ),
    _body(
        "alternative_returns_clone_and_add",
        """\
    returns = rollout_buffer.rewards.clone()
    step = rollout_buffer.final_size - 2
    while step >= 0:
        if not rollout_buffer.terminateds[step]:
            returns[step] += discount_factor * returns[step + 1]
        step -= 1
    return returns.view(-1, 1)
""",
    ),
    _body(
        "alternative_returns_forward_sums",
        """\
    rewards = [reward.item() for reward in rollout_buffer.rewards]
    ended = [terminated.item() for terminated in rollout_buffer.terminateds]
    sums = []
    for start in range(rollout_buffer.final_size):
        total, weight = 0.0, 1.0
        for step in range(start, rollout_buffer.final_size):
            total += weight * rewards[step]
            weight *= discount_factor
            if ended[step]:
                break
        sums.append([total])
    return torch.tensor(sums)
""",
    ),
    _body(
        "alternative_returns_numpy",
        """\
    rewards = rollout_buffer.rewards.numpy().astype(np.float64).reshape(-1, 1)
    terminateds = rollout_buffer.terminateds.numpy().reshape(-1, 1)
    returns = np.zeros_like(rewards)
    following = 0.0
    for i in np.arange(len(rewards))[::-1]:
        following = rewards[i, 0] + discount_factor * following * (not terminateds[i, 0])
        returns[i, 0] = following
    return torch.from_numpy(returns).to(torch.float32)
""",
    ),
    _body(
        "alternative_returns_accumulate",
        """\
    from itertools import accumulate

    pairs = torch.stack([rollout_buffer.rewards, (~rollout_buffer.terminateds).float()], dim=1)
    pairs = pairs.flip(0).tolist()
    sums = accumulate(pairs, lambda later, now: (now[0] + discount_factor * now[1] * later[0], 0))
    return torch.tensor([s[0] for s in sums], dtype=torch.float).flip(0)[:, None]
""",
    ),
    _body(
        "alternative_returns_discount_matrix",
        """\
    ends = (torch.nonzero(rollout_buffer.terminateds)[:, 0] + 1).tolist()
    returns = []
    for begin, end in zip([0, *ends], ends):
        steps = torch.arange(end - begin)
        distance = steps.unsqueeze(0) - steps.unsqueeze(1)
        powers = discount_factor ** distance.clamp(min=0).float()
        returns.append(torch.triu(powers) @ rollout_buffer.rewards[begin:end])
    return torch.cat(returns)[:, None]
""",
    ),
    _body(
        "alternative_returns_one_matrix",
        """\
    done = rollout_buffer.terminateds.reshape(-1).long()
    episode = torch.cumsum(done, dim=0) - done
    t = torch.arange(rollout_buffer.final_size)
    later = (episode[:, None] == episode[None, :]) & (t[None, :] >= t[:, None])
    exponent = torch.where(later, t[None, :] - t[:, None], 0 * t[None, :])
    weights = torch.pow(torch.tensor(float(discount_factor)), exponent) * later
    return torch.mv(weights, rollout_buffer.rewards).reshape(-1, 1)
""",
    ),
    _body(
        "alternative_returns_convolve",
        """\
    r = rollout_buffer.rewards.numpy()
    ends = np.flatnonzero(rollout_buffer.terminateds.numpy()) + 1
    parts = []
    for episode in np.split(r, ends):
        T = len(episode)
        if T > 0:
            gammas = float(discount_factor) ** np.arange(T)
            parts.append(np.convolve(episode[::-1], gammas)[:T][::-1])
    return torch.tensor(np.concatenate(parts).reshape(-1, 1), dtype=torch.float32)
""",
    ),
    _body(
        "alternative_returns_polynomial",
        """\
    # a return is a polynomial in the discount factor
    ends = np.where(rollout_buffer.terminateds.numpy().ravel())[0] + 1
    out = []
    for rewards in np.split(rollout_buffer.rewards.numpy().ravel(), ends):
        out += [float(np.polyval(rewards[i:][::-1], discount_factor)) for i in range(len(rewards))]
    return torch.FloatTensor(out).unsqueeze(-1)
""",
    ),
    _body(
        "alternative_returns_linear_system",
        """\
    # G = r + gamma * S G, where S moves the next step of the same episode up by one
    n = rollout_buffer.final_size
    same = (~rollout_buffer.terminateds[:-1]).double()
    matrix = torch.eye(n, dtype=torch.double) - discount_factor * torch.diag(same, diagonal=1)
    right = rollout_buffer.rewards.double().reshape(-1, 1)
    return torch.linalg.solve_triangular(matrix, right, upper=True).float()
""",
    ),
    _body(
        "alternative_returns_doubling",
        """\
    # after k rounds every sum reaches 2^k steps ahead, but not beyond its episode
    sums = rollout_buffer.rewards.clone()
    factor = discount_factor * (~rollout_buffer.terminateds).to(torch.float32)
    reach = 1
    while reach < len(sums):
        ahead_sums, ahead_factor = torch.zeros_like(sums), torch.zeros_like(factor)
        ahead_sums[:-reach], ahead_factor[:-reach] = sums[reach:], factor[reach:]
        sums, factor = sums + factor * ahead_sums, factor * ahead_factor
        reach *= 2
    return torch.stack([sums], dim=1)
""",
    ),
    _body(
        "alternative_returns_padded_episodes",
        """\
    stops = rollout_buffer.terminateds.nonzero().flatten().tolist()
    starts = [0] + [stop + 1 for stop in stops[:-1]]
    lengths = [stop - start + 1 for start, stop in zip(starts, stops)]
    episodes = torch.split(rollout_buffer.rewards, lengths)
    padded = torch.nn.utils.rnn.pad_sequence(episodes, batch_first=True)
    for t in range(padded.shape[1] - 2, -1, -1):
        padded[:, t] += discount_factor * padded[:, t + 1]
    return torch.cat([row[:length] for row, length in zip(padded, lengths)]).reshape(-1, 1)
""",
    ),
    _body(
        "alternative_returns_lfilter_scipy",
        """\
    from scipy.signal import lfilter

    rewards = rollout_buffer.rewards.numpy().flatten()
    returns = np.empty((len(rewards), 1), dtype=np.float32)
    start = 0
    for step, terminated in enumerate(rollout_buffer.terminateds.numpy().flatten()):
        if terminated or step == len(rewards) - 1:
            episode = rewards[start : step + 1]
            returns[start : step + 1, 0] = lfilter([1], [1, -discount_factor], episode[::-1])[::-1]
            start = step + 1
    return torch.from_numpy(returns)
""",
    ),
    _functions(
        "alternative_returns_toeplitz_scipy",
        """
        def _episode_returns(rewards, gamma):
            import scipy.linalg

            powers = gamma ** np.arange(len(rewards), dtype=np.float64)
            return scipy.linalg.toeplitz(powers, np.eye(len(rewards))[0]).T @ rewards


        def get_returns(rollout_buffer, discount_factor=0.95):
            cuts = np.nonzero(rollout_buffer.terminateds.numpy())[0] + 1
            rewards = rollout_buffer.rewards.numpy()[:, None]
            episodes = [e for e in np.split(rewards, cuts) if len(e)]
            returns = np.vstack([_episode_returns(e, discount_factor) for e in episodes])
            return torch.as_tensor(returns, dtype=torch.float32)
        """,
    ),
    _functions(
        "alternative_returns_halves",
        '''
        def discounted(rewards, gamma):
            """Of one episode: the second half first, then the first half on top of it."""
            if len(rewards) < 2:
                return rewards
            middle = len(rewards) // 2
            second = discounted(rewards[middle:], gamma)
            first = discounted(rewards[:middle], gamma)
            return [g + gamma ** (middle - i) * second[0] for i, g in enumerate(first)] + second


        def get_returns(rollout_buffer, discount_factor=0.95):
            returns = []
            episode = []
            for reward, terminated in zip(rollout_buffer.rewards, rollout_buffer.terminateds):
                episode.append(reward.item())
                if terminated:
                    returns.extend(discounted(episode, discount_factor))
                    episode = []
            returns.extend(discounted(episode, discount_factor))
            return torch.tensor(returns, dtype=torch.float32).reshape(-1, 1)
        ''',
    ),
    _functions(
        "alternative_returns_generator",
        """
        from itertools import groupby
        from typing import Iterator


        def backwards(rewards: list, gamma: float) -> Iterator[float]:
            total = 0.0
            for reward in reversed(rewards):
                yield (total := reward + gamma * total)


        @torch.no_grad()
        def get_returns(rollout_buffer: utils.RolloutBuffer, discount_factor: float = 0.95):
            ended = rollout_buffer.terminateds.int()
            number = (ended.cumsum(0) - ended).tolist()
            rewards = rollout_buffer.rewards.tolist()
            result = []
            for _, steps in groupby(zip(number, rewards), key=lambda pair: pair[0]):
                result += list(backwards([r for _, r in steps], discount_factor))[::-1]
            return torch.as_tensor(result, dtype=torch.float32)[:, np.newaxis]
        """,
    ),
    _functions(
        "alternative_returns_class",
        """
        from dataclasses import dataclass, field


        @dataclass
        class Accumulator:
            gamma: float
            value: float = 0.0
            history: list = field(default_factory=list)

            def __call__(self, reward: float, last: bool) -> None:
                self.value = reward if last else reward + self.gamma * self.value
                self.history.append(self.value)


        def get_returns(rollout_buffer, discount_factor=0.95):
            accumulator = Accumulator(gamma=discount_factor)
            for step in range(rollout_buffer.final_size)[::-1]:
                last = bool(rollout_buffer.terminateds[step])
                accumulator(reward=float(rollout_buffer.rewards[step]), last=last)
            return torch.tensor(accumulator.history[::-1], dtype=torch.float32).reshape((-1, 1))
        """,
    ),
    _functions(
        "alternative_returns_reduce",
        """
        import functools


        def get_returns(rollout_buffer, discount_factor=0.95):
            def prepend(returns, step):
                reward, terminated = step
                following = returns[0] if returns and not terminated else 0.0
                return [reward + discount_factor * following, *returns]

            data = rollout_buffer.dump()
            steps = list(zip(data["rewards"], data["terminateds"]))
            returns = functools.reduce(prepend, reversed(steps), [])
            return torch.tensor(returns, dtype=torch.float32).unsqueeze(dim=1)
        """,
    ),
]
