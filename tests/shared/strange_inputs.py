"""Inputs as nobody should send them: strategies for values, JSON, texts and ids, and changes of good data."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import strategies as st

STRINGS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "", " ", "\0", "\n", "../../etc/passwd", "..", "/", "C:\\x", "a/b", "a" * 5000, "‮abc", "😀", "e\u0301",
            "\ud800", "<script>alert(1)</script>", "{{x}}", "%s%n", "'; DROP TABLE runs; --", "NaN", "-0", "1e400", 
            "null", "٣", "own:x", "data:0123456789abcdef", "data:../../x", "own:../..", "reviews", "news",
        ]
    ),
)  # fmt: skip
NUMBERS = st.one_of(
    st.integers(),
    st.floats(),
    st.sampled_from(
        [0, -1, 2**31, 2**63, 2**64, 10**30, 10**400, -(10**30), 1e308, 5e-324, float("nan"), float("inf")]
    ),
)
PLAIN = st.one_of(st.none(), st.booleans(), NUMBERS, STRINGS)
VALUES: st.SearchStrategy[Any] = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(STRINGS, inner, max_size=4), max_leaves=8
)


def as_json(value: object) -> str:
    """JSON as Python writes it, NaN and lone surrogates included; whole numbers of any length."""
    return json.dumps(value, ensure_ascii=False)


@st.composite
def changed(draw: st.DrawFn, good: Any) -> Any:
    """Good data with up to three changes: a value replaced, an entry removed, added or doubled."""
    data = copy.deepcopy(good)
    for _ in range(draw(st.sampled_from([0, 1, 1, 2, 3]))):
        entries = list(_entries(data))
        if not entries:
            return draw(VALUES)
        container, key = entries[draw(st.integers(0, len(entries) - 1))]
        match draw(st.sampled_from(["replace", "replace", "neighbour", "remove", "add"])):
            case "replace":
                container[key] = draw(VALUES)
            case "neighbour" if isinstance(container[key], int | float) and not isinstance(container[key], bool):
                container[key] += draw(st.sampled_from([-1, 1, 0.5, 10**6]))
            case "remove":
                del container[key]
            case "add" if isinstance(container, dict):
                container[draw(STRINGS)] = draw(VALUES)
            case _:
                container[key] = [container[key], container[key]]
    return data


def _entries(data: Any) -> list[tuple[Any, Any]]:
    keys = list(data) if isinstance(data, dict) else list(range(len(data))) if isinstance(data, list) else []
    return [place for key in keys for place in ((data, key), *_entries(data[key]))]


@st.composite
def changed_json(draw: st.DrawFn, good: Any) -> str:
    """Changed data as JSON; sometimes cut short, sometimes another text."""
    text = as_json(draw(changed(good)))
    match draw(st.integers(0, 9)):
        case 0:
            return text[: draw(st.integers(0, len(text)))]
        case 1:
            return draw(STRINGS)
        case 2:
            return "[" * draw(st.sampled_from([10, 2000, 100_000]))
        case _:
            return text
