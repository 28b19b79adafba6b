"""Never returns, holding the interpreter's lock inside a single operation."""


def get_value_net_loss(*args, **kwargs):
    return sum(iter(int, 1))


def get_advantages(*args, **kwargs):
    return sum(iter(int, 1))
