"""Uploads for the tests of batch sources: folders, zips, and what is read out of them."""

import re
import zipfile

from instructor.batch.sources.read_source import read_source

CODE = b"def compute_returns(): ...\n"


def zipped(path, members, **options):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in members.items() if isinstance(members, dict) else members:
            archive.writestr(name, content)
    return path


def in_folder(path, members):
    for name, content in members.items():
        target = path / name
        if name.endswith("/"):
            target.mkdir(parents=True, exist_ok=True)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return path


def by_key(source):
    entries = read_source(source)
    keys = [e.student.key for e in entries]
    assert keys == sorted(set(keys))
    assert all(re.fullmatch(r"[A-Za-z0-9._-]{1,80}", key) for key in keys)
    assert all((e.content is None) == bool(e.problem) for e in entries)
    return {e.student.key: e for e in entries}
