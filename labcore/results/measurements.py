"""What was measured within a student, or of its speed: plain data for tables and pictures. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass

from labcore.models.architecture import Role


@dataclass(frozen=True)
class Matrix:
    """One encoder matrix (out × in) of a student.

    rank: of its two factors; None where it is whole. numbers: those stored. zeros: those held at zero, None where
    that depends on weights that are not here. energy: share of the squared weights that is left, None as well.
    """

    layer: int
    role: Role
    shape: tuple[int, int]
    rank: int | None
    numbers: int
    zeros: int | None
    energy: float | None


@dataclass(frozen=True)
class Histogram:
    """Weights of one matrix by value: how many in each bin were kept, and how many were set to zero.

    edges: (bins + 1,), symmetric about 0. threshold: the largest magnitude set to zero; None where there is no such
    single limit (2:4), or nothing was set to zero.
    """

    edges: tuple[float, ...]
    kept: tuple[int, ...]
    zeroed: tuple[int, ...]
    threshold: float | None


@dataclass(frozen=True)
class Spectrum:
    """Singular values of one matrix, falling, and where it was cut.

    rank: None where the matrix was left whole. break_even: the largest rank at which factors save parameters.
    """

    singular: tuple[float, ...]
    rank: int | None
    break_even: int

    def energy(self, rank: int) -> float:
        """The share of the squared singular values that the first `rank` hold."""
        squares = [value * value for value in self.singular]
        return sum(squares[:rank]) / sum(squares)


@dataclass(frozen=True)
class Latency:
    """Time of a forward pass over `batch` sentences of `tokens` pieces on this machine, after warming up."""

    batch: int
    tokens: int
    threads: int
    runs: int
    median_ms: float
    p95_ms: float

    @property
    def sentences_per_second(self) -> float:
        """Throughput at the median."""
        return 1000 * self.batch / self.median_ms
