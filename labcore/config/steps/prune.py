"""Magnitude pruning: the smallest weights become zero. Standard library only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

from labcore.config.checks import SpecError
from labcore.config.steps.setting import Choice, Fraction, Switch, set_by
from labcore.config.steps.step import Step
from labcore.models.architecture import Structure

Scope = Literal["matrix", "global"]
Pattern = Literal["free", "2:4"]


@dataclass(frozen=True)
class Prune(Step):
    """Set the smallest weights to zero: the fraction `sparsity` of each matrix, or of all together (global).

    `pattern` 2:4 prunes the two smallest of every four neighbours in a row: sparsity 0.5 in each matrix.
    """

    kind: ClassVar[str] = "prune"
    label: ClassVar[str] = "Sparse"
    summary: ClassVar[str] = "Magnitude pruning: sets the smallest weights to zero, and keeps them there."
    no_effect: ClassVar[str] = "sets no weight to zero that is not zero already; raise the sparsity"
    keeps_zeros: ClassVar[bool] = True
    sets_zeros: ClassVar[bool] = True
    order: ClassVar[tuple[str, ...]] = ("pattern", "sparsity", "scope", "embeddings")

    sparsity: float = field(
        metadata=set_by(
            Fraction(
                label="Sparsity: % of the weights set to zero",
                help="Of the encoder matrices: weights of the smallest magnitude become zero and stay zero "
                "while the student trains.",
                zero=True,
            )
        )
    )
    scope: Scope = field(
        default="matrix",
        metadata=set_by(
            Choice(
                label="Pruning scope",
                help="Over all matrices together, those with small weights lose more. See *Inside* for which they are.",
                options={"matrix": "each matrix", "global": "all matrices together"},
            )
        ),
    )
    embeddings: bool = field(default=False, metadata=set_by(Switch(label="Prune the word embeddings too")))
    pattern: Pattern = field(
        default="free",
        metadata=set_by(
            Choice(
                label="Pattern",
                help="2:4 prunes the two smallest of every four neighbours in a row. Some graphics cards can skip such "
                "zeros; a processor can't.",
                options={"free": "anywhere", "2:4": "two of every four (2:4)"},
            )
        ),
    )

    def check(self) -> None:
        """Raises SpecError if the pattern 2:4 comes with another sparsity or scope."""
        if self.pattern == "2:4" and (self.sparsity != 0.5 or self.scope != "matrix"):
            raise SpecError(
                f"prune.pattern 2:4 zeroes two of every four neighbours, but sparsity is {self.sparsity:g} and scope "
                f"{self.scope!r}; give sparsity 0.5 and scope 'matrix', or pattern 'free'"
            )

    @classmethod
    def default(cls, before: Structure) -> Prune:
        """Half of the weights."""
        return cls(sparsity=0.5)

    def describe(self) -> str:
        """Such as `50 % sparse`."""
        if self.pattern == "2:4":
            return "2:4 sparse"
        return f"{100 * self.sparsity:g} % sparse{' (global)' if self.scope == 'global' else ''}"

    def shown(self) -> Iterator[str]:
        """All settings; for the pattern 2:4 without sparsity and scope, which it fixes."""
        fixed = ("sparsity", "scope") if self.pattern == "2:4" else ()
        return (name for name in self.order if name not in fixed)

    def changed(self, name: str, value: object) -> Prune:
        """A pattern also sets sparsity and scope. Raises SpecError as the step does."""
        if name != "pattern":
            return replace(self, **{name: value})  # type: ignore[arg-type]
        return replace(self, pattern="2:4" if value == "2:4" else "free", sparsity=0.5, scope="matrix")

    @property
    def depends_on_weights(self) -> bool:
        """Zeros stay where the smallest weights were."""
        return True

    def ineffective(self, *, gradual: bool) -> Iterator[tuple[str, str]]:
        """The step, if it sets no weight to zero. Gradual pruning delays the best checkpoint even then: an effect."""
        if self.sparsity == 0 and not gradual:
            yield "", "sparsity 0 sets no weight to zero; raise it, or take this step out"
