"""Benchmarks: `python -m instructor bench NAME`. What is compared is measured in turn, in one run."""
