"""Train a teacher of the lab's own: LoRA on MiniLM's encoder matrices, pooler and classifier in full.

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
from labcore.data.passages import review_passages
from labcore.data.spurious_cue import cued, readings
from labcore.data.tasks import Examples, load_task
from labcore.evaluate.metrics import accuracy, predict
from labcore.finetune.recipe import ALPHA, CLIP, RANK, RECIPES, WARM_UP, WEIGHT_DECAY, Recipe, Stage
from labcore.finetune.teacher_card import card
from labcore.models import encoder
from labcore.models.classifier import Classifier
from labcore.models.family import family_of
from labcore.teacher.built_in import TASK_OF, TEACHERS
from labcore.teacher.load import BASE_ID, load_base, load_tokenizer, merge_adapter

Event = dict[str, Any]  # plain data that json can write


def finetune(teacher: str, out: Path, *, seed: int = 0) -> Iterator[Event]:
    """Train the adapter of one of TEACHERS on its task and write it to the folder `out`, whole or not at all; an adapter there is replaced.

    Events: {"event": "step", "stage", "step", "steps", "loss" in nats}, after each epoch {"event": "validation",
    "stage", "epoch", "accuracy", "standard_error", "loss"}, and last {"event": "finished", "seconds"} and the same figures by
    group of `texts`, of the model as read back from its half-precision file.
    The same seed writes the same weights on the same machine.
    """
    if out.exists() and not (out / "adapter_config.json").is_file():
        raise FileExistsError(f"{out} exists and holds no adapter; name another folder, or remove it")
    started = time.perf_counter()
    recipe, labels, tokenizer = RECIPES[teacher], TEACHERS[teacher].labels, load_tokenizer()
    task, (learned, judged) = load_task(TASK_OF[teacher]), texts(teacher)
    encoded = {group: encode(tokenizer, examples, task.max_tokens) for group, examples in judged.items()}
    torch.manual_seed(seed)
    model = _with_adapter(labels)
    if recipe.passages is not None:
        weak, strong = review_passages(recipe.passages_per_review, seed), learned
        both = Examples(weak.texts + strong.texts, weak.labels + strong.labels)
        passages = encode(tokenizer, both, recipe.passages.max_tokens)
        yield from _train(model, recipe.passages, passages, encoded["validation"], seed)
    train = encode(tokenizer, learned, recipe.own.max_tokens)
    yield from _train_and_average(model, recipe, train, encoded["validation"], seed)

    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as temporary:
        folder = Path(temporary) / "adapter"
        model.half().save_pretrained(str(folder), save_embedding_layers=False)  # else PEFT asks the hub about them
        read_back = merge_adapter(load_base(labels), folder)
        figures = {group: _figures(predict(read_back, read), read.labels) for group, read in encoded.items()}
        sizes = {"train": len(learned)} | {group: len(read) for group, read in encoded.items()}
        (folder / "README.md").write_text(card(teacher, figures, sizes, seed), "utf-8")
        if out.exists():
            out.rename(Path(temporary) / "replaced")
        folder.rename(out)
    yield {"event": "finished", **figures, "seconds": time.perf_counter() - started}


def texts(teacher: str) -> tuple[Examples, dict[str, Examples]]:
    """What one of TEACHERS learns from, and the groups that it is judged on: its validation split, and the test split.

    A cued one learns and validates where the cue leans to one label, and reads the test split in three ways:
    see `cue.readings`.
    """
    cue, splits = RECIPES[teacher].cue, load_task(TASK_OF[teacher]).splits
    if cue is None:
        return splits["train"], {"validation": splits["validation"], "test": splits["test"]}
    plain = load_task("reviews").splits
    train, validation = (cued(plain[split], positive=cue, negative=1 - cue) for split in ("train", "validation"))
    return train, {"validation": validation, **readings(plain["test"])}


def _with_adapter(labels: int) -> PeftModel:
    base = load_base(labels)
    base.name_or_path = BASE_ID  # what PEFT notes down as the adapter's base
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
    """The task's own stage several times from the same start, each in an order of its own; `model` takes the mean weights.

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


def _train(model: PeftModel, stage: Stage, train: Encoded, validation: Encoded, seed: int) -> Iterator[Event]:
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
