"""The data of a training: examples in the tokens of student, teacher and assistant, and their targets."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Mapping, Sequence
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
from labcore.data.examples import Examples, Split
from labcore.data.spurious_cue import conditions
from labcore.data.tasks import Task, load_task
from labcore.data.tokenizers import trimmed
from labcore.distil.condition_evaluator import ConditionEvaluator
from labcore.distil.live_teacher import LiveTeacher
from labcore.distil.losses import UNLABELLED
from labcore.distil.precision import hardware_bf16
from labcore.distil.targets import Targets, compute_targets, teacher_targets
from labcore.models import encoder
from labcore.models.classifier import Classifier
from labcore.models.fingerprint import fingerprint
from labcore.results.events import Preparing
from labcore.system.progress import finish

PROBED = 400  # validation examples that are evaluated under each condition at each validation
CHUNK = 5_000  # transfer examples whose targets are cached in one file: a longer set finds the files of a shorter one
EVALUATED: tuple[Split, ...] = ("validation", "test")
Vocabulary = tuple[int, ...] | None  # the teacher's ids of a model's tokens; None for all of them
GroupKey = tuple[Split, str | None]  # of examples for evaluation: a split, and the cue's condition or None


@dataclass(frozen=True)
class TrainingData:
    """encoded: each split in the student's tokens; the transfer set, which has no labels, follows the training split.

    targets: the outputs to learn from in training, and the teacher's outputs for the splits of evaluation.
    teacher: the teacher or assistant in memory, with the training examples as its own tokenizer encodes them.
    conditions: some validation examples under each condition, if the task has a cue. test_conditions: the same of all
    test examples.
    """

    encoded: dict[Split, Encoded]
    targets: dict[Split, Targets]
    teacher: LiveTeacher
    conditions: ConditionEvaluator | None = None
    test_conditions: ConditionEvaluator | None = None


def prepare(
    spec: Spec,
    teacher: Classifier,
    tokenizer: PreTrainedTokenizerBase,
    vocabulary: Vocabulary,
    cache: Path,
    assistant: Student | None = None,
) -> Generator[Preparing, None, TrainingData]:
    """The data of a spec's training for a student with this vocabulary; yields progress while the teacher computes.

    The direct teacher is the `assistant`, else the teacher. Evaluation compares with the teacher in either case.
    Raises SpecError if the spec asks for a transfer set, and the task has none.
    """
    direct_teacher = assistant or Student(teacher)
    task = load_task(spec.task)
    limit = _token_limit(teacher, task)
    train_groups, evaluated = _train_groups(spec, task), _evaluated_groups(task)

    direct_train = _encoded(train_groups, tokenizer, direct_teacher.vocabulary, limit)
    teacher_evaluated = _encoded(evaluated.values(), tokenizer, None, limit)
    train_targets, evaluated_targets = yield from _targets(
        direct_teacher.model, direct_train, teacher, teacher_evaluated, cache, states=_needs_states(spec.distil)
    )
    student_train, student_evaluated = direct_train, teacher_evaluated
    if vocabulary != direct_teacher.vocabulary:
        student_train = _encoded(train_groups, tokenizer, vocabulary, limit)
    if vocabulary is not None:
        student_evaluated = _encoded(evaluated.values(), tokenizer, vocabulary, limit)

    train, teacher_train = joined(student_train), joined(direct_train)
    encoded = dict(zip(evaluated, student_evaluated, strict=True))
    targets = dict(zip(evaluated, evaluated_targets, strict=True))
    return TrainingData(
        encoded={"train": train, **{split: encoded[split, None] for split in EVALUATED}},
        targets={"train": _joined_targets(train_targets), **{split: targets[split, None] for split in EVALUATED}},
        teacher=LiveTeacher(
            direct_teacher.model,
            teacher_train,
            _same_tokens(train, teacher_train, vocabulary, direct_teacher.vocabulary),
        ),
        conditions=_evaluator("validation", encoded, targets),
        test_conditions=_evaluator("test", encoded, targets),
    )


def sample(
    spec: Spec, direct_teacher: Student, tokenizer: PreTrainedTokenizerBase, vocabulary: Vocabulary, count: int
) -> TrainingData:
    """The training data alone, of `count` of the spec's training examples, always the same ones; nothing is cached.

    They are drawn apart from those of `Calibration`, to which a student may be fitted.
    """
    task = load_task(spec.task)
    labelled, transfer = task.splits["train"], task.transfer_examples(spec.distil.transfer)
    every = labelled
    if transfer:
        every = labelled.followed_by(Examples(transfer, (UNLABELLED,) * len(transfer)))
    drawn = torch.randperm(len(every), generator=torch.Generator().manual_seed(1))[:count].tolist()
    few = every.select(drawn)
    limit = _token_limit(direct_teacher.model, task)
    [teacher_train] = _encoded([few], tokenizer, direct_teacher.vocabulary, limit)
    train = teacher_train
    if vocabulary != direct_teacher.vocabulary:
        [train] = _encoded([few], tokenizer, vocabulary, limit)
    same = _same_tokens(train, teacher_train, vocabulary, direct_teacher.vocabulary)
    targets = compute_targets(
        direct_teacher.model, teacher_train, states=_needs_states(spec.distil), bf16=hardware_bf16()
    )
    return TrainingData(
        encoded={"train": train},
        targets={"train": finish(targets)},
        teacher=LiveTeacher(direct_teacher.model, teacher_train, same),
    )


def joined(groups: Sequence[Encoded]) -> Encoded:
    """Several groups of examples, one after the other. Raises ValueError if only some hold pairs of texts."""
    tokens = tuple(row for group in groups for row in group.tokens)
    second = tuple(start for group in groups for start in group.second_from or ())
    if second and len(second) != len(tokens):
        raise ValueError("pairs of texts and single texts can't be joined; give groups of one kind")
    return Encoded(tokens, torch.cat([group.labels for group in groups]), groups[0].padding, second or None)


# -- which examples ------------------------------------------------------------------------------------


def _train_groups(spec: Spec, task: Task) -> list[Examples]:
    """The training split, then the transfer set in chunks without labels."""
    transfer = task.transfer_examples(spec.distil.transfer)
    chunks = [transfer[i : i + CHUNK] for i in range(0, len(transfer), CHUNK)]
    return [task.splits["train"], *(Examples(chunk, (UNLABELLED,) * len(chunk)) for chunk in chunks)]


def _evaluated_groups(task: Task) -> dict[GroupKey, Examples]:
    """The splits of evaluation as they are, and under each condition if the task has a cue."""
    groups: dict[GroupKey, Examples] = {(split, None): task.splits[split] for split in EVALUATED}
    if task.clean is not None:
        for name, examples in conditions(task.clean["validation"].spread(PROBED), task.cue).items():
            groups["validation", name] = examples
        for name, examples in conditions(task.clean["test"], task.cue).items():
            groups["test", name] = examples
    return groups


def _evaluator(
    split: Split, encoded: Mapping[GroupKey, Encoded], targets: Mapping[GroupKey, Targets]
) -> ConditionEvaluator | None:
    conditions = {
        condition: (encoded[of, condition], targets[of, condition].logits)
        for of, condition in encoded
        if of == split and condition is not None
    }
    return ConditionEvaluator(conditions) if conditions else None


# -- tokens --------------------------------------------------------------------------------------------


def _token_limit(teacher: Classifier, task: Task) -> int:
    """The most tokens of an example that are read."""
    return min(task.max_tokens, encoder.architecture_of(teacher).positions)


def _encoded(
    groups: Iterable[Examples], tokenizer: PreTrainedTokenizerBase, vocabulary: Vocabulary, limit: int
) -> list[Encoded]:
    """Each group in the tokens of a model with this vocabulary."""
    own = trimmed(tokenizer, vocabulary)
    return [encode(own, examples, limit) for examples in groups]


def _same_tokens(student: Encoded, teacher: Encoded, of_student: Vocabulary, of_teacher: Vocabulary) -> Tensor | None:
    """(N,): true for examples that are tokenised identically for both models; None if all are."""
    if of_student == of_teacher:
        return None

    def teacher_ids(row: Sequence[int], vocabulary: Vocabulary) -> list[int]:
        return list(row) if vocabulary is None else [vocabulary[token] for token in row]

    rows = zip(student.tokens, teacher.tokens, strict=True)
    return torch.tensor([teacher_ids(one, of_student) == teacher_ids(other, of_teacher) for one, other in rows])


# -- targets -------------------------------------------------------------------------------------------


def _needs_states(config: DistilConfig) -> bool:
    """Whether training compares states at [CLS], which are then cached with the logits."""
    return config.hidden_at == "cls" and Need.STATES in config.needs


def _joined_targets(groups: Sequence[Targets]) -> Targets:
    states = [group.states for group in groups if group.states is not None]
    return Targets(torch.cat([group.logits for group in groups]), torch.cat(states) if states else None)


def _targets(
    direct_teacher: Classifier,
    train: list[Encoded],
    teacher: Classifier,
    evaluated: list[Encoded],
    cache: Path,
    *,
    states: bool,
) -> Generator[Preparing, None, tuple[list[Targets], list[Targets]]]:
    """The direct teacher's targets for training and the teacher's for evaluation; yields one progress over all of them.

    Only training has states and bf16; evaluation is in fp32.
    """
    targets: list[Targets] = []
    groups = [
        *((direct_teacher, encoded, True) for encoded in train),
        *((teacher, encoded, False) for encoded in evaluated),
    ]
    total, before, started = sum(len(encoded) for _, encoded, _ in groups), 0, time.perf_counter()
    fingerprints = {id(model): fingerprint(model) for model in (direct_teacher, teacher)}
    for model, encoded, trains in groups:
        bf16 = trains and hardware_bf16()
        work = teacher_targets(
            model, encoded, cache, states=states and trains, bf16=bf16, model=fingerprints[id(model)]
        )
        try:
            while True:
                progress = next(work)
                yield Preparing(before + progress.done, total, time.perf_counter() - started)
        except StopIteration as end:
            targets.append(end.value)
        before += len(encoded)
    return targets[: len(train)], targets[len(train) :]
