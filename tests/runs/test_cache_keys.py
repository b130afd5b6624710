"""Whatever is kept is known by all that changes it: each input changed alone leads to another key."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from transformers import BertForSequenceClassification, PreTrainedTokenizerBase

from benchmarks.keys import CACHES, cached_functions
from benchmarks.mutations.folders import good_folder
from labcore.compress.calibration import Calibration
from labcore.compress.derive import derive
from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import Factorise, KeepLayers, Manual, Prune, TrimVocabulary
from labcore.data.batches import encode
from labcore.data.examples import Examples
from labcore.data.tasks import Task
from labcore.distil.targets import TargetsKey, targets_key, teacher_targets
from labcore.models.fingerprint import fingerprint
from labcore.runs.cache import cached_student, calibration_for, counted
from labcore.runs.cache_keys import CalibrationKey, DesignKey, TeacherKey, design_key
from labcore.system import code_version as versions
from labcore.system import processor
from labcore.system.code_version import code_version
from labcore.system.progress import finish
from labcore.teacher.identity import identity_of
from tests.shared.tiny import tiny_examples
from tests.shared.tiny_tasks import give_task, task_of


def test_every_cache_is_in_the_table() -> None:
    """A new cache gives its key in benchmarks/keys.py."""
    others = {"distil.targets.teacher_targets", "compress.calibration.remember"}
    others |= {"runs.frontier_files.keep", "runs.frontier_files.keep_anchor"}
    assert {cache.where for cache in CACHES} - others == cached_functions()


# -- a teacher's outputs, on disk ----------------------------------------------------------------------


def key_of(model: BertForSequenceClassification, encoded: Any = None, **given: bool) -> TargetsKey:
    return targets_key(model, encoded or tiny_examples(9), **({"states": False, "bf16": False} | given))


CHANGES: dict[str, Callable[[BertForSequenceClassification], object]] = {
    "another activation": lambda model: setattr(model.config, "hidden_act", "relu"),
    "another epsilon": lambda model: setattr(model.config, "layer_norm_eps", 1e-5),
    "other heads": lambda model: setattr(model.bert.encoder.layer[0].attention.self, "num_attention_heads", 2),
    "other label names": lambda model: setattr(model.config, "id2label", {0: "a", 1: "b"}),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_config_of_its_own_is_another_key(
    tiny: BertForSequenceClassification, change: Callable[[BertForSequenceClassification], object]
) -> None:
    before = key_of(tiny).file
    change(tiny)
    assert key_of(tiny).file != before


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_each_number_of_a_teacher_is_in_its_key(tiny: BertForSequenceClassification, data: st.DataObject) -> None:
    """Also if it is changed through `.data`, of which torch keeps no count."""
    name = data.draw(st.sampled_from(sorted(tiny.state_dict())))
    tensor = tiny.state_dict()[name].data.view(-1)
    place = data.draw(st.integers(0, tensor.numel() - 1))
    before, old = key_of(tiny).file, float(tensor[place])
    tensor[place] += 1
    try:
        assert key_of(tiny).file != before
    finally:
        tensor[place] = old
    assert key_of(tiny).file == before


def test_tokens_token_limit_padding_precision_and_states_are_in_the_key(
    tiny: BertForSequenceClassification, tokenizer: PreTrainedTokenizerBase
) -> None:
    examples = Examples(("wab wac wad", "wba"), (0, 1))
    every_example = encode(tokenizer, examples, 24)
    keys = [
        key_of(tiny, every_example),
        key_of(tiny, encode(tokenizer, examples, 4)),  # the token limit
        key_of(tiny, encode(tokenizer, replace(examples, text=("wab wac wae", "wba")), 24)),  # the data
        key_of(tiny, replace(every_example, tokens=tuple(reversed(every_example.tokens)))),  # their order
        key_of(tiny, replace(every_example, padding=1)),
        key_of(tiny, every_example, bf16=True),
        key_of(tiny, every_example, states=True),
    ]
    assert len({key.file for key in keys}) == len(keys)
    assert (
        key_of(tiny, replace(every_example, labels=1 - every_example.labels)).file == keys[0].file
    )  # a teacher does not see them


def test_each_field_of_a_key_makes_another_file(tiny: BertForSequenceClassification) -> None:
    key = key_of(tiny)
    for field in fields(TargetsKey):
        value = getattr(key, field.name)
        assert replace(key, **{field.name: not value if isinstance(value, bool) else f"{value}x"}).file != key.file


def test_processor_and_code_are_in_the_key(
    tiny: BertForSequenceClassification, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = key_of(tiny)
    with monkeypatch.context() as patch:
        patch.setattr(processor.platform, "machine", lambda: "another")
        assert key_of(tiny).file != before.file
    with monkeypatch.context() as patch:
        patch.setattr(processor, "device", lambda: torch.device("cuda"))
        patch.setattr(torch.cuda, "get_device_name", lambda: "a GPU")
        assert key_of(tiny).processor == "cuda a GPU"
    source = tmp_path / "made_up_module.py"
    source.write_text("x = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    first = code_version("made_up_module")
    source.write_text("x = 2\n")
    code_version.cache_clear()
    assert code_version("made_up_module") != first
    with monkeypatch.context() as patch:
        patch.setattr(versions, "version", lambda library: "0")
        code_version.cache_clear()
        assert code_version("made_up_module") != first
    code_version.cache_clear()
    assert key_of(tiny) == before


def test_two_folders_of_the_same_weights_do_not_share_predictions(
    tiny: BertForSequenceClassification, tmp_path: Path
) -> None:
    """What the trials found first: the second, with another activation, was given the first's."""
    other = copy.deepcopy(tiny)
    other.config.hidden_act = "relu"
    for layer in other.bert.encoder.layer:
        layer.intermediate.intermediate_act_fn = torch.nn.ReLU()
    first, second = (
        finish(teacher_targets(model, tiny_examples(9), tmp_path, states=False)) for model in (tiny, other)
    )
    assert not torch.equal(first.logits, second.logits)


# -- what is kept in memory ------------------------------------------------------------------------------


@pytest.fixture
def brought(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Task]:
    """A teacher's folder, and the task that every module gets."""
    folder = good_folder(tmp_path / "teacher")
    task = task_of(folder, lambda i: f"w{i % 40} w{(3 * i) % 50} w{i % 7}")
    give_task(monkeypatch, task)
    return folder, task


def keys_of(folder: Path) -> DesignKey:
    return design_key(Spec(teacher=str(folder), task="reviews", steps=(KeepLayers(count=1),)))


def change_weights(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    tensors["bert.pooler.dense.bias"] += 0.01
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def change_config(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"hidden_act": "relu"}))


def change_tokenizer(folder: Path) -> None:
    path = folder / "tokenizer.json"
    state = json.loads(path.read_text())
    state["normalizer"]["lowercase"] = not state["normalizer"]["lowercase"]
    path.write_text(json.dumps(state))


@pytest.mark.parametrize("change", [change_weights, change_config, change_tokenizer])
def test_each_file_of_a_teacher_is_in_its_keys(brought: tuple[Path, Task], change: Callable[[Path], None]) -> None:
    folder, _ = brought
    before, identity = keys_of(folder), identity_of(str(folder))
    assert keys_of(folder) == before
    change(folder)
    assert identity_of(str(folder)) != identity
    assert keys_of(folder) != before
    assert keys_of(folder).calibration != before.calibration


def test_data_labels_token_limit_steps_and_seed_are_in_the_keys(
    brought: tuple[Path, Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, task = brought
    train = task.splits["train"]
    spec = Spec(teacher=str(folder), task="reviews", steps=(KeepLayers(count=1),))
    tasks = [
        task,
        replace(task, read=lambda: task.splits | {"train": replace(train, text=("w1", *train.text[1:]))}),
        replace(
            task,
            read=lambda: task.splits | {"train": replace(train, labels=(1 - train.labels[0], *train.labels[1:]))},
        ),
        replace(task, label_names=("yes", "no")),
        replace(task, max_tokens=7),
    ]
    keys = []
    for made in tasks:
        give_task(monkeypatch, made)
        keys.append(design_key(spec))
    give_task(monkeypatch, task)
    keys += [
        design_key(replace(spec, steps=(KeepLayers(count=2),))),
        design_key(replace(spec, distil=DistilConfig(seed=1))),
    ]
    assert len(set(keys)) == len(keys)
    assert design_key(replace(spec, distil=DistilConfig(hard=1.0))) == keys[0]  # training does not make the student


def test_keys_have_the_fields_of_the_table() -> None:
    assert [f.name for f in fields(TeacherKey)] == ["name", "identity", "task", "labels"]
    assert [f.name for f in fields(CalibrationKey)] == ["teacher", "data", "max_tokens"]
    assert [f.name for f in fields(DesignKey)] == ["calibration", "steps", "seed"]


def test_counts_students_and_calibration_data_follow_the_files(brought: tuple[Path, Task]) -> None:
    folder, _ = brought
    spec = Spec(teacher=str(folder), task="reviews", steps=(Prune(0.5),))
    student, counts, calibration = cached_student(spec), counted(spec), calibration_for(str(folder), "reviews")
    assert cached_student(spec) is student
    tensors = load_file(folder / "model.safetensors")
    tensors["bert.encoder.layer.0.output.dense.weight"].zero_()
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    assert cached_student(spec) is not student
    assert counted(spec).student.nonzero < counts.student.nonzero
    assert calibration_for(str(folder), "reviews") is not calibration


def test_decompositions_are_those_of_the_teachers_own_weights(
    tiny: BertForSequenceClassification, calibration: Calibration
) -> None:
    """One set of calibration data, two teachers: each student is factorised from its own."""
    other = copy.deepcopy(tiny)
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.mul_(-1.5)
    for step in (Factorise(3, method="svd"), Factorise(3, method="activation")):
        first, second = (derive(model, [step], calibration) for model in (tiny, other))
        without_cache = derive(other, [step], Calibration(calibration._read))
        assert fingerprint(second.model) == fingerprint(without_cache.model) != fingerprint(first.model)


def test_a_student_as_the_teacher_is_known_by_its_own_weights(
    tiny: BertForSequenceClassification, calibration: Calibration
) -> None:
    first = derive(tiny, [KeepLayers(layers=(1, 3))], calibration)
    derive(tiny, [Factorise(3)], calibration)  # whose factors must not come back
    second = derive(first, [Factorise(3)], calibration)
    assert fingerprint(second.model) == fingerprint(derive(first.model, [Factorise(3)]).model)
    with torch.no_grad():
        for parameter in first.model.parameters():
            parameter.mul_(1.1)
    third = derive(first, [Factorise(3)], calibration)
    assert fingerprint(third.model) == fingerprint(derive(first.model, [Factorise(3)]).model)


def test_a_student_as_the_teacher_keeps_its_vocabulary_and_start(
    tiny: BertForSequenceClassification, calibration: Calibration
) -> None:
    trimmed = derive(tiny, [TrimVocabulary(size=30), Manual()], calibration)
    again = derive(trimmed, [KeepLayers(count=1)], calibration)
    assert again.vocabulary == trimmed.vocabulary is not None
    assert again.learning_rate == trimmed.learning_rate


def test_damaged_predictions_are_computed_again(tiny: BertForSequenceClassification, tmp_path: Path) -> None:
    first = finish(teacher_targets(tiny, tiny_examples(9), tmp_path, states=False))
    [file] = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-20])
    again = finish(teacher_targets(tiny, tiny_examples(9), tmp_path, states=False))
    assert torch.equal(first.logits, again.logits)


def test_a_file_that_is_replaced_is_read_again(tmp_path: Path) -> None:
    folder = good_folder(tmp_path / "teacher")
    before = identity_of(str(folder))
    copied = shutil.copytree(folder, tmp_path / "copy")
    assert identity_of(str(copied)) == before  # another place is no other teacher
    content = bytearray((folder / "model.safetensors").read_bytes())
    content[-1] ^= 1  # of the same size
    (folder / "model.safetensors").write_bytes(content)
    assert identity_of(str(folder)) != before
