"""The limits of your own data, which pages and command line state before the work. Standard library only."""

from __future__ import annotations

from labcore.config.spec import SpecError

MAX_BYTES = 20_000_000  # of a file
MAX_UNPACKED_BYTES = 100_000_000  # of a Parquet file, decompressed
MAX_ROWS = 50_000
MAX_COLUMNS = 200
MAX_CHARACTERS = 20_000  # of a text; the rest is cut off
MAX_LABEL = 100  # characters of a label
CLASSES = (2, 150)
MIN_PER_CLASS = 20
FEW_VALIDATION = 200  # below as many validation examples there is a warning
MAX_NAME = 80  # characters of a data set's name
KEPT_DRAFTS, KEPT_DRAFT_HOURS = 10, 24  # files on their way to a data set: how many, and how long the lab keeps them
TOKENS = (8, 512)  # the fewest and the most that a model can be asked to read


class DataError(SpecError):
    """A file or data set that the lab can't use. The message has what was given, what is allowed, and what to do."""


def limits_in_words() -> str:
    """All limits, in sentences for people."""
    return (
        f"A file can have {MAX_BYTES // 1_000_000} MB, {MAX_ROWS:,} rows and {MAX_COLUMNS} columns. "
        f"A text can have {MAX_CHARACTERS:,} characters; the rest is cut off. "
        f"A data set needs {CLASSES[0]} to {CLASSES[1]} classes, with {MIN_PER_CLASS} examples or more in each. "
        f"With fewer than {FEW_VALIDATION} validation examples, accuracies are uncertain."
    )


def check_size(size_bytes: int) -> None:
    """Raise DataError if a file is empty or too large. Call it before you read the file."""
    if size_bytes == 0:
        raise DataError("the file is empty; give one with a text and a label in each row")
    if size_bytes > MAX_BYTES:
        raise DataError(
            f"the file has {size_bytes / 1e6:,.1f} MB; give at most {MAX_BYTES // 1_000_000} MB, such as a part of it"
        )
