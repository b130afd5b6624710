"""What a lesson is made of: sentences as the student and the teacher read them, and the teacher's answers."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from transformers import BertForSequenceClassification, PreTrainedTokenizerBase

from labcore.data.batches import Encoded, encode
from labcore.data.tasks import SPLITS, Examples, Split, Task, load_task
from labcore.data.transfer import transfer_sentences
from labcore.data.vocabulary import trimmed
from labcore.distil.losses import UNLABELLED
from labcore.distil.objective import Reader
from labcore.distil.precision import hardware_bf16
from labcore.distil.targets import Targets, fresh_targets, teacher_targets
from labcore.lesson import STATE_PARTS, Distil
from labcore.progress import finish
from labcore.record import Preparing
from labcore.spec import Spec
from labcore.teacher import bert

CHUNK = 5_000  # transfer sentences whose answers are kept in one file: a longer set finds those of a shorter one


@dataclass(frozen=True)
class Material:
    """read: each split in the student's word pieces; training has the transfer set behind it, without labels.

    targets: the teacher's answers to them. reader: the teacher at hand, with training in its own pieces.
    """

    read: dict[Split, Encoded]
    targets: dict[Split, Targets]
    reader: Reader


def prepare(
    spec: Spec,
    teacher: BertForSequenceClassification,
    tokenizer: PreTrainedTokenizerBase,
    vocabulary: tuple[int, ...] | None,
    cache: Path,
) -> Generator[Preparing, None, Material]:
    """The material of a spec's lesson for a student with this vocabulary; progress while the teacher reads.

    Raises SpecError for a task without a transfer set, where one is asked for.
    """
    task = load_task(spec.task)
    longest = _longest(teacher, task)
    texts = transfer_sentences(spec.task, spec.distil.transfer)
    chunks = [texts[i : i + CHUNK] for i in range(0, len(texts), CHUNK)]
    splits = task.splits
    groups = [splits[split] for split in SPLITS] + [Examples(chunk, (UNLABELLED,) * len(chunk)) for chunk in chunks]
    read = [encode(tokenizer, examples, longest) for examples in groups]
    learned = [i not in (SPLITS.index("validation"), SPLITS.index("test")) for i in range(len(groups))]
    answers = yield from _all_targets(teacher, read, learned, cache, states=_needs_states(spec.distil))

    def in_splits(parts: list[Encoded]) -> dict[Split, Encoded]:
        whole = dict(zip(SPLITS, parts, strict=False))
        return whole | {"train": joined([whole["train"], *parts[len(SPLITS) :]])}

    theirs = in_splits(read)
    targets = dict(zip(SPLITS, answers, strict=False))
    targets["train"] = _joined_targets([targets["train"], *answers[len(SPLITS) :]])
    if vocabulary is None:
        return Material(theirs, targets, Reader(teacher, theirs["train"]))
    own = trimmed(tokenizer, vocabulary)
    ours = in_splits([encode(own, examples, longest) for examples in groups])
    return Material(ours, targets, Reader(teacher, theirs["train"], _same(ours["train"], theirs["train"], vocabulary)))


def sample(
    spec: Spec,
    teacher: BertForSequenceClassification,
    tokenizer: PreTrainedTokenizerBase,
    vocabulary: tuple[int, ...] | None,
    count: int,
) -> Material:
    """The material of a lesson on `count` of the sentences that the spec's lesson reads, always the same ones.

    Only training is in it, and nothing is kept on disk. Drawn apart from those of `Evidence`, to which a student may be fitted.
    """
    task = load_task(spec.task)
    labelled, texts = task.splits["train"], transfer_sentences(spec.task, spec.distil.transfer)
    every = Examples((*labelled.texts, *texts), (*labelled.labels, *(UNLABELLED,) * len(texts)))
    drawn = torch.randperm(len(every), generator=torch.Generator().manual_seed(1))[:count].tolist()
    some = Examples(tuple(every.texts[i] for i in drawn), tuple(every.labels[i] for i in drawn))
    theirs = ours = encode(tokenizer, some, _longest(teacher, task))
    same = None
    if vocabulary is not None:
        ours = encode(trimmed(tokenizer, vocabulary), some, _longest(teacher, task))
        same = _same(ours, theirs, vocabulary)
    answers = fresh_targets(teacher, theirs, states=_needs_states(spec.distil), bf16=hardware_bf16())
    return Material({"train": ours}, {"train": finish(answers)}, Reader(teacher, theirs, same))


def _longest(teacher: BertForSequenceClassification, task: Task) -> int:
    """How many word pieces of a text are read at most."""
    return min(task.max_pieces, bert.architecture_of(teacher).positions)


def _needs_states(how: Distil) -> bool:
    """Whether the lesson compares states at [CLS], which are then kept with the teacher's answers."""
    return how.hidden_at == "cls" and any(part in STATE_PARTS for part in how.parts)


def _same(ours: Encoded, theirs: Encoded, vocabulary: Sequence[int]) -> Tensor:
    """(N,): true where the student, whose pieces have these ids of the teacher's, reads a sentence in the very same pieces."""
    rows = zip(ours.pieces, theirs.pieces, strict=True)
    return torch.tensor([[vocabulary[piece] for piece in row] == list(row_of_teacher) for row, row_of_teacher in rows])


def joined(parts: Sequence[Encoded]) -> Encoded:
    """Several groups of sentences, one behind the other."""
    pieces = tuple(row for part in parts for row in part.pieces)
    return Encoded(pieces, torch.cat([part.labels for part in parts]), parts[0].padding)


def _joined_targets(parts: Sequence[Targets]) -> Targets:
    states = [part.states for part in parts if part.states is not None]
    return Targets(torch.cat([part.logits for part in parts]), torch.cat(states) if states else None)


def _all_targets(
    teacher: BertForSequenceClassification, groups: list[Encoded], learned: list[bool], cache: Path, *, states: bool
) -> Generator[Preparing, None, list[Targets]]:
    """Teacher outputs for every group, with one progress over all of them.

    States only where they are learned from; what only judges is read in fp32.
    """
    targets: list[Targets] = []
    total, before, started = sum(map(len, groups)), 0, time.perf_counter()
    for sentences, learns in zip(groups, learned, strict=True):
        steps = teacher_targets(teacher, sentences, cache, states=states and learns, bf16=learns and hardware_bf16())
        try:
            while True:
                progress = next(steps)
                yield Preparing(before + progress.done, total, time.perf_counter() - started)
        except StopIteration as end:
            targets.append(end.value)
        before += len(sentences)
    return targets
