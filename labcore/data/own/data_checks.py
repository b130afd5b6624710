"""What is wrong or doubtful about a data set, in sentences. Standard library only."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from labcore.data.examples import SPLITS, Split
from labcore.data.own.clean_rows import CleanRows
from labcore.data.own.data_report import ClassCount
from labcore.data.own.limits import CLASSES, FEW_VALIDATION, MAX_CHARACTERS, MAX_LABEL, MIN_PER_CLASS
from labcore.data.own.splitting import SplitRows
from labcore.data.own.table import names_in_words

MISSING = ("nan", "null", "none", "na", "n/a", "?", "-", "unknown", "undefined")
MANY_NUMBERS = 12  # classes that are numbers: perhaps a quantity
UNEVEN = 0.8  # fraction of one class above which accuracy says little
HALF = 0.5


def problems(rows: CleanRows, counts: Sequence[ClassCount]) -> Iterator[str]:
    """Why the lab refuses the data. The counts may lack splits if there are too many classes."""
    fewest, most = CLASSES
    if not rows.kept and rows.small_classes:
        yield f"No class has {MIN_PER_CLASS} examples or more; choose another label column."
        return
    if not rows.kept:
        if rows.contradictory > rows.empty:
            yield f"All texts in {rows.contradictory:,} rows have more than one label; choose other columns."
        else:
            yield f"None of {rows.rows:,} rows has both a text and a label; choose other columns."
        return
    if len(counts) < fewest:
        yield (
            f"All examples have the label {_quoted(counts[0].label)}; give {fewest} to {most} classes, "
            "or choose another label column."
        )
    elif len(counts) > most:
        if len(counts) == len(rows.kept):
            yield f"Every example has a label of its own; give {fewest} to {most} classes, or choose another column."
        else:
            yield (
                f"The label column has {len(counts):,} different values; give {fewest} to {most} classes, "
                "or choose another column."
            )
        return
    if long := [count.label for count in counts if len(count.label) > MAX_LABEL]:
        yield (
            f"The label {_quoted(long[0])} has {len(long[0]):,} characters; give at most {MAX_LABEL}, "
            "or choose another label column."
        )
    if few := [count for count in counts if count.total < MIN_PER_CLASS]:
        shown = ", ".join(f"{_quoted(count.label)} ({count.total})" for count in few[:5])
        more = f" and {len(few) - 5} more" if len(few) > 5 else ""
        yield (
            f"Too few examples of {shown}{more}; give {MIN_PER_CLASS} or more of each class, or leave such classes out."
        )
    if absent := [count.label for count in counts if count.train == 0]:
        yield f"No training example has the label {_quoted(absent[0])}; put some into the training split."


def warnings(
    rows: CleanRows, split: SplitRows, counts: Sequence[ClassCount], near: Mapping[str, int], majority: float
) -> Iterator[str]:
    """What you should know before you train."""
    if rows.contradictory:
        yield (
            f"{rows.contradictory:,} rows have a text with more than one label and were left out, "
            f"such as {rows.contradictions[0]}."
        )
    if rows.empty:
        yield f"{rows.empty:,} rows without a text or a label were left out."
    if rows.small_classes:
        yield (
            f"{rows.left_out:,} examples of classes with fewer than {MIN_PER_CLASS} were left out, "
            f"of {names_in_words(rows.small_classes, 3)}."
        )
    if rows.duplicated > HALF * rows.rows:
        yield f"{rows.duplicated:,} of {rows.rows:,} rows repeat another; each example is used once."
    if rows.in_two_splits:
        yield f"{rows.in_two_splits:,} examples were in two splits; they stay in test, or in validation."
    for name in ("test", "validation"):
        if near[name]:
            yield (
                f"{near[name]:,} of {len(split.rows[name]):,} {name} examples are near copies of training examples, "
                "so accuracy will look too high."
            )
    if rows.shortened:
        yield f"{rows.shortened:,} texts were cut to {MAX_CHARACTERS:,} characters."
    yield from _about_splits(split, counts)
    yield from _about_labels(counts)
    if majority > UNEVEN:
        yield f"A model that always predicts one class reaches {majority:.0%}; compare accuracies with that."


def _about_splits(split: SplitRows, counts: Sequence[ClassCount]) -> Iterator[str]:
    missing = [name for name in ("validation", "test") if split.given and name not in split.given]
    if missing:
        name = missing[0]
        yield f"The split column has no {name} rows; an eighth of the training examples became the {name} split."
    if split.moved:
        yield f"{split.moved:,} examples changed their split, so that each class is in every split."
    validation = len(split.rows["validation"])
    if validation < FEW_VALIDATION:
        yield f"Only {validation:,} validation examples: with fewer than {FEW_VALIDATION}, accuracies are uncertain."
    absent: dict[Split, list[str]] = {
        "validation": [count.label for count in counts if not count.validation],
        "test": [count.label for count in counts if not count.test],
    }
    for name, labels in absent.items():
        if labels:
            yield f"No {name} example has the label {names_in_words(labels, 3)}."


def _about_labels(counts: Sequence[ClassCount]) -> Iterator[str]:
    labels = [count.label for count in counts]
    if missing := [label for label in labels if label.lower() in MISSING]:
        yield f"The label {_quoted(missing[0])} may stand for a missing one; it is a class like any other."
    alike = defaultdict(list)
    for label in labels:
        alike[label.casefold()].append(label)
    if same := next((names for names in alike.values() if len(names) > 1), None):
        yield f"The labels {names_in_words(same)} differ only in their case; they are different classes."
    if len(labels) > MANY_NUMBERS and all(map(is_number, labels)):
        yield f"The {len(labels)} labels are numbers; the lab takes them as classes without an order."


def is_number(label: str) -> bool:
    """Whether a label is a finite number."""
    try:
        return abs(float(label)) < float("inf")
    except ValueError:
        return False


def class_counts(labels: Sequence[str], split: SplitRows) -> tuple[ClassCount, ...]:
    """The examples of each class by split, in the order of the labels."""
    counts = {name: Counter(row.label for row in rows) for name, rows in split.rows.items()}
    return tuple(ClassCount(label, *(counts[name][label] for name in SPLITS)) for label in labels)


def _quoted(label: str) -> str:
    return repr(label if len(label) <= 60 else f"{label[:59]}…")
