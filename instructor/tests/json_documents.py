"""JSON documents for fuzzing: any at all, and good ones of which a single place is changed."""

from typing import Any

from hypothesis import strategies as st

# Types, shapes and sizes that a reader may stumble over, more often than chance would find them.
TEMPTING: tuple[Any, ...] = (
    *("object", ">f4", "S1000000000", "float32", "\ud800", "\x1b[31m"),
    *([], {}, [0, 2**40], [[[[]]]], -1, 2**31, 2**63, 10**400, 1e308, "1e999", "x" * 3000),
)
numbers = st.integers(-2, 4) | st.integers(-(2**70), 2**70) | st.floats()
texts = st.text(max_size=20)
documents = st.recursive(
    st.none() | st.booleans() | numbers | texts | st.sampled_from(TEMPTING),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


def places(document: Any) -> list[tuple[Any, Any]]:
    """Every place in a document, as a container and the key or the index in it."""
    if isinstance(document, dict):
        inside = list(document.items())
    else:
        inside = list(enumerate(document)) if isinstance(document, list) else []
    return [(document, at) for at, _ in inside] + [p for _, value in inside for p in places(value)]


@st.composite
def with_one_change(draw: st.DrawFn, originals: st.SearchStrategy[Any]) -> Any:
    """A document of which one value is another, or missing, or has another name."""
    document = draw(originals)
    container, at = draw(st.sampled_from(places(document)))
    change = draw(st.sampled_from(["another", "missing", "renamed"]))
    if change == "another":
        container[at] = draw(documents)
    elif change == "renamed" and isinstance(container, dict):
        container[draw(texts)] = container.pop(at)
    else:
        del container[at]
    return document
