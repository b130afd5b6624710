"""Teachers that people bring: a folder either predicts as in transformers, or one line says what is in the way.

The rows of the trials that people made, each with what must come of it, and then hundreds of damaged folders.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peft import LoraConfig, TaskType, get_peft_model
from safetensors.torch import load_file, save_file
from torch.nn.utils import prune as torch_prune
from transformers import BertConfig, BertForSequenceClassification, BertModel, BertTokenizerFast

import labcore.compress
from benchmarks.mutations.folders import good_folder
from benchmarks.mutations.outcome import outcome_of, quiet
from labcore.__main__ import main
from labcore.compress.derive import derive
from labcore.compress.student_folder import load_student
from labcore.config.spec import DistilConfig, Spec, SpecError
from labcore.config.steps import Factorise, KeepLayers, Prune, PruneHeads
from labcore.count.parameters import count
from labcore.data.tasks import Task
from labcore.evaluate.provenance import teacher_gone_in_words, teacher_unchanged
from labcore.runs.assistants import chain_to_run
from labcore.runs.cache import cached_student, counted, gradients_at_start
from labcore.runs.execute import execute_and_store
from labcore.runs.store import Store
from labcore.runs.teacher_check import check_teacher
from labcore.runs.teacher_models import load_for
from labcore.teacher import location
from labcore.teacher.base_model import ROWS_WITH_A_ZERO, WEIGHTS
from labcore.teacher.identity import identity_of
from labcore.teacher.labels import order_by_name
from labcore.teacher.load import TeacherError, architecture_of, load_teacher, load_teacher_tokenizer
from tests.shared.runs import student_folder
from tests.shared.tiny_tasks import give_task, task_of

IDS = torch.tensor([[2, 7, 9, 11, 3], [2, 8, 40, 41, 3]])


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny teacher as save_pretrained writes it."""
    quiet()
    return good_folder(tmp_path_factory.mktemp("brought") / "good")


@pytest.fixture
def folder(good: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    return Path(shutil.copytree(good, tmp_path / "teacher"))


def configure(folder: Path, **fields: Any) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def change_tensors(folder: Path, change: Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]]) -> None:
    file = folder / "model.safetensors"
    save_file({name: t.contiguous() for name, t in change(load_file(file)).items()}, file, metadata={"format": "pt"})


@torch.no_grad()
def logits_of(model: BertForSequenceClassification) -> torch.Tensor:
    return model.eval()(input_ids=IDS).logits


# -- hundreds of damaged folders ---------------------------------------------------------------------


@settings(
    max_examples=520,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.randoms(use_true_random=False))
@pytest.mark.full
def test_a_mutated_folder_predicts_as_in_transformers_or_reports_why_not(
    good: Path, tmp_path: Path, draw: random.Random
) -> None:
    folder = tmp_path / "changed"
    shutil.rmtree(folder, ignore_errors=True)
    outcome = outcome_of(good, folder, draw)
    assert not outcome.wrong, outcome
    assert "\n" not in outcome.line
    assert len(outcome.line) < 700


# -- what the trials found, one by one ---------------------------------------------------------------

TWO_SIZES = pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"num_hidden_layers": 1}, ("num_hidden_layers 1", "hold 2")),
        ({"num_hidden_layers": 6}, ("num_hidden_layers 6", "hold 2")),
        ({"vocab_size": 61}, ("vocab_size 61", "hold 60")),
        ({"id2label": {"0": "a", "1": "b", "2": "c"}}, ("number of labels 3", "hold 2")),
    ],
)


@TWO_SIZES
def test_a_config_that_says_another_size_than_the_weights(
    folder: Path, fields: dict[str, Any], words: tuple[str, ...]
) -> None:
    configure(folder, **fields)
    for read in (load_teacher, architecture_of, load_teacher_tokenizer):
        with pytest.raises(TeacherError) as refusal:
            read(str(folder))
        assert all(word in str(refusal.value) for word in words)


def test_counting_reads_the_weights_too(folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Heads that were removed the old way: the file holds fewer numbers than its config says."""

    def without_a_head(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        name = "bert.encoder.layer.0.attention.self.query.weight"
        return tensors | {name: tensors[name][4:]}

    change_tensors(folder, without_a_head)
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps({"teacher": str(folder)}))
    assert main(["count", "--spec", str(spec)]) == 2
    error = capsys.readouterr().err
    assert "12 × 16" in error
    assert "16 × 16" in error


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"is_decoder": True}, "is_decoder"),
        ({"problem_type": "multi_label_classification"}, "one label an example"),
        ({"problem_type": "regression"}, "problem_type"),
        ({"id2label": {"0": "score"}}, "regression"),
        ({"position_embedding_type": "relative_key"}, "positions are relative"),
        ({"pruned_heads": {"0": [1]}}, "removed the old way"),
        ({"auto_map": {"AutoModel": "evil.Model"}}, "would run code"),
        ({"hidden_act": "gelu_fastest"}, "hidden_act"),
        ({"model_type": "roberta"}, "takes only BERT"),
        ({"pad_token_id": 60}, "60 rows"),
        ({"layer_norm_eps": float("nan")}, "not a number"),
    ],
)
def test_fields_that_change_the_forward_pass_are_refused(folder: Path, fields: dict[str, Any], words: str) -> None:
    configure(folder, **fields)
    with pytest.raises(TeacherError, match=words):
        load_teacher(str(folder))


def test_a_config_of_the_first_releases_is_a_berts_by_its_fields(folder: Path, good: Path) -> None:
    data = json.loads((folder / "config.json").read_text())
    del data["model_type"]
    (folder / "config.json").write_text(json.dumps(data))
    assert torch.equal(logits_of(load_teacher(str(folder))), logits_of(load_teacher(str(good))))
    del data["type_vocab_size"]
    (folder / "config.json").write_text(json.dumps(data))
    with pytest.raises(TeacherError, match='"model_type": "bert"'):
        load_teacher(str(folder))


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "module._orig_mod.", "model."])
def test_a_wrappers_prefix_is_taken_off(folder: Path, good: Path, prefix: str) -> None:
    change_tensors(folder, lambda tensors: {f"{prefix}{name}": tensor for name, tensor in tensors.items()})
    assert torch.equal(logits_of(load_teacher(str(folder))), logits_of(load_teacher(str(good))))


def test_what_a_name_tells_is_said(folder: Path) -> None:
    name = "bert.encoder.layer.0.output.dense.weight"
    change_tensors(
        folder,
        lambda tensors: {
            **{n: t for n, t in tensors.items() if n != name},
            f"{name}_orig": tensors[name],
            f"{name}_mask": tensors[name] != 0,
        },
    )
    with pytest.raises(TeacherError, match=r"prune.remove"):
        load_teacher(str(folder))


def test_a_number_that_is_not_finite_is_named(folder: Path) -> None:
    name = "bert.pooler.dense.weight"

    def with_nan(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        tensors[name][0, 0] = float("nan")
        return tensors

    change_tensors(folder, with_nan)
    with pytest.raises(TeacherError, match=f"{name}.*1 number that is not finite"):
        load_teacher(str(folder))


def test_a_tokenizer_that_is_missing_or_larger_is_refused(folder: Path) -> None:
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"w{i}" for i in range(70))]
    BertTokenizerFast(vocab={word: i for i, word in enumerate(words)}).save_pretrained(folder)
    with pytest.raises(TeacherError, match=r"up to number 74.*60 rows"):
        load_teacher_tokenizer(str(folder))
    for file in folder.glob("tokenizer*"):
        file.unlink()
    with pytest.raises(TeacherError, match="no readable tokenizer"):
        load_teacher_tokenizer(str(folder))


# -- where a name leads ------------------------------------------------------------------------------


def test_a_folder_is_found_by_a_file_in_it_and_from_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = logits_of(load_teacher(str(folder)))
    monkeypatch.setenv("HOME", str(folder.parent))
    for name in (f"{folder}/model.safetensors", f"{folder}/config.json", "~/teacher", f"{folder}/"):
        assert torch.equal(logits_of(load_teacher(name)), expected)


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ({"checkpoint-500": "model", "checkpoint-1000": "model", "runs": None}, "such as .*checkpoint-1000"),
        ({"best": "model"}, "give .*best"),
        ({"pytorch_model.bin": ""}, "pytorch_model.bin.*save_pretrained"),
        ({"model.safetensors": ""}, "copy the model's config.json"),
        ({}, "holds nothing"),
    ],
)
def test_what_is_inside_is_named(good: Path, tmp_path: Path, inside: dict[str, str | None], words: str) -> None:
    above = tmp_path / "above"
    above.mkdir()
    for name, what in inside.items():
        if what == "model":
            shutil.copytree(good, above / name)
        elif what is None:
            (above / name).mkdir()
        else:
            (above / name).write_text(what)
    with pytest.raises(TeacherError, match=words):
        load_teacher(str(above))


def test_a_misspelt_name_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> str:
        raise AssertionError("the hub was asked")

    monkeypatch.setattr(location.huggingface_hub, "snapshot_download", never)
    for name, meant in (
        ("review", "reviews"),
        ("Reviews", "reviews"),
        ("bert-base-uncase", "bert-base-uncased"),
        ("bert-base", "bert-base-uncased"),
        ("BERT-large", "bert-large-uncased"),
    ):
        with pytest.raises(TeacherError, match=f"did you mean '{meant}'"):
            load_teacher(name)
    for name in ("/no/such/folder", "./nothing", "~/nothing", "a/b/c", "a\0b", "x" * 5000):
        with pytest.raises(TeacherError, match="give "):
            load_teacher(name)


def test_a_hub_that_can_not_be_reached_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its client would try again for half a minute a file; only what is on this machine is looked at."""
    asked: list[bool] = []

    def snapshot_download(hub_id: str, *, local_files_only: bool = False, **_: object) -> str:
        asked.append(local_files_only)
        raise FileNotFoundError(hub_id)

    monkeypatch.setattr(location.huggingface_hub, "snapshot_download", snapshot_download)
    monkeypatch.setattr(location.huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")  # nobody listens there
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):  # behind one only a try can tell
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(TeacherError, match="can't be reached"):
        load_teacher("somebody/some-model-that-is-not-here")
    assert asked == [True]


def test_a_model_of_the_hub_is_read_from_its_cache(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(location.huggingface_hub, "snapshot_download", lambda hub_id, **_: str(good))
    assert torch.equal(logits_of(load_teacher("somebody/model")), logits_of(load_teacher(str(good))))


# -- adapters and students as teachers ---------------------------------------------------------------


def adapter_of(base: Path, folder: Path) -> torch.Tensor:
    """Save a LoRA adapter of the model in `base`, with random weights; the logits of both merged."""
    torch.manual_seed(0)
    adapted = get_peft_model(
        load_teacher(str(base)),
        LoraConfig(task_type=TaskType.SEQ_CLS, r=2, target_modules=["query", "value"], init_lora_weights=False),
    )
    adapted.peft_config["default"].base_model_name_or_path = str(base)
    adapted.save_pretrained(str(folder))
    return logits_of(adapted)  # type: ignore[arg-type]


def test_an_adapter_is_merged_if_its_base_is_cached(folder: Path, tmp_path: Path) -> None:
    adapter = tmp_path / "adapter"
    expected = adapter_of(folder, adapter)
    merged = load_teacher(str(adapter))
    assert type(merged) is BertForSequenceClassification
    torch.testing.assert_close(logits_of(merged), expected, atol=1e-5, rtol=0)
    assert len(load_teacher_tokenizer(str(adapter))) == 60
    assert architecture_of(str(adapter)) == architecture_of(str(folder))
    before = identity_of(str(adapter))
    change_tensors(folder, lambda tensors: tensors | {"classifier.bias": torch.ones(2)})
    assert identity_of(str(adapter)) != before  # it is another teacher on another base
    folder.rename(tmp_path / "elsewhere")
    with pytest.raises(TeacherError, match=r"an adapter of .*not on this machine"):
        load_teacher(str(adapter))


def layers_of(folder: Path, count: int) -> None:
    """Make the model in a folder one of fewer layers."""
    model = derive(load_teacher(str(folder)), [KeepLayers(count=count)]).model
    model.save_pretrained(folder)


def change_adapter(folder: Path, change: Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]]) -> None:
    file = folder / "adapter_model.safetensors"
    save_file(change(load_file(file)), file, metadata={"format": "pt"})


ADAPTERS: dict[str, tuple[Callable[[Path, Path], object], str]] = {
    "the base's config says fewer layers": (
        lambda base, _: configure(base, num_hidden_layers=1),
        "num_hidden_layers 1",
    ),
    "the base's config says another width": (
        lambda base, _: configure(base, intermediate_size=48),
        "intermediate_size 48",
    ),
    "the base lost a layer": (lambda base, _: layers_of(base, 1), "holds|lacks|fit"),
    "the base's weights are not finite": (
        lambda base, _: change_tensors(base, lambda t: t | {"bert.pooler.dense.bias": torch.full((16,), torch.nan)}),
        "not finite",
    ),
    "a tensor of the adapter is missing": (
        lambda _, adapter: change_adapter(adapter, lambda t: {n: v for n, v in t.items() if "layer.1" not in n}),
        "lacks .*layer.1",
    ),
    "a tensor too many": (
        lambda _, adapter: change_adapter(
            adapter, lambda t: t | {"base_model.model.extra.lora_A.weight": torch.ones(2)}
        ),
        "holds .*extra",
    ),
    "no classifier": (
        lambda _, adapter: change_adapter(adapter, lambda t: {n: v for n, v in t.items() if "classifier" not in n}),
        "holds no classifier",
    ),
}


@pytest.mark.parametrize("row", ADAPTERS)
def test_an_adapter_and_its_base_go_through_the_same_door(folder: Path, tmp_path: Path, row: str) -> None:
    adapter = tmp_path / "adapter"
    adapter_of(folder, adapter)
    change, words = ADAPTERS[row]
    change(folder, adapter)
    with pytest.raises(TeacherError, match=words):
        load_teacher(str(adapter))


def test_an_adapter_of_itself_or_of_another_adapter_is_refused(folder: Path, tmp_path: Path) -> None:
    adapter_of(folder, tmp_path / "first")
    adapter_of(folder, tmp_path / "second")
    path = tmp_path / "second" / "adapter_config.json"
    for base in ("first", "second"):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"base_model_name_or_path": str(tmp_path / base)}))
        with pytest.raises(TeacherError, match="an adapter itself"):
            load_teacher(str(tmp_path / "second"))
        identity_of(str(tmp_path / "second"))


def test_an_adapter_of_the_labs_own_base_is_merged() -> None:
    """The lab's adapter, brought as a folder of one's own: the base is known by its name, and needs no classifier."""
    brought = load_teacher(str(WEIGHTS / "reviews"))
    for name, tensor in load_teacher("reviews").state_dict().items():
        assert torch.equal(brought.state_dict()[name], tensor), name


def test_an_adapter_beside_a_model_is_ambiguous(folder: Path) -> None:
    adapter_of(folder, folder)
    with pytest.raises(TeacherError, match="a model and an adapter"):
        load_teacher(str(folder))


# -- models made in Python ---------------------------------------------------------------------------


def test_wrapped_and_half_precision_models_are_taken(folder: Path) -> None:
    teacher = load_teacher(str(folder))
    steps = [Factorise(4), Prune(0.5)]
    expected = logits_of(derive(teacher, steps).model)
    for wrapped in (torch.compile(teacher), torch.nn.DataParallel(teacher)):
        assert torch.equal(logits_of(derive(wrapped, steps).model), expected)  # type: ignore[arg-type]
    half = derive(load_teacher(str(folder)).half(), steps)
    assert {p.dtype for p in half.model.parameters()} == {torch.float32}
    torch.testing.assert_close(logits_of(half.model), expected, atol=0.05, rtol=0)
    torch.manual_seed(0)
    config = LoraConfig(task_type=TaskType.SEQ_CLS, r=2, target_modules=["query"], init_lora_weights=False)
    adapted = get_peft_model(load_teacher(str(folder)), config)
    before = {name: tensor.clone() for name, tensor in adapted.state_dict().items()}
    copied = derive(adapted, []).model  # type: ignore[arg-type]
    torch.testing.assert_close(logits_of(copied), logits_of(adapted), atol=1e-5, rtol=0)  # type: ignore[arg-type]
    assert all(torch.equal(before[name], tensor) for name, tensor in adapted.state_dict().items())


def test_other_models_are_refused_in_a_sentence(folder: Path) -> None:
    with pytest.raises(SpecError, match="BertModel, which is no classifier"):
        derive(BertModel(BertConfig.from_pretrained(folder)), [])  # type: ignore[arg-type]
    with pytest.raises(SpecError, match="is of type str; give"):
        derive(str(folder), [])  # type: ignore[arg-type]
    masked = load_teacher(str(folder))
    torch_prune.l1_unstructured(masked.bert.pooler.dense, "weight", 0.5)  # type: ignore[union-attr]
    with pytest.raises(SpecError, match=r"prune.remove"):
        derive(masked, [])


# -- against the task --------------------------------------------------------------------------------


@pytest.fixture
def task(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Task:
    """A task that the teacher in the folder does, with names for its labels."""
    made = replace(task_of(folder, lambda i: f"w{i % 40} w{(3 * i) % 50} w{i % 7}"), label_names=("bad", "good"))
    give_task(monkeypatch, made)
    return made


def spec_of(folder: Path, *steps: Any, **distil: Any) -> Spec:
    return Spec(
        teacher=str(folder),
        task="reviews",
        steps=steps or (KeepLayers(count=1),),
        distil=DistilConfig(**{"epochs": 1, "batch_size": 8} | distil),
    )


def run_of(spec: Spec, store: Store) -> Any:
    run = store.create(spec)
    events = list(execute_and_store(spec, run, store))
    return store.read(run), events


def test_labels_in_another_order_are_matched_by_name(folder: Path, task: Task) -> None:
    right = check_teacher(str(folder), "reviews")
    assert right is not None
    assert right.accuracy >= 0.8
    change_tensors(folder, lambda t: t | {n: t[n].flip(0) for n in ("classifier.weight", "classifier.bias")})
    with pytest.raises(TeacherError, match=r'another order.*"id2label": {"0": "good", "1": "bad"}'):
        check_teacher(str(folder), "reviews")
    configure(folder, id2label={"0": "GOOD", "1": "Bad"}, label2id={"GOOD": 0, "Bad": 1})
    again = check_teacher(str(folder), "reviews")
    assert again is not None
    assert again.accuracy == right.accuracy
    assert load_for(str(folder), "reviews").model.config.id2label == {0: "bad", 1: "good"}


@pytest.mark.parametrize(
    ("given", "wanted", "order"),
    [
        (("positive", "negative"), ("negative", "positive"), (1, 0)),
        (("NEG", "POS"), ("negative", "positive"), (0, 1)),
        (("LABEL_0", "LABEL_1"), ("negative", "positive"), None),
        (("0", "1"), ("negative", "positive"), None),
        (("good", "bad"), ("negative", "positive"), None),
        (("a", "a"), ("a", "b"), None),
        (("sports", "tech", "business"), ("business", "sports", "tech"), (2, 0, 1)),
        (("sci_fi", "Sci Fi horror"), ("sci fi", "sci fi horror"), (0, 1)),
    ],
)
def test_labels_by_name(given: tuple[str, ...], wanted: tuple[str, ...], order: tuple[int, ...] | None) -> None:
    assert order_by_name(given, wanted) == order


def test_a_teacher_no_better_than_the_majority_is_never_let_through(
    folder: Path, task: Task, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change_tensors(folder, lambda t: t | {"classifier.bias": torch.tensor([100.0, 0.0])})  # always the same class
    with pytest.raises(TeacherError, match="does not do this task"):
        check_teacher(str(folder), "reviews")
    spec = tmp_path / "spec.json"
    spec.write_text(spec_of(folder).to_json())
    assert main(["run", "--spec", str(spec), "--home", str(store.home)]) == 2
    assert "does not do this task" in capsys.readouterr().err
    assert store.runs() == []


def test_a_tokenizer_that_knows_no_word_is_never_let_through(folder: Path, task: Task) -> None:
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"x{i}" for i in range(55))]
    BertTokenizerFast(vocab={word: i for i, word in enumerate(words)}).save_pretrained(folder)
    with pytest.raises(TeacherError, match=r"100 %.*\[UNK\]"):
        check_teacher(str(folder), "reviews")


# -- zeros -------------------------------------------------------------------------------------------


def test_a_teachers_own_zeros_are_counted(folder: Path, task: Task) -> None:
    def sparse(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        draw = torch.Generator().manual_seed(0)
        return {
            name: t * (torch.rand(t.shape, generator=draw) > 0.8) if ".layer." in name and t.dim() == 2 else t
            for name, t in tensors.items()
        }

    change_tensors(folder, sparse)
    truth = sum(int((t != 0).sum()) for t in load_file(folder / "model.safetensors").values())
    assert truth < 0.7 * count(load_for(str(folder), "reviews")).total
    for steps in (
        (),
        (KeepLayers(count=1),),
        (Prune(0.5),),
        (Prune(0.9, "global"),),
        (PruneHeads(2),),
        (Factorise(3),),
    ):
        spec = Spec(teacher=str(folder), task="reviews", steps=steps)
        comparison, student = counted(spec), cached_student(spec)
        assert comparison.teacher.nonzero == truth
        assert comparison.student.nonzero == sum(int((p != 0).sum()) for p in student.model.parameters()), steps


def test_the_labs_own_teachers_hold_the_zeros_that_are_reported() -> None:
    for name in ("reviews", "news"):
        model = load_teacher(name)
        zeros = [
            (name, int(row)) for name, p in model.named_parameters() if p.dim() > 1 for row in (p == 0).nonzero()[:, 0]
        ]
        assert [row for _, row in zeros] == list(ROWS_WITH_A_ZERO)
        assert {name for name, _ in zeros} == {"bert.embeddings.word_embeddings.weight"}
        assert counted(Spec(teacher=name, task=name)).teacher.nonzero == sum(
            int((p != 0).sum()) for p in model.parameters()
        )


# -- runs are known by the teacher's files -----------------------------------------------------------


def test_a_run_of_replaced_weights_is_no_teacher(folder: Path, task: Task, store: Store) -> None:
    middle = spec_of(folder)
    small = replace(middle, steps=(KeepLayers(count=1), Prune(0.5)), assistant=middle)
    run, _ = run_of(middle, store)
    assert store.find(middle) == run
    assert chain_to_run(small, store) == [small]
    assert teacher_gone_in_words(run) == ""
    change_tensors(folder, lambda t: t | {"bert.pooler.dense.bias": t["bert.pooler.dense.bias"] + 0.01})
    assert not teacher_unchanged(run)
    assert store.find(middle) is None
    assert chain_to_run(small, store) == [middle, small]
    assert "were replaced" in teacher_gone_in_words(run)
    folder.rename(folder.with_name("moved"))
    assert "no longer where it was" in teacher_gone_in_words(run)


# -- what travels with a saved student ---------------------------------------------------------------


def test_names_and_token_limit_travel(folder: Path, task: Task, store: Store) -> None:
    run, _ = run_of(spec_of(folder), store)
    saved = student_folder(store, run.id)
    config = json.loads((saved / "config.json").read_text())
    assert config["id2label"] == {"0": "bad", "1": "good"}
    assert config["label2id"] == {"bad": 0, "good": 1}
    assert json.loads((saved / "tokenizer_config.json").read_text())["model_max_length"] == 24
    assert json.loads((saved / "tokenizer.json").read_text())["truncation"] is None


def test_an_odd_student_refuses_save_pretrained(folder: Path, tmp_path: Path) -> None:
    teacher = load_teacher(str(folder))
    for steps in ([Factorise(3)], [PruneHeads(2)], [Factorise(3), Prune(0.5)]):
        with pytest.raises(SpecError, match=r"labcore.compress"):
            derive(teacher, steps).model.save_pretrained(tmp_path / "odd")
        assert not (tmp_path / "odd").exists()
    derive(teacher, [KeepLayers(count=1), Prune(0.5)]).model.save_pretrained(tmp_path / "plain")
    assert type(teacher) is BertForSequenceClassification


def test_a_saved_student_is_a_teacher(folder: Path, task: Task, store: Store) -> None:
    """Also one that is no plain BERT; its zeros stay held, and its counts are its own."""
    run, _ = run_of(spec_of(folder, PruneHeads(3), Prune(0.2), epochs=30, learning_rate=3e-3), store)
    saved = student_folder(store, run.id)
    with pytest.raises(TeacherError, match=r"labcore.compress.load"):
        load_teacher(str(saved))
    first = load_student(saved)
    next_run, _ = run_of(spec_of(saved, KeepLayers(count=1)), store)
    assert next_run.counts.teacher == count(first)
    student = store.student(next_run.id)
    kept = [int((student.model.get_parameter(name) == 0).sum()) for name in student.zeros]
    assert kept
    assert sum(kept) >= sum(first.zeros.values()) // 2 - 1
    assert counted(spec_of(saved, KeepLayers(count=1))).student.total == next_run.counts.student.total
    with pytest.raises(SpecError, match="put 'prune' last"):
        counted(spec_of(saved, Factorise(3)))


def test_a_pruned_student_that_is_a_plain_bert_holds_its_zeros_as_a_teacher(
    folder: Path, task: Task, store: Store
) -> None:
    run, _ = run_of(spec_of(folder, KeepLayers(count=1), Prune(0.6), epochs=1), store)
    saved = student_folder(store, run.id)
    assert (saved / "model.safetensors").is_file()
    again, _ = run_of(
        Spec(teacher=str(saved), task="reviews", steps=(), distil=DistilConfig(steps=4, batch_size=8)), store
    )
    held = run.counts.student.total - run.counts.student.nonzero
    assert again.counts.student.total - again.counts.student.nonzero >= held > 1000
    with pytest.raises(SpecError, match="put 'prune' last"):
        counted(spec_of(saved, Factorise(3)))


def test_derive_vouches_for_the_teacher_and_draws_a_random_start(
    folder: Path, task: Task, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def derived(out: str, **distil: Any) -> tuple[int, str]:
        file = tmp_path / "spec.json"
        file.write_text(spec_of(folder, KeepLayers(count=2), **distil).to_json())
        return main(["derive", "--spec", str(file), "--out", str(tmp_path / out)]), capsys.readouterr().err

    status, said = derived("plain")
    assert status == 0
    assert "steps[0] has no effect" in said  # there are two layers
    assert derived("random", start="random", seed=3)[0] == 0
    plain, drawn = (load_student(tmp_path / name).model for name in ("plain", "random"))
    teacher = load_teacher(str(folder))
    assert torch.equal(plain.bert.pooler.dense.weight, teacher.bert.pooler.dense.weight)  # type: ignore[union-attr]
    assert 0.015 < float(drawn.bert.pooler.dense.weight.std()) < 0.025  # type: ignore[union-attr]
    change_tensors(folder, lambda t: t | {n: t[n].flip(0) for n in ("classifier.weight", "classifier.bias")})
    status, said = derived("flipped")
    assert status == 2
    assert "another order" in said
    assert not (tmp_path / "flipped").exists()


def test_one_folder_has_one_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    monkeypatch.setenv("HOME", str(folder.parent))
    for name in ("teacher", "./teacher/", f"{folder}/config.json", "~/teacher", f"{folder}/../teacher"):
        assert location.resolved(name) == str(folder.resolve())
    for name in ("reviews", "somebody/model", "~nobody-here/x", "a\0b"):
        assert location.resolved(name) == name


def test_a_student_in_half_precision_keeps_its_zeros(folder: Path, task: Task, store: Store) -> None:
    run, _ = run_of(spec_of(folder, Prune(0.5)), store)
    model = labcore.compress.load(student_folder(store, run.id)).bfloat16()
    model.train()(input_ids=IDS, labels=torch.tensor([0, 1])).loss.backward()
    weight = model.bert.encoder.layer[0].output.dense.weight  # type: ignore[union-attr]
    assert weight.grad is not None
    assert not weight.grad[weight == 0].any()


def test_a_frozen_teachers_student_can_be_trained(folder: Path) -> None:
    teacher = load_teacher(str(folder)).requires_grad_(False)
    assert all(p.requires_grad for p in derive(teacher, [Factorise(3)]).model.parameters())
    assert not any(p.requires_grad for p in teacher.parameters())


def test_the_gradient_at_the_start_is_that_of_the_student_that_is_trained(
    folder: Path, task: Task, store: Store
) -> None:
    norms = []
    for start in ("derived", "random"):
        spec = spec_of(folder, KeepLayers(count=1), start=start, steps=1)
        norms.append(gradients_at_start(spec).norms)
    assert norms[0] != norms[1]


def test_zeros_stay_in_a_loop_of_ones_own(folder: Path, task: Task, store: Store) -> None:
    run, _ = run_of(spec_of(folder, Factorise(4), Prune(0.5)), store)
    model = labcore.compress.load(student_folder(store, run.id))
    zeros = sum(int((p == 0).sum()) for p in model.parameters())
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.1)
    for _ in range(5):
        optimiser.zero_grad()
        model.train()(input_ids=IDS, labels=torch.tensor([0, 1])).loss.backward()
        optimiser.step()
    assert sum(int((p == 0).sum()) for p in model.parameters()) == zeros
    with pytest.raises(SpecError):
        model.save_pretrained(folder)
