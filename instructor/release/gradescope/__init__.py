"""Gradescope: what runs there, and a copy of its layout to try it in."""
