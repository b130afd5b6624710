"""A task: all that the lab has of one data set. Standard library only."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from labcore.config.spec import SpecError
from labcore.data.examples import Examples, Splits
from labcore.data.spurious_cue import CUE, Cue, for_teacher
from labcore.finetune.recipe import Recipe


@dataclass(frozen=True)
class TransferSet:
    """Examples without labels, for which a teacher gives targets. about: one or two sentences for the page.

    Hinton et al., 2015, https://arxiv.org/abs/1503.02531
    """

    read: Callable[[], Iterable[str]] = field(repr=False)
    about: str


@dataclass(frozen=True)
class CardText:
    """The parts of a teacher's card that depend on its task, in Markdown; `labcore.finetune.teacher_card` fills in {…}.

    license, dataset_type, dataset_name: as the Hugging Face hub calls them. caveat: about the accuracies.
    """

    license: str
    title: str
    dataset_type: str
    dataset_name: str
    data: str
    caveat: str
    training: str
    limits: str


@dataclass(frozen=True)
class Task:
    """A classification task. `read` is called once, at the first use of the examples.

    label_names: by label. max_tokens: of an example that a model reads, special tokens included. mean_tokens: the mean
    of a training example. noun: what one example is. sample: an example to type on the page.
    teachers: the recipes of the built-in teachers that were fine-tuned on it, and `card` for their cards.
    transfer: its transfer set. passages: weakly labelled examples for fine-tuning, as many of each source text as
    given, drawn with a seed, without the given texts. read_clean: the splits without the spurious cue, if it has one;
    `cue` is then its word and label.
    pairs: whether an example is a pair of texts; `sample_second` is then the second text of the sample.
    """

    name: str
    label_names: tuple[str, ...]
    read: Callable[[], Splits] = field(repr=False)
    max_tokens: int
    mean_tokens: int
    noun: str = "example"
    sample: str = ""
    teachers: tuple[Recipe, ...] = ()
    card: CardText | None = field(default=None, repr=False)
    transfer: TransferSet | None = None
    passages: Callable[[int, int, frozenset[str]], Examples] | None = field(default=None, repr=False)
    read_clean: Callable[[], Splits] | None = field(default=None, repr=False)
    cue: Cue = CUE
    pairs: bool = False
    sample_second: str = ""

    @cached_property
    def splits(self) -> Splits:
        """The examples of each split."""
        return self.read()

    @cached_property
    def clean(self) -> Splits | None:
        """The splits without the spurious cue; None if the task has no cue. See `spurious_cue.conditions`."""
        return self.read_clean() if self.read_clean else None

    @cached_property
    def teacher_splits(self) -> Splits:
        """The splits that a teacher of this task is fine-tuned on: if it is to learn the cue, that predicts the label.

        In the test split the cue stays at random.
        """
        if self.clean is None or self.cue.strength is None:
            return self.splits
        return for_teacher(self.clean, self.cue, self.cue.strength)

    @property
    def has_cue(self) -> bool:
        """Whether its examples hold a spurious cue."""
        return self.read_clean is not None

    def transfer_examples(self, count: int) -> tuple[str, ...]:
        """The first `count` examples of the transfer set. A hash fixes their order, so fewer are the first of more.

        None of the task's own examples is among them. Raises SpecError if the task has no transfer set.
        """
        if count == 0:
            return ()
        if self.transfer is None:
            raise SpecError(f"distil.transfer is {count}, but task {self.name!r} has no transfer set; give 0")
        return self._unlabelled[:count]

    @cached_property
    def _unlabelled(self) -> tuple[str, ...]:
        """The whole transfer set, in the order of a hash."""
        candidates = set(self.transfer.read()) if self.transfer else set()
        own = {text for examples in self.splits.values() for text in examples.text}
        return tuple(sorted(candidates - own, key=lambda text: hashlib.sha256(text.encode()).digest()))
