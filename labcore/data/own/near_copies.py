"""Near copies across splits: a model that remembers its training data would seem to generalise.

An example is a near copy of another if half or more of its runs of five words are in it (Broder, 1997,
https://doi.org/10.1109/SEQUEN.1997.666900). To bound time and memory, of a long text only the runs with the smallest
hashes are compared. Standard library only.
"""

from __future__ import annotations

import heapq
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

RUN = 5  # words
WORDS = 600  # of a text
SKETCH = 24  # runs of a text that are compared
MAX_WORK = 5_000_000  # comparisons, after which a run that is in more than FEW examples no longer counts
FEW = 20


def near_copies(examples: Sequence[str], training: Iterable[str]) -> list[int]:
    """The indices of the examples that are near copies of a training example, in rising order."""
    sketches = [_sketch(text) for text in examples]
    holders: dict[int, set[int]] = defaultdict(set)
    for index, sketch in enumerate(sketches):
        for run in sketch:
            holders[run].add(index)
    copies: set[int] = set()
    work = 0
    for text in training:
        shared: Counter[int] = Counter()
        for run in _runs(text) & holders.keys():
            if work < MAX_WORK or len(holders[run]) <= FEW:
                shared.update(holders[run])
                work += len(holders[run])
        new = {index for index, count in shared.items() if 2 * count >= len(sketches[index])}
        copies |= new
        for run in {run for index in new for run in sketches[index]}:
            if left := holders[run] - new:  # known now, so no other training example is compared with them
                holders[run] = left  # a new set: the old one keeps the size that it once had
            else:
                del holders[run]
    return sorted(copies)


def _sketch(text: str) -> list[int]:
    return heapq.nsmallest(SKETCH, _runs(text))


def _runs(text: str) -> set[int]:
    """A hash of each run of words; of a shorter text, of all its words. The same in every process."""
    words = [zlib.crc32(word.encode("utf-8", "surrogatepass")) for word in text.lower().split()[:WORDS]]
    if len(words) < RUN:
        return {hash(tuple(words))}
    return set(map(hash, zip(*(words[i:] for i in range(RUN)), strict=False)))
