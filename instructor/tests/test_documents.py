"""What the documents refer to is there: files, headings, commands."""

import re

import pytest

from grading.kit import KIT

DOCUMENTS = [KIT / "README.md", KIT / "CONTRIBUTING.md", *(KIT / "instructor").rglob("*.md")]
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)")
COMMAND = re.compile(r"python -m instructor ([a-z][a-z-]*)")


def anchors(text: str) -> set[str]:
    """The names that a document's headings can be linked by."""
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(KIT).as_posix())
def test_links_and_commands(path):
    text = path.read_text(encoding="utf-8")
    for name, heading in LINK.findall(text):
        target = path.parent / name if name else path
        assert target.exists(), name
        assert not heading or heading in anchors(target.read_text(encoding="utf-8")), heading
    commands = (KIT / "instructor" / "__main__.py").read_text(encoding="utf-8")
    for command in COMMAND.findall(text):
        assert re.search(rf'add_parser\(\s*"{command}"', commands), command


def test_the_index_lists_every_document_and_folder_of_the_instructors():
    folder = KIT / "instructor"
    index = (folder / "README.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `([\w.]+)/?` \|", index, flags=re.MULTILINE))
    listed |= {name for name, _ in LINK.findall(index) if "/" not in name}
    present = {
        p.name for p in folder.iterdir() if p.suffix == ".md" or (p / "__init__.py").exists()
    }
    present |= {"reference.py", "hidden"}
    assert listed == present - {"README.md"}
