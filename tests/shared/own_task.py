"""A data set of one's own with a tiny teacher for it, in the home of the test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from transformers import BertTokenizerFast

from labcore.data.batches import encode
from labcore.data.examples import SPLITS, Examples, Split
from labcore.data.own import data_store
from labcore.data.own.cued_data import with_cue
from labcore.data.own.data_set import DataSet
from labcore.evaluate.metrics import predict
from labcore.models import classifier
from labcore.runs.teacher_store import TeacherStore
from labcore.teacher.own_teachers import OwnTeacher
from tests.shared.tiny import TINY, WORDS
from tests.shared.tiny_tasks import LONGEST, bring

CUE = "w54"  # in no example
ODD = (
    *("<b>x</b>", "*y*", "=cmd|'/c calc'!A1", "עברית", "[link](http://a.b)", "1", "2", "2024-01-01", "NA", "#7"),
    *("a label that is far too long for an axis, as people have them", "$x$ %{z}", ":red[hot]", "`code`", "~n~"),
    *("<script>alert(1)</script>", "日本語", "it's", "a\\b", "_u_"),
)


@dataclass(frozen=True)
class OwnTask:
    """The data set as it was kept, and the entry of its teacher."""

    data: DataSet
    teacher: OwnTeacher


def own_task(
    folder: Path, names: Sequence[str] = ("no", "yes"), *, pairs: bool = False, cue: bool = False, title: str = "Mine"
) -> OwnTask:
    """Keep a data set with these labels, and a teacher whose predictions are its labels, but for every eighth.

    cue: whether its task has the cue CUE for label 1.
    """
    torch.manual_seed(3)
    model = classifier.initialise_randomly(classifier.build(replace(TINY, labels=len(names))), seed=1).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 2:
                parameter.mul_(8)
    tokenizer = BertTokenizerFast(vocab={word: i for i, word in enumerate(WORDS)})
    splits: dict[Split, Examples] = {}
    for offset, (split, size) in enumerate(zip(SPLITS, (60, 30, 40), strict=True)):
        numbers = [400 * offset + i for i in range(size)]
        text = tuple(f"w{i % 40} w{(3 * i) % 50} w{i % 7} w{(i // 40) % 50}" for i in numbers)
        second = tuple(f"w{(7 * i) % 50} w{i % 11}" for i in numbers) if pairs else None
        splits[split] = Examples(text, (0,) * size, second)
    with torch.no_grad():  # no label is predicted always
        logits = predict(model, encode(tokenizer, splits["train"], LONGEST))
        model.classifier.bias -= logits.median(dim=0).values
    for split, examples in splits.items():
        labels = predict(model, encode(tokenizer, examples, LONGEST)).argmax(-1)
        labels[7::8] = (labels[7::8] + 1) % len(names)
        splits[split] = replace(examples, labels=tuple(labels.tolist()))
    data = DataSet(title, tuple(names), splits, LONGEST, LONGEST)
    if cue:
        data = with_cue(data, CUE, 1)
    data_store.save(data)
    model.config.id2label = dict(enumerate(names))
    source = bring(model, tokenizer, folder)
    return OwnTask(data, TeacherStore().create(f"{title} teacher", data.task, "folder", source=str(source)))
