"""Grade in other environments: `nox -f instructor/proof/noxfile.py`. Not part of CI.

`-s compat` grades the catalogue. It needs the Python versions on the PATH, several GB for the builds of
torch, and a while. The keys stay those of the repository: every environment must give the same scores
with them. `-s autograder` grades on the emulated platform with only those packages installed that
setup.sh installs.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nox

KIT = Path(__file__).resolve().parent.parent.parent
# The oldest torch with the oldest NumPy, one in the middle, the newest on every Python.
ENVIRONMENTS = [
    ("3.10", "2.2.2", "numpy<2"),
    ("3.12", "2.7.1", "numpy<2.3"),
    ("3.10", "2.13.0", "numpy>=2"),
    ("3.11", "2.13.0", "numpy>=2"),
    ("3.12", "2.13.0", "numpy>=2"),
    ("3.13", "2.13.0", "numpy>=2"),
]

nox.options.reuse_existing_virtualenvs = True


@nox.session
@nox.parametrize(("python", "torch", "numpy"), ENVIRONMENTS)
def compat(session: nox.Session, torch: str, numpy: str) -> None:
    """Grade reference, stubs, all alternatives and a sample of mistakes; note the scores."""
    session.chdir(KIT)
    # First and pinned, before anything that depends on torch could choose another build.
    session.install(f"torch=={torch}", numpy)
    others = [
        line.partition(";")[0].strip()
        for line in (KIT / "requirements.txt").read_text(encoding="utf-8").splitlines()
        if not line.startswith(("#", "torch", "numpy", "jupyter"))
    ]
    session.install(numpy, "scipy", *others)
    session.run("python", "-m", "instructor", "compat", *session.posargs)


@nox.session
def autograder(session: nox.Session) -> None:
    """Grade the reference and the stubs with the autograder's own requirements and no others."""
    session.chdir(KIT)
    # The zip is made where nox runs: making it takes packages that grading does not need.
    out = session.create_tmp()
    session.run(sys.executable, "-m", "instructor", "package", "--out", out, external=True)
    session.install("-r", "instructor/release/gradescope/autograder/requirements.txt")
    grades = "import pathlib, sys; from instructor.release.check import platform_grades as grades; "
    grades += "print(grades(pathlib.Path(sys.argv[1])))"
    session.run("python", "-c", grades, str(Path(out) / "autograder.zip"))
