"""Packed text: it comes back whole, or what is wrong with the code is reported."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from labcore.config.packing import packed, unpacked

MOST = 1_000


@given(some.text(some.characters(codec="utf-8"), max_size=200), some.sampled_from([b"", b'"kind":"prune"']))
def test_packed_text_comes_back(text: str, dictionary: bytes) -> None:
    code = packed(text, dictionary)
    assert code.replace("-", "").replace("_", "").isalnum()
    assert code.isascii()
    assert unpacked(code, MOST, dictionary) == text


@pytest.mark.parametrize(
    ("code", "why"),
    [("", "cut off"), ("@@", "."), ("é", "."), (packed("text" * 9)[:-4], "cut off|."), (packed("x" * 5_000), "1,000")],
)
def test_a_damaged_code_is_refused(code: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        unpacked(code, MOST)
