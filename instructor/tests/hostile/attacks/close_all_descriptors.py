"""Closes every descriptor, so that nothing can be reported."""
# bites: returns: it ended the whole program instead of returning a result
# bites: plain grader: gives no result
# loses: everything

import os

os.closerange(0, 4096)
