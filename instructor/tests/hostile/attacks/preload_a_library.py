"""Sets LD_PRELOAD, PYTHONPATH and the like, for whatever is started next."""
# bites: prints: refused: [Errno 1] Operation not permitted

import os
import subprocess
import sys

open("evil.so", "wb").write(b"\x7fELF" + bytes(100))
open("sitecustomize.py", "w").write("print('shadowed')\n")
_here = os.getcwd()
for _name in ("LD_PRELOAD", "LD_AUDIT"):
    os.environ[_name] = f"{_here}/evil.so"
for _name in ("PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "PATH", "HOME", "TMPDIR"):
    os.environ[_name] = _here
os.environ["PYTEST_ADDOPTS"] = "--collect-only"
os.environ["PYTHONBREAKPOINT"] = os.environ["PYTHONINSPECT"] = "1"
try:
    subprocess.run([sys.executable, "-c", "pass"], timeout=1)
except (OSError, subprocess.SubprocessError) as error:
    print("refused:", error)
