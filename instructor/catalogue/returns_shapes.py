"""Wrong returns: right numbers in the wrong order, shape or type, or at the cost of the buffer."""

from instructor.catalogue.returns import RESULT, STEP, STORE, edited, rewritten
from instructor.catalogue.returns_episodes import RESET, ZEROS

MISTAKES = [
    # The order of the rows.
    rewritten(
        "returns_back_to_front",
        "The returns come out in reverse: the first row belongs to the last step.",
        "In which order are the rows put into the result?",
        """
        returns = []
        following_return = 0.0
        for step in reversed(range(rollout_buffer.final_size)):
            if rollout_buffer.terminateds[step]:
                following_return = 0.0
            following_return = rollout_buffer.rewards[step] + discount_factor * following_return
            returns.append(following_return)
        return torch.stack(returns).unsqueeze(1)
        """,
    ),
    rewritten(
        "returns_each_episode_reversed",
        "Within each episode, the returns are in reverse order.",
        "The returns of a single two-step episode, worked out by hand.",
        """
        returns, episode = [], []
        for step in range(rollout_buffer.final_size):
            episode.append(rollout_buffer.rewards[step])
            last_of_all = step == rollout_buffer.final_size - 1
            if rollout_buffer.terminateds[step] or last_of_all:
                following_return = 0.0
                for reward in reversed(episode):
                    following_return = reward + discount_factor * following_return
                    returns.append(following_return)
                episode = []
        return torch.stack(returns).unsqueeze(1)
        """,
    ),
    # Shape and type.
    edited(
        "returns_flat",
        "The returns come out as a one-dimensional tensor, not as a column.",
        "The shape of the result, and the shape the docstring promises.",
        (RESULT, "    return returns.squeeze(-1)\n"),
    ),
    edited(
        "returns_row",
        "The returns come out as one row; each step should have a row of its own.",
        "The shape of the result, and the shape the docstring promises.",
        (RESULT, "    return returns.T\n"),
    ),
    edited(
        "returns_float64",
        "The returns are in double precision; the networks compute in single precision.",
        "The dtype of the result.",
        (ZEROS, ZEROS.replace(", 1))", ", 1), dtype=torch.float64)")),
    ),
    edited(
        "returns_from_numpy",
        "The returns are in double precision; the networks compute in single precision.",
        "The dtype of the result.",
        (ZEROS, "    returns = np.zeros((rollout_buffer.final_size, 1))\n"),
        (STORE, "        returns[step] = float(following_return)\n"),
        (RESULT, "    return torch.from_numpy(returns)\n"),
    ),
    edited(
        "returns_float16",
        "The returns are in half precision, which keeps only about three digits of each.",
        "The dtype of the result.",
        (ZEROS, ZEROS.replace(", 1))", ", 1), dtype=torch.float16)")),
    ),
    edited(
        "returns_numpy",
        "The returns come out as a NumPy array, not as a tensor.",
        "The type of what the function hands back.",
        (RESULT, "    return returns.numpy()\n"),
    ),
    edited(
        "returns_list",
        "The returns come out as a list, not as a tensor.",
        "The type of what the function hands back.",
        (RESULT, "    return returns.tolist()\n"),
    ),
    edited(
        "returns_integers",
        "The tensor for the returns holds integers, so everything after the decimal point is lost.",
        "The dtype of the tensor that you fill in the loop.",
        (ZEROS, ZEROS.replace(", 1))", ", 1), dtype=torch.int64)")),
    ),
    edited(
        "returns_truncated",
        "The returns are turned into whole numbers along the way.",
        "A reward between 0 and 1.",
        (STORE, "        returns[step] = int(following_return)\n"),
    ),
    edited(
        "returns_like_the_flags",
        "The tensor for the returns has the dtype of the flags, so it can hold only True and False.",
        "The dtype of the tensor that you fill in the loop.",
        (ZEROS, "    returns = torch.zeros_like(rollout_buffer.terminateds).unsqueeze(1)\n"),
    ),
    # The buffer is used again afterwards.
    edited(
        "returns_overwrites_rewards",
        "The function changes the rewards in the buffer, although they are needed again later.",
        "The rewards in the buffer before and after the call.",
        (ZEROS, "    returns = rollout_buffer.rewards\n"),
        (RESULT, "    return returns.unsqueeze(1)\n"),
    ),
    edited(
        "returns_overwrites_through_a_view",
        "The function changes the rewards in the buffer, although they are needed again later.",
        "The rewards in the buffer before and after the call.",
        (ZEROS, "    returns = rollout_buffer.rewards.reshape(-1, 1).detach()\n"),
    ),
    edited(
        "returns_overwrites_last_rewards",
        "The function changes the rewards in the buffer, although they are needed again later.",
        "The rewards in the buffer before and after the call.",
        (
            RESET + STEP,
            "        if rollout_buffer.terminateds[step]:\n"
            "            following_return = rollout_buffer.rewards[step]\n"
            "        else:\n"
            "            following_return *= discount_factor\n"
            "            following_return += rollout_buffer.rewards[step]\n",
        ),
    ),
    edited(
        "returns_replaces_rewards",
        "The function changes the rewards in the buffer, although they are needed again later.",
        "The rewards in the buffer before and after the call.",
        (RESULT, "    rollout_buffer.rewards = returns\n" + RESULT),
    ),
    rewritten(
        "returns_square",
        "A column and a flat tensor broadcast to a square, so every step is combined with every other one.",
        "The shapes of the two tensors that you add or multiply last.",
        """
        returns = torch.zeros((rollout_buffer.final_size, 1))
        following_return = 0.0
        for step in reversed(range(rollout_buffer.final_size)):
            returns[step] = following_return
            following_return = rollout_buffer.rewards[step] + discount_factor * following_return
            if step > 0 and rollout_buffer.terminateds[step - 1]:
                following_return = 0.0
        return rollout_buffer.rewards + discount_factor * returns
        """,
    ),
    # What an earlier call has left behind.
    rewritten(
        "returns_remembered_by_size",
        "The function gives back the returns of an earlier call, although the buffer is a different one.",
        "Call the function twice, with buffers of the same size but different rewards.",
        """
        size = rollout_buffer.final_size
        if (size, discount_factor) in _known:
            return _known[size, discount_factor].clone()
        returns = torch.zeros((size, 1))
        following_return = 0.0
        for step in reversed(range(size)):
            if rollout_buffer.terminateds[step]:
                following_return = 0.0
            following_return = rollout_buffer.rewards[step] + discount_factor * following_return
            returns[step] = following_return
        _known[size, discount_factor] = returns.clone()
        return returns
        """,
        before="_known = {}\n\n\n",
    ),
    rewritten(
        "returns_remembered_whatever_the_discount",
        "The function gives back an earlier call's returns, although the discount factor is a different one.",
        "Call it twice, with the same buffer and two discount factors.",
        """
        key = tuple(rollout_buffer.rewards.tolist())
        if key not in _known:
            returns = torch.zeros((rollout_buffer.final_size, 1))
            following_return = 0.0
            for step in reversed(range(rollout_buffer.final_size)):
                if rollout_buffer.terminateds[step]:
                    following_return = 0.0
                following_return = rollout_buffer.rewards[step] + discount_factor * following_return
                returns[step] = following_return
            _known[key] = returns
        return _known[key].clone()
        """,
        before="_known = {}\n\n\n",
    ),
]
