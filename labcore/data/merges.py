"""Byte-pair merges: from which two shorter tokens a token is made, so that a smaller vocabulary can still make it.

A tokenizer of this kind begins with single characters and merges pairs, those of the lowest rank first. A token that is
kept needs every token on its way. With those and the merges between kept tokens, each text whose tokens are all kept
has the same tokens as before: every merge that happened is still there, and no other comes before it.
Sennrich et al., 2016, https://arxiv.org/abs/1508.07909
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

Pair = tuple[str, str]


def pairs(merges: Iterable[str | Sequence[str]]) -> list[Pair]:
    """The merges of a tokenizer.json in order of their rank, in either of its two forms."""
    rows = [merge.split(" ") if isinstance(merge, str) else merge for merge in merges]
    return [(first, second) for first, second in rows]


def last_merge(token: str, ranks: Mapping[Pair, int]) -> Pair | None:
    """The two tokens that become `token` in its last merge; None for a single character, or if merges don't make it."""
    parts, pair = list(token), None
    while len(parts) > 1:
        ranked = [(ranks[both], i) for i, both in enumerate(pairwise(parts)) if both in ranks]
        if not ranked:
            return None
        i = min(ranked)[1]
        pair = (parts[i], parts[i + 1])
        parts[i : i + 2] = [parts[i] + parts[i + 1]]
    return pair


def parts_first(order: Sequence[int], tokens: Mapping[int, str], merges: Sequence[Pair]) -> list[int]:
    """The same ids, each behind all the tokens that are merged to it; otherwise in this order. tokens: by id.

    So the tokens at the front, however many, can all be made of one another.
    """
    ranks = {pair: rank for rank, pair in enumerate(merges)}
    ids = {token: i for i, token in tokens.items()}
    placed: dict[int, None] = {}

    def place(i: int) -> None:
        if i in placed:
            return
        for part in last_merge(tokens.get(i, ""), ranks) or ():
            if part in ids:
                place(ids[part])
        placed[i] = None

    for i in order:
        place(i)
    return list(placed)
