"""Your teacher's tokenizer, checked against its word table: there, of the same tokens, and with [CLS] and [SEP]."""

from __future__ import annotations

from pathlib import Path

from transformers import AutoTokenizer, PreTrainedTokenizerBase

from labcore.config.json_data import read_json
from labcore.teacher.location import TeacherError

# All files of one row; without, transformers makes an empty tokenizer in silence.
NEEDED = (("tokenizer.json",), ("vocab.txt",), ("vocab.json", "merges.txt"))
UNKNOWN_WORDS = "a ☃ 𝒳zq"  # in no vocabulary; a tokenizer must not fail on them
SETTINGS = "tokenizer_config.json"
SAVE = "save the model's own tokenizer there (tokenizer.save_pretrained)"


def read_tokenizer(folder: Path, vocabulary: int) -> PreTrainedTokenizerBase:
    """The tokenizer in a folder, for a word table of `vocabulary` rows.

    Raises TeacherError if there is none, if it would run code, or if it has tokens without a row in the table. Also if
    it does not put [CLS] before a text and [SEP] behind it: a classifier reads the state of [CLS].
    """
    if not has_tokenizer(folder):
        needed = " nor ".join(" with ".join(names) for names in NEEDED)
        raise TeacherError(f"{folder} has no readable tokenizer: neither {needed} is there; {SAVE}")
    _check_settings(folder / SETTINGS)
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        highest = max(tokenizer.get_vocab().values(), default=-1)
        framed = tokenizer(UNKNOWN_WORDS)["input_ids"]
    except Exception as error:  # a damaged file: the libraries raise types of their own
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise TeacherError(f"{folder} has no readable tokenizer ({reason}); {SAVE}") from None
    if not getattr(tokenizer, "is_fast", False):
        raise TeacherError(
            f"the tokenizer of {folder} is a slow one, which the lab can't trim or read offsets of; {SAVE}"
        )
    for name in ("pad_token", "cls_token", "sep_token"):
        if getattr(tokenizer, name) is None:
            raise TeacherError(f"the tokenizer of {folder} has no {name}; {SAVE}")
    if highest >= vocabulary:
        raise TeacherError(
            f"the tokenizer of {folder} has tokens up to number {highest:,}, but the word table has {vocabulary:,} "
            "rows; call model.resize_token_embeddings before training, or give the tokenizer of the training"
        )
    if highest < 5:
        raise TeacherError(f"the tokenizer of {folder} has {highest + 1} tokens: it is empty; {SAVE}")
    if framed[:1] != [tokenizer.cls_token_id] or framed[-1:] != [tokenizer.sep_token_id]:
        raise TeacherError(
            f"the tokenizer of {folder} does not put {tokenizer.cls_token} before a text and {tokenizer.sep_token} "
            f"behind it, and a classifier reads there; {SAVE}"
        )
    return tokenizer


def has_tokenizer(folder: Path) -> bool:
    """Whether a folder has the files of a tokenizer."""
    return any(all((folder / name).is_file() for name in names) for names in NEEDED)


def _check_settings(path: Path) -> None:
    """Raise TeacherError if the tokenizer's own settings can't be read, or name code to run."""
    if not path.is_file():
        return
    settings = read_json(path, f"copy it again, or {SAVE}", TeacherError)
    if not isinstance(settings, dict):
        raise TeacherError(f"{path} is not a JSON object; copy it again, or {SAVE}")
    if settings.get("auto_map"):
        raise TeacherError(f"auto_map in {path} would run code of its own; remove the entry, or {SAVE}")
