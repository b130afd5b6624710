"""What student and teacher computed for one batch, as far as the loss terms ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from torch import Tensor

from labcore.config.loss_terms import LossTerm, Need
from labcore.data.batches import Batch
from labcore.distil.layer_map import Pairs, Projections
from labcore.distil.live_teacher import LiveTeacher
from labcore.distil.losses import UNLABELLED, relation_heads
from labcore.distil.targets import Targets
from labcore.models import encoder

States = tuple[list[Tensor], list[Tensor]]  # of student and teacher, for each pair of layers (N, width)


@dataclass
class BatchOutputs:
    """Outputs for a batch of B examples, in fp32, also under autocast. The rarer ones are computed when first used.

    student: its outputs, for all tokens if `all_tokens`, otherwise at [CLS]. states_of_tokens: whether hidden states
    are compared at all tokens, instead of at [CLS].
    """

    batch: Batch
    student: encoder.EncoderOutput
    targets: Targets
    teacher: LiveTeacher | None
    temperature: float
    pairs: Pairs
    projections: Projections | None
    all_tokens: bool
    states_of_tokens: bool

    def can_compute(self, term: LossTerm) -> bool:
        """Whether the batch has all that the term needs."""
        return all(self.has(need) for need in term.needs)

    def has(self, need: Need) -> bool:
        """Whether the batch has an example for which this can be computed."""
        match need:
            case Need.LABELS:
                return bool((self.labels != UNLABELLED).any())
            case Need.STATES:
                return len(self.states[0][0]) > 0
            case Need.RELATIONS:
                return len(self._comparable) > 0
            case _:
                return True

    @property
    def labels(self) -> Tensor:
        """(B,), UNLABELLED for an example without one."""
        return self.batch.labels

    @cached_property
    def logits(self) -> Tensor:
        """The student's (B, C)."""
        return self.student.logits.float()

    @cached_property
    def teacher_logits(self) -> Tensor:
        """The targets (B, C)."""
        return self.targets.logits[self.batch.index].to(self.batch.device)

    @cached_property
    def states(self) -> States:
        """Hidden states of paired layers: at [CLS], or at all tokens of examples with the same ones in both models."""
        if not self.states_of_tokens:
            assert self.targets.states is not None
            teacher = self.targets.states[self.batch.index].to(self.batch.device)  # (B, L, H)
            student = [state[:, 0] if self.all_tokens else state for state in self.student.states]
            return [student[i].float() for i, _ in self.pairs], [teacher[:, j].float() for _, j in self.pairs]
        rows = self._comparable.to(self.batch.device)
        if not len(rows):
            return [state.new_empty(0, state.shape[-1]) for state in self.student.states], []
        output, mask = self._teacher_outputs
        return (
            [self.student.states[i][rows, : mask.shape[1]][mask].float() for i, _ in self.pairs],
            [output.states[j][mask].float() for _, j in self.pairs],
        )

    @cached_property
    def projected_states(self) -> Sequence[Tensor]:
        """The student's states, projected to the teacher's width."""
        assert self.projections is not None
        projected: list[Tensor] = self.projections(self.states[0])
        return projected

    @property
    def teacher_states(self) -> Sequence[Tensor]:
        """The teacher's states, for each pair of layers (N, teacher's width)."""
        return self.states[1]

    @cached_property
    def relations(self) -> tuple[Sequence[Tensor], Sequence[Tensor], Tensor, int]:
        """Queries, keys and values of student and teacher, the mask, and the number of relation heads."""
        assert self.teacher is not None
        output, mask = self._teacher_outputs
        rows = self._comparable.to(self.batch.device)
        student = [vectors[rows, : mask.shape[1]].float() for vectors in self.student.relations]
        teacher = [vectors.float() for vectors in output.relations]
        widths = {vectors.shape[-1] for vectors in (*student, *teacher)}
        heads = relation_heads(*widths, most=encoder.heads_in(self.teacher.model, -1)[0])
        return student, teacher, mask, heads

    @cached_property
    def _comparable(self) -> Tensor:
        """The rows of the batch that are tokenised identically for student and teacher, on the host as its index."""
        assert self.teacher is not None
        return self.teacher.tokenised_identically(self.batch.index)

    @cached_property
    def _teacher_outputs(self) -> tuple[encoder.EncoderOutput, Tensor]:
        assert self.teacher is not None
        return self.teacher.outputs(self.batch.index[self._comparable])
