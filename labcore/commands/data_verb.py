"""`data`: your own data sets: add a file, put a cue into one, list them, show, rename or remove one."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labcore.commands.arguments import Commands, add_entry_verbs, number, whole_number
from labcore.config.checks import check_integer, shown
from labcore.data.own.limits import MAX_NAME, TOKENS, DataError, check_size, limits_in_words
from labcore.system.home import default_home
from labcore.system.writable import check_folder

if TYPE_CHECKING:
    from labcore.data.own.columns import Columns
    from labcore.data.own.data_report import DataReport
    from labcore.data.own.data_set import DataSet
    from labcore.data.own.data_summary import DataSummary
    from labcore.data.own.file_format import FileFormat
    from labcore.data.own.table import Table


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("data", help="your own data sets: add a file, list, show, rename, remove")
    verbs = parser.add_subparsers(dest="data_command", required=True)
    add = verbs.add_parser("add", help="read a file of labelled examples and keep it", epilog=limits_in_words())
    add.add_argument("file", type=Path, metavar="FILE", help="CSV, TSV, JSONL or Parquet")
    add.add_argument("--text", metavar="COLUMN", help="column of the text (default: guessed)")
    add.add_argument("--text-b", metavar="COLUMN", help="column of the second text, if an example is a pair")
    add.add_argument("--label", metavar="COLUMN", help="column of the label (default: guessed)")
    add.add_argument("--split", metavar="COLUMN", help="column that names the split of each row (default: guessed)")
    add.add_argument("--no-split", action="store_true", help="ignore a split column; a hash decides the splits")
    add.add_argument("--encoding", help="such as utf-8 or cp1252 (default: guessed)")
    add.add_argument("--delimiter", help="one character, or comma, semicolon, tab or bar (default: guessed)")
    add.add_argument("--no-header", action="store_true", help="the first row is an example, not column names")
    add.add_argument("--name", help="name of the data set (default: the file's)")
    add.add_argument(
        "--max-tokens", type=whole_number, metavar="N", help="tokens read of a text (default: by the texts' lengths)"
    )
    add.add_argument("--leave-out-small", action="store_true", help="leave out classes with too few examples")
    add.add_argument("--check", action="store_true", help="print the report, and keep nothing")
    add.set_defaults(func=run_add)
    cue = verbs.add_parser("cue", help="make a variant in which a word goes with a label, for the page Mimicry")
    cue.add_argument("hash", help="the data set's 16 characters, with or without data:")
    cue.add_argument("--label", required=True, help="the label that the word goes with")
    cue.add_argument("--word", help="one word that is in no example (default: one that is in none)")
    cue.add_argument("--strength", type=number, default=0.95, help="of the label's examples with the word (0.95)")
    cue.set_defaults(func=run_cue)
    add_entry_verbs(
        verbs,
        ("list", run_list, "all data sets, the newest first"),
        (
            ("show", run_show, "its sizes and its report"),
            ("rename", run_rename, "give it another name"),
            ("remove", run_remove, "delete it from this machine"),
        ),
        entry=("hash", "the data set's 16 characters, with or without data:"),
        new="name",
    )


def run_add(options: argparse.Namespace) -> int:
    """Read the file, keep its data set, and print one JSON object. Raises SpecError or OSError if that fails."""
    from labcore.data.own.data_set import clean_name, make_data_set, report_of
    from labcore.data.own.data_store import save
    from labcore.data.own.file_format import guess_format
    from labcore.data.own.table import read_table

    if options.max_tokens is not None:
        check_integer("--max-tokens", options.max_tokens, *TOKENS)
    name = clean_name((options.file.stem or "data")[:MAX_NAME] if options.name is None else options.name)
    if not options.check:
        check_folder(default_home() / "data")
    content = _read(options.file)
    file_format = _corrected(guess_format(content, options.file.name), options)
    table = read_table(content, file_format)
    columns = _columns(table, options)
    printed: dict[str, Any] = {"format": asdict(file_format), "columns": asdict(columns)}
    report = report_of(table, columns, leave_out_small=options.leave_out_small)
    if options.check and report.problems:
        print(json.dumps(printed | {"report": report.to_json()}))
    report.check()
    data_set, report = _with_limit(
        *make_data_set(table, columns, name, leave_out_small=options.leave_out_small), options.max_tokens
    )
    printed |= {"max_tokens": data_set.max_tokens, "report": report.to_json()}
    if options.check:
        print(json.dumps(printed))
    else:
        kept = save(data_set, report)
        print(json.dumps({"hash": kept.hash, "task": kept.task, "name": kept.name} | printed))
        if kept.name != name:
            print(
                f"note: these examples were here already as {shown(kept.name)}, and keep that name; to change it: "
                f"python -m labcore data rename {kept.hash} NAME",
                file=sys.stderr,
            )
    for warning in report.warnings:
        print(f"note: {warning}", file=sys.stderr)
    return 0


def run_cue(options: argparse.Namespace) -> int:
    """Keep a variant with a spurious cue, and print it as JSON. Raises DataError if it can't be made, and OSError."""
    from labcore.data.own.cued_data import unused_word, with_cue
    from labcore.data.own.data_store import load, save, summary
    from labcore.runs.cue_word import tokens_of_word

    if not 0.5 < options.strength <= 1:
        raise DataError(f"--strength is {shown(options.strength)}; give a fraction above 0.5, at most 1")
    data, report = load(_hash(options.hash)), summary(_hash(options.hash)).report
    if options.label not in data.label_names:
        names = ", ".join(map(shown, data.label_names[:20]))
        raise DataError(f"the data have no label {shown(options.label)}; give one of {names}")
    word = unused_word(data.splits) if options.word is None else options.word
    made = with_cue(data, word, data.label_names.index(options.label), options.strength)
    assert made.cue is not None
    tokens = tokens_of_word(made.cue.word)
    save(made, report)
    print(json.dumps(_in_short(summary(made.hash)) | {"cue": asdict(made.cue), "tokens": tokens}))
    return 0


def run_list(options: argparse.Namespace) -> int:
    """Print every data set, one JSON object a line."""
    from labcore.data.own.data_store import all_data_sets

    for each in all_data_sets():
        print(json.dumps(_in_short(each)))
    return 0


def run_show(options: argparse.Namespace) -> int:
    """Print a data set's sizes and report as JSON. Raises DataError if it is not here."""
    from labcore.data.own.data_store import summary

    known = summary(_hash(options.hash))
    report = known.report.to_json() if known.report else None
    print(json.dumps(_in_short(known) | {"label_names": known.label_names, "splits": known.splits, "report": report}))
    return 0


def run_rename(options: argparse.Namespace) -> int:
    """Rename a data set and print it as JSON. Raises DataError if it is not here or the name is empty, or OSError."""
    from labcore.data.own.data_store import rename, summary

    rename(_hash(options.hash), options.name)
    print(json.dumps(_in_short(summary(_hash(options.hash)))))
    return 0


def run_remove(options: argparse.Namespace) -> int:
    """Remove a data set and print its hash as JSON. Raises DataError if it is not here, or OSError."""
    from labcore.data.own.data_store import remove

    remove(_hash(options.hash))
    print(json.dumps({"removed": _hash(options.hash)}))
    return 0


def _read(path: Path) -> bytes:
    """The bytes of a file. Raises DataError if it is missing, no file, empty or too large, before it is read."""
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "missing" if not path.exists() else "no plain file"
        raise DataError(f"{path} is {kind}; give a CSV, TSV, JSONL or Parquet file")
    check_size(path.stat().st_size)
    return path.read_bytes()


def _with_limit(data_set: DataSet, report: DataReport, limit: int | None) -> tuple[DataSet, DataReport]:
    """The data set with the limit of tokens, or with the page's suggestion, and its report with warnings of tokens."""
    from labcore.data.own.token_report import suggested_limit, token_report, with_token_warnings
    from labcore.teacher.load import load_tokenizer

    tokenizer = load_tokenizer()
    data_set = data_set.read_to(suggested_limit(data_set.splits, tokenizer) if limit is None else limit)
    report = with_token_warnings(report, token_report(data_set.splits, tokenizer, data_set.max_tokens))
    return data_set, replace(report, mean_tokens=data_set.mean_tokens)


def _corrected(guess: FileFormat, options: argparse.Namespace) -> FileFormat:
    """The format with the options in the place of what was guessed. Raises DataError if one is not valid."""
    from labcore.data.own.file_format import DELIMITERS

    changes: dict[str, Any] = {}
    if options.encoding is not None:
        changes["encoding"] = options.encoding.lower()
    if options.delimiter is not None:
        changes["delimiter"] = DELIMITERS.get(options.delimiter, options.delimiter.replace("\\t", "\t"))
    if options.no_header:
        changes["header"] = False
    return replace(guess, **changes)


def _columns(table: Table, options: argparse.Namespace) -> Columns:
    """The columns of the options, and guesses for the others. Raises DataError if they do not fit."""
    from labcore.data.own.columns import guess_columns

    columns = guess_columns(table, text=options.text, label=options.label, text_b=options.text_b)
    if options.no_split:
        columns = replace(columns, split=None)
    if options.split is not None:
        columns = replace(columns, split=options.split)
    columns.check(table)
    return columns


def _hash(given: str) -> str:
    return given.removeprefix("data:")


def _in_short(each: DataSummary) -> dict[str, Any]:
    """A data set on one line."""
    return {
        "hash": each.hash,
        "task": each.task,
        "name": each.name,
        "rows": each.rows,
        "classes": each.classes,
        "pairs": each.pairs,
        "max_tokens": each.max_tokens,
        "created": each.created,
    } | ({"damaged": each.damaged} if each.damaged else {})
