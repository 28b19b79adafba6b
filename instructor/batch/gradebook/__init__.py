"""Scores into the gradebook that an instructor exported from Canvas or Moodle."""
