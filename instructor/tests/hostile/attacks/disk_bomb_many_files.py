"""Writes small files without end, and large ones beside them."""

import time


def get_value_net_loss(*args, **kwargs):
    end = time.monotonic() + 20
    number = 0
    while time.monotonic() < end:
        number += 1
        with open(f"{number}", "wb") as file:
            file.write(bytes(1 << 12 if number % 50 else 1 << 23))
