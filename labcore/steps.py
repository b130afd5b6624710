"""The ways to derive a student, as plain, frozen, checked data. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

Pick = Literal["even", "first", "last"]
Init = Literal["random", "teacher"]
Scope = Literal["matrix", "global"]
Pattern = Literal["free", "2:4"]
Importance = Literal["magnitude", "taylor"]
Method = Literal["svd", "activation"]


class SpecError(ValueError):
    """A spec that can't be carried out: says what was given, what is allowed, and what to do."""


# -- checks ------------------------------------------------------------------------------------------


MOST_LAYERS = 256
MOST = 65_536  # of any size: far above every BERT, and far below what would make a server stand still


def check_integer(where: str, value: object, minimum: int, maximum: int = MOST) -> None:
    """Raise SpecError unless `value` is a whole number from `minimum` to `maximum`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
        raise SpecError(f"{where} is {shown(value)}; give a whole number of {minimum} or more")
    if value > maximum:
        raise SpecError(f"{where} is {shown(value)}; give at most {maximum}")


def shown(value: object) -> str:
    """A value as an error quotes it: cut short where it is long."""
    if isinstance(value, int) and abs(value) >= 10**20:
        return "a number of more than 20 digits"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def check_text(where: str, value: object, most: int) -> None:
    """Raise SpecError unless `value` is text of at most so many characters that can be written to a file."""
    if not isinstance(value, str):
        raise SpecError(f"{where} is {shown(value)}; give text")
    if len(value) > most:
        raise SpecError(f"{where} has {len(value):,} characters; give at most {most:,}")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise SpecError(f"{where} is {shown(value)}, which holds half a character; type it anew")


def check_number(where: str, value: object, minimum: float, *, above: bool = False) -> None:
    """Raise SpecError unless `value` is a finite number of at least (or `above`) `minimum`."""
    ok = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12
    if not ok or value < minimum or (above and value == minimum):  # type: ignore[operator]
        raise SpecError(f"{where} is {shown(value)}; give a number {'above' if above else 'of at least'} {minimum:g}")


def check_choice(where: str, value: object, allowed: tuple[str, ...]) -> None:
    """Raise SpecError unless `value` is one of those allowed."""
    if value not in allowed:
        raise SpecError(f"{where} is {shown(value)}; give one of {', '.join(allowed)}")


def check_switch(where: str, value: object) -> None:
    """Raise SpecError unless `value` is true or false."""
    if not isinstance(value, bool):
        raise SpecError(f"{where} is {shown(value)}; give true or false")


def check_one_of(kind: str, **given: object) -> None:
    """Raise SpecError unless exactly one of two fields is given."""
    if sum(value is not None for value in given.values()) != 1:
        one, other = given
        raise SpecError(f"{kind} needs either '{one}' or '{other}'; give one of them")


# -- structure ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class KeepLayers:
    """Keep some of the teacher's encoder layers: those listed (from 0), or `count` of them by `pick`."""

    kind: ClassVar[str] = "keep_layers"
    layers: tuple[int, ...] | None = None
    count: int | None = None
    pick: Pick = "even"

    def __post_init__(self) -> None:
        check_one_of("keep_layers", layers=self.layers, count=self.count)
        check_choice("keep_layers.pick", self.pick, get_args(Pick))
        if self.count is not None:
            check_integer("keep_layers.count", self.count, 1, MOST_LAYERS)
        if self.layers is not None:
            if not isinstance(self.layers, list | tuple) or not self.layers:
                raise SpecError(
                    f"keep_layers.layers is {self.layers!r}; give a list of at least one layer, such as [1, 3, 5]"
                )
            for layer in self.layers:
                check_integer("a layer in keep_layers.layers", layer, 0, MOST_LAYERS)
            if list(self.layers) != sorted(set(self.layers)):
                raise SpecError(f"keep_layers.layers is {list(self.layers)}; give each layer once, in rising order")
            object.__setattr__(self, "layers", tuple(self.layers))


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
        for name in ("hidden", "layers", "heads", "intermediate"):
            if getattr(self, name) is not None:
                check_integer(f"manual.{name}", getattr(self, name), 1, MOST_LAYERS if name == "layers" else MOST)
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
        check_integer("prune_heads.heads", self.heads, 1)
        check_choice("prune_heads.by", self.by, get_args(Importance))


@dataclass(frozen=True)
class PruneNeurons:
    """Keep the `intermediate` most important feed-forward neurons of each layer; the others are gone."""

    kind: ClassVar[str] = "prune_neurons"
    intermediate: int
    by: Importance = "magnitude"

    def __post_init__(self) -> None:
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
        check_number("prune.sparsity", self.sparsity, 0.0)
        if self.sparsity >= 1:
            raise SpecError(f"prune.sparsity is {self.sparsity!r}; give a share from 0 up to, but not including, 1")
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
        check_one_of("factorise", rank=self.rank, energy=self.energy)
        if self.rank is not None:
            check_integer("factorise.rank", self.rank, 1)
        if self.energy is not None:
            check_number("factorise.energy", self.energy, 0.0, above=True)
            if self.energy > 1:
                raise SpecError(f"factorise.energy is {self.energy!r}; give a share above 0 and at most 1")
        check_choice("factorise.method", self.method, get_args(Method))


@dataclass(frozen=True)
class FactoriseEmbeddings:
    """Hold the word embeddings (vocabulary × hidden) as vocabulary × `rank` times `rank` × hidden."""

    kind: ClassVar[str] = "factorise_embeddings"
    rank: int

    def __post_init__(self) -> None:
        check_integer("factorise_embeddings.rank", self.rank, 1)


# -- vocabulary --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TrimVocabulary:
    """Keep only some word pieces: the `size` most frequent ones, or (`task`) all that the training sentences use."""

    kind: ClassVar[str] = "trim_vocabulary"
    size: int | None = None
    task: bool | None = None

    def __post_init__(self) -> None:
        check_one_of("trim_vocabulary", size=self.size, task=self.task)
        if self.size is not None:
            check_integer("trim_vocabulary.size", self.size, 1)
        if self.task is not None and self.task is not True:
            raise SpecError(f"trim_vocabulary.task is {self.task!r}; give true, or a 'size' instead")


Step = KeepLayers | Manual | PruneHeads | PruneNeurons | Prune | Factorise | FactoriseEmbeddings | TrimVocabulary
STEPS: dict[str, type[Step]] = {cls.kind: cls for cls in get_args(Step)}
