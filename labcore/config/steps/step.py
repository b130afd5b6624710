"""What every kind of step has: its words, its facts and its settings. Standard library only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import ClassVar, Self

from labcore.config.checks import check_one_of, make_plain
from labcore.config.steps.setting import Either, Setting
from labcore.models.architecture import Structure


@dataclass(frozen=True)
class Note:
    """A sentence below a step's settings. warns: whether a person must not miss it."""

    text: str
    warns: bool = False


@dataclass(frozen=True)
class Step:
    """A way to change a student. A kind of step is a subclass: plain, frozen, checked data.

    Words.
    kind: its name in a spec's JSON. label, summary: on a page.
    no_effect: why a step may change nothing, and what to do.
    reduce: what to make smaller if the step needs too much memory.

    Facts, which the rest of the lab reads in place of a step's type.
    keeps_zeros: it may follow a step that sets weights to zero. sets_zeros: it only sets weights to zero.
    rounds: it rounds weights, so no other step follows it.
    rebuilds: it puts a new model in the student's place. changes_vocabulary: it removes tokens.
    shrinks_embeddings: it makes the word embeddings smaller.
    remembers: `Calibration` caches its work on the teacher's weights.
    replaced_by_sizes: a later model with random weights that gives all these sizes leaves nothing of this step.
    Empty: every such model does. None: none does.

    Settings: each field has its own in its metadata.
    either: two fields of which one is given. order: of the settings on a page, if it is not that of the fields.
    """

    kind: ClassVar[str]
    label: ClassVar[str]
    summary: ClassVar[str]
    no_effect: ClassVar[str] = "leaves everything unchanged; give other sizes"
    reduce: ClassVar[str] = "sizes"
    keeps_zeros: ClassVar[bool] = False
    sets_zeros: ClassVar[bool] = False
    rounds: ClassVar[bool] = False
    rebuilds: ClassVar[bool] = False
    changes_vocabulary: ClassVar[bool] = False
    shrinks_embeddings: ClassVar[bool] = False
    remembers: ClassVar[bool] = False
    replaced_by_sizes: ClassVar[tuple[str, ...] | None] = None
    either: ClassVar[Either | None] = None
    order: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        make_plain(self)
        if self.either is not None:
            alternatives = {f.name: getattr(self, f.name) for f in fields(self) if f.name in self.either.options}
            check_one_of(self.kind, **alternatives)
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in self.settings() and not (value is None and field.default is None):
                self.settings()[field.name].check(f"{self.kind}.{field.name}", value)
        self.check()

    def check(self) -> None:
        """Raises SpecError if fields that are allowed one by one do not go together."""

    @classmethod
    def settings(cls) -> dict[str, Setting]:
        """The settings by field, in the order of a page."""
        declared: dict[str, Setting] = {f.name: f.metadata["setting"] for f in fields(cls) if "setting" in f.metadata}
        return {name: declared[name] for name in (cls.order or declared)}

    @classmethod
    def default(cls, before: Structure) -> Self:
        """The step as it is added on a page, after the steps that left `before`."""
        raise NotImplementedError(f"{cls.kind} has no default")

    def describe(self) -> str:
        """The step in a few words, such as `rank 64` or `50 % sparse`."""
        return self.label.lower()

    # -- on a page ------------------------------------------------------------------------------------

    def filled(self, before: Structure) -> Self:
        """The step with every size written out. Raises SpecError if that is impossible after `before`."""
        return self

    def shown(self) -> Iterator[str]:
        """The fields that a page shows: those with a setting and a value."""
        return (name for name in self.settings() if getattr(self, name) is not None)

    def changed(self, name: str, value: object) -> Self:
        """The step with a field changed by a person, and what depends on it. Raises SpecError as the step does."""
        return replace(self, **{name: value})

    def chosen(self, name: str, before: Structure) -> Self:
        """The step with the field `name` of its two alternative fields. Raises ValueError without such fields."""
        if self.either is None:
            raise ValueError(f"{self.kind} has no alternative fields")
        start = self.either.options[name].start(before)
        return replace(self, **{**dict.fromkeys(self.either.options), name: start})

    def note(self, before: Structure) -> Note | None:
        """What a page adds below the settings."""
        return None

    def cost_note(self, steps: Sequence[Step]) -> str:
        """What this step, one of a spec's `steps`, does not save; in Markdown, empty if there is nothing to add."""
        return ""

    # -- in a run -------------------------------------------------------------------------------------

    @property
    def random_weights(self) -> bool:
        """Whether all weights are drawn at random."""
        return False

    @property
    def depends_on_weights(self) -> bool:
        """Whether the student's shapes or zeros follow from the weights' values."""
        return False

    def ineffective(self, *, gradual: bool) -> Iterator[tuple[str, str]]:
        """Fields without effect, each with the reason; an empty name is the step. gradual: as `distil.gradual`."""
        yield from ()

    def choosing_weights(self) -> tuple[str, ...]:
        """The fields that only decide which of the teacher's weights are kept."""
        return tuple(name for name, setting in self.settings().items() if setting.chooses_weights)
