"""Prints terminal escapes, markup, invalid UTF-8 and a forged report in front of the true one."""
# bites: prints: Total: 100 / 100
# bites: value_loss: It stopped with a ValueError: [/dim][/bold]
# bites: advantages: It stopped with a [/bold]

import sys

_right = get_returns


def get_returns(rollout_buffer, discount_factor=0.95):
    sys.stdout.write("\x1b[2J\x1b[H\x1b]0;owned\x07\x1b[8m\r\b\x00\u202e[/dim][bold red]\\[\n")
    sys.stdout.buffer.write(b"\xff\xfe\xc3\x28\xed\xa0\x80\x9b2J\n")
    print("Total: 100 / 100\x85\u2028" + "[dim" * 100 + "\\" * 7)
    print("\ud800\udfff", ascii("\ud800"), "a" + "\u0301" * 5000)
    return _right(rollout_buffer, discount_factor)


def get_value_net_loss(*args, **kwargs):
    raise ValueError("[/dim][/bold]\x1b[2J:bomb:[link=file:///etc/passwd]x\ud800\u202e\\")


def get_advantages(*args, **kwargs):
    raise type("[/bold]\x1b[8m\\", (Exception,), {})("\\")


def get_PPO_policy_gradient_loss(*args, **kwargs):
    raise ValueError("a\x00b" + "\\" * 9 + "[" * 500)
