"""The files of a folder or a zip, listed alike: nothing is unpacked, and no link leads to others.

A link is followed within its own student's folder only: a classmate's file is a classmate's work.

What one student can add to the list is bounded. Whoever has more than FILES_OF_A_STUDENT files and
folders gets one file that stands for all of them: reading it raises the sentence that says so.
"""

from __future__ import annotations

import os
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice
from pathlib import Path

from grading.submission import CannotGrade

SIZE_LIMIT = 2**20  # bytes of one submission; the assignment is a few kilobytes of text
FILE_LIMIT = 100_000  # files, or folders with what is in them, of different students
FILES_OF_A_STUDENT = 5000  # files and folders; a solution is one file
NAME_LENGTH = 255  # characters of a file's or a folder's name
EXTENSION = re.compile(
    r"\.[A-Za-z0-9]{1,8}$"
)  # is kept of a longer name: it tells the kind of file
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
    for_all: it stands for all that its student handed in, because nothing of that can be graded.
    """

    path: tuple[str, ...]
    where: str
    read: Callable[[int], bytes]
    for_all: bool = False

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

    def add_for_all(self, path: tuple[str, ...], where: str) -> None:
        """Add what stands for everything of a student who handed in too much."""
        sentence = (
            f"More than {FILES_OF_A_STUDENT} files and folders were handed in. "
            "Hand in submitted.py alone."
        )
        self.add(File(path, where, _no_content(sentence), for_all=True))

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


# The same text for the names of what one student has. The flag: whether it is a folder's name.
Whose = Callable[[str, bool], str]


class Counts:
    """How many files and folders each student has, while a source is being listed."""

    def __init__(self, source: Path, whose: Whose, depth: int) -> None:
        """depth: how many folders lead to what is a student's; 1 where a folder is around the class."""
        self.source, self.whose, self.depth = source, cache(whose), depth
        self._counts: dict[str, int] = {}

    def add(self, path: Sequence[str], is_folder: bool) -> int:
        """Count a file or a folder and tell how many its student has. Raises CannotGrade.

        What is around the students is not counted.
        """
        if len(path) <= self.depth:
            return 0
        student = self.whose(path[self.depth], is_folder or len(path) > self.depth + 1)
        count = self._counts[student] = self._counts.get(student, 0) + 1
        if len(self._counts) > FILE_LIMIT:
            raise CannotGrade(
                f"{self.source} has more than {FILE_LIMIT} files in it. Give one class only."
            )
        return count

    def is_full(self, folder: Sequence[str]) -> bool:
        """Whether the student whose folder this is has more than may be listed."""
        if len(folder) <= self.depth:
            return False
        return self._counts.get(self.whose(folder[self.depth], True), 0) > FILES_OF_A_STUDENT


@contextmanager
def opened(source: Path, whose: Whose) -> Iterator[Listing]:
    """List a folder or a zip, which can be read from until the end. Raises CannotGrade."""
    if not os.path.exists(source):
        raise CannotGrade(f"There is no {source}. Give a folder or a zip file of submissions.")
    if os.path.isdir(source):
        yield _of_folder(source, whose)
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
        yield _of_zip(source, archive, whose)


def clean(text: str) -> str:
    """A name that can be printed and stored: normalized, no control or half characters."""
    if text.isascii() and text.isprintable():
        return text
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


def _is_ignored(part: str, is_folder: bool, whose: Whose) -> bool:
    """Whether a file or a folder is a system's, and no student's whose name begins with a dot."""
    if part in IGNORED or part.startswith("._"):
        return True
    return part.startswith(".") and whose(part, is_folder) == part


def _no_content(sentence: str) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        raise Unreadable(sentence)

    return read


def _too_big(name: str, limit: int) -> Unreadable:
    return Unreadable(f"{name} is larger than {limit / 2**20:g} MB, which no submission is.")


# Folders ----------------------------------------------------------------------------------------


def _of_folder(source: Path, whose: Whose) -> Listing:
    listing, names = Listing(), FolderNames()
    try:
        with os.scandir(source) as scan:
            tops = list(islice(_not_ignored(scan, whose), 2))
            is_around = len(tops) == 1 and tops[0].is_dir(follow_symlinks=False)
    except OSError as error:
        raise CannotGrade(f"{source} cannot be opened ({error.strerror}).") from None
    counts = Counts(source, whose, depth=int(is_around))
    # Each folder with the student's that it is in, or is; None outside of students' folders.
    pending: list[tuple[Path, tuple[str, ...], Path | None]] = [(source, (), None)]
    while pending:
        folder, parts, own = pending.pop()
        if counts.is_full(parts):
            continue
        # Within a student's folder not more is looked at than is needed to know that it is too much.
        most = FILES_OF_A_STUDENT + 1 if len(parts) > counts.depth else None
        try:
            with os.scandir(folder) as scan:
                items = sorted(islice(_not_ignored(scan, whose), most), key=lambda item: item.name)
        except OSError as error:
            # A folder that cannot be opened is listed all the same, so that its owner is not left out.
            sentence = f"The folder {clean(folder.name)} cannot be opened ({error.strerror})."
            listing.add(_stand_in(folder, parts, sentence))
            continue
        for item in items:
            path, name = folder / item.name, clean(item.name)
            is_folder = item.is_dir(follow_symlinks=False)
            is_link = not is_folder and item.is_symlink() and _is_folder(path)
            inner = names.path(parts, item.name) if is_folder or is_link else (*parts, name)
            count = counts.add(inner, is_folder or is_link)
            if count > FILES_OF_A_STUDENT:
                if count == FILES_OF_A_STUDENT + 1:
                    listing.add_for_all(inner, clean(str(path)))
            elif is_folder:
                listing.folders.add(inner)
                if len(inner) < DEPTH:
                    is_own = len(inner) == counts.depth + 1
                    pending.append((path, inner, path.resolve() if is_own else own))
            elif is_link:
                listing.folders.add(inner)
                if not parts:
                    sentence = f"{name} is a link to a folder, and links are not followed."
                    listing.add(_stand_in(path, inner, sentence))
            else:
                listing.add(File(inner, clean(str(path)), _reader_of_file(path, own)))
    return listing


def _not_ignored(scan: Iterable[os.DirEntry[str]], whose: Whose) -> Iterator[os.DirEntry[str]]:
    return (
        item
        for item in scan
        if not _is_ignored(item.name, item.is_dir(follow_symlinks=False), whose)
    )


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _stand_in(folder: Path, parts: tuple[str, ...], sentence: str) -> File:
    return File((*parts, "submitted.py"), clean(str(folder)), _no_content(sentence))


def _reader_of_file(path: Path, own: Path | None) -> Callable[[int], bytes]:
    """own: the student's folder that the file is in, if it is in one."""

    def read(limit: int) -> bytes:
        name = clean(path.name)
        try:
            if path.is_symlink() and (own is None or not path.resolve().is_relative_to(own)):
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


def _of_zip(source: Path, archive: zipfile.ZipFile, whose: Whose) -> Listing:
    listing, names = Listing(is_zip=True), FolderNames()
    members = archive.infolist()
    counts = Counts(source, whose, depth=int(_is_one_folder(members, whose)))
    for member in members:
        name = _name_of(member)
        parts = _parts(name)
        file = parts.pop() if parts and not name.endswith(("/", "\\")) else ""
        folder: tuple[str, ...] = ()
        for part in parts[:DEPTH]:
            if _is_ignored(part, True, whose):
                break
            folder = names.path(folder, part)
            if counts.is_full(folder):
                break
            if folder not in listing.folders:
                # Even if the file is not taken: a student with only such files is not left out.
                listing.folders.add(folder)
                if counts.add(folder, is_folder=True) > FILES_OF_A_STUDENT:
                    listing.add_for_all(folder, _where(source, folder))
        if counts.is_full(folder):
            continue
        if file and not _is_ignored(file, False, whose) and len(folder) == len(parts) < DEPTH:
            file = _short(clean(file))
            path = (*folder, file)
            where = _where(source, path)
            count = counts.add(path, is_folder=False)
            if count <= FILES_OF_A_STUDENT:
                listing.add(File(path, where, _reader_of_member(archive, member, file)))
            elif count == FILES_OF_A_STUDENT + 1:
                listing.add_for_all(path, where)
    return listing


def _is_one_folder(members: Iterable[zipfile.ZipInfo], whose: Whose) -> bool:
    """Whether all members are in one folder, or are that folder."""
    tops: set[str] = set()
    for member in members:
        name = _name_of(member)
        parts = _parts(name)
        is_file = len(parts) == 1 and not name.endswith(("/", "\\"))
        if not parts or _is_ignored(parts[0], not is_file, whose):
            continue
        tops.add(parts[0])
        if len(tops) > 1 or is_file:
            return False
    return bool(tops)


def _short(file: str) -> str:
    """A file's name, not too long, with its extension.

    A platform writes whose a file is before what its student called it. So nothing else is kept of the
    end: it could take the place of what was cut.
    """
    if len(file) <= NAME_LENGTH:
        return file
    extension = EXTENSION.search(file)
    kept = extension[0] if extension else ""
    return file[: NAME_LENGTH - len(kept)] + kept


def _where(source: Path, path: tuple[str, ...]) -> str:
    return f"{clean(str(source))}: {'/'.join(path)}"


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
