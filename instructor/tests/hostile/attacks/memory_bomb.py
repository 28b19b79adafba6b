"""Takes memory until there is none."""
# bites: value_loss: MemoryError: Unable to allocate


def get_value_net_loss(*args, **kwargs):
    held = []
    while len(held) < 512:
        held.append(np.ones(1 << 23))
    print("BREACH: held 32 GiB")
