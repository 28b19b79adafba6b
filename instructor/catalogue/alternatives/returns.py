"""Right returns, written differently: loops, one episode at a time, or without loops."""

from instructor.catalogue.alternatives import Alternative, edited, rewritten
from instructor.catalogue.reference_lines.returns import BODY


def _body(name: str, new: str) -> Alternative:
    """Another body of the function."""
    return edited(name, (BODY, new))


ALTERNATIVES = [
    # Loops over the buffer.
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
    # Matrices, polynomials and filters.
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
    rewritten(
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
    # Functions and classes of their own.
    rewritten(
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
    rewritten(
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
    rewritten(
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
    rewritten(
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
    # Written for flat rewards by authors who knew nothing but the interface.
    rewritten(
        "alternative_returns_beginner_index_back",
        """
        def get_returns(rollout_buffer, discount_factor=0.95):
            rewards = rollout_buffer.rewards
            dones = rollout_buffer.terminateds
            N = len(rewards)
            returns = torch.zeros_like(rewards)
            g = 0
            for i in range(N - 1, -1, -1):
                if dones[i]:
                    g = 0
                g = rewards[i] + discount_factor * g
                returns[i] = g
            return returns.unsqueeze(1)
        """,
    ),
    rewritten(
        "alternative_returns_double_loop_plus_equals",
        """
        def get_returns(rollout_buffer, discount_factor=0.95):
            N = len(rollout_buffer.actions)
            returns = torch.zeros((N, 1))
            for t in range(N):
                for i in range(t, N):
                    returns[t] += (discount_factor ** (i - t)) * rollout_buffer.rewards[i]
                    if rollout_buffer.terminateds[i] == True:
                        break
            return returns
        """,
    ),
    rewritten(
        "alternative_returns_list_insert_brackets",
        """
        def get_returns(rollout_buffer, discount_factor=0.95):
            acc = []
            g = 0.0
            for i in reversed(range(rollout_buffer.final_size)):
                if rollout_buffer.terminateds[i] == True:
                    g = 0.0
                g = rollout_buffer.rewards[i].item() + discount_factor * g
                acc.insert(0, [g])
            return torch.tensor(acc)
        """,
    ),
    rewritten(
        "alternative_returns_list_of_0d_tensors",
        """
        def get_returns(rollout_buffer, discount_factor=0.95):
            lst = []
            R = torch.tensor(0.0)
            for r, d in zip(reversed(rollout_buffer.rewards), reversed(rollout_buffer.terminateds)):
                if d:
                    R = torch.tensor(0.0)
                R = r + discount_factor * R
                lst.append(R)
            lst.reverse()
            return torch.tensor(lst).view(-1, 1)
        """,
    ),
    rewritten(
        "alternative_returns_while_two_pointers",
        """
        def get_returns(rollout_buffer, discount_factor=0.95):
            rewards = rollout_buffer.rewards
            n = rewards.shape[0]
            out = torch.zeros(n, 1)
            start = 0
            while start < n:
                end = start
                while not rollout_buffer.terminateds[end]:
                    end += 1
                # episode is start..end inclusive
                k = end
                running = 0.0
                while k >= start:
                    running = float(rewards[k]) + discount_factor * running
                    out[k, 0] = running
                    k -= 1
                start = end + 1
            return out
        """,
    ),
    rewritten(
        "alternative_returns_dump_dict_lists",
        '''
        def get_returns(rollout_buffer, discount_factor=0.95):
            """Go through the dumped lists from the back."""
            d = rollout_buffer.dump()
            rews, terms = d["rewards"], d["terminateds"]
            res = [0.0] * len(rews)
            nxt = 0.0
            for t in range(len(rews))[::-1]:
                res[t] = rews[t] + (0.0 if terms[t] else discount_factor * nxt)
                nxt = res[t]
            return torch.tensor(res, dtype=torch.float32)[:, None]
        ''',
    ),
    rewritten(
        "alternative_returns_numpy_roundtrip",
        """
        def get_returns(rollout_buffer, discount_factor: float = 0.95) -> torch.Tensor:
            r = rollout_buffer.rewards.detach().cpu().numpy().astype(np.float64)
            d = rollout_buffer.terminateds.detach().cpu().numpy()
            G = np.zeros_like(r)
            acc = 0.0
            for t in reversed(range(r.size)):
                acc = r[t] + discount_factor * acc * (1.0 - d[t])
                G[t] = acc
            return torch.from_numpy(G.astype(np.float32)).reshape(-1, 1)
        """,
    ),
    rewritten(
        "alternative_returns_np_split_episodes",
        """
        def get_returns(rollout_buffer, discount_factor=0.95):
            rewards = rollout_buffer.rewards.numpy()
            ends = np.flatnonzero(rollout_buffer.terminateds.numpy())
            pieces = np.split(rewards, ends[:-1] + 1)
            outs = []
            for ep in pieces:
                ret = np.zeros(len(ep), dtype=np.float32)
                ret[-1] = ep[-1]
                for j in range(len(ep) - 2, -1, -1):
                    ret[j] = ep[j] + discount_factor * ret[j + 1]
                outs.append(ret)
            return torch.as_tensor(np.concatenate(outs)[:, np.newaxis])
        """,
    ),
    rewritten(
        "alternative_returns_torch_split_discount_matrix",
        """
        def _discount_matrix(n, gamma):
            idx = torch.arange(n)
            diff = idx[None, :] - idx[:, None]
            return torch.where(diff >= 0, float(gamma) ** diff.clamp(min=0).double(), torch.zeros((), dtype=torch.float64))


        def get_returns(rollout_buffer, discount_factor=0.95):
            ends = torch.nonzero(rollout_buffer.terminateds).flatten()
            starts = torch.cat([torch.tensor([-1]), ends[:-1]])
            lengths = (ends - starts).tolist()
            chunks = torch.split(rollout_buffer.rewards, lengths)
            result = [_discount_matrix(len(c), discount_factor) @ c.double() for c in chunks]
            return torch.cat(result).float().unsqueeze(-1)
        """,
    ),
    rewritten(
        "alternative_returns_zip_episode_list",
        """
        def get_returns(rollout_buffer, discount_factor=0.95):
            all_returns = []
            episode = []
            for reward, terminated in zip(rollout_buffer.rewards, rollout_buffer.terminateds):
                episode.append(reward.item())
                if terminated:
                    ep_returns = []
                    G = 0
                    for x in episode[::-1]:
                        G = x + discount_factor * G
                        ep_returns.append(G)
                    all_returns += ep_returns[::-1]
                    episode = []
            return torch.tensor(all_returns, dtype=torch.float32).view(-1, 1)
        """,
    ),
    rewritten(
        "alternative_returns_recursion_per_episode",
        """
        import sys


        def disc(rs, gamma):
            if len(rs) == 1:
                return [rs[0]]
            rest = disc(rs[1:], gamma)
            return [rs[0] + gamma * rest[0]] + rest


        def get_returns(rollout_buffer, discount_factor=0.95):
            old_limit = sys.getrecursionlimit()
            sys.setrecursionlimit(max(old_limit, 4 * rollout_buffer.final_size + 1000))
            try:
                out, cur = [], []
                for r, done in zip(rollout_buffer.rewards.tolist(), rollout_buffer.terminateds.tolist()):
                    cur.append(r)
                    if done:
                        out.extend(disc(cur, discount_factor))
                        cur = []
            finally:
                sys.setrecursionlimit(old_limit)
            return torch.FloatTensor(out).reshape(-1, 1)
        """,
    ),
    rewritten(
        "alternative_returns_generator_backwards",
        '''
        from typing import Iterator


        def _backward_returns(rewards: list, dones: list, gamma: float) -> Iterator[float]:
            """Yields G_{N-1}, G_{N-2}, ..., G_0."""
            g = 0.0
            for r, d in zip(reversed(rewards), reversed(dones)):
                g = r if d else r + gamma * g
                yield g


        def get_returns(rollout_buffer, discount_factor: float = 0.95) -> torch.Tensor:
            values = list(_backward_returns(rollout_buffer.rewards.tolist(),
                                            rollout_buffer.terminateds.tolist(),
                                            discount_factor))
            return torch.tensor(values[::-1], dtype=torch.float32).reshape((-1, 1))
        ''',
    ),
    rewritten(
        "alternative_returns_deque_appendleft",
        """
        from collections import deque


        def get_returns(rollout_buffer, discount_factor=0.95):
            returns = deque()
            discounted = 0
            for reward, is_terminal in zip(reversed(rollout_buffer.rewards.tolist()),
                                           reversed(rollout_buffer.terminateds.tolist())):
                if is_terminal:
                    discounted = 0
                discounted = reward + discount_factor * discounted
                returns.appendleft(discounted)
            return torch.tensor(list(returns), dtype=torch.float32).unsqueeze(dim=1)
        """,
    ),
    rewritten(
        "alternative_returns_columns_mask_float",
        """
        def get_returns(rollout_buffer, discount_factor=0.95):
            rewards = rollout_buffer.rewards.reshape(-1, 1)
            not_done = 1 - rollout_buffer.terminateds.reshape(-1, 1).float()
            returns = torch.zeros_like(rewards)
            next_return = torch.zeros(1)
            for t in reversed(range(len(rewards))):
                returns[t] = rewards[t] + discount_factor * not_done[t] * next_return
                next_return = returns[t]
            return returns
        """,
    ),
    rewritten(
        "alternative_returns_columns_invert_mask_clone",
        '''
        def get_returns(rollout_buffer, discount_factor=0.95):
            """
            Start from a copy of the rewards (as a column) and add the discounted
            next entry in place, from the back to the front.
            """
            G = rollout_buffer.rewards.reshape(-1, 1).clone()
            alive = ~rollout_buffer.terminateds.reshape(-1, 1)
            for t in range(G.size(0) - 2, -1, -1):
                G[t] += discount_factor * G[t + 1] * alive[t]
            return G
        ''',
    ),
    rewritten(
        "alternative_returns_columns_full_matrix",
        """
        def get_returns(rollout_buffer, discount_factor=0.95):
            r = rollout_buffer.rewards.reshape(-1, 1)
            d = rollout_buffer.terminateds.reshape(-1, 1).long()
            n = r.shape[0]
            ep = torch.cumsum(d, dim=0) - d            # episode id column
            same = ep == ep.T
            t = torch.arange(n).reshape(-1, 1)
            lag = t.T - t
            mask = same & (lag >= 0)
            W = torch.pow(torch.tensor(float(discount_factor), dtype=torch.float64), lag.clamp(min=0))
            W = W * mask
            return (W @ r.double()).to(torch.float32)
        """,
    ),
    rewritten(
        "alternative_returns_columns_flip_cat",
        """
        def get_returns(rollout_buffer, discount_factor=0.95):
            rew = torch.flip(rollout_buffer.rewards.reshape(-1, 1), dims=[0])
            term = torch.flip(rollout_buffer.terminateds.reshape(-1, 1), dims=[0])
            outs = []
            g = torch.zeros(1)
            for row, stop in zip(rew, term):
                g = torch.where(stop, row, row + discount_factor * g)
                outs.append(g)
            return torch.flip(torch.stack(outs), dims=(0,))
        """,
    ),
    rewritten(
        "alternative_returns_columns_pointer_doubling",
        """
        def get_returns(rollout_buffer, discount_factor=0.95):
            # parallel suffix scan on pairs (a, b): G_t = b_t + a_t * G_{t + span}
            b = rollout_buffer.rewards.reshape(-1, 1).to(torch.float64)
            a = discount_factor * (~rollout_buffer.terminateds.reshape(-1, 1)).to(torch.float64)
            n = b.shape[0]
            span = 1
            while span < n:
                b_next = torch.cat([b[span:], torch.zeros(span, 1, dtype=torch.float64)])
                a_next = torch.cat([a[span:], torch.zeros(span, 1, dtype=torch.float64)])
                b = b + a * b_next
                a = a * a_next
                span *= 2
            return b.float()
        """,
    ),
    rewritten(
        "alternative_returns_columns_episode_slices",
        """
        def get_returns(rollout_buffer, discount_factor=0.95):
            rewards = rollout_buffer.rewards.reshape(-1, 1)
            terminateds = rollout_buffer.terminateds.reshape(-1, 1)
            returns = torch.zeros((len(rollout_buffer.observations), 1))
            begin = 0
            for end in torch.where(terminateds)[0]:
                end = end.item() + 1
                ep = rewards[begin:end]
                L = len(ep)
                gammas = torch.tensor([discount_factor ** k for k in range(L)]).reshape(-1, 1)
                for j in range(L):
                    returns[begin + j] = (gammas[:L - j] * ep[j:]).sum()
                begin = end
            return returns
        """,
    ),
    rewritten(
        "alternative_returns_columns_numpy_sloppy",
        """
        def get_returns(rollout_buffer, discount_factor=0.95):
            x = rollout_buffer.rewards.numpy().reshape(-1, 1)
            dd = rollout_buffer.terminateds.numpy().reshape(-1, 1)
            xx = np.zeros((rollout_buffer.final_size, 1), dtype=np.float32)
            tmp = 0
            i = rollout_buffer.final_size - 1
            while i >= 0:
                if dd[i][0]:
                    tmp = 0
                tmp = x[i][0] + discount_factor * tmp
                xx[i][0] = tmp
                i = i - 1
            return torch.from_numpy(xx)
        """,
    ),
    rewritten(
        "alternative_returns_columns_view_item",
        """
        def get_returns(rollout_buffer, discount_factor=0.95):
            R = rollout_buffer.rewards.reshape(-1, 1)
            T = rollout_buffer.terminateds.reshape(-1, 1)
            N = R.shape[0]
            out = torch.empty(N, 1, dtype=torch.float32)
            for i in range(N):
                total = 0.0
                g = 1.0
                j = i
                while True:
                    total += g * R[j, 0].item()
                    if T[j, 0].item():
                        break
                    g *= discount_factor
                    j += 1
                out[i, 0] = total
            return out
        """,
    ),
    rewritten(
        "alternative_returns_columns_unsqueeze_append_cat",
        """
        def get_returns(rollout_buffer, discount_factor=0.95):
            rewards = rollout_buffer.rewards.reshape(-1, 1)
            dones = rollout_buffer.terminateds.reshape(-1, 1)
            returns = rewards[-1:]
            for t in range(len(rewards) - 2, -1, -1):
                if dones[t].item() is True:
                    new = rewards[t:t + 1]
                else:
                    new = rewards[t:t + 1] + discount_factor * returns[0:1]
                returns = torch.cat((new, returns), dim=0)
            return returns.clone()
        """,
    ),
    rewritten(
        "alternative_returns_reversed_list_enumerate",
        """
        def get_returns(rollout_buffer, discount_factor=0.95):
            out = torch.zeros(rollout_buffer.rewards.shape)
            prev = 0
            for idx, rew in reversed(list(enumerate(rollout_buffer.rewards))):
                if rollout_buffer.terminateds[idx]:
                    out[idx] = rew
                else:
                    out[idx] = rew + discount_factor * prev
                prev = out[idx].item()
            return out[:, None]
        """,
    ),
    rewritten(
        "alternative_returns_dataclass_episode",
        '''
        from dataclasses import dataclass, field
        from typing import List


        @dataclass
        class Episode:
            rewards: List[float] = field(default_factory=list)

            def returns(self, gamma: float) -> List[float]:
                out = [0.0] * len(self.rewards)
                running = 0.0
                for k in range(len(self.rewards) - 1, -1, -1):
                    running = self.rewards[k] + gamma * running
                    out[k] = running
                return out


        def split_episodes(rollout_buffer) -> List[Episode]:
            episodes = [Episode()]
            for reward, end in zip(rollout_buffer.rewards.tolist(), rollout_buffer.terminateds.tolist()):
                episodes[-1].rewards.append(reward)
                if end:
                    episodes.append(Episode())
            episodes.pop()  # the empty one opened after the last terminal step
            return episodes


        def get_returns(rollout_buffer, discount_factor: float = 0.95) -> torch.Tensor:
            """Discounted return-to-go of every timestep, shape (N, 1)."""
            flat = [g for ep in split_episodes(rollout_buffer) for g in ep.returns(discount_factor)]
            return torch.tensor(flat, dtype=torch.float32).reshape(-1, 1)
        ''',
    ),
    rewritten(
        "alternative_returns_functools_reduce",
        """
        from functools import reduce


        def get_returns(rollout_buffer, discount_factor=0.95):
            pairs = list(zip(rollout_buffer.rewards.tolist(), rollout_buffer.terminateds.tolist()))

            def step(acc, pair):
                r, d = pair
                acc.append(r if d else r + discount_factor * acc[-1])
                return acc

            res = reduce(step, reversed(pairs), [])
            return torch.Tensor(res[::-1]).view(-1, 1)
        """,
    ),
    rewritten(
        "alternative_returns_itertools_accumulate",
        """
        import itertools


        def get_returns(rollout_buffer, discount_factor=0.95):
            rs = rollout_buffer.rewards.tolist()[::-1]
            ds = rollout_buffer.terminateds.tolist()[::-1]
            gs = itertools.accumulate(
                zip(rs, ds),
                lambda g, rd: rd[0] + discount_factor * g * (not rd[1]),
                initial=0.0,
            )
            gs = list(gs)[1:]
            return torch.tensor(gs[::-1])[:, None]
        """,
    ),
    rewritten(
        "alternative_returns_cr_progress_print",
        r"""
        def get_returns(rollout_buffer, discount_factor=0.95):
            n = rollout_buffer.final_size
            returns = torch.zeros(n)
            for i in range(n - 1, -1, -1):
                print(f"\rstep {i}", end="")
                returns[i] = rollout_buffer.rewards[i]
                if not rollout_buffer.terminateds[i]:
                    returns[i] += discount_factor * returns[i + 1]
            print()
            return returns.reshape(-1, 1)
        """,
    ),
    rewritten(
        "alternative_returns_print_episode_count",
        """
        def get_returns(rollout_buffer, discount_factor=0.95):
            n_eps = int(rollout_buffer.terminateds.sum())
            print("number of episodes:", n_eps, "steps:", len(rollout_buffer.rewards))
            returns = []
            start = 0
            for e in range(n_eps):
                # look for the end
                stop = start
                while rollout_buffer.terminateds[stop] == False:
                    stop = stop + 1
                for t in range(start, stop + 1):
                    g = 0.0
                    for k in range(t, stop + 1):
                        g = g + discount_factor ** (k - t) * float(rollout_buffer.rewards[k])
                    returns.append([g])
                start = stop + 1
            return torch.tensor(returns, dtype=torch.float)
        """,
    ),
    rewritten(
        "alternative_returns_horner_class_accumulator",
        '''
        class ReturnAccumulator:
            """Keeps the running discounted sum while walking backwards in time."""

            def __init__(self, gamma):
                self.gamma = gamma
                self.value = 0.0

            def reset(self):
                self.value = 0.0

            def __call__(self, reward):
                self.value = reward + self.gamma * self.value
                return self.value


        def get_returns(rollout_buffer, discount_factor=0.95):
            acc = ReturnAccumulator(discount_factor)
            out = np.empty((rollout_buffer.rewards.numel(), 1), dtype=np.float32)
            for t in range(out.shape[0] - 1, -1, -1):
                if rollout_buffer.terminateds[t].item():
                    acc.reset()
                out[t, 0] = acc(rollout_buffer.rewards[t].item())
            return torch.tensor(out)
        ''',
    ),
    rewritten(
        "alternative_returns_no_grad_padded_batch",
        """
        from torch.nn.utils.rnn import pad_sequence


        @torch.no_grad()
        def get_returns(rollout_buffer, discount_factor=0.95):
            ends = rollout_buffer.terminateds.nonzero(as_tuple=True)[0] + 1
            lengths = torch.diff(ends, prepend=torch.zeros(1, dtype=ends.dtype))
            eps = torch.split(rollout_buffer.rewards, lengths.tolist())
            padded = pad_sequence(list(eps), batch_first=True)       # (E, T), zeros after the end
            G = torch.zeros_like(padded)
            run = torch.zeros(padded.shape[0])
            for t in range(padded.shape[1] - 1, -1, -1):
                run = padded[:, t] + discount_factor * run
                G[:, t] = run
            keep = torch.arange(padded.shape[1])[None, :] < lengths[:, None]
            return G[keep].unsqueeze(1)
        """,
    ),
    rewritten(
        "alternative_returns_forward_lag_steps",
        '''
        def get_returns(rollout_buffer, discount_factor=0.95):
            """Adds the reward k steps ahead for k = 0, 1, 2, ... to all steps at once."""
            rewards = rollout_buffer.rewards
            N = rewards.shape[0]
            returns = rewards.clone()
            still = ~rollout_buffer.terminateds       # episode of t goes on after t + k - 1
            k = 1
            coef = discount_factor
            while still.any():
                idx = torch.nonzero(still).squeeze(1)
                returns[idx] += coef * rewards[idx + k]
                still = still.clone()
                still[idx] = ~rollout_buffer.terminateds[idx + k]
                coef *= discount_factor
                k += 1
            return returns.view(N, 1)
        ''',
    ),
    rewritten(
        "alternative_returns_spread_reward_backwards",
        """
        def get_returns(rollout_buffer, discount_factor=0.95):
            # every reward is handed back to all earlier steps of its episode
            N = len(rollout_buffer.observations)
            ret = torch.zeros(N, 1)
            first = 0
            for i in range(N):
                for t in range(first, i + 1):
                    ret[t] += discount_factor ** (i - t) * rollout_buffer.rewards[i]
                if rollout_buffer.terminateds[i]:
                    first = i + 1
            return ret
        """,
    ),
    rewritten(
        "alternative_returns_linear_solve",
        '''
        def get_returns(rollout_buffer, discount_factor=0.95):
            """Bellman: (I - gamma * S) G = r, with S the shift inside episodes."""
            n = rollout_buffer.rewards.shape[0]
            cont = (1.0 - rollout_buffer.terminateds.double())[:-1]
            A = torch.eye(n, dtype=torch.float64)
            if n > 1:
                A -= discount_factor * torch.diag(cont, diagonal=1)
            r = rollout_buffer.rewards.double().unsqueeze(1)
            return torch.linalg.solve_triangular(A, r, upper=True).float()
        ''',
    ),
    rewritten(
        "alternative_returns_np_dot_slices_vstack",
        """
        def get_returns(rollout_buffer, discount_factor=0.95):
            rewards = np.asarray(rollout_buffer.rewards.tolist())
            idxs = [i for i, x in enumerate(rollout_buffer.terminateds.tolist()) if x]
            powers = np.power(float(discount_factor), np.arange(len(rewards)))
            rows = []
            s = 0
            for e in idxs:
                for t in range(s, e + 1):
                    rows.append(np.dot(rewards[t:e + 1], powers[:e + 1 - t]))
                s = e + 1
            return torch.tensor(np.vstack(rows), dtype=torch.float32)
        """,
    ),
    rewritten(
        "alternative_returns_dict_memo_next_end",
        '''
        from typing import Dict


        def get_returns(rollout_buffer, discount_factor: float = 0.95) -> torch.Tensor:
            """
            Args:
                rollout_buffer: buffer of whole episodes.
                discount_factor: gamma.

            Returns:
                float tensor of shape (N, 1).
            """
            data = rollout_buffer.dump()
            memo: Dict[int, float] = {}
            stack = []
            for t, (r, done) in enumerate(zip(data['rewards'], data['terminateds'])):
                stack.append(t)
                if done:
                    while stack:
                        u = stack.pop()
                        memo[u] = data['rewards'][u] + (discount_factor * memo[u + 1] if u != t else 0.0)
            return torch.tensor([[memo[t]] for t in range(rollout_buffer.final_size)], dtype=torch.float32)
        ''',
    ),
    rewritten(
        "alternative_returns_prealloc_plus_one_fancy",
        """
        def get_returns(rollout_buffer, discount_factor=0.95):
            N, = rollout_buffer.rewards.size()
            device = rollout_buffer.rewards.device
            returns = torch.zeros(N + 1, 1, dtype=torch.float32, device=device)
            masks = (~rollout_buffer.terminateds).float()
            for step in reversed(range(N)):
                returns[step] = returns[step + 1] * discount_factor * masks[step] + rollout_buffer.rewards[step]
            return returns[:-1].contiguous()
        """,
    ),
]
