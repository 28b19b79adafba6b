"""Writes one file without end."""
# bites: value_loss: OSError: [Errno 27] File too large


def get_value_net_loss(*args, **kwargs):
    with open("large", "wb") as file:
        for _ in range(4096):
            file.write(bytes(1 << 20))
    print("BREACH: wrote 4 GiB")
