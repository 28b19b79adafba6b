"""Uploads whose files have names that are not UTF-8: what is written and printed about them is."""

import json
import os
import subprocess
import sys

import pytest

from grading.kit import KIT
from instructor.release.gradescope import upload
from instructor.release.package import Settings

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the platform is Linux")


def uploaded(root, *names, encoding="utf-8:strict"):
    """The results of an upload of empty files, and what the grading printed in this encoding."""
    for folder in ("source", "submission", "results"):
        (root / folder).mkdir()
    (root / "source" / upload.SETTINGS).write_text(
        json.dumps(vars(Settings(accept_tier_d=True))), encoding="utf-8"
    )
    for name in names:
        with open(os.path.join(os.fsencode(root / "submission"), name), "wb"):
            pass
    done = subprocess.run(
        [sys.executable, "-m", "instructor.release.gradescope.upload", str(root)],
        cwd=KIT,
        capture_output=True,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": encoding},  # strict UTF-8 as in most locales
    )
    return json.loads((root / "results" / "results.json").read_bytes()), done


@pytest.mark.slow
@pytest.mark.parametrize(
    ("names", "says"),
    [
        ([b"a.py", b"\xff.py"], "but several others: a.py, \N{REPLACEMENT CHARACTER}.py."),
        ([b"\xff.py"], "\N{REPLACEMENT CHARACTER}.py was graded in its place."),
    ],
)
def test_names_are_written_as_text(tmp_path, names, says):
    results, done = uploaded(tmp_path, *names)
    assert says in results["output"]
    assert done.returncode == 0, done.stderr
    done.stdout.decode("utf-8")
    json.dumps(results, ensure_ascii=False).encode("utf-8")


def test_what_the_terminal_cannot_show_is_written_all_the_same(tmp_path):
    results, done = uploaded(tmp_path, b"a.py", "Лев.py".encode(), encoding="latin-1")
    assert done.returncode == 0, done.stderr
    assert "but several others: a.py, Лев.py." in results["output"]
    assert b"a.py, ???.py." in done.stdout
