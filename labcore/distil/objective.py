"""The loss of one batch: its parts, with what they need of the teacher."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor
from transformers import BertForSequenceClassification

from labcore.compress.student import Student
from labcore.config.steps import SpecError
from labcore.config.training import STATE_PARTS, DistilConfig, Part
from labcore.data.batches import Batch, Encoded, batch_of
from labcore.distil import losses
from labcore.distil.cka import similar_layer_map, similarities
from labcore.distil.layer_map import Pairs, Projections, layer_map
from labcore.distil.targets import Targets
from labcore.models import encoder

SAMPLE = 256  # sentences on which layers are compared
SIDE_BY_SIDE = 64  # of them, read in one batch: of like length, or most of it would be padding


@dataclass(frozen=True)
class TeacherReader:
    """The teacher, or who teaches in its place, with the training sentences in its own word pieces: for what is too large to be kept.

    same: (N,) true where the student reads a sentence in the very same pieces; None where it reads all so. Only
    there can states be compared piece by piece.
    """

    teacher: BertForSequenceClassification
    encoded: Encoded
    same: Tensor | None = None

    @torch.no_grad()
    def read(self, index: Tensor) -> tuple[encoder.Reading, Tensor]:
        """The teacher's whole reading of these sentences, and the mask (B, T) of their real pieces."""
        batch = batch_of(self.encoded, index.tolist())
        return encoder.forward(self.teacher, batch.ids, batch.mask, whole=True), real_tokens(batch)


def real_tokens(batch: Batch) -> Tensor:
    """The mask (B, T) of a batch, also where nothing is padded."""
    return torch.ones_like(batch.ids, dtype=torch.bool) if batch.mask is None else batch.mask


@torch.no_grad()
def mean_states(model: BertForSequenceClassification, encoded: Encoded, index: Tensor) -> list[Tensor]:
    """After each layer the mean state of each of these sentences' pieces, in fp32, also under autocast: a list of (N, H)."""
    by_length = torch.tensor([len(encoded.tokens[i]) for i in index.tolist()]).argsort(stable=True)
    read = []
    for some in index[by_length].split(SIDE_BY_SIDE):
        batch = batch_of(encoded, some.tolist())
        mask = real_tokens(batch)[..., None]
        with torch.autocast("cpu", enabled=False):
            states = encoder.forward(model, batch.ids, batch.mask, whole=True).states
        read.append([(state * mask).sum(1) / mask.sum(1) for state in states])
    return [torch.cat(parts)[by_length.argsort()] for parts in zip(*read, strict=True)]


class Objective:
    """What the student is to make small: `parts` of one batch, weighed by `Distil.at`."""

    def __init__(
        self, student: Student, train: Encoded, targets: Targets, config: DistilConfig, reader: TeacherReader | None
    ):
        self.model, self.targets, self.config, self.reader = student.model, targets, config, reader
        self.tokens = config.hidden_at == "tokens" and any(part in STATE_PARTS for part in config.parts)
        self.whole = self.tokens or "relation" in config.parts
        if self.whole and reader is None:
            raise ValueError("a loss over word pieces needs the teacher at hand")
        if any(part in STATE_PARTS for part in config.parts) and not self.tokens and targets.states is None:
            raise ValueError("a hidden loss at [CLS] needs targets with states")
        chosen = torch.randperm(len(train), generator=torch.Generator().manual_seed(0))[:SAMPLE]
        self.train, self.sample = train, chosen
        self._check_comparable()
        self.pairs = self._pairs() if any(part in STATE_PARTS for part in config.parts) else ()
        self.projections = self._projections()

    @cached_property
    def _theirs(self) -> list[Tensor]:
        """What the teacher makes of the sample; read when first asked for."""
        assert self.reader is not None
        return mean_states(self.reader.teacher, self.reader.encoded, self.sample)

    def similarity(self) -> list[list[float]] | None:
        """CKA of every student layer with every teacher layer now; None without the teacher at hand."""
        if self.reader is None:
            return None
        training = self.model.training
        ours = mean_states(self.model.eval(), self.train, self.sample)
        self.model.train(training)
        return similarities(ours, self._theirs)

    def _check_comparable(self) -> None:
        """Raise SpecError for a loss over tokens if student and teacher read no training example in the same ones."""
        if not self.whole or self.reader is None or self.reader.same is None or bool(self.reader.same.any()):
            return
        terms = [part for part in self.config.parts if part == "relation" or (self.tokens and part in STATE_PARTS)]
        instead = "set distil.hidden_at to 'cls'" if self.tokens else "set distil.relation to 0"
        both = " and distil.relation to 0" if self.tokens and "relation" in terms else ""
        named = "', '".join(terms)
        raise SpecError(
            f"the student reads none of {len(self.train):,} training examples in the same tokens as its teacher, so the loss "
            f"'{named}' compares nothing; keep more tokens (trim_vocabulary.size), or {instead}{both}"
        )

    def _pairs(self) -> Pairs:
        if self.reader is not None:
            teacher_layers = encoder.architecture_of(self.reader.teacher).layers
        else:
            teacher_layers = self.targets.states.shape[1]  # type: ignore[union-attr]
        layers = encoder.architecture_of(self.model).layers
        if self.config.layer_map != "similar":
            return layer_map(self.config.layer_map, layers, teacher_layers)
        similarity = self.similarity()
        if similarity is None:
            raise ValueError("layer map 'similar' needs the teacher at hand")
        return tuple(enumerate(similar_layer_map(similarity)))

    def _projections(self) -> Projections:
        """Between widths, where least squares on the sample puts them: a random map would first pull the student apart."""
        ours = encoder.architecture_of(self.model).hidden
        if not self.pairs:
            return Projections(0, ours, ours)
        if self.tokens:
            assert self.reader is not None
            theirs_wide = encoder.architecture_of(self.reader.teacher).hidden
        else:
            assert self.targets.states is not None
            theirs_wide = self.targets.states.shape[2]
        projections = Projections(len(self.pairs), ours, theirs_wide)
        if ours != theirs_wide:
            with torch.no_grad():
                student, teacher = self._states(batch_of(self.train, self.sample.tolist()))
            if not len(student[0]):
                raise SpecError(
                    f"the student reads none of {len(self.sample)} sample sentences in its teacher's word pieces, so states can't be "
                    "compared piece by piece; compare them at [CLS], or keep more word pieces"
                )
            projections.fit(student, teacher)
        return projections

    def parts(self, batch: Batch, temperature: float) -> dict[Part, Tensor]:
        """The raw parts of the batch's loss, taken in fp32, also under autocast; hard only where a sentence has a label."""
        reading = encoder.forward(self.model, batch.ids, batch.mask, whole=self.whole)
        logits, theirs = reading.logits.float(), self.targets.logits[batch.index]
        found: dict[Part, Tensor] = {}
        if bool((batch.labels != losses.UNLABELLED).any()):
            found["hard"] = losses.hard_loss(logits, batch.labels)
        found["soft"] = losses.soft_loss(logits, theirs, temperature)
        if "logit" in self.config.parts:
            found["logit"] = losses.logit_loss(logits, theirs)
        if self.pairs:
            student, teacher = self._states(batch, reading)
            if len(student[0]):
                projected = self.projections(student)
                if "hidden" in self.config.parts:
                    found["hidden"] = losses.hidden_loss(projected, teacher)
                if "cosine" in self.config.parts:
                    found["cosine"] = losses.cosine_loss(projected, teacher)
        if "relation" in self.config.parts and len(rows := self._comparable(batch)):
            assert self.reader is not None
            answer, mask = self.reader.read(batch.index[rows])
            ours = [vectors[rows, : mask.shape[1]].float() for vectors in reading.relations]
            widths = {vectors.shape[-1] for vectors in (*ours, *answer.relations)}
            heads = losses.relation_heads(*widths, most=encoder.heads_in(self.reader.teacher, -1)[0])
            found["relation"] = losses.relation_loss(ours, [v.float() for v in answer.relations], mask, heads)
        return found

    def _comparable(self, batch: Batch) -> Tensor:
        """Rows of the batch that student and teacher read in the same pieces."""
        assert self.reader is not None
        if self.reader.same is None:
            return torch.arange(len(batch.index))
        return self.reader.same[batch.index].nonzero().flatten()

    def _states(self, batch: Batch, reading: encoder.Reading | None = None) -> tuple[list[Tensor], list[Tensor]]:
        """Paired states of student and teacher, each (N, H), in fp32: of [CLS], or of every real piece."""
        if reading is None:
            reading = encoder.forward(self.model, batch.ids, batch.mask, whole=self.whole)
        if not self.tokens:
            kept = self.targets.states
            assert kept is not None
            answers = kept[batch.index]  # (B, L, H)
            ours = [state[:, 0] if self.whole else state for state in reading.states]
            return [ours[i].float() for i, _ in self.pairs], [answers[:, j].float() for _, j in self.pairs]
        rows = self._comparable(batch)
        assert self.reader is not None
        if not len(rows):
            return [state.new_empty(0, state.shape[-1]) for state in reading.states], []  # none in common
        answer, mask = self.reader.read(batch.index[rows])
        return (
            [reading.states[i][rows, : mask.shape[1]][mask].float() for i, _ in self.pairs],
            [answer.states[j][mask].float() for _, j in self.pairs],
        )
