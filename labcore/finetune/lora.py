"""Fine-tune a built-in teacher: LoRA on MiniLM's encoder matrices, and the pooler and classifier in full.

`python -m labcore finetune reviews` takes about four minutes on two processor cores, `news` about a quarter of an hour.
"""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import torch
from peft import LoraConfig, PeftModel, TaskType, get_peft_model
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from labcore.data.batches import Encoded, batches_in_epoch, encode, training_batches
from labcore.data.examples import Examples
from labcore.data.spurious_cue import conditions, cued
from labcore.data.tasks import recipes
from labcore.evaluate.metrics import accuracy, predict
from labcore.finetune.recipe import ALPHA, CLIP, RANK, WARM_UP, WEIGHT_DECAY, Recipe, TrainingStage
from labcore.finetune.teacher_card import card
from labcore.models import encoder
from labcore.models.classifier import Classifier
from labcore.models.family import family_of
from labcore.teacher.load import BASE_ID, load_base, load_tokenizer, merge_adapter

Event = dict[str, Any]  # plain data that json can write


def finetune(teacher: str, out: Path, *, seed: int = 0) -> Iterator[Event]:
    """Train the adapter of a built-in teacher on its task, and write it to the folder `out`, completely or not at all.

    It replaces an adapter that is there. The same seed writes the same weights on the same machine.
    Events: {"event": "step", "stage", "step", "steps", "loss" in nats}. After each epoch {"event": "validation",
    "stage", "epoch", "accuracy", "standard_error", "loss"}. At last {"event": "finished", "seconds"}, and these figures
    by group of `teacher_examples`, of the model as read back from its half-precision file.
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
    model = _with_adapter(labels)
    if recipe.passages is not None and task.passages is not None:
        held_out = frozenset(task.splits["validation"].text + task.splits["test"].text)
        weak = task.passages(recipe.passages_per_review, seed, held_out)
        both = Examples(weak.text + strong.text, weak.labels + strong.labels)
        passages = encode(tokenizer, both, recipe.passages.max_tokens)
        yield from _train(model, recipe.passages, passages, encoded["validation"], seed)
    train = encode(tokenizer, strong, recipe.own.max_tokens)
    yield from _train_and_average(model, recipe, train, encoded["validation"], seed)

    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as temporary:
        folder = Path(temporary) / "adapter"
        model.half().save_pretrained(str(folder), save_embedding_layers=False)  # else PEFT asks the hub about them
        read_back = merge_adapter(load_base(labels), folder)
        figures = {group: _figures(predict(read_back, each), each.labels) for group, each in encoded.items()}
        sizes = {"train": len(strong)} | {group: len(examples) for group, examples in encoded.items()}
        (folder / "README.md").write_text(card(teacher, figures, sizes, seed), "utf-8")
        if out.exists():
            out.rename(Path(temporary) / "replaced")
        folder.rename(out)
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


def _with_adapter(labels: int) -> PeftModel:
    base = load_base(labels)
    base.name_or_path = BASE_ID  # PEFT stores it as the adapter's base
    pooler, dense = family_of(base.config).trained_in_full()
    config = LoraConfig(
        task_type=TaskType.SEQ_CLS,  # which trains the classifier in full, too
        r=RANK,
        lora_alpha=ALPHA,
        target_modules="all-linear",
        exclude_modules=[dense],
        modules_to_save=[pooler],
    )
    adapted = get_peft_model(base, config)
    assert isinstance(adapted, PeftModel)
    return adapted


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
        yield from _train(model, recipe.own, train, validation, seed + order)
        with torch.no_grad():
            for name, parameter in trained.items():
                mean[name] += parameter / recipe.orders
    with torch.no_grad():
        for name, parameter in trained.items():
            parameter.copy_(mean[name])
    bare = cast(Classifier, model.get_base_model())
    yield {"event": "validation", "stage": "mean", "epoch": 0, **_figures(predict(bare, validation), validation.labels)}


def _train(model: PeftModel, stage: TrainingStage, train: Encoded, validation: Encoded, seed: int) -> Iterator[Event]:
    order = torch.Generator().manual_seed(seed)
    bare = cast(Classifier, model.get_base_model())
    trained = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=stage.rate, weight_decay=WEIGHT_DECAY)
    steps, step = stage.epochs * batches_in_epoch(train, stage.batch), 0
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda done: min((done + 1) / (WARM_UP * steps), 1.0) * (1 - done / steps)
    )
    for epoch in range(1, stage.epochs + 1):
        for batch in training_batches(train, stage.batch, order):
            model.train()
            logits = encoder.forward(bare, batch.ids, batch.mask).logits  # (B, C)
            loss = cross_entropy(logits, batch.labels, label_smoothing=stage.smoothing)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(trained, CLIP)
            optimiser.step()
            schedule.step()
            step += 1
            yield {"event": "step", "stage": stage.name, "step": step, "steps": steps, "loss": loss.item()}
        figures = _figures(predict(bare, validation), validation.labels)
        yield {"event": "validation", "stage": stage.name, "epoch": epoch, **figures}


def _figures(logits: Tensor, labels: Tensor) -> dict[str, float]:
    """Accuracy, its binomial standard error, and the mean cross-entropy in nats."""
    share = accuracy(logits, labels)
    return {
        "accuracy": share,
        "standard_error": math.sqrt(share * (1 - share) / len(labels)),
        "loss": float(cross_entropy(logits, labels)),
    }
