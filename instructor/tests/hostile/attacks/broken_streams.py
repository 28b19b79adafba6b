"""Replaces, closes and breaks the streams that output goes through."""
# bites: plain grader: gives no result

import os
import sys


class Broken:
    def __getattr__(self, name):
        raise SystemExit(0)


os.close(1)
sys.stdout = sys.__stdout__ = Broken()
sys.stderr.close()
sys.stderr = sys.__stderr__ = None
