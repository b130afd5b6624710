"""A small tokenizer of each family's kind, and training examples in its words."""

from __future__ import annotations

import json
import random

from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
from transformers import (
    BertTokenizer,
    CamembertTokenizer,
    MPNetTokenizer,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
    RobertaTokenizer,
    XLMRobertaTokenizer,
)

from labcore.compress.calibration import Calibration
from labcore.data.examples import Examples
from tests.shared.tiny_families import TOKENS

LONGEST = 24
_LETTERS = "abcdefgh"
_WORDS = [f"{a}{b}{c}" for a in _LETTERS for b in _LETTERS for c in _LETTERS[:3]]
_FAIRSEQ = ["<s>", "<pad>", "</s>", "<unk>"]


def phrases(n: int = 200, words: int = 30, seed: int = 5) -> tuple[str, ...]:
    """`n` phrases of a few words out of this many, early ones the more frequent."""
    draw = random.Random(seed)
    chosen = draw.sample(_WORDS, words)
    return tuple(" ".join(chosen[int(words * draw.random() ** 2)] for _ in range(draw.randint(1, 4))) for _ in range(n))


OTHERS = phrases(400, 60, seed=9)  # in words that the training examples do not have


def tokenizer_of(name: str) -> PreTrainedTokenizerBase:
    """A tokenizer of at most `TOKENS` tokens, of the kind that the family's models have."""
    match name:
        case "roberta":
            return _byte_level()
        case "xlm-roberta" | "camembert":
            return _unigram(name)
        case "modernbert" | "modernbert-mean":
            return _byte_level_in_brackets()
        case "mpnet":
            return MPNetTokenizer(vocab=_word_tokens([*_FAIRSEQ, "[UNK]", "<mask>"]))
    return BertTokenizer(vocab=_word_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]))


def calibration_of(name: str) -> Calibration:
    """Training examples of two classes with this tokenizer."""
    examples = Examples(phrases(), tuple(i % 2 for i in range(len(phrases()))))
    return Calibration(lambda: (tokenizer_of(name), examples, LONGEST))


def _word_tokens(special: list[str]) -> dict[str, int]:
    letters = [*_LETTERS, *(f"##{c}" for c in _LETTERS)]
    words = sorted({word for text in phrases() for word in text.split()})
    rest = [f"##{a}{b}" for a in _LETTERS for b in _LETTERS]
    tokens = [*special, *letters, *words, *rest][:TOKENS]
    return {token: i for i, token in enumerate(tokens)}


def _byte_level() -> PreTrainedTokenizerBase:
    """Byte-level BPE, but of an alphabet of the bytes in use, so that it fits into few tokens."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(vocab_size=TOKENS - 1, special_tokens=_FAIRSEQ, show_progress=False)
    made.train_from_iterator((*phrases(), *OTHERS), trainer)
    model = json.loads(made.to_str())["model"]
    vocab = model["vocab"] | {"<mask>": len(model["vocab"])}
    return RobertaTokenizer(vocab=vocab, merges=[tuple(merge) for merge in model["merges"]])


def _byte_level_in_brackets() -> PreTrainedTokenizerBase:
    """The same with BERT's special tokens, as a tokenizer of no class of its own."""
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(vocab_size=TOKENS, special_tokens=special, show_progress=False)
    made.train_from_iterator((*phrases(), *OTHERS), trainer)
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        model_input_names=["input_ids", "attention_mask"],
        **dict(zip(names, special, strict=True)),
    )


def _unigram(name: str) -> PreTrainedTokenizerBase:
    made = Tokenizer(models.Unigram())
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=TOKENS - 1, special_tokens=_FAIRSEQ, unk_token="<unk>", show_progress=False
    )
    made.train_from_iterator((*phrases(), *OTHERS), trainer)
    vocab = [tuple(row) for row in json.loads(made.to_str())["model"]["vocab"]]
    kind = CamembertTokenizer if name == "camembert" else XLMRobertaTokenizer
    return kind(vocab=[*vocab, ("<mask>", 0.0)], additional_special_tokens=[])
