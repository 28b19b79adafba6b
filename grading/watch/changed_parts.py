"""Which parts of the assignment a change of the submission concerns."""

from __future__ import annotations

import ast

from grading.parts import PARTS


def digests(content: bytes) -> dict[str, str]:
    """For every part what its function amounts to, with all it uses; equal texts mean no change.

    Comments and empty lines count for nothing. Raises what `ast.parse` raises.
    """
    tree = ast.parse(content)
    named: dict[str, list[ast.stmt]] = {}
    others = []
    for statement in tree.body:
        if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
            named.setdefault(statement.name, []).append(statement)
        else:
            others.append(ast.dump(statement))
    everywhere = "\n".join(others)
    return {part.name: everywhere + _with_uses(part.function, named) for part in PARTS.values()}


def changed(before: dict[str, str], after: dict[str, str]) -> tuple[str, ...]:
    """The parts whose functions differ, in the order of the assignment."""
    return tuple(part for part in after if before.get(part) != after[part])


def _with_uses(name: str, named: dict[str, list[ast.stmt]]) -> str:
    """The definitions of a name and of every other name of the file that they mention."""
    found: dict[str, str] = {}
    left = [name]
    while left:
        current = left.pop()
        if current in found or current not in named:
            continue
        found[current] = "\n".join(ast.dump(statement) for statement in named[current])
        for statement in named[current]:
            left += [node.id for node in ast.walk(statement) if isinstance(node, ast.Name)]
    return "\n".join(found[each] for each in sorted(found))
