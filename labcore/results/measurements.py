"""Measurements of a student's matrices and of its speed: plain data for tables and charts. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass

from labcore.models.architecture import Role


@dataclass(frozen=True)
class Matrix:
    """One encoder matrix (out × in) of a student.

    rank: of its two factors; None if it is not factorised. elements: those stored. zeros: those held at zero, None if
    that depends on weights that are not here. energy: fraction of the squared weights that is left, None as well.
    rounding_error: the norm of what rounding changed, as a fraction of the matrix's norm; None if it was not rounded.
    """

    layer: int
    role: Role
    shape: tuple[int, int]
    rank: int | None
    elements: int
    zeros: int | None
    energy: float | None
    rounding_error: float | None = None


@dataclass(frozen=True)
class GridHistogram:
    """Weights of one matrix before rounding, in units of their scale, and how many become each value of the grid.

    edges: (bins + 1,), symmetric about 0. counts: in each bin. most: the largest value; the smallest is its negative.
    zeros, ends: the fractions that become 0, and the largest or smallest value.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    most: int
    zeros: float
    ends: float


@dataclass(frozen=True)
class Histogram:
    """Weights of one matrix by value: how many in each bin were kept, and how many were set to zero.

    edges: (bins + 1,), symmetric about 0. threshold: the largest magnitude set to zero; None if there is no such
    single limit (2:4), or if nothing was set to zero.
    """

    edges: tuple[float, ...]
    kept: tuple[int, ...]
    zeroed: tuple[int, ...]
    threshold: float | None


@dataclass(frozen=True)
class Spectrum:
    """Singular values of one matrix, falling, and the rank that was kept.

    rank: None if the matrix was not factorised. break_even: the largest rank at which factors save parameters.
    """

    singular: tuple[float, ...]
    rank: int | None
    break_even: int

    def energy(self, rank: int) -> float:
        """The fraction of the squared singular values that is in the first `rank`."""
        squares = [value * value for value in self.singular]
        return sum(squares[:rank]) / sum(squares)


@dataclass(frozen=True)
class Latency:
    """Time of a forward pass over `batch` examples of `tokens` tokens on this machine, after warming up.

    device: the name of what computed it.
    """

    batch: int
    tokens: int
    threads: int
    runs: int
    median_ms: float
    p95_ms: float
    device: str = ""

    @property
    def examples_per_second(self) -> float:
        """Throughput at the median."""
        return 1000 * self.batch / self.median_ms
