"""The result of a model without an encoder, the frontier's lower anchor. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labcore.results.counts import Counts, counts_from_dict
from labcore.results.json_keys import fields_from_json, to_json


@dataclass(frozen=True, kw_only=True)
class TokenVectorResult:
    """The mean of a teacher's token vectors with a linear head, on the test split; see labcore.evaluate.token_vectors.

    agreement, probability_loyalty: with the teacher. counts: of its word table and its head, in the teacher's format.
    penalty: of the head's weights, by the validation accuracy.
    """

    accuracy: float
    teacher_accuracy: float
    agreement: float
    probability_loyalty: float
    counts: Counts
    penalty: float
    validation_accuracy: float

    def to_json(self) -> dict[str, Any]:
        """Every field, for a file."""
        data: dict[str, Any] = to_json(self)
        return data

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> TokenVectorResult:
        """The inverse of `to_json`. Raises KeyError or TypeError if a field is missing."""
        given = fields_from_json(TokenVectorResult, data)
        return TokenVectorResult(**{**given, "counts": counts_from_dict(data["counts"])})
