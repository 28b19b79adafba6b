"""Takes memory until there is none."""


def get_value_net_loss(*args, **kwargs):
    held = []
    while len(held) < 512:
        held.append(np.ones(1 << 23))
    print("BREACH: held 32 GiB")
