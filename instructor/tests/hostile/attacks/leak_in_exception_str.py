"""Raises an exception that prints the caller's inputs, differs each time, or fails to print."""
# bites: value_loss: It stopped with a Told: LEAK
# bites: advantages: It stopped with a Silent.


class Told(Exception):
    def __str__(self):
        import sys

        frame, said = sys._getframe(), ""
        while frame is not None:
            said += f"LEAK {frame.f_locals.get('inputs', '')}"
            frame = frame.f_back
        return said


class Silent(Exception):
    args = property(lambda self: 1 / 0)

    def __str__(self):
        raise SystemExit


def get_value_net_loss(*args, **kwargs):
    raise Told


def get_advantages(*args, **kwargs):
    raise Silent


get_PPO_policy_gradient_loss = get_value_net_loss
