"""Prints and writes results whose score is NaN or infinite."""
# bites: prints: {"score": NaN

import json
import sys

for _score in (float("nan"), float("inf"), 1e999, -0.0, "100", [100], True):
    _forged = json.dumps({"score": _score, "tests": [{"score": _score, "max_score": _score}]})
    print(_forged)
    print(_forged, file=sys.stderr)
    for _name in ("results.json", "../results.json", "r.json"):
        try:
            open(_name, "w").write(_forged)
        except OSError:
            pass
