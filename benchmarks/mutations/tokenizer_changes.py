"""Changes of a teacher folder's tokenizer. Each returns what it changed."""

from __future__ import annotations

import json
import random
from pathlib import Path

from transformers import BertTokenizerFast

from benchmarks.mutations.folders import WORDS, write_json


def tokenizer_gone(folder: Path, draw: random.Random) -> str:
    gone = draw.choice([["tokenizer.json"], ["tokenizer_config.json"], ["tokenizer.json", "tokenizer_config.json"]])
    for name in gone:
        (folder / name).unlink(missing_ok=True)
    return f"without {' and '.join(gone)}"


def tokenizer_damaged(folder: Path, draw: random.Random) -> str:
    path = folder / draw.choice(["tokenizer.json", "tokenizer_config.json"])
    content = path.read_bytes()
    path.write_bytes(draw.choice([content[: draw.randrange(len(content))], b"{}", b"[]", b"", b"null"]))
    return f"{path.name} damaged"


def tokenizer_swapped(folder: Path, draw: random.Random) -> str:
    words = list(WORDS)
    kind = draw.choice(["larger", "smaller", "shuffled", "cased", "tiny"])
    if kind == "larger":
        words += [f"x{i}" for i in range(draw.randrange(1, 9))]
    elif kind == "smaller":
        words = words[: draw.randrange(8, len(words))]
    elif kind == "shuffled":
        special, plain = words[:5], words[5:]
        draw.shuffle(plain)
        words = special + plain
    elif kind == "tiny":
        words = words[:5]
    other = BertTokenizerFast(vocab={word: i for i, word in enumerate(words)}, do_lower_case=kind != "cased")
    other.save_pretrained(folder)
    return f"a {kind} tokenizer"


def tokenizer_setting(folder: Path, draw: random.Random) -> str:
    path = folder / "tokenizer_config.json"
    settings = json.loads(path.read_text())
    field = draw.choice([*settings, "auto_map", "pad_token", "cls_token", "sep_token", "unk_token", "tokenizer_class"])
    value = draw.choice(
        [None, "", "[PAD]", "[NEW]", 3, {}, [], "XLNetTokenizer", {"AutoTokenizer": ["evil.Tokenizer", None]}]
    )
    write_json(path, settings | {field: value})
    return f"{field} = {value!r}"


def tokenizer_part(folder: Path, draw: random.Random) -> str:
    path = folder / "tokenizer.json"
    state = json.loads(path.read_text())
    part = draw.choice(["post_processor", "normalizer", "pre_tokenizer", "decoder", "model", "added_tokens"])
    state[part] = [] if part == "added_tokens" else None
    write_json(path, state)
    return f"{part} taken out of tokenizer.json"
