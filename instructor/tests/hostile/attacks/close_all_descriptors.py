"""Closes every descriptor, so that nothing can be reported."""
# loses: everything

import os

os.closerange(0, 4096)
