"""Fine-tune a built-in teacher: LoRA on MiniLM's encoder matrices, and the pooler and classifier in full.

`python -m labcore finetune reviews` takes about four minutes on two processor cores, `news` about a quarter of an hour.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import torch
from peft import PeftModel

from labcore.data.batches import Encoded, encode
from labcore.data.examples import Examples
from labcore.data.spurious_cue import conditions, cued
from labcore.data.tasks import recipes
from labcore.evaluate.metrics import predict
from labcore.finetune.recipe import Recipe
from labcore.finetune.teacher_card import card
from labcore.finetune.train_stage import Event, bare, figures_of, train_stage, with_adapter
from labcore.system import processor
from labcore.system.files import folder_beside, replace
from labcore.teacher.load import load_base, load_tokenizer, merge_adapter


def finetune(teacher: str, out: Path, *, seed: int = 0) -> Iterator[Event]:
    """Train the adapter of a built-in teacher on its task, and write it to the folder `out`, completely or not at all.

    It replaces an adapter that is there. The same seed writes the same weights on the same machine.
    Events: those of `labcore.finetune.train_stage.train_stage`. At last {"event": "finished", "seconds"}, and accuracy,
    standard error and loss by group of `teacher_examples`, of the model as read back from its half-precision file.
    Raises FileExistsError if `out` exists and holds no adapter.
    """
    if out.exists() and not (out / "adapter_config.json").is_file():
        raise FileExistsError(f"{out} exists and holds no adapter; name another folder, or remove it")
    started = time.perf_counter()
    task, recipe = recipes()[teacher]
    labels, tokenizer = len(task.label_names), load_tokenizer()
    strong, evaluated = teacher_examples(teacher)
    encoded = {group: encode(tokenizer, examples, task.max_tokens) for group, examples in evaluated.items()}
    torch.manual_seed(seed)
    model = with_adapter(labels).to(processor.device())
    if recipe.passages is not None and task.passages is not None:
        held_out = frozenset(task.splits["validation"].text + task.splits["test"].text)
        weak = task.passages(recipe.passages_per_review, seed, held_out)
        both = Examples(weak.text + strong.text, weak.labels + strong.labels)
        passages = encode(tokenizer, both, recipe.passages.max_tokens)
        yield from train_stage(model, recipe.passages, passages, encoded["validation"], seed)
    train = encode(tokenizer, strong, recipe.own.max_tokens)
    yield from _train_and_average(model, recipe, train, encoded["validation"], seed)

    out.parent.mkdir(parents=True, exist_ok=True)
    with folder_beside(out, f".{out.name}-") as temporary:
        folder = temporary / "adapter"
        model.to(processor.HOST).half()
        model.save_pretrained(str(folder), save_embedding_layers=False)  # else PEFT asks the hub about them
        read_back = merge_adapter(load_base(labels), folder)
        figures = {group: figures_of(predict(read_back, each), each.labels) for group, each in encoded.items()}
        sizes = {"train": len(strong)} | {group: len(examples) for group, examples in encoded.items()}
        (folder / "README.md").write_text(card(teacher, figures, sizes, seed), "utf-8")
        if out.exists():
            replace(out, temporary / "replaced")
        replace(folder, out)
    yield {"event": "finished", **figures, "seconds": time.perf_counter() - started}


def teacher_examples(teacher: str) -> tuple[Examples, dict[str, Examples]]:
    """The training examples of a built-in teacher, and the groups for its evaluation: validation and test split.

    A cued teacher is trained and validated on examples in which the cue predicts the label. Its test split comes under
    three conditions: see `spurious_cue.conditions`.
    """
    task, recipe = recipes()[teacher]
    cue, splits, clean = recipe.cue, task.splits, task.clean
    if cue is None or clean is None:
        return splits["train"], {"validation": splits["validation"], "test": splits["test"]}
    train, validation = (cued(clean[split], positive=cue, negative=1 - cue) for split in ("train", "validation"))
    return train, {"validation": validation, **conditions(clean["test"])}


def _train_and_average(
    model: PeftModel, recipe: Recipe, train: Encoded, validation: Encoded, seed: int
) -> Iterator[Event]:
    """The recipe's own stage, several times from the same start in different orders; `model` takes the mean weights.

    Wortsman et al., 2022, Model soups: https://arxiv.org/abs/2203.05482
    """
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    start = {name: p.detach().clone() for name, p in trained.items()}
    mean = {name: torch.zeros_like(p) for name, p in trained.items()}
    for order in range(recipe.orders):
        with torch.no_grad():
            for name, parameter in trained.items():
                parameter.copy_(start[name])
        yield from train_stage(model, recipe.own, train, validation, seed + order)
        with torch.no_grad():
            for name, parameter in trained.items():
                mean[name] += parameter / recipe.orders
    with torch.no_grad():
        for name, parameter in trained.items():
            parameter.copy_(mean[name])
    figures = figures_of(predict(bare(model), validation), validation.labels)
    yield {"event": "validation", "stage": "mean", "epoch": 0, **figures}
