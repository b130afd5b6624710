"""What a lesson is made of: sentences as the student and the teacher read them, and the teacher's answers."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from labcore.compress.student import Student
from labcore.config.loss_terms import Need
from labcore.config.spec import Spec
from labcore.config.training import DistilConfig
from labcore.data.batches import Encoded, encode
from labcore.data.spurious_cue import readings
from labcore.data.tasks import Examples, Split, Task, load_task, some
from labcore.data.tokenizers import trimmed
from labcore.data.transfer import transfer_sentences
from labcore.distil.condition_probe import ConditionProbe
from labcore.distil.live_teacher import LiveTeacher
from labcore.distil.losses import UNLABELLED
from labcore.distil.precision import hardware_bf16
from labcore.distil.targets import Targets, compute_targets, teacher_targets
from labcore.models import encoder
from labcore.models.classifier import Classifier
from labcore.models.fingerprint import fingerprint
from labcore.results.events import Preparing
from labcore.system.progress import finish

PROBED = 400  # validation texts that are read in several ways at each validation
CHUNK = 5_000  # transfer sentences whose answers are kept in one file: a longer set finds those of a shorter one


@dataclass(frozen=True)
class TrainingData:
    """read: each split in the student's word pieces; training has the transfer set behind it, without labels.

    targets: what the student is to answer in training, and what the teacher answers where the student is judged.
    teacher: whoever teaches, in memory, with the training examples in its own tokens.
    probe: some validation texts in several readings, where the task has a cue to watch. last_probe: all test texts so.
    """

    read: dict[Split, Encoded]
    targets: dict[Split, Targets]
    teacher: LiveTeacher
    probe: ConditionProbe | None = None
    last_probe: ConditionProbe | None = None


def prepare(
    spec: Spec,
    teacher: Classifier,
    tokenizer: PreTrainedTokenizerBase,
    vocabulary: tuple[int, ...] | None,
    cache: Path,
    assistant: Student | None = None,
) -> Generator[Preparing, None, TrainingData]:
    """The material of a spec's lesson for a student with this vocabulary; progress while the teacher reads.

    `guide` teaches in the teacher's place; judged is by the teacher all the same.
    Raises SpecError for a task without a transfer set, where one is asked for.
    """
    assistant = assistant or Student(teacher)
    task = load_task(spec.task)
    longest = _longest(teacher, task)
    texts = transfer_sentences(spec.task, spec.distil.transfer)
    chunks = [texts[i : i + CHUNK] for i in range(0, len(texts), CHUNK)]
    learned = [task.splits["train"], *(Examples(chunk, (UNLABELLED,) * len(chunk)) for chunk in chunks)]
    probed, tested = {}, {}
    if task.clean is not None:
        probed, tested = readings(some(task.clean["validation"], PROBED)), readings(task.clean["test"])
    judged = {"validation": task.splits["validation"], "test": task.splits["test"]}
    judged |= {f"validation, {name}": examples for name, examples in probed.items()}
    judged |= {f"test, {name}": examples for name, examples in tested.items()}

    def read(groups: Iterable[Examples], kept: tuple[int, ...] | None) -> list[Encoded]:
        by = trimmed(tokenizer, kept)
        return [encode(by, examples, longest) for examples in groups]

    theirs, theirs_judged = read(learned, assistant.vocabulary), read(judged.values(), None)
    answers, judgements = yield from _answers(
        assistant.model, theirs, teacher, theirs_judged, cache, states=_needs_states(spec.distil)
    )
    answers_judged = dict(zip(judged, judgements, strict=True))
    ours = theirs if vocabulary == assistant.vocabulary else read(learned, vocabulary)
    ours_judged = theirs_judged if vocabulary is None else read(judged.values(), vocabulary)
    encoded_judged = dict(zip(judged, ours_judged, strict=True))
    train, trains = joined(ours), joined(theirs)
    same = _same(train, trains, vocabulary, assistant.vocabulary)

    def probe(split: Split, ways: Iterable[str]) -> ConditionProbe | None:
        groups = {way: (encoded_judged[f"{split}, {way}"], answers_judged[f"{split}, {way}"].logits) for way in ways}
        return ConditionProbe(groups) if groups else None

    return TrainingData(
        {"train": train, "validation": encoded_judged["validation"], "test": encoded_judged["test"]},
        {
            "train": _joined_targets(answers),
            "validation": answers_judged["validation"],
            "test": answers_judged["test"],
        },
        LiveTeacher(assistant.model, trains, same),
        probe("validation", probed),
        probe("test", tested),
    )


def sample(
    spec: Spec,
    assistant: Student,
    tokenizer: PreTrainedTokenizerBase,
    vocabulary: tuple[int, ...] | None,
    count: int,
) -> TrainingData:
    """The material of a lesson on `count` of the sentences that the spec's lesson reads, always the same ones.

    Only training is in it, and nothing is kept on disk. Drawn apart from those of `Evidence`, to which a student may be fitted.
    """
    task = load_task(spec.task)
    labelled, texts = task.splits["train"], transfer_sentences(spec.task, spec.distil.transfer)
    every = Examples((*labelled.texts, *texts), (*labelled.labels, *(UNLABELLED,) * len(texts)))
    drawn = torch.randperm(len(every), generator=torch.Generator().manual_seed(1))[:count].tolist()
    some = Examples(tuple(every.texts[i] for i in drawn), tuple(every.labels[i] for i in drawn))
    longest = _longest(assistant.model, task)
    theirs = encode(trimmed(tokenizer, assistant.vocabulary), some, longest)
    ours = theirs if vocabulary == assistant.vocabulary else encode(trimmed(tokenizer, vocabulary), some, longest)
    same = _same(ours, theirs, vocabulary, assistant.vocabulary)
    answers = compute_targets(assistant.model, theirs, states=_needs_states(spec.distil), bf16=hardware_bf16())
    return TrainingData({"train": ours}, {"train": finish(answers)}, LiveTeacher(assistant.model, theirs, same))


def _longest(teacher: Classifier, task: Task) -> int:
    """How many word pieces of a text are read at most."""
    return min(task.max_tokens, encoder.architecture_of(teacher).positions)


def _needs_states(config: DistilConfig) -> bool:
    """Whether the lesson compares states at [CLS], which are then kept with the teacher's answers."""
    return config.hidden_at == "cls" and Need.STATES in config.needs


def _same(
    ours: Encoded, theirs: Encoded, vocabulary: Sequence[int] | None, their_vocabulary: Sequence[int] | None
) -> Tensor | None:
    """(N,): true where two models, whose pieces have these ids of the teacher's, read a sentence in the very same pieces.

    None where they read everything so.
    """
    if vocabulary == their_vocabulary:
        return None

    def of_teacher(row: Sequence[int], kept: Sequence[int] | None) -> list[int]:
        return list(row) if kept is None else [kept[piece] for piece in row]

    rows = zip(ours.tokens, theirs.tokens, strict=True)
    return torch.tensor([of_teacher(our, vocabulary) == of_teacher(their, their_vocabulary) for our, their in rows])


def joined(parts: Sequence[Encoded]) -> Encoded:
    """Several groups of sentences, one behind the other."""
    tokens = tuple(row for part in parts for row in part.tokens)
    return Encoded(tokens, torch.cat([part.labels for part in parts]), parts[0].padding)


def _joined_targets(parts: Sequence[Targets]) -> Targets:
    states = [part.states for part in parts if part.states is not None]
    return Targets(torch.cat([part.logits for part in parts]), torch.cat(states) if states else None)


def _answers(
    assistant: Classifier,
    learned: list[Encoded],
    teacher: Classifier,
    judged: list[Encoded],
    cache: Path,
    *,
    states: bool,
) -> Generator[Preparing, None, tuple[list[Targets], list[Targets]]]:
    """The guide's answers to what is learned and the teacher's to what is judged, with one progress over them.

    States only where they are learned from; what only judges is read in fp32.
    """
    found: list[Targets] = []
    groups = [*((assistant, encoded, True) for encoded in learned), *((teacher, encoded, False) for encoded in judged)]
    total, before, started = sum(len(encoded) for _, encoded, _ in groups), 0, time.perf_counter()
    prints = {id(model): fingerprint(model) for model in (assistant, teacher)}
    for model, sentences, learns in groups:
        bf16 = learns and hardware_bf16()
        steps = teacher_targets(model, sentences, cache, states=states and learns, bf16=bf16, model=prints[id(model)])
        try:
            while True:
                progress = next(steps)
                yield Preparing(before + progress.done, total, time.perf_counter() - started)
        except StopIteration as end:
            found.append(end.value)
        before += len(sentences)
    return found[: len(learned)], found[len(learned) :]
