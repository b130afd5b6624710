"""The loss of one batch: the value of each term, with what it needs of the teacher."""

from __future__ import annotations

import torch
from torch import Tensor

from labcore.compress.student import Student
from labcore.config.checks import SpecError
from labcore.config.loss_terms import LOSS_TERMS, LossTerm, Need
from labcore.config.training import DistilConfig
from labcore.data.batches import Batch, Encoded, batch_of
from labcore.distil.batch_outputs import BatchOutputs, States
from labcore.distil.cka import similar_layer_map
from labcore.distil.layer_map import Pairs, Projections, layer_map
from labcore.distil.layer_similarity import LayerSimilarity, sample_of
from labcore.distil.live_teacher import LiveTeacher
from labcore.distil.losses import loss
from labcore.distil.targets import Targets
from labcore.models import encoder
from labcore.models.placement import device_of


class Objective:
    """What training minimises: the `losses` of a batch, weighted by `DistilConfig.at`.

    terms: those that are computed: all with a weight here, and all with a weight by default.
    pairs: the layers whose states are compared. projections: between their widths, trained with the student.
    """

    def __init__(
        self, student: Student, train: Encoded, targets: Targets, config: DistilConfig, teacher: LiveTeacher | None
    ):
        """Raises SpecError if a term compares all tokens, and no example is tokenised identically for both models.

        Raises ValueError if a term needs `teacher`, or `targets` with states, and it is not given.
        """
        self.model, self.train, self.targets = student.model, train, targets
        self.config, self.teacher = config, teacher
        self.terms = tuple(term for term in LOSS_TERMS if term.on_by_default or term in config.terms)
        self.states_of_tokens = config.hidden_at == "tokens" and Need.STATES in config.needs
        self.all_tokens = self.states_of_tokens or Need.RELATIONS in config.needs
        self.sample = sample_of(len(train))
        self._similarity = None if teacher is None else LayerSimilarity(train, teacher, self.sample)
        self._check_inputs()
        self._check_tokens()
        self.pairs = self._pairs() if Need.STATES in config.needs else ()
        self.projections = self._projections()

    def losses(self, batch: Batch, temperature: float) -> dict[str, Tensor]:
        """The unweighted value of each term, by name, in fp32; without terms for which the batch lacks something."""
        outputs = self._outputs(batch, temperature, self.projections)
        return {term.name: loss(term, outputs) for term in self.terms if outputs.can_compute(term)}

    def similarity(self) -> list[list[float]] | None:
        """Linear CKA of every student layer with every teacher layer now; None without a live teacher."""
        return None if self._similarity is None else self._similarity.measure(self.model)

    def _outputs(self, batch: Batch, temperature: float, projections: Projections | None) -> BatchOutputs:
        return BatchOutputs(
            batch=batch,
            student=encoder.forward(self.model, batch.ids, batch.mask, batch.types, all_tokens=self.all_tokens),
            targets=self.targets,
            teacher=self.teacher,
            temperature=temperature,
            pairs=self.pairs,
            projections=projections,
            all_tokens=self.all_tokens,
            states_of_tokens=self.states_of_tokens,
        )

    def _check_inputs(self) -> None:
        if self.all_tokens and self.teacher is None:
            raise ValueError("a loss over all tokens needs a live teacher")
        if Need.STATES in self.config.needs and not self.states_of_tokens and self.targets.states is None:
            raise ValueError("a loss over hidden states at [CLS] needs targets with states")

    def _check_tokens(self) -> None:
        """Raise SpecError for a loss over tokens if no training example is tokenised identically for both models."""
        if (
            not self.all_tokens
            or self.teacher is None
            or len(self.teacher.tokenised_identically(torch.arange(len(self.train))))
        ):
            return
        relations = [term.name for term in self.config.terms if Need.RELATIONS in term.needs]
        instead = ["distil.hidden_at to 'cls'"] if self.states_of_tokens else []
        instead += [f"distil.{name} to 0" for name in relations]
        terms = ", ".join(f"'{term.name}'" for term in self._terms_of_tokens())
        raise SpecError(
            f"none of {len(self.train):,} training examples is tokenised identically for student and teacher, so "
            f"the loss {terms} compares nothing; keep more tokens (trim_vocabulary.size), or set "
            f"{' and '.join(instead)}"
        )

    def _terms_of_tokens(self) -> list[LossTerm]:
        """The terms that compare student and teacher token by token."""
        compared = Need.RELATIONS | (Need.STATES if self.states_of_tokens else Need(0))
        return [term for term in self.config.terms if term.needs & compared]

    def _pairs(self) -> Pairs:
        if self.config.layer_map == "similar":
            if (similarity := self.similarity()) is None:
                raise ValueError("layer map 'similar' needs a live teacher")
            return tuple(enumerate(similar_layer_map(similarity)))
        if self.teacher is not None:
            teacher_layers = encoder.architecture_of(self.teacher.model).layers
        else:
            assert self.targets.states is not None
            teacher_layers = self.targets.states.shape[1]
        return layer_map(self.config.layer_map, encoder.architecture_of(self.model).layers, teacher_layers)

    def _projections(self) -> Projections:
        """Between widths, fitted to the sample: random projections would first undo what the student has."""
        width = encoder.architecture_of(self.model).hidden
        if not self.pairs:
            return Projections(0, width, width)
        teacher_width = self._teacher_width()
        projections = Projections(len(self.pairs), width, teacher_width).to(device_of(self.model))
        if width != teacher_width:
            projections.fit(*self._sample_states())
        return projections

    def _teacher_width(self) -> int:
        if self.states_of_tokens:
            assert self.teacher is not None
            return encoder.architecture_of(self.teacher.model).hidden
        assert self.targets.states is not None
        return self.targets.states.shape[2]

    @torch.no_grad()
    def _sample_states(self) -> States:
        """States of the sample. Raises SpecError if they are compared at all tokens and there are none in common."""
        batch = batch_of(self.train, self.sample.tolist(), device_of(self.model))
        outputs = self._outputs(batch, 1.0, None)
        if not outputs.has(Need.STATES):
            raise SpecError(
                f"none of {len(self.sample)} sample examples is tokenised identically for student and teacher, so "
                "states can't be compared at all tokens; compare them at [CLS], or keep more tokens"
            )
        return outputs.states
