"""Never returns, holding the interpreter's lock inside a single operation."""


def get_value_net_loss(*args, **kwargs):
    return 1 << (1 << 33) if kwargs else sum(iter(int, 1))


def get_advantages(*args):
    return sum(iter(int, 1))
