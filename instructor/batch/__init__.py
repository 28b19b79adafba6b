"""A whole class at once: `python -m instructor batch SOURCE --out DIR`."""
