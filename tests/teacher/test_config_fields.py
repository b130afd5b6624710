"""Every field of a config with every kind of value: read, or refused with a reason. None raises another error."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from benchmarks.mutations.config_changes import ODD_VALUES, OTHER_FIELDS
from benchmarks.mutations.folders import config_of, good_folder, write_json
from benchmarks.mutations.outcome import quiet
from labcore.models.classifier import config_from
from labcore.teacher.config_file import read_config
from labcore.teacher.load import TeacherError
from tests.shared.tiny_families import tiny_family


def test_a_field_of_any_value_is_read_or_refused(tmp_path: Path) -> None:
    quiet()
    folder = good_folder(tmp_path / "good")
    config = config_of(folder)
    refused = []
    for field, value in product(sorted({*config, *OTHER_FIELDS}), ODD_VALUES):
        write_json(folder / "config.json", config | {field: value})
        try:
            read_config(folder)
        except TeacherError as error:
            refused.append(str(error))
    assert all(str(folder) in line for line in refused)
    assert len(refused) > 500
    assert any("num_labels" in line and "1000000000" in line for line in refused)  # transformers would name each


@pytest.mark.parametrize("name", ["roberta", "distilbert", "electra", "mpnet", "ernie", "modernbert"])
def test_so_it_is_for_each_family(tmp_path: Path, name: str) -> None:
    quiet()
    tiny_family(name).save_pretrained(tmp_path)
    config = config_of(tmp_path)
    refused = []
    for field, value in product(sorted({*config, *OTHER_FIELDS} - {"id2label", "label2id"}), ODD_VALUES):
        write_json(tmp_path / "config.json", config | {field: value})
        try:
            read_config(tmp_path)
        except TeacherError as error:
            refused.append(str(error))
    assert all(str(tmp_path) in line for line in refused)
    assert len(refused) > 300


@pytest.mark.parametrize("model_type", [[], {}, None, 3, "albert"])
def test_a_model_type_that_is_no_family_is_a_value_error(model_type: object) -> None:
    with pytest.raises(ValueError, match="no family of type"):
        config_from({"model_type": model_type})
