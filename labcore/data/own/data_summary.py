"""What is known of a data set without its examples, in and out of JSON. Standard library only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from labcore.config.checks import check_integer, known_fields
from labcore.config.json_data import parsed
from labcore.data.examples import SPLITS
from labcore.data.own.data_report import DataReport
from labcore.data.own.data_set import TASK_PREFIX, DataSet, clean_name
from labcore.data.own.limits import TOKENS, DataError
from labcore.data.spurious_cue import Cue


@dataclass(frozen=True)
class DataSummary:
    """What is known of a data set without its examples. created: ISO 8601, UTC. splits: examples by split.

    sample: a short validation example. report: of the day it was made; None if it was not stored.
    cue: the spurious cue of its task, if it has one.
    damaged: why its folder can't be used; then the other fields are empty.
    owners: in whose lists it is, see labcore.owners.owner; None among them is the host.
    """

    hash: str
    name: str
    label_names: tuple[str, ...] = ()
    splits: Mapping[str, int] | None = None
    pairs: bool = False
    max_tokens: int = 0
    mean_tokens: int = 0
    created: str = ""
    sample: tuple[str, str] = ("", "")
    report: DataReport | None = None
    cue: Cue | None = None
    damaged: str = ""
    owners: frozenset[str | None] = frozenset({None})

    @property
    def task(self) -> str:
        """The name by which a spec names it as its task."""
        return f"{TASK_PREFIX}{self.hash}"

    @property
    def rows(self) -> int:
        """The number of its examples."""
        return sum((self.splits or {}).values())

    @property
    def classes(self) -> int:
        """The number of its classes."""
        return len(self.label_names)


@dataclass(frozen=True, kw_only=True)
class DataRow:
    """A data set's row. content: JSON text without name and time. removed: whether only the sizes are left.

    owners: in whose lists it is; None among them is nobody, so the host.
    """

    hash: str
    name: str
    created: str
    content: str
    removed: bool = False
    owners: frozenset[str | None] = field(default=frozenset({None}))


def columns_of(content: Mapping[str, Any]) -> dict[str, str]:
    """The columns of what is known of a data set. Raises KeyError, TypeError or AttributeError if it is no content."""
    rest = {name: value for name, value in content.items() if name not in ("name", "created")}
    if not isinstance(content["name"], str):
        raise TypeError("its name is no text")
    return {"name": content["name"], "created": str(content["created"]), "content": json.dumps(rest)}


def content_of(data_set: DataSet, report: DataReport | None) -> dict[str, Any]:
    """What is kept of a data set beside its examples."""
    return {
        "name": data_set.name,
        "label_names": data_set.label_names,
        "splits": {split: len(examples) for split, examples in data_set.splits.items()},
        "pairs": data_set.pairs,
        "max_tokens": data_set.max_tokens,
        "mean_tokens": data_set.mean_tokens,
        "created": datetime.now(UTC).isoformat(),
        "sample": data_set.sample,
        "report": report.to_json() if report else None,
        "cue": asdict(data_set.cue) if data_set.cue else None,
    }


def content_left(known: DataSummary) -> dict[str, Any]:
    """What stays of a data set that is removed: nothing that holds its texts or its name."""
    return {
        "name": known.hash,
        "label_names": known.label_names,
        "splits": known.splits,
        "pairs": known.pairs,
        "max_tokens": known.max_tokens,
        "mean_tokens": known.mean_tokens,
        "created": known.created,
        "sample": ("", ""),
    }


def summary_of(row: DataRow) -> DataSummary:
    """The summary in a row. Raises SpecError, KeyError, TypeError, ValueError or AttributeError if it is damaged."""
    content = parsed(row.content, "what is known of it")
    text, second = map(str, content["sample"])
    names = tuple(content["label_names"])
    if len(names) < 2 or not all(isinstance(name, str) for name in names):
        raise DataError("its label names are not text")
    check_integer("max_tokens", content["max_tokens"], *TOKENS)
    check_integer("mean_tokens", content["mean_tokens"], 1, content["max_tokens"])
    return DataSummary(
        hash=row.hash,
        name=clean_name(row.name),
        label_names=names,
        splits={split: int(content["splits"][split]) for split in SPLITS},
        pairs=bool(content["pairs"]),
        max_tokens=content["max_tokens"],
        mean_tokens=content["mean_tokens"],
        created=row.created,
        sample=(text, second),
        report=DataReport.from_json(content["report"]) if content.get("report") else None,
        cue=_cue(content.get("cue"), len(names)),
        owners=row.owners,
    )


def _cue(content: object, classes: int) -> Cue | None:
    """The cue in the content. Raises SpecError or TypeError if it is not whole."""
    if content is None:
        return None
    cue = Cue(**known_fields("the cue", content, Cue))
    if not isinstance(cue.word, str) or not cue.word or not isinstance(cue.label, int) or not 0 <= cue.label < classes:
        raise DataError("its cue names no word or no label")
    return cue
