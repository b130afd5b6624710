"""Teacher folders that are damaged or odd, and what the lab makes of each: transformers' own logits, or one line that says why not.

    python -m benchmarks.mutations            # 600 of them, a table by kind
    python -m benchmarks.mutations --n 2000

Each mutation changes one thing of a good folder: a field of its config, a tensor, a tokenizer file. What the lab accepts is
compared with transformers on the same folder, after the two repairs that the lab documents: a wrapper's prefix is taken
off the tensors' names, and a BERT's config that does not say its model_type is given one.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import random
import shutil
import tempfile
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import AutoModelForSequenceClassification, AutoTokenizer, BertTokenizerFast
from transformers.utils import logging as transformers_logging

from labcore.models import classifier, encoder
from labcore.models.architecture import Architecture
from labcore.teacher.config_file import FIRST_BERT_FIELDS
from labcore.teacher.load import TeacherError, load_teacher, load_teacher_tokenizer
from labcore.teacher.weights_file import WRAPPERS

SIZES = Architecture(hidden=16, layers=2, heads=4, intermediate=24, vocabulary=60, positions=24)
WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "##b", *(f"w{i}" for i in range(SIZES.vocabulary - 7)))
EXAMPLES = ("a w3 w4 W5", "w1", "w7 ab w9 unknown w11 w2 w40", "")
MOST_DIFFERENCE = 2e-5

Change = Callable[[Path, random.Random], str]  # changes a folder, and says what it changed


# -- folders -----------------------------------------------------------------------------------------


def good_folder(folder: Path) -> Path:
    """A tiny BERT classifier with its tokenizer, as save_pretrained writes them, and logits that vary."""
    model = classifier.initialise_randomly(classifier.build(SIZES), seed=1).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 2:
                parameter.mul_(8)
    model.save_pretrained(folder)
    BertTokenizerFast(vocab={word: i for i, word in enumerate(WORDS)}).save_pretrained(folder)
    return folder


def _config(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "config.json").read_text())  # type: ignore[no-any-return]


def _write(path: Path, data: object) -> None:
    path.write_text(json.dumps(data))


def _tensors(folder: Path) -> dict[str, Tensor]:
    return load_file(folder / "model.safetensors")


def _save(folder: Path, tensors: dict[str, Tensor]) -> None:
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, folder / "model.safetensors",
              metadata={"format": "pt"})  # fmt: skip


# -- changes of the config ---------------------------------------------------------------------------

ODD_VALUES = (None, True, False, 0, -1, 1, 2, 3, 7, 16, 24, 60, 61, 10**9, 0.5, 1e-12, 1e300, math.nan, "", "gelu", "relu",
              "gelu_new", "tanh", "absolute", "relative_key", [], [1], {}, {"0": [1]}, {"0": "x", "1": "y"},
              {"0": "x"}, {"1": "x", "2": "y"}, "single_label_classification", "multi_label_classification",
              "regression", "bert", "roberta", "float16")  # fmt: skip
OTHER_FIELDS = ("is_decoder", "add_cross_attention", "position_embedding_type", "problem_type", "pruned_heads", "num_labels",
                "auto_map", "embedding_size", "quantization_config", "is_encoder_decoder", "chunk_size_feed_forward",
                "output_attentions", "torch_dtype", "return_dict", "finetuning_task", "my_own_field", "classifier_dropout",
                "tie_word_embeddings", "layer_norm_eps", "hidden_act")  # fmt: skip


def config_field(folder: Path, draw: random.Random) -> str:
    config = _config(folder)
    field, value = draw.choice(sorted({*config, *OTHER_FIELDS})), draw.choice(ODD_VALUES)
    _write(folder / "config.json", config | {field: value})
    return f"{field} = {value!r}"


def config_neighbour(folder: Path, draw: random.Random) -> str:
    config = _config(folder)
    field = draw.choice(
        [name for name, value in config.items() if isinstance(value, int) and not isinstance(value, bool)]
    )
    config[field] += draw.choice((-2, -1, 1, 2))
    _write(folder / "config.json", config)
    return f"{field} = {config[field]}"


def config_without(folder: Path, draw: random.Random) -> str:
    config = _config(folder)
    field = draw.choice(sorted(config))
    del config[field]
    _write(folder / "config.json", config)
    return f"without {field}"


def config_damaged(folder: Path, draw: random.Random) -> str:
    path = folder / "config.json"
    text = path.read_bytes()
    damaged = draw.choice([text[: draw.randrange(len(text))], b"", b"\xff\xfe" + text, b"[]", b"null", b'"bert"', None])
    if damaged is None:
        path.unlink()
        return "config.json gone"
    path.write_bytes(damaged)
    return f"config.json of {len(damaged)} bytes"


# -- changes of the weights --------------------------------------------------------------------------


def tensor_dropped(folder: Path, draw: random.Random) -> str:
    tensors = _tensors(folder)
    name = draw.choice(sorted(tensors))
    del tensors[name]
    _save(folder, tensors)
    return f"without {name}"


def tensor_added(folder: Path, draw: random.Random) -> str:
    tensors = _tensors(folder)
    name = draw.choice(["bert.embeddings.position_ids", "cls.predictions.bias", "classifier.scale", "extra",
                        "bert.encoder.layer.2.output.dense.bias", "bert.pooler.dense.weight_orig", "loss.weight"])  # fmt: skip
    tensors[name] = torch.arange(24)[None] if name.endswith("ids") else torch.ones(16)
    _save(folder, tensors)
    return f"with {name}"


def tensor_renamed(folder: Path, draw: random.Random) -> str:
    tensors = _tensors(folder)
    name = draw.choice(sorted(tensors))
    new = draw.choice([f"{name}_orig", name.replace("bert.", "model.bert.", 1), name.replace(".weight", ".gamma"),
                       name.replace(".layer.", ".layers."), f"module.{name}", name.upper()])  # fmt: skip
    tensors[new] = tensors.pop(name)
    _save(folder, tensors)
    return f"{name} called {new}"


def tensors_swapped(folder: Path, draw: random.Random) -> str:
    tensors = _tensors(folder)
    one, other = draw.sample(sorted(tensors), 2)
    tensors[one], tensors[other] = tensors[other], tensors[one]
    _save(folder, tensors)
    return f"{one} for {other}"


def tensor_resized(folder: Path, draw: random.Random) -> str:
    tensors = _tensors(folder)
    name = draw.choice(sorted(tensors))
    tensor = tensors[name]
    tensors[name] = draw.choice(
        [tensor[:-1], torch.cat([tensor, tensor[:1]]), tensor[None], tensor.flatten(), tensor.T]
    )
    _save(folder, tensors)
    return f"{name} of {tuple(tensors[name].shape)}"


def tensor_not_finite(folder: Path, draw: random.Random) -> str:
    tensors = _tensors(folder)
    name = draw.choice(sorted(tensors))
    tensors[name].view(-1)[draw.randrange(tensors[name].numel())] = draw.choice([math.nan, math.inf, -math.inf])
    _save(folder, tensors)
    return f"{name} with a number that is not finite"


def tensor_retyped(folder: Path, draw: random.Random) -> str:
    tensors = _tensors(folder)
    dtype = draw.choice([torch.float16, torch.bfloat16, torch.float64, torch.int8, torch.int64, torch.bool])
    for name in draw.choice([sorted(tensors), [draw.choice(sorted(tensors))]]):
        tensors[name] = tensors[name].to(dtype)
    _save(folder, tensors)
    return f"stored as {dtype}"


def tensors_prefixed(folder: Path, draw: random.Random) -> str:
    prefix = draw.choice(["module.", "_orig_mod.", "model.", "module._orig_mod.", "net."])
    _save(folder, {f"{prefix}{name}": tensor for name, tensor in _tensors(folder).items()})
    return f"every name begins with {prefix}"


def old_layer_norms(folder: Path, draw: random.Random) -> str:
    old = {"LayerNorm.weight": "LayerNorm.gamma", "LayerNorm.bias": "LayerNorm.beta"}
    tensors = {}
    for name, tensor in _tensors(folder).items():
        end = next((new for new in old if name.endswith(new)), None)
        tensors[name.removesuffix(end) + old[end] if end else name] = tensor
    _save(folder, tensors)
    return "LayerNorm's old names"


def weights_damaged(folder: Path, draw: random.Random) -> str:
    path = folder / "model.safetensors"
    content = path.read_bytes()
    damaged = draw.choice([content[: draw.randrange(len(content))], content[8:], b"", b"PK\x03\x04" + content, None])
    if damaged is None:
        path.unlink()
        return "model.safetensors gone"
    path.write_bytes(damaged)
    return f"model.safetensors of {len(damaged)} bytes"


def weights_in_shards(folder: Path, draw: random.Random) -> str:
    tensors = sorted(_tensors(folder).items())
    half = draw.randrange(1, len(tensors))
    files = {"model-00001-of-00002.safetensors": tensors[:half], "model-00002-of-00002.safetensors": tensors[half:]}
    for name, some in files.items():
        save_file(dict(some), folder / name, metadata={"format": "pt"})
    file_of = {tensor: file for file, some in files.items() for tensor, _ in some}
    _write(folder / "model.safetensors.index.json", {"metadata": {}, "weight_map": file_of})
    (folder / "model.safetensors").unlink()
    if draw.random() < 0.3:
        (folder / "model-00002-of-00002.safetensors").unlink()
        return "a shard is gone"
    return "in two shards"


# -- changes of the tokenizer ------------------------------------------------------------------------


def tokenizer_gone(folder: Path, draw: random.Random) -> str:
    gone = draw.choice([["tokenizer.json"], ["tokenizer_config.json"], ["tokenizer.json", "tokenizer_config.json"]])
    for name in gone:
        (folder / name).unlink(missing_ok=True)
    return f"without {' and '.join(gone)}"


def tokenizer_damaged(folder: Path, draw: random.Random) -> str:
    path = folder / draw.choice(["tokenizer.json", "tokenizer_config.json"])
    content = path.read_bytes()
    path.write_bytes(draw.choice([content[: draw.randrange(len(content))], b"{}", b"[]", b"", b"null"]))
    return f"{path.name} damaged"


def tokenizer_swapped(folder: Path, draw: random.Random) -> str:
    words = list(WORDS)
    kind = draw.choice(["larger", "smaller", "shuffled", "cased", "tiny"])
    if kind == "larger":
        words += [f"x{i}" for i in range(draw.randrange(1, 9))]
    elif kind == "smaller":
        words = words[: draw.randrange(8, len(words))]
    elif kind == "shuffled":
        special, plain = words[:5], words[5:]
        draw.shuffle(plain)
        words = special + plain
    elif kind == "tiny":
        words = words[:5]
    other = BertTokenizerFast(vocab={word: i for i, word in enumerate(words)}, do_lower_case=kind != "cased")
    other.save_pretrained(folder)
    return f"a {kind} tokenizer"


def tokenizer_setting(folder: Path, draw: random.Random) -> str:
    path = folder / "tokenizer_config.json"
    settings = json.loads(path.read_text())
    field = draw.choice([*settings, "auto_map", "pad_token", "cls_token", "sep_token", "unk_token", "tokenizer_class"])
    value = draw.choice(
        [None, "", "[PAD]", "[NEW]", 3, {}, [], "XLNetTokenizer", {"AutoTokenizer": ["evil.Tokenizer", None]}]
    )
    _write(path, settings | {field: value})
    return f"{field} = {value!r}"


def tokenizer_part(folder: Path, draw: random.Random) -> str:
    path = folder / "tokenizer.json"
    state = json.loads(path.read_text())
    part = draw.choice(["post_processor", "normalizer", "pre_tokenizer", "decoder", "model", "added_tokens"])
    state[part] = [] if part == "added_tokens" else None
    _write(path, state)
    return f"{part} taken out of tokenizer.json"


CHANGES: tuple[Change, ...] = (
    config_field, config_field, config_field, config_neighbour, config_without, config_damaged, tensor_dropped, tensor_added,
    tensor_renamed, tensors_swapped, tensor_resized, tensor_not_finite, tensor_retyped, tensors_prefixed, old_layer_norms,
    weights_damaged, weights_in_shards, tokenizer_gone, tokenizer_damaged, tokenizer_swapped, tokenizer_setting,
    tokenizer_part,
)  # fmt: skip


# -- what comes of it --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """What the lab made of a folder: `line` is its refusal, empty if it gave transformers' logits; `wrong` is a fault."""

    kind: str
    change: str
    line: str = ""
    wrong: str = ""


def outcome_of(good: Path, folder: Path, draw: random.Random) -> Outcome:
    """Copy the good folder, change one thing, and compare the lab with transformers. `folder` must not be there yet."""
    shutil.copytree(good, folder)
    change = draw.choice(CHANGES)
    said = change(folder, draw)
    kind = change.__name__
    try:
        teacher, tokenizer = load_teacher(str(folder)), load_teacher_tokenizer(str(folder))
    except TeacherError as error:
        line = str(error)
        return Outcome(kind, said, line, "the refusal does not name the folder" if str(folder) not in line else "")
    except Exception as error:
        return Outcome(kind, said, wrong=f"{type(error).__name__}: {error}")
    try:
        expected_ids, expected = _transformers(folder)
    except Exception as error:
        return Outcome(kind, said, wrong=f"accepted, but transformers says {type(error).__name__}: {error}")
    batch = tokenizer(list(EXAMPLES), padding=True, truncation=True, max_length=24, return_tensors="pt")
    if not torch.equal(batch["input_ids"], expected_ids):
        return Outcome(kind, said, wrong="accepted, but read in other tokens than by transformers")
    with torch.no_grad():
        logits = encoder.forward(teacher, batch["input_ids"], batch["attention_mask"].bool()).logits
    apart = float((logits - expected).abs().max())
    return Outcome(kind, said, wrong="" if apart <= MOST_DIFFERENCE else f"accepted, but logits differ by {apart:.2g}")


def _transformers(folder: Path) -> tuple[Tensor, Tensor]:
    """Token ids and logits of transformers on the folder, after the two documented repairs. Random weights are an error."""
    config = _config(folder)
    if config.get("model_type") is None and all(name in config for name in FIRST_BERT_FIELDS):
        _write(folder / "config.json", config | {"model_type": "bert"})
    if (folder / "model.safetensors").is_file():
        tensors = _tensors(folder)
        plain = {WRAPPERS.sub("", name) if WRAPPERS.match(name) else name: tensor for name, tensor in tensors.items()}
        if plain.keys() != tensors.keys():
            _save(folder, plain)
    model, info = AutoModelForSequenceClassification.from_pretrained(
        folder, dtype=torch.float32, output_loading_info=True, local_files_only=True
    )
    if info["missing_keys"] or info["mismatched_keys"]:
        raise ValueError(f"random weights for {sorted(info['missing_keys'])[:3]}")
    batch = AutoTokenizer.from_pretrained(folder, local_files_only=True)(
        list(EXAMPLES), padding=True, truncation=True, max_length=24, return_tensors="pt"
    )
    with torch.no_grad():
        outputs = model.eval()(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], return_dict=True)
    return batch["input_ids"], outputs.logits


def quiet() -> None:
    """Leave transformers' own reports out: a mutated folder makes it report much."""
    transformers_logging.set_verbosity(logging.CRITICAL)
    transformers_logging.disable_progress_bar()
    warnings.simplefilter("ignore")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--n", type=int, default=600)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    quiet()
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    examples: dict[str, Outcome] = {}
    faults = []
    with tempfile.TemporaryDirectory() as home:
        good = good_folder(Path(home) / "good")
        for i in range(options.n):
            folder = Path(home) / "changed"
            outcome = outcome_of(good, folder, random.Random(f"{options.seed} {i}"))
            shutil.rmtree(folder)
            counts[outcome.kind]["wrong" if outcome.wrong else "refused" if outcome.line else "equal"] += 1
            if outcome.wrong:
                faults.append(outcome)
            elif outcome.line:
                line = outcome.line.replace(str(folder), "FOLDER")
                examples.setdefault(outcome.kind, replace(outcome, line=line))
    print("| change | tried | transformers' logits | one line | neither |\n|---|---|---|---|---|")
    for kind, of in sorted(counts.items()):
        print(f"| {kind.replace('_', ' ')} | {of.total()} | {of['equal']} | {of['refused']} | {of['wrong']} |")
    total = sum((of for of in counts.values()), Counter[str]())
    print(f"| all | {total.total()} | {total['equal']} | {total['refused']} | {total['wrong']} |\n")
    for kind, example in sorted(examples.items()):
        print(f"- {kind.replace('_', ' ')} ({example.change}): {example.line}")
    for fault in faults:
        print(f"NEITHER: {fault.kind} ({fault.change}): {fault.wrong} {fault.line}")


if __name__ == "__main__":
    main()
