"""A teacher of each family from its folder: transformers' own logits, every check, adapters, students; or a reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, TaskType, get_peft_model
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

from labcore.compress.derive import derive
from labcore.config.spec import SpecError
from labcore.config.steps import KeepLayers
from labcore.models import encoder
from labcore.models.classifier import Classifier
from labcore.models.family import FAMILIES, REFUSED, family_of
from labcore.teacher.load import TeacherError, architecture_of, load_teacher, load_teacher_tokenizer
from tests.shared.brought_teachers import change_tensors, configure
from tests.shared.tiny_families import BY_KIND, family_examples, kind_of, padded, sizes_of, tiny_family
from tests.shared.tiny_tokenizers import tokenizer_of


@pytest.fixture
def brought_as(tmp_path: Path) -> Any:
    """A function of a family's name: the folder of its tiny model, as save_pretrained writes it."""

    def bring(name: str) -> Path:
        folder = tmp_path / name
        tiny_family(name).save_pretrained(folder)
        tokenizer_of(name).save_pretrained(folder)
        return folder

    return bring


@torch.no_grad()
def logits(model: Classifier) -> torch.Tensor:
    ids, mask = padded(family_examples(model))
    return model.eval()(input_ids=ids, attention_mask=mask.long()).logits


@pytest.mark.parametrize("name", BY_KIND)
def test_a_folder_is_the_model_that_transformers_loads(name: str, brought_as: Any) -> None:
    folder = brought_as(name)
    teacher = load_teacher(str(folder))
    usual = AutoModelForSequenceClassification.from_pretrained(folder)
    torch.testing.assert_close(logits(teacher), logits(usual), atol=1e-5, rtol=1e-4)
    assert type(teacher) is type(usual)
    assert architecture_of(str(folder)) == sizes_of(teacher)
    tokenizer = load_teacher_tokenizer(str(folder))
    read = tokenizer("aab bbb", max_length=sizes_of(teacher).positions, truncation=True)["input_ids"]
    assert read == AutoTokenizer.from_pretrained(folder)("aab bbb")["input_ids"]


@pytest.mark.parametrize("name", BY_KIND)
def test_wrappers_old_buffers_and_pretraining_heads_do_no_harm(name: str, brought_as: Any) -> None:
    folder = brought_as(name)
    expected = logits(load_teacher(str(folder)))
    family = family_of(AutoConfig.from_pretrained(folder))
    change_tensors(
        folder,
        lambda tensors: (
            {f"module._orig_mod.{path}": tensor for path, tensor in tensors.items()}
            | {path: torch.zeros(3) for path in family.unread}
        ),
    )
    assert torch.equal(logits(load_teacher(str(folder))), expected)


@pytest.mark.parametrize("name", BY_KIND)
@pytest.mark.parametrize("with_head", [True, False])
def test_an_adapter_is_merged(name: str, with_head: bool, brought_as: Any, tmp_path: Path) -> None:
    """On a classifier, or on a base without head that holds a pre-training head, as the hub's bases are."""
    folder = brought_as(name)
    model = load_teacher(str(folder))
    family = family_of(model.config)
    torch.manual_seed(0)
    targets = [family.layer.matrices[role].rpartition(".")[2] for role in (family.layer.head_roles[0], "up")]
    saved_in_full, _ = family.trained_in_full()
    config = LoraConfig(
        task_type=TaskType.SEQ_CLS,
        r=2,
        target_modules=targets,
        init_lora_weights=False,
        modules_to_save=[saved_in_full],
    )
    adapted = get_peft_model(model, config)
    adapted.peft_config["default"].base_model_name_or_path = str(folder)
    adapted.save_pretrained(str(tmp_path / "adapter"))
    expected = logits(adapted)  # type: ignore[arg-type]
    if not with_head:
        pretraining = {f"{family.pretraining_heads[0]}bias": torch.zeros(3)}
        change_tensors(
            folder,
            lambda tensors: (
                {
                    path.removeprefix(f"{family.body}."): tensor
                    for path, tensor in tensors.items()
                    if path.startswith(f"{family.body}.")
                }
                | pretraining
            ),
        )
    torch.testing.assert_close(logits(load_teacher(str(tmp_path / "adapter"))), expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("name", BY_KIND)
def test_sizes_that_are_not_the_weights_are_named(name: str, brought_as: Any) -> None:
    folder = brought_as(name)
    config = json.loads((folder / "config.json").read_text())
    family = FAMILIES[config["model_type"]]
    for size, field in family.sizes.items():
        if size == "heads" or (size == "positions" and family.embeddings.positions is None):
            continue  # no tensor's shape holds it
        configure(folder, **{field: 2 * config[field]})
        with pytest.raises(TeacherError, match=rf"{field} {2 * config[field]}|more heads than"):
            load_teacher(str(folder))
        configure(folder, **{field: 10**9})
        with pytest.raises(TeacherError, match=f"{field} in .*1000000000"):
            load_teacher(str(folder))
        configure(folder, **{field: config[field]})
    configure(folder, **{family.sizes["heads"]: 5})
    with pytest.raises(TeacherError, match=f"{family.sizes['hidden']} 16.*5"):
        load_teacher(str(folder))


@pytest.mark.parametrize("name", BY_KIND)
def test_fields_that_change_the_forward_pass_are_refused(name: str, brought_as: Any) -> None:
    folder = brought_as(name)
    family = FAMILIES[kind_of(name)]
    before = (folder / "config.json").read_text()
    wrong = {
        "is_decoder": True,
        "problem_type": "multi_label_classification",
        "auto_map": {"AutoModel": "evil.Model"},
        "id2label": {"0": "score"},
        family.fields.activation: "gelu_fastest",
        family.fields.fractions[0]: 2.0,
        **dict.fromkeys(family.fields.switches, "yes"),
        **dict.fromkeys(family.fields.sizes, -1),
        **{name: 5 for name, _, _ in family.fields.fixed},
    }
    for field, value in wrong.items():
        configure(folder, **{field: value})
        with pytest.raises(TeacherError, match=f"{field}|regression"):
            load_teacher(str(folder))
        (folder / "config.json").write_text(before)
    if family.first_row is None:
        configure(folder, pad_token_id=None)
        with pytest.raises(TeacherError, match="pad_token_id"):
            load_teacher(str(folder))
        configure(folder, pad_token_id=30)
        with pytest.raises(TeacherError, match="could read no token"):
            load_teacher(str(folder))


def test_a_wrong_head_or_body_is_named(brought_as: Any) -> None:
    folder = brought_as("distilbert")
    change_tensors(folder, lambda t: {path: each for path, each in t.items() if "pre_classifier" not in path})
    with pytest.raises(TeacherError, match=r"no weights for pre_classifier.*give a DistilBERT that was fine-tuned"):
        load_teacher(str(folder))
    folder = brought_as("roberta")
    flat = ("classifier.out_proj", "classifier")
    change_tensors(folder, lambda t: {path.replace(*flat): each for path, each in t.items()})
    with pytest.raises(TeacherError, match="its classifier is another one than RobertaForSequenceClassification"):
        load_teacher(str(folder))
    folder = brought_as("bert")
    configure(folder, model_type="mpnet")
    with pytest.raises(TeacherError, match=r"they are a BERT's by their names, but config\.json names a MPNet"):
        load_teacher(str(folder))


@pytest.mark.parametrize("kind", [*REFUSED, "whisper"])
def test_other_families_are_refused_with_the_reason(kind: str, brought_as: Any) -> None:
    folder = brought_as("bert")
    configure(folder, model_type=kind)
    with pytest.raises(
        TeacherError, match=f"is a '{kind}' model.*give a BERT, ERNIE, .* ModernBERT classifier"
    ) as refused:
        load_teacher(str(folder))
    assert REFUSED.get(kind, "") in str(refused.value)
    model = AutoModelForSequenceClassification.from_config(
        AutoConfig.for_model("albert", hidden_size=8, num_attention_heads=2, intermediate_size=8, embedding_size=4)
    )
    with pytest.raises(SpecError, match="AlbertForSequenceClassification; give a BERT, ERNIE"):
        derive(model, [])


@pytest.mark.parametrize("name", BY_KIND)
def test_a_saved_plain_student_is_a_teacher_again(name: str, brought_as: Any, tmp_path: Path) -> None:
    student = derive(load_teacher(str(brought_as(name))), [KeepLayers(count=2)])
    student.model.save_pretrained(tmp_path / "student")
    again = load_teacher(str(tmp_path / "student"))
    assert torch.equal(logits(again), logits(student.model))
    assert encoder.architecture_of(again).layers == 2
    assert set(load_file(tmp_path / "student" / "model.safetensors")) == set(student.model.state_dict())
