"""The field's own training loops, each behind one function that runs it until its loader has no more batches.

Each takes its recipe from the example that its makers (for transformers' Trainer: the copied one) show for
classifiers. Libraries are imported where they are used: each needs only its own, see requirements.txt beside this file.
"""

from __future__ import annotations

import sys
import tempfile
import types
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import BertForSequenceClassification, get_linear_schedule_with_warmup

Inputs = dict[str, Tensor]


class Loader:
    """What a peer takes for its data loader: batches that it asks for one by one, and how many it may expect."""

    def __init__(self, batches: Iterator[Inputs], steps: int):
        self.batches, self.steps = batches, steps

    def __iter__(self) -> Iterator[Inputs]:
        return self.batches

    def __len__(self) -> int:
        return self.steps


Loop = Callable[[BertForSequenceClassification, BertForSequenceClassification, Loader, float], None]


def textbrewer(
    teacher: BertForSequenceClassification,
    student: BertForSequenceClassification,
    loader: Loader,
    rate: float,
    matches: bool = False,
) -> None:
    """TextBrewer 0.2.1's GeneralDistiller: KL at temperature 8, no true labels, AdamW, a tenth of the steps warm up.

    With `matches` also the README's recipe for a student of three layers: MSE and NST of evenly mapped hidden states.
    https://github.com/airaria/TextBrewer, README and examples/random_tokens_example
    """
    from textbrewer import DistillationConfig, GeneralDistiller, TrainingConfig

    student_config, teacher_config = student.config, teacher.config
    pairs = [
        (i, i * teacher_config.num_hidden_layers // student_config.num_hidden_layers)
        for i in range(student_config.num_hidden_layers + 1)
    ]
    same_width = student_config.hidden_size == teacher_config.hidden_size
    projection = {} if same_width else {"proj": ["linear", student_config.hidden_size, teacher_config.hidden_size]}
    mse = [
        {"layer_S": s, "layer_T": t, "feature": "hidden", "loss": "hidden_mse", "weight": 1, **projection}
        for s, t in pairs
    ]
    nst = [{"layer_S": [s, s], "layer_T": [t, t], "feature": "hidden", "loss": "nst", "weight": 1} for s, t in pairs]
    student_config.output_hidden_states = teacher_config.output_hidden_states = matches

    def adaptor(batch: Inputs, outputs: tuple[Tensor, ...]) -> dict[str, object]:
        adapted: dict[str, object] = {"logits": outputs[1]}
        return adapted | {"hidden": outputs[2], "inputs_mask": batch["attention_mask"]} if matches else adapted

    with tempfile.TemporaryDirectory() as folder:
        distiller = GeneralDistiller(
            train_config=TrainingConfig(device="cpu", output_dir=folder),
            distill_config=DistillationConfig(
                temperature=8, hard_label_weight=0, intermediate_matches=mse + nst if matches else None
            ),
            model_T=teacher,
            model_S=student,
            adaptor_T=adaptor,
            adaptor_S=adaptor,
        )
        with distiller:
            distiller.train(
                torch.optim.AdamW(student.parameters(), lr=rate, weight_decay=0.0),
                loader,
                num_epochs=1,
                scheduler_class=get_linear_schedule_with_warmup,
                scheduler_args={"num_warmup_steps": len(loader) // 10, "num_training_steps": len(loader)},
            )


def textbrewer_matches(
    teacher: BertForSequenceClassification, student: BertForSequenceClassification, loader: Loader, rate: float
) -> None:
    """The same with hidden states."""
    textbrewer(teacher, student, loader, rate, matches=True)


def torchdistill(
    teacher: BertForSequenceClassification, student: BertForSequenceClassification, loader: Loader, rate: float
) -> None:
    """torchdistill 1.1.5's DistillationBox, configured as its example for SST-2 of GLUE: τ = 3, α = 0.9, clipping at 1.

    The loop around the box is that of its examples/hf_transformers, without the logger (which would cost a little).
    That script hands over no `targets`, which makes KDLoss leave out α and τ²; here it gets them, as documented.
    https://github.com/yoshitomo-matsubara/torchdistill, configs/sample/glue/sst2/kd
    """
    _spare_torchvision()
    from torchdistill.core.distillation import get_distillation_box
    from torchdistill.optim.registry import register_scheduler

    register_scheduler(get_linear_schedule_with_warmup)
    side = {"forward_proc": "forward_batch_only_as_kwargs", "forward_hook": {"output": ["classifier"]}}
    logits = {f"{who}_module_{what}": at for who in ("student", "teacher") for what, at in _AT.items()}
    config = {
        "num_epochs": 1,
        "teacher": {**side, "requires_grad": False},
        "student": side,
        "optimizer": {"key": "AdamW", "kwargs": {"lr": rate, "weight_decay": 0.0}, "max_grad_norm": 1.0},
        "scheduler": {
            "key": "get_linear_schedule_with_warmup",
            "kwargs": {"num_warmup_steps": 0, "num_training_steps": len(loader)},
            "scheduling_step": 1,
        },
        "criterion": {
            "key": "WeightedSumLoss",
            "kwargs": {
                "sub_terms": {
                    "kd": {
                        "criterion": {
                            "key": "KDLoss",
                            "kwargs": {**logits, "temperature": 3.0, "alpha": 0.9, "reduction": "batchmean"},
                        },
                        "weight": 1.0,
                    }
                }
            },
        },
    }
    box = get_distillation_box(teacher, student, {}, config, torch.device("cpu"), None, False, 1)
    box.train_data_loader = loader
    for epoch in range(box.num_epochs):
        box.pre_epoch_process(epoch=epoch)
        for batch in box.train_data_loader:
            box.post_forward_process(loss=box.forward_process(batch, targets=batch["labels"]))
        box.post_epoch_process()


_AT = {"path": "classifier", "io": "output"}


def _spare_torchvision() -> None:
    """Let torchdistill be imported without torchvision: of it, it needs only names of vision models."""
    if "torchdistill" in sys.modules:
        return
    names = {
        "torchvision": (),
        "torchvision.datasets": (),
        "torchvision.models": (),
        "torchvision.models.densenet": ("_DenseBlock", "_Transition"),
        "torchvision.models.resnet": ("BasicBlock", "conv1x1"),
    }
    for name, members in names.items():
        sys.modules[name] = types.ModuleType(name)
        for member in members:
            setattr(sys.modules[name], member, type(member, (nn.Module,), {}))
    import torchdistill.core.distillation  # noqa: F401

    for name in names:
        del sys.modules[name]


def trainer(
    teacher: BertForSequenceClassification, student: BertForSequenceClassification, loader: Loader, rate: float
) -> None:
    """transformers' Trainer with the widely copied `compute_loss`: α = 0.5, τ = 4; all else is the Trainer's default.

    https://www.philschmid.de/knowledge-distillation-bert-transformers
    """
    from transformers import Trainer, TrainingArguments

    class DistillationTrainer(Trainer):
        def get_train_dataloader(self) -> Loader:
            return loader

        def compute_loss(
            self, model: nn.Module, inputs: Inputs, return_outputs: bool = False, num_items_in_batch: object = None
        ) -> Any:
            outputs = model(**inputs)
            with torch.no_grad():
                teacher_outputs = teacher(**inputs)
            soft = F.kl_div(
                F.log_softmax(outputs.logits / 4, dim=-1),
                F.softmax(teacher_outputs.logits / 4, dim=-1),
                reduction="batchmean",
            )
            loss = 0.5 * outputs.loss + 0.5 * soft * 4**2
            return (loss, outputs) if return_outputs else loss

    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            folder,
            max_steps=len(loader),
            learning_rate=rate,
            use_cpu=True,
            report_to="none",
            save_strategy="no",
            seed=torch.initial_seed() % 2**32,  # its own would set torch's generator to 42, whatever the run's seed
        )
        DistillationTrainer(student, arguments).train()


def plain(
    teacher: BertForSequenceClassification | None,
    student: BertForSequenceClassification,
    loader: Loader,
    rate: float,
) -> None:
    """No peer and no teacher: true labels in a loop as one would write it, the least that a training step can be."""
    student.train()
    optimiser = torch.optim.AdamW(student.parameters(), lr=rate)
    schedule = get_linear_schedule_with_warmup(optimiser, len(loader) // 10, len(loader))
    for batch in loader:
        loss = F.cross_entropy(student(batch["input_ids"], batch["attention_mask"]).logits, batch["labels"])
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        optimiser.step()
        schedule.step()


LOOPS: dict[str, Loop] = {
    "TextBrewer": textbrewer,
    "TextBrewer+hidden": textbrewer_matches,
    "torchdistill": torchdistill,
    "Trainer": trainer,
    "plain": plain,
}
