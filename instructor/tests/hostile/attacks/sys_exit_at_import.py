"""Raises SystemExit while it is imported, as if all had gone well."""
# bites: returns: submitted.py ends the program while it is imported
# bites: plain grader: gives no result
# loses: everything

import sys

sys.exit(0)
