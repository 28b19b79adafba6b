"""The lines of the reference that entries change: a file per part, for mistakes and alternatives alike.

Each constant stands exactly once in `reference.py`, and in the order in which it stands there.
"""
