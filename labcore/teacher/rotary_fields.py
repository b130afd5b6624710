"""A config's fields for layers of several kinds, whose positions are rotations of a base for each kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from labcore.config.checks import shown
from labcore.models.family_data import Family, Rotary
from labcore.teacher.config_values import number_in
from labcore.teacher.location import CONFIG, TeacherError

_PLAIN = {"rope_type": "default", "type": "default"}  # the rotations that transformers calls so


def rotary_fields(folder: Path, family: Family, data: dict[str, Any]) -> dict[str, Any]:
    """Those that are in the config, each checked; none if the family has no rotations.

    Raises TeacherError for a kind that the family does not have, and for a list of another length. Also for rotations
    of another type, and for a base that is no number above 0.
    """
    rotary = family.rotary
    if rotary is None:
        return {}
    field, old_names = rotary.bases
    known: dict[str, Any] = {
        name: _base(folder, data, name, name) for name in old_names.values() if data.get(name) is not None
    }
    if (kinds := data.get(rotary.kinds)) is not None:
        known[rotary.kinds] = _kinds(folder, rotary, kinds)
        layers = family.sizes["layers"]
        if layers in data and len(kinds) != data[layers]:
            raise TeacherError(
                f"{folder / CONFIG} has {layers} {data[layers]}, but {rotary.kinds} of {len(kinds):,} layers; "
                "restore the file that the model was saved with"
            )
    if (bases := data.get(field)) is not None:
        if not isinstance(bases, dict) or not set(bases) <= set(old_names):
            raise TeacherError(
                f"{field} in {folder / CONFIG} is {shown(bases)}; it must have an entry for "
                f"{' and '.join(old_names)}, as transformers saves it"
            )
        known[field] = {kind: _rotation(folder, f"{field}.{kind}", each) for kind, each in bases.items() if each}
    return known


def _kinds(folder: Path, rotary: Rotary, kinds: object) -> list[str]:
    allowed = list(rotary.bases[1])
    if not isinstance(kinds, list) or not all(kind in allowed for kind in kinds):
        raise TeacherError(
            f"{rotary.kinds} in {folder / CONFIG} is {shown(kinds)}; it must be a list of {' or '.join(allowed)}"
        )
    return list(kinds)


def _rotation(folder: Path, path: str, given: object) -> dict[str, Any]:
    """The rotations of one kind of layers."""
    if not isinstance(given, dict):
        raise TeacherError(f"{path} in {folder / CONFIG} is {shown(given)}; it must hold a rope_theta")
    base = given.get("rope_theta")
    for name, value in given.items():
        if name != "rope_theta" and (name not in _PLAIN or value != _PLAIN[name]):
            raise TeacherError(
                f"{path}.{shown(name)} in {folder / CONFIG} is {shown(value)}: its rotations are others than those of "
                "the lab's forward pass; give a model with rope_type default"
            )
    plain = {"rope_type": "default"}
    return plain if base is None else plain | {"rope_theta": _base(folder, given, "rope_theta", f"{path}.rope_theta")}


def _base(folder: Path, data: dict[str, Any], name: str, path: str) -> float:
    return number_in(folder, {path: data[name]}, path, lambda value: value > 0, "a number above 0")
