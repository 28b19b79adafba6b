"""The lines of the reference that entries change: a file per part, for mistakes and alternatives alike.

Each text stands exactly once in `reference.py`.
"""
