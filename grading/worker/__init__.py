"""Runs beside the submission, in a process of its own. Knows no answer; imports nothing of `judge`."""
