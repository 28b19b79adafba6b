"""Policy gradients beyond the assignment, one file each: `python -m explore.NAME`. See README.md."""
