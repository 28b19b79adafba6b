"""Raises exceptions whose type's name, traceback and attributes misbehave when looked at."""
# bites: value_loss: It stopped with an error.
# bites: advantages: It stopped with an error.
# bites: ppo_loss: ExceptionGroup
# bites: plain grader: gives no result


class Meta(type):
    __name__ = property(lambda cls: 1 / 0)


class Odd(Exception, metaclass=Meta):
    __traceback__ = property(lambda self: 1 / 0)


class OddObject(AttributeError):
    obj = name = property(lambda self: 1 / 0)


def get_value_net_loss(*args, **kwargs):
    raise Odd


def get_advantages(*args, **kwargs):
    raise OddObject


def get_PPO_policy_gradient_loss(*args, **kwargs):
    raise ExceptionGroup("x", [Odd(), KeyError("y" * 10_000_000)])
