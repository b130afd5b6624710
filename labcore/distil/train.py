"""The one training loop: a generator of events.

A test says `list(distil(...))`, a thread iterates, a stop closes. It knows nothing of files, threads or pages,
and never asks how the student was derived: the student's own `after_step` keeps what must be kept.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator

import torch

from labcore.compress.student import Student
from labcore.config.training import DistilConfig
from labcore.config.validation_schedule import validations
from labcore.data.batches import Batch, Encoded, batches_in_epoch, training_batches
from labcore.distil.best_checkpoint import Best
from labcore.distil.condition_probe import Probe
from labcore.distil.objective import Objective, TeacherReader
from labcore.distil.optimiser import Optimiser, gradient_norm, sparse_pieces
from labcore.distil.precision import autocast, hardware_bf16
from labcore.distil.targets import Targets
from labcore.models import encoder
from labcore.results.record import GradientNorms, Readings, Similarity, TrainStep, Validation

WARM_UP = 0.1  # share of the lesson in which the learning rate rises; then it falls to 0
MEASURES = 12  # of the gradient of each part

TrainingEvent = TrainStep | Validation | Readings | GradientNorms | Similarity


def distil(
    student: Student,
    train: Encoded,
    validation: Encoded,
    targets: Targets,
    validation_targets: Targets,
    config: DistilConfig,
    *,
    reader: TeacherReader | None = None,
    probe: Probe | None = None,
    bf16: bool | None = None,
) -> Iterator[TrainingEvent]:
    """Teach `student`; yields each optimiser step and each validation, the first before any training.

    At the end the student holds the weights that did best on validation. `targets` need `states` for a loss at
    [CLS]; losses over word pieces, the map `similar` and Similarity events need the `reader`. With a `probe` each
    validation is followed by Readings. `bf16` None takes it where the processor does it in hardware. Where the lesson's
    length is not in seconds, it is deterministic for `how.seed` on one machine, if torch's global generator is left alone
    meanwhile (dropout draws from it).
    """
    torch.manual_seed(config.seed)
    precision = autocast(hardware_bf16() if bf16 is None else bf16)
    encoder.set_dropout(student.model, config.dropout)
    with sparse_pieces(student.model, config.embeddings) as rows:
        with precision:
            objective = Objective(student, train, targets, config, reader)
        best = Best(student, validation, validation_targets)
        step = yield from _lesson(student, train, config, objective, best, probe, rows, precision)
        best.restore()
        if (table := objective.similarity()) is not None:
            yield Similarity(step, table, objective.pairs)


def _lesson(
    student: Student,
    train: Encoded,
    config: DistilConfig,
    objective: Objective,
    best: Best,
    probe: Probe | None,
    rows: list[torch.nn.Parameter],
    precision: torch.autocast,
) -> Generator[TrainingEvent, None, int]:
    """The steps of the lesson; returns how many there were."""
    model = student.model
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimiser = Optimiser(
        [*parameters, *objective.projections.parameters()],
        rows,
        config.learning_rate or student.learning_rate,
        config.weight_decay,
    )
    clock = _Clock(config, train)
    if (table := objective.similarity()) is not None:
        yield Similarity(0, table, objective.pairs)

    def examined(step: int) -> list[Validation | Readings]:
        with precision:
            readings = [] if probe is None else [probe.look(model, step)]
            return [best.validate(step, counts=student.settled), *readings]

    began = time.perf_counter()
    first = examined(0)
    due, measures = clock.validations(time.perf_counter() - began), _evenly(MEASURES, first=True)
    next_validation, next_measure = next(due), next(measures)
    yield from first
    step, sentences, seconds = 0, 0, 0.0
    clock.start()
    for batch in _batches(train, config):
        started = time.perf_counter()
        model.train()
        share = min(1.0, clock.share(step))  # a validation may have taken the rest of the time
        weights = config.at(share)
        with precision:
            parts = objective.parts(batch, weights["temperature"])
        total = sum(weights[name] * part for name, part in parts.items())
        assert isinstance(total, torch.Tensor)
        measured = {}
        if len(config.parts) > 1 and share >= next_measure:
            next_measure = next(measures)
            measured = {
                str(name): gradient_norm(part, parameters) for name, part in parts.items() if name in config.parts
            }
        optimiser.step(total, schedule(share))
        step += 1
        now = clock.share(step)
        student.after_step(now)
        sentences += len(batch.labels)
        seconds += time.perf_counter() - started
        values = {name: float(part.detach()) for name, part in parts.items()}
        loss = float(total.detach())
        if not math.isfinite(loss):
            raise FloatingPointError(
                f"the loss became {loss} at step {step}; lower the learning rate (it is {optimiser.rate:g}) or the weights of the loss"
            )
        yield TrainStep(
            step,
            clock.total(step),
            sentences,
            seconds,
            clock.elapsed(),
            optimiser.rate * schedule(share),
            loss,
            share=share,
            **values,
        )
        if measured:
            yield GradientNorms(step, measured, {name: weights[name] for name in measured})
        if now >= min(1.0, next_validation):
            while now >= next_validation:
                next_validation = next(due)
            yield from examined(step)
            if config.patience is not None and best.without_gain >= config.patience:
                break
        if now >= 1:  # as read above: a clock that is asked twice could end a lesson that was not validated
            break
    return step


def schedule(share: float) -> float:
    """The share of the learning rate when `share` of the lesson is over: rises over the warm-up, then falls in a line to 0."""
    return max(0.0, min((share + 0.01) / (WARM_UP + 0.01), (1 - share) / (1 - WARM_UP)))


class _Clock:
    """How much of the lesson is over, whatever its length is counted in."""

    def __init__(self, config: DistilConfig, train: Encoded):
        self.config, self.examples = config, len(train)
        self.seconds = config.seconds
        self.steps = config.steps or config.epochs * batches_in_epoch(train, config.batch_size)
        self.began = 0.0

    def start(self) -> None:
        self.began = time.perf_counter()

    def elapsed(self) -> float:
        return time.perf_counter() - self.began

    def share(self, step: int) -> float:
        """After so many steps; it may pass 1."""
        return step / self.steps if self.seconds is None else self.elapsed() / self.seconds

    def total(self, step: int) -> int:
        """The lesson's steps: a guess where it is counted in seconds."""
        return self.steps if self.seconds is None else max(step, round(step / self.share(step)))

    def validations(self, cost: float) -> Iterator[float]:
        """After which shares of the lesson the student is validated, which takes `cost` seconds; the end is among them."""
        times = validations(self.config, self.examples, cost)
        assert times is not None  # all that it depends on is given
        return _evenly(times)


def _evenly(times: int, *, first: bool = False) -> Iterator[float]:
    """`times` shares of the lesson, evenly spread up to its end, from its start where `first`; then nothing is due."""
    yield from ((i if first else i + 1) / times for i in range(times))
    while True:
        yield math.inf


def _batches(train: Encoded, config: DistilConfig) -> Iterator[Batch]:
    """Batches without end, epoch after epoch, each in an order of its own."""
    order = torch.Generator().manual_seed(config.seed)
    while True:
        yield from training_batches(train, config.batch_size, order)
