"""Never returns, holding the interpreter's lock inside a single operation."""
# bites: value_loss: It took longer than
# bites: plain grader: hangs


def get_value_net_loss(*args, **kwargs):
    return sum(iter(int, 1))
