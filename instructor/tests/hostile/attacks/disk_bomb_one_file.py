"""Writes one file without end."""
# older kernels: files
# bites: value_loss: large enough: OSError: [Errno 2


def get_value_net_loss(*args, **kwargs):
    written = 0
    with open("large", "wb") as file:
        try:
            for _ in range(4096):
                written += file.write(bytes(1 << 20))
        except OSError as error:
            assert written > 5 << 20
            raise RuntimeError(f"large enough: OSError: {error}") from None
    print("BREACH: wrote 4 GiB")
