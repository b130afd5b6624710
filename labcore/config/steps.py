"""The ways to derive a student, as plain, frozen, checked data. Standard library only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import MISSING, dataclass, fields
from typing import ClassVar, Literal, get_args

from labcore.config.checks import (
    MAX_LAYERS,
    MOST,
    SpecError,
    check_choice,
    check_integer,
    check_number,
    check_one_of,
    check_switch,
    check_text,
    known_fields,
    make_plain,
    shown,
)

__all__ = [
    "MAX_LAYERS",
    "STEPS",
    "Factorise",
    "FactoriseEmbeddings",
    "Importance",
    "Init",
    "KeepLayers",
    "Manual",
    "Method",
    "Pattern",
    "Pick",
    "Prune",
    "PruneHeads",
    "PruneNeurons",
    "Scope",
    "SpecError",
    "Step",
    "TrimVocabulary",
    "check_choice",
    "check_integer",
    "check_number",
    "check_switch",
    "check_text",
    "divisibility",
    "shown",
    "steps_from",
]

Pick = Literal["even", "first", "last"]
Init = Literal["random", "teacher"]
Scope = Literal["matrix", "global"]
Pattern = Literal["free", "2:4"]
Importance = Literal["magnitude", "taylor"]
Method = Literal["svd", "activation"]


# -- structure ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class KeepLayers:
    """Keep some of the teacher's encoder layers: those listed (from 0), or `count` of them by `pick`."""

    kind: ClassVar[str] = "keep_layers"
    layers: tuple[int, ...] | None = None
    count: int | None = None
    pick: Pick = "even"

    def __post_init__(self) -> None:
        make_plain(self)
        check_one_of("keep_layers", layers=self.layers, count=self.count)
        check_choice("keep_layers.pick", self.pick, get_args(Pick))
        if self.count is not None:
            check_integer("keep_layers.count", self.count, 1, MAX_LAYERS)
        if self.layers is not None:
            if not isinstance(self.layers, tuple) or not self.layers:
                raise SpecError(
                    f"keep_layers.layers is {shown(self.layers)}; give a list of at least one layer, such as [1, 3, 5]"
                )
            for layer in self.layers:
                check_integer("a layer in keep_layers.layers", layer, 0, MAX_LAYERS)
            if list(self.layers) != sorted(set(self.layers)):
                raise SpecError(f"keep_layers.layers is {list(self.layers)}; give each layer once, in rising order")


@dataclass(frozen=True)
class Manual:
    """A new BERT of the given sizes; a size left out is half of the teacher's."""

    kind: ClassVar[str] = "manual"
    hidden: int | None = None
    layers: int | None = None
    heads: int | None = None
    intermediate: int | None = None
    init: Init = "random"

    def __post_init__(self) -> None:
        make_plain(self)
        for name in ("hidden", "layers", "heads", "intermediate"):
            if getattr(self, name) is not None:
                check_integer(f"manual.{name}", getattr(self, name), 1, MAX_LAYERS if name == "layers" else MOST)
        check_choice("manual.init", self.init, get_args(Init))
        if self.hidden and self.heads and self.hidden % self.heads:
            raise SpecError(divisibility(self.hidden, self.heads))


def divisibility(hidden: int, heads: int) -> str:
    """The error for a hidden size that its heads can't share, naming the nearest hidden sizes that they can."""
    below = hidden // heads * heads
    nearest = f"{below} or {below + heads}" if below else f"{heads}"
    return (
        f"manual.hidden is {hidden}, which {heads} heads can't share evenly; "
        f"give a hidden size of {nearest}, or a number of heads that divides {hidden}"
    )


@dataclass(frozen=True)
class PruneHeads:
    """Keep the `heads` most important attention heads of each layer; the others' rows and columns are gone."""

    kind: ClassVar[str] = "prune_heads"
    heads: int
    by: Importance = "magnitude"

    def __post_init__(self) -> None:
        make_plain(self)
        check_integer("prune_heads.heads", self.heads, 1)
        check_choice("prune_heads.by", self.by, get_args(Importance))


@dataclass(frozen=True)
class PruneNeurons:
    """Keep the `intermediate` most important feed-forward neurons of each layer; the others are gone."""

    kind: ClassVar[str] = "prune_neurons"
    intermediate: int
    by: Importance = "magnitude"

    def __post_init__(self) -> None:
        make_plain(self)
        check_integer("prune_neurons.intermediate", self.intermediate, 1)
        check_choice("prune_neurons.by", self.by, get_args(Importance))


# -- zeros -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Prune:
    """Set the `sparsity` share of smallest magnitudes to zero, in each matrix or over all of them (global).

    `pattern` 2:4 takes the two smallest of every four neighbours in a row: sparsity 0.5 in each matrix.
    """

    kind: ClassVar[str] = "prune"
    sparsity: float
    scope: Scope = "matrix"
    embeddings: bool = False
    pattern: Pattern = "free"

    def __post_init__(self) -> None:
        make_plain(self)
        check_number("prune.sparsity", self.sparsity, 0.0)
        if self.sparsity >= 1:
            raise SpecError(
                f"prune.sparsity is {shown(self.sparsity)}; give a share from 0 up to, but not including, 1"
            )
        check_choice("prune.scope", self.scope, get_args(Scope))
        check_switch("prune.embeddings", self.embeddings)
        check_choice("prune.pattern", self.pattern, get_args(Pattern))
        if self.pattern == "2:4" and (self.sparsity != 0.5 or self.scope != "matrix"):
            raise SpecError(
                f"prune.pattern 2:4 zeroes two of every four neighbours, but sparsity is {self.sparsity:g} and scope "
                f"{self.scope!r}; give sparsity 0.5 and scope 'matrix', or pattern 'free'"
            )


# -- low rank ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Factorise:
    """Replace each encoder matrix (out × in) by an approximation of low rank, held as two factors.

    Of rank `rank`, or of the least rank that keeps `energy`, a share of the squared singular values. `method`
    svd is the best approximation of the matrix; activation that of its output on training sentences.
    """

    kind: ClassVar[str] = "factorise"
    rank: int | None = None
    energy: float | None = None
    method: Method = "svd"

    def __post_init__(self) -> None:
        make_plain(self)
        check_one_of("factorise", rank=self.rank, energy=self.energy)
        if self.rank is not None:
            check_integer("factorise.rank", self.rank, 1)
        if self.energy is not None:
            check_number("factorise.energy", self.energy, 0.0, above=True)
            if self.energy > 1:
                raise SpecError(f"factorise.energy is {shown(self.energy)}; give a share above 0 and at most 1")
        check_choice("factorise.method", self.method, get_args(Method))


@dataclass(frozen=True)
class FactoriseEmbeddings:
    """Hold the word embeddings (vocabulary × hidden) as vocabulary × `rank` times `rank` × hidden."""

    kind: ClassVar[str] = "factorise_embeddings"
    rank: int

    def __post_init__(self) -> None:
        make_plain(self)
        check_integer("factorise_embeddings.rank", self.rank, 1)


# -- vocabulary --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TrimVocabulary:
    """Keep only some word pieces: the `size` most frequent ones, or (`task`) all that the training sentences use."""

    kind: ClassVar[str] = "trim_vocabulary"
    size: int | None = None
    task: bool | None = None

    def __post_init__(self) -> None:
        make_plain(self)
        check_one_of("trim_vocabulary", size=self.size, task=self.task)
        if self.size is not None:
            check_integer("trim_vocabulary.size", self.size, 1)
        if self.task is not None and self.task is not True:
            raise SpecError(f"trim_vocabulary.task is {shown(self.task)}; give true, or a 'size' instead")


Step = KeepLayers | Manual | PruneHeads | PruneNeurons | Prune | Factorise | FactoriseEmbeddings | TrimVocabulary
STEPS: dict[str, type[Step]] = {cls.kind: cls for cls in get_args(Step)}


# -- from JSON data ------------------------------------------------------------------------------------


def steps_from(given: Sequence[object]) -> tuple[Step, ...]:
    """The steps in a list whose entries are steps, or JSON objects such as {"kind": "factorise", "rank": 64}. Raises SpecError."""
    if not isinstance(given, list | tuple):
        raise SpecError(f'steps is {shown(given)}; give a list of steps, such as [{{"kind": "factorise", "rank": 64}}]')
    return tuple(step if type(step) in STEPS.values() else _step(step) for step in given)


def _step(data: object) -> Step:
    if not isinstance(data, dict) or "kind" not in data:
        raise SpecError(f"a step is {shown(data)}; give an object with a 'kind', one of {', '.join(STEPS)}")
    kind = data["kind"]
    if not isinstance(kind, str) or kind not in STEPS:
        raise SpecError(f"step kind {shown(kind)} is unknown; give one of {', '.join(STEPS)}")
    cls = STEPS[kind]
    given = known_fields(kind, {name: value for name, value in data.items() if name != "kind"}, cls)
    missing = [field.name for field in fields(cls) if field.default is MISSING and field.name not in given]
    if missing:
        raise SpecError(f"{kind} lacks its field '{missing[0]}'; give it a value")
    return cls(**given)
