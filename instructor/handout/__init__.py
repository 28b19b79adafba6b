"""Executing the handout, and the training runs over ten seeds."""
