"""Strangers' texts in a page: the browser runs none of them, and every one can be written to a file."""

from __future__ import annotations

import base64
import hashlib


def csp_hash(text: str) -> str:
    """The hash by which a page's policy lets the browser run just this script or style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def writable(text: str) -> str:
    """The text without halves of characters, which a submission can print and no file can hold."""
    return text.encode("utf-8", errors="replace").decode("utf-8")
