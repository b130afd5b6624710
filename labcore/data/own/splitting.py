"""The splits of your own data: by a hash of the text, or by a column, with every class in each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from labcore.data.examples import SPLITS, TRAIN_SHARE, VALIDATION_SHARE, Split, position_of, split_of
from labcore.data.own.clean_rows import Row

SHARES: dict[Split, float] = {
    "train": TRAIN_SHARE,
    "validation": VALIDATION_SHARE,
    "test": 1 - TRAIN_SHARE - VALIDATION_SHARE,
}


@dataclass(frozen=True)
class SplitRows:
    """The rows of each split. moved: how many changed their split so that no class is missing.

    given: the splits that a column named; empty if the hash decided all.
    """

    rows: dict[Split, tuple[Row, ...]]
    moved: int
    given: tuple[Split, ...]


def split_rows(rows: Sequence[Row], *, fill: bool = True) -> SplitRows:
    """Put each row into its split. Neither their order nor other rows count, except for a class that would be missing.

    A column's splits stay as they are. A missing validation or test split is made of its training examples, by the
    hash. fill: whether rows are moved so that every class is in each split that the hash made.
    """
    named = {row.split for row in rows if row.split}
    given = tuple(split for split in SPLITS if split in named) if len(named) > 1 else ()
    groups: dict[Split, list[Row]] = {split: [] for split in SPLITS}
    for row in rows:
        groups[_split(row, given)].append(row)
    moved = _fill(groups, given) if fill and not {"validation", "test"} <= set(given) else 0
    return SplitRows({split: tuple(sorted(group)) for split, group in groups.items()}, moved, given)


def _split(row: Row, given: tuple[Split, ...]) -> Split:
    if not given:
        return split_of(row.content)
    if row.split != "train" or ("validation" in given and "test" in given):
        return row.split or "train"
    missing: Split = "test" if "validation" in given else "validation"
    return missing if position_of(row.content) >= 1 - SHARES[missing] else "train"


def _fill(groups: dict[Split, list[Row]], given: tuple[Split, ...]) -> int:
    """Give each split that the hash made its share of a class that it lacks; returns how many rows were moved.

    They come from the split that has the most of the class, in the order of their hash.
    """
    moved = 0
    counts = {split: Counter(row.label for row in group) for split, group in groups.items()}
    totals = sum(counts.values(), Counter[str]())
    open_ = [split for split in SPLITS if split == "train" or split not in given]
    for label in sorted(totals):
        for split in open_:
            if counts[split][label]:
                continue
            donor = max(open_, key=lambda each: counts[each][label])
            candidates = [row for row in groups[donor] if row.label == label]
            candidates.sort(key=lambda row: position_of(row.content))
            number = min(max(1, round(SHARES[split] * totals[label])), len(candidates) - 1)
            taken = candidates[-number:] if number > 0 else []
            gone = set(taken)
            groups[donor] = [row for row in groups[donor] if row not in gone]
            groups[split] += taken
            counts[donor][label] -= len(taken)
            counts[split][label] += len(taken)
            moved += len(taken)
    return moved
