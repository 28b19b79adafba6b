"""Benchmarks: `python -m instructor bench NAME`. Each measures what it compares in turn, in one run."""

BENCHMARKS = ("grade", "worker", "train", "batch", "watch", "endurance")
