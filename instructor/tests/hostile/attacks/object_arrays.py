"""Returns arrays of objects, records, texts, dates and sparse or quantized tensors."""
# bites: value_loss: get_value_net_loss returned something else, not a torch tensor
# bites: vpg_loss: get_vanilla_policy_gradient_loss returned something else
# bites: advantages: is a tensor that holds no plain numbers
# bites: ppo_loss: returned a tensor, but not a single number
# bites: training: It ends the whole program instead of returning a result


class Bomb:
    def __float__(self):
        raise SystemExit

    __array__ = __int__ = __index__ = __float__


_bombs = np.empty(3, dtype=object)
_bombs[:] = [[Bomb()], [Bomb()], [Bomb()]]
get_value_net_loss = lambda *a, **k: _bombs
get_advantages = lambda *a, **k: torch.eye(3).to_sparse()
get_PPO_policy_gradient_loss = lambda *a, **k: torch.zeros(3, dtype=torch.complex64, device="meta")
get_vanilla_policy_gradient_loss = lambda *a, **k: np.zeros(3, "U5,f4,M8[s]")
collect_rollouts = lambda *a, **k: (Bomb(), Bomb())
train_policy_gradient = lambda *a, **k: ([Bomb()],) * 4
