"""A smaller vocabulary: embeddings move with their tokens, and every text still encodes."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from transformers import BertForSequenceClassification, BertTokenizer, PreTrainedTokenizerBase

from labcore.compress.calibration import Calibration
from labcore.compress.derive import derive
from labcore.config.spec import Spec, SpecError
from labcore.config.steps import TrimVocabulary
from labcore.data.batches import encode
from labcore.data.examples import Examples
from labcore.data.tasks import load_task
from labcore.data.tokenizers import character_tokens, special_tokens, trimmed, unknown_share
from labcore.evaluate.metrics import predict
from labcore.models import classifier
from labcore.runs.cache import blueprint, calibration_for, counted
from labcore.runs.export_untrained import unknown_shares
from labcore.teacher.load import load_tokenizer
from tests.shared.tiny import TINY


def test_kept_tokens_keep_their_embeddings_and_logits(
    tiny: BertForSequenceClassification, calibration: Calibration
) -> None:
    student = derive(tiny, [TrimVocabulary(task=True)], calibration)
    assert student.vocabulary is not None
    rows = tiny.bert.embeddings.word_embeddings.weight
    assert torch.equal(student.model.bert.embeddings.word_embeddings.weight, rows[list(student.vocabulary)])
    assert student.model.config.vocab_size == len(student.vocabulary) < TINY.vocabulary
    own = encode(trimmed(calibration.tokenizer, student.vocabulary), calibration.examples, 24)
    of_teacher = encode(calibration.tokenizer, calibration.examples, 24)
    assert own.tokens != of_teacher.tokens
    assert [[student.vocabulary[i] for i in row] for row in own.tokens] == [list(row) for row in of_teacher.tokens]
    torch.testing.assert_close(predict(student.model, own), predict(tiny, of_teacher))


def test_the_most_frequent_stay_after_special_ones_and_single_characters(calibration: Calibration) -> None:
    ranking, special, used = calibration.ranking
    tokenizer = calibration.tokenizer
    assert ranking[:special] == special_tokens(tokenizer)
    characters = character_tokens(tokenizer)
    assert sorted(ranking[special : special + len(characters)]) == characters
    counts = torch.bincount(
        torch.tensor([i for row in encode(tokenizer, calibration.examples, 24).tokens for i in row]), minlength=60
    )
    rest = ranking[special + len(characters) :]
    assert [int(counts[i]) for i in rest] == sorted((int(counts[i]) for i in rest), reverse=True)
    assert used == special + len(characters) + sum(int(counts[i]) > 0 for i in rest)


def test_a_dropped_token_is_split_or_unknown() -> None:
    tokenizer = load_tokenizer()
    vocabulary = tokenizer.get_vocab()
    kept = sorted({*special_tokens(tokenizer), *character_tokens(tokenizer), vocabulary["good"]})
    own = trimmed(tokenizer, kept)
    assert own.tokenize("A good film, 1999!") == [
        "a",
        "good",
        "f",
        "##i",
        "##l",
        "##m",
        ",",
        "1",
        "##9",
        "##9",
        "##9",
        "!",
    ]
    assert own.tokenize("映画 good") == ["[UNK]", "[UNK]", "good"]
    assert own("good")["input_ids"] == [own.cls_token_id, kept.index(vocabulary["good"]), own.sep_token_id]
    assert own.convert_ids_to_tokens([own.cls_token_id, own.sep_token_id, own.pad_token_id]) == [
        "[CLS]",
        "[SEP]",
        "[PAD]",
    ]
    assert unknown_share(own, Examples(("good 映", "film"), (0, 0)), 128) == pytest.approx(1 / 6)
    assert unknown_share(own, Examples(("good good 映",), (0,)), 4) == 0  # two tokens between [CLS] and [SEP]


def test_no_validation_or_test_example_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    ranking = calibration_for("reviews", "reviews").ranking
    task = load_task("reviews")
    only = Calibration(lambda: (load_tokenizer(), task.splits["train"], 128))
    assert only.ranking == ranking
    trimmed_student = blueprint(Spec(steps=(TrimVocabulary(task=True),)))
    shares = unknown_shares("reviews", "reviews", trimmed_student.vocabulary)
    assert shares["train"] == 0  # every token of a training example is kept
    assert 0 <= shares["validation"] < 0.001
    assert 0 <= shares["test"] < 0.001


def test_architectures_without_weights_are_trimmed_too() -> None:
    used = calibration_for("reviews", "reviews").ranking[2]
    comparison = counted(Spec(teacher="bert-base-uncased", steps=(TrimVocabulary(task=True),)))
    assert comparison.teacher.total - comparison.student.total == (30522 - used) * 768


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([TrimVocabulary(size=4)], "5 or more"),
        ([TrimVocabulary(size=61)], "up to 60"),
        ([TrimVocabulary(task=True)] * 2, "twice"),
    ],
)
def test_a_vocabulary_that_can_not_be_had_is_refused(
    tiny: BertForSequenceClassification, calibration: Calibration, steps: list[TrimVocabulary], words: str
) -> None:
    with pytest.raises(SpecError, match=words):
        derive(tiny, steps, calibration)
    with pytest.raises(SpecError, match="training examples"):
        derive(tiny, [TrimVocabulary(size=30)])


def test_a_tokenizer_must_keep_its_special_tokens(tokenizer: PreTrainedTokenizerBase) -> None:
    with pytest.raises(SpecError, match="special"):
        trimmed(tokenizer, [0, 1, 2, 7])


def test_a_tokenizer_of_other_special_tokens_and_added_ones_is_trimmed() -> None:
    tokens = ["<pad>", "<unk>", "<s>", "</s>", "<mask>", *"abcdefgh", "Good", "film", "##s"]
    names = {"pad": "<pad>", "unk": "<unk>", "cls": "<s>", "sep": "</s>", "mask": "<mask>"}
    tokenizer = BertTokenizer(
        vocab={token: i for i, token in enumerate(tokens)},
        do_lower_case=False,
        **{f"{name}_token": token for name, token in names.items()},
    )
    tokenizer.add_tokens(["superword"])
    kept = [*range(5), tokens.index("a"), tokens.index("Good"), len(tokens)]
    own = trimmed(tokenizer, kept)
    assert own.tokenize("Good a film superword good") == ["Good", "a", "<unk>", "superword", "<unk>"]
    assert own("Good")["input_ids"] == [2, 6, 3]
    assert (own.unk_token_id, own.pad_token_id) == (1, 0)


def test_a_size_above_the_tokenizers_is_refused(calibration: Calibration) -> None:
    wide = classifier.initialise_randomly(classifier.build(replace(TINY, vocabulary=70))).eval()
    with pytest.raises(SpecError, match="60 tokens"):
        derive(wide, [TrimVocabulary(size=65)], calibration)
