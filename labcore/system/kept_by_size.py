"""Results in memory up to a number of bytes: those that were used last stay. Standard library only.

functools.lru_cache counts results. Here they are models and decompositions of any size, so their bytes count.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class KeptBySize(Generic[K, V]):
    """The results that were used last, as many as fit. The newest one always stays, however large it is."""

    def __init__(self, most: int, size: Callable[[V], int]):
        """most: bytes of all results together. size: bytes of one result now; it may grow while it is kept."""
        self._most, self._size = most, size
        self._kept: dict[K, V] = {}  # never changed in place, so that several threads at worst work twice

    def get(self, key: K, work: Callable[[], V]) -> V:
        """The result of `work`, done once for a key, as long as it is kept."""
        result = self._kept[key] if key in self._kept else work()
        others = [(name, kept) for name, kept in self._kept.items() if name != key]
        sizes = [self._size(kept) for _, kept in others]
        left = self._most - self._size(result)
        first = len(others)
        while first and sizes[first - 1] <= left:
            first -= 1
            left -= sizes[first]
        self._kept = dict([*others[first:], (key, result)])
        return result

    @property
    def bytes(self) -> int:
        """Of all that is kept."""
        return sum(map(self._size, self._kept.values()))


def kept_by_size(most: int, size: Callable[[V], int]) -> Callable[[Callable[[K], V]], Callable[[K], V]]:
    """Keep a function's results by its argument: see `KeptBySize`."""

    def decorate(function: Callable[[K], V]) -> Callable[[K], V]:
        kept: KeptBySize[K, V] = KeptBySize(most, size)

        @wraps(function)
        def get(key: K) -> V:
            return kept.get(key, lambda: function(key))

        return get

    return decorate
