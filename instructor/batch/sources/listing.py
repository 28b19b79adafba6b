"""The files of a folder or a zip, listed alike: nothing is unpacked, no link is followed out."""

from __future__ import annotations

import os
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from grading.submission import CannotGrade

SIZE_LIMIT = 2**20  # bytes of one submission; the assignment is a few kilobytes of text
FILE_LIMIT = 100_000
NAME_LENGTH = 255  # characters of a file's or a folder's name
DEPTH = 6  # folders within folders, counted from the source
IGNORED = {"__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini"}
UTF8_NAME = 0x800  # flag of a zip's member: its name is UTF-8
ENCRYPTED = 0x1
# Halves of characters. Names on Windows can have them, and YAML can spell them.
HALVES = re.compile("[\ud800-\udc7f\udd00-\udfff]")


class Unreadable(Exception):
    """This file has no content to grade; the message is a sentence that says why."""


@dataclass(frozen=True)
class File:
    """A file: its name, in parts, and how to read it.

    read: takes the most bytes that are acceptable, and raises Unreadable.
    """

    path: tuple[str, ...]
    where: str
    read: Callable[[int], bytes]

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path[-1]


@dataclass
class Listing:
    """What is in a source. Folders are listed too, because an empty one belongs to a student."""

    files: list[File] = field(default_factory=list)
    folders: set[tuple[str, ...]] = field(default_factory=set)
    is_zip: bool = False

    def add(self, file: File) -> None:
        """Add a file and the folders it is in."""
        self.files.append(file)
        self.folders.update(file.path[:n] for n in range(1, len(file.path)))

    def top_files(self) -> list[File]:
        """The files that are in no folder, by name."""
        return sorted((f for f in self.files if len(f.path) == 1), key=lambda f: f.path)

    def top_folders(self) -> list[str]:
        """The folders that are in no folder, by name."""
        return sorted(f[0] for f in self.folders if len(f) == 1)

    def below(self, folder: str) -> Listing:
        """What is in one of the top folders, with paths that begin there."""
        return Listing(
            [replace(f, path=f.path[1:]) for f in self.files if f.path[0] == folder and f.path[1:]],
            {f[1:] for f in self.folders if f[0] == folder and f[1:]},
            self.is_zip,
        )

    def by_folder(self) -> dict[str, list[File]]:
        """The files of each top folder, with paths that begin there."""
        groups: dict[str, list[File]] = {name: [] for name in self.top_folders()}
        for file in self.files:
            if len(file.path) > 1:
                groups[file.path[0]].append(replace(file, path=file.path[1:]))
        return groups


@contextmanager
def opened(source: Path) -> Iterator[Listing]:
    """List a folder or a zip, which can be read from until the end. Raises CannotGrade."""
    if not os.path.exists(source):
        raise CannotGrade(f"There is no {source}. Give a folder or a zip file of submissions.")
    if os.path.isdir(source):
        yield _of_folder(source)
        return
    if source.suffix in (".py", ".ipynb"):
        raise CannotGrade(
            f"{source} is a single file. Give a folder or a zip file of submissions, "
            f"or grade one with: python grade.py --submission {source}"
        )
    try:
        archive = zipfile.ZipFile(source)
    except OSError as error:
        raise CannotGrade(f"{source} cannot be opened ({error.strerror}).") from None
    except Exception:  # a damaged directory raises whatever the damage leads to
        raise CannotGrade(
            f"{source} is neither a folder nor a zip file that can be read. "
            "Download it again, or unpack it and give the folder."
        ) from None
    with archive:
        yield _of_zip(source, archive)


def clean(text: str) -> str:
    """A name that can be printed and stored: normalized, no control or half characters."""
    text = HALVES.sub("\N{REPLACEMENT CHARACTER}", text)
    text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    text = unicodedata.normalize("NFC", text)
    return "".join("\N{REPLACEMENT CHARACTER}" if _is_control(c) else c for c in text)


class FolderNames:
    """Clean names for folders. Two folders keep different names even if their clean names are equal."""

    def __init__(self) -> None:
        self._names: dict[tuple[tuple[str, ...], str], str] = {}
        self._used: dict[tuple[str, ...], int] = {}

    def path(self, parents: tuple[str, ...], name: str) -> tuple[str, ...]:
        """The clean path of a folder in its parents; the same for the same name."""
        if (parents, name) not in self._names:
            wish = shown = clean(name)[:NAME_LENGTH]
            while (*parents, shown) in self._used:
                self._used[(*parents, wish)] += 1
                shown = f"{wish[: NAME_LENGTH - 7]}-{self._used[(*parents, wish)]}"
            self._used[(*parents, shown)] = 1
            self._names[parents, name] = shown
        return (*parents, self._names[parents, name])


# Characters that turn the direction of the text around them: one name could look like another.
DIRECTIONS = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _is_control(character: str) -> bool:
    return character in DIRECTIONS or unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")


def _is_ignored(part: str) -> bool:
    return part.startswith(".") or part in IGNORED


def _too_many(source: Path) -> CannotGrade:
    return CannotGrade(f"{source} has more than {FILE_LIMIT} files in it. Give one class only.")


def _no_content(sentence: str) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        raise Unreadable(sentence)

    return read


def _too_big(name: str, limit: int) -> Unreadable:
    return Unreadable(f"{name} is larger than {limit / 2**20:g} MB, which no submission is.")


# Folders ----------------------------------------------------------------------------------------


def _of_folder(source: Path) -> Listing:
    listing, names = Listing(), FolderNames()
    root = source.resolve()
    try:
        os.scandir(source).close()
    except OSError as error:
        raise CannotGrade(f"{source} cannot be opened ({error.strerror}).") from None
    pending: list[tuple[Path, tuple[str, ...]]] = [(source, ())]
    while pending:
        folder, parts = pending.pop()
        try:
            with os.scandir(folder) as scan:
                items = sorted(scan, key=lambda item: item.name)
        except OSError as error:
            # A folder that cannot be opened is listed all the same, so that its owner is not left out.
            sentence = f"The folder {clean(folder.name)} cannot be opened ({error.strerror})."
            listing.add(_stand_in(folder, parts, sentence))
            continue
        for item in items:
            path, name = folder / item.name, clean(item.name)
            inner = (*parts, name)
            if _is_ignored(name):
                continue
            if len(listing.files) + len(listing.folders) >= FILE_LIMIT:
                raise _too_many(source)
            if item.is_dir(follow_symlinks=False):
                inner = names.path(parts, item.name)
                listing.folders.add(inner)
                if len(inner) < DEPTH:
                    pending.append((path, inner))
            elif item.is_symlink() and _is_folder(path):
                inner = names.path(parts, item.name)
                listing.folders.add(inner)
                if not parts:
                    sentence = f"{name} is a link to a folder, and links are not followed."
                    listing.add(_stand_in(path, inner, sentence))
            else:
                listing.add(File(inner, clean(str(path)), _reader_of_file(path, root)))
    return listing


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _stand_in(folder: Path, parts: tuple[str, ...], sentence: str) -> File:
    return File((*parts, "submitted.py"), clean(str(folder)), _no_content(sentence))


def _reader_of_file(path: Path, root: Path) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        name = clean(path.name)
        try:
            if path.is_symlink() and not path.resolve().is_relative_to(root):
                raise Unreadable(f"{name} is a link to a file elsewhere, which is not followed.")
            if not path.is_file():  # opening a pipe would wait forever
                raise Unreadable(f"{name} is not a regular file.")
            with path.open("rb") as file:
                content = file.read(limit + 1)
        except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle, before 3.13
            why = getattr(error, "strerror", None) or "links in a circle"
            raise Unreadable(f"{name} cannot be opened ({why}).") from None
        if len(content) > limit:
            raise _too_big(name, limit)
        return content

    return read


# Zip files --------------------------------------------------------------------------------------


def _of_zip(source: Path, archive: zipfile.ZipFile) -> Listing:
    listing, names = Listing(is_zip=True), FolderNames()
    members = archive.infolist()
    if len(members) > FILE_LIMIT:
        raise _too_many(source)
    for member in members:
        name = _name_of(member)
        parts = _parts(name)
        file = ""
        if parts and not name.endswith(("/", "\\")):
            file = clean(parts.pop())[:NAME_LENGTH]
        folder: tuple[str, ...] = ()
        for part in parts[:DEPTH]:
            if _is_ignored(clean(part)):
                break
            folder = names.path(folder, part)
            # Even if the file is not taken: a student with only such files is not left out.
            listing.folders.add(folder)
        if file and not _is_ignored(file) and len(folder) == len(parts) < DEPTH:
            path = (*folder, file)
            where = f"{clean(str(source))}: {'/'.join(path)}"
            listing.add(File(path, where, _reader_of_member(archive, member, file)))
    return listing


def _name_of(member: zipfile.ZipInfo) -> str:
    """A member's name. Without the flag it was read as cp437, though many programs write UTF-8."""
    if member.flag_bits & UTF8_NAME:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return member.filename


def _parts(name: str) -> list[str]:
    """A member's name in parts. They are only labels: no path is made of them."""
    parts = [part for part in re.split(r"[/\\]", name) if part not in ("", ".", "..")]
    return parts[1:] if parts and re.fullmatch("[A-Za-z]:", parts[0]) else parts


def _reader_of_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str
) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        if member.flag_bits & ENCRYPTED:
            raise Unreadable(f"{name} is encrypted in the zip file.")
        if member.file_size > limit:
            raise _too_big(name, limit)
        # The other methods cannot be read a limited number of bytes at a time.
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unreadable(
                f"{name} is compressed in a way that is not read. Unpack the zip file."
            )
        try:
            with archive.open(member) as file:
                content = file.read(limit + 1)
        except Exception:  # a damaged member raises whatever the damage leads to
            raise Unreadable(f"{name} is damaged in the zip file. Download it again.") from None
        if len(content) > limit:
            raise _too_big(name, limit)
        return content

    return read
