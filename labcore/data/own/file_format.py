"""How a file is to be read: a guess from its content, each part of which you can correct."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal, get_args

from labcore.config.checks import shown
from labcore.data.own.encodings import ENCODINGS, decoded, guess_encoding
from labcore.data.own.file_kind import check_kind, is_parquet
from labcore.data.own.limits import DataError, check_size

Kind = Literal["csv", "jsonl", "parquet"]
KINDS: tuple[Kind, ...] = get_args(Kind)
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
MAX_ABOVE = 50  # lines above the header


@dataclass(frozen=True)
class FileFormat:
    """How to read a file. A Parquet file has a kind only; only a CSV has a delimiter and a header.

    header: whether the first line names the columns. lines_above: lines before it that belong to no table.
    Raises DataError if a field is not valid.
    """

    kind: Kind
    encoding: str = "utf-8"
    delimiter: str = ","
    header: bool = True
    lines_above: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise DataError(f"the kind is {shown(self.kind)}; give one of {', '.join(KINDS)}")
        if self.encoding not in ENCODINGS:
            raise DataError(f"the encoding is {shown(self.encoding)}; give one of {', '.join(ENCODINGS)}")
        if not isinstance(self.delimiter, str) or len(self.delimiter) != 1 or self.delimiter in '"\r\n\0 ':
            raise DataError(
                f"the delimiter is {shown(self.delimiter)}; give one character, such as a comma, semicolon or tab"
            )
        if not isinstance(self.header, bool):
            raise DataError(f"header is {shown(self.header)}; give true or false")
        if not isinstance(self.lines_above, int) or not 0 <= self.lines_above <= MAX_ABOVE:
            raise DataError(f"lines_above is {shown(self.lines_above)}; give a whole number from 0 to {MAX_ABOVE}")


def guess_format(content: bytes, name: str = "") -> FileFormat:
    """The format of a file, from its content; of its name only a .tsv counts, if the content leaves a doubt.

    Raises DataError if the file is empty, too large, or no table of text.
    """
    check_size(len(content))
    if is_parquet(content):
        return FileFormat("parquet")
    check_kind(content)
    encoding = guess_encoding(content)
    text = decoded(content, encoding).text
    if _is_json(text):
        return FileFormat("jsonl", encoding=encoding)
    from labcore.data.own.csv_guess import guess_delimiter, guess_header, guess_lines_above

    delimiter = guess_delimiter(text, DELIMITERS.values(), "\t" if name.lower().endswith((".tsv", ".tab")) else ",")
    above = guess_lines_above(text, delimiter, MAX_ABOVE)
    header = guess_header(text, delimiter, above)
    return FileFormat("csv", encoding=encoding, delimiter=delimiter, header=header, lines_above=above)


def _is_json(text: str) -> bool:
    """Whether a text is JSON: one object a line, or an array of objects."""
    start = text.lstrip()[:1]
    if start == "[":
        return text.lstrip()[1:].lstrip()[:1] in ("{", "[", "]")
    if start != "{":
        return False
    first = text.lstrip().split("\n", 1)[0]
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return first.lstrip("{ \t\r")[:1] in ('"', "")  # a JSON that is damaged, or in several lines
