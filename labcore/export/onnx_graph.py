"""A classifier as an ONNX file in fp32, by torch's exporter from the lab's own forward pass."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from labcore.models import encoder
from labcore.models.classifier import Classifier

OPSET = 21  # the first with 4-bit numbers
INPUTS, TYPES, OUTPUT = ("input_ids", "attention_mask"), "token_type_ids", "logits"
_EXAMPLE = (2, 9)  # batch × length; a size of 0 or 1 would be fixed in the file
_LOUD = ("torch.onnx", "onnxscript", "onnx_ir")


class _Forward(nn.Module):
    """The lab's forward pass, with the inputs that the file has."""

    def __init__(self, model: Classifier):
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None) -> Tensor:
        """Logits (B, C) of ids (B, T); mask: (B, T), 1 at real tokens; types: (B, T), None for all 0."""
        output = encoder.forward(self.model, input_ids, attention_mask.bool(), token_type_ids, any_length=True)
        return output.logits


def write_onnx(model: Classifier, path: Path, types: bool = False) -> None:
    """Write the model to one ONNX file, with any batch and length.

    Only [CLS] is computed in the last layer, as in the lab. types: whether `token_type_ids` is an input; without, all
    types are 0. The file names no folder of this machine.
    """
    import onnx

    names = (*INPUTS, TYPES) if types else INPUTS
    free = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    with _quiet(), torch.no_grad():
        torch.onnx.export(
            _Forward(model).eval(),
            (),
            path,
            kwargs={name: torch.ones(_EXAMPLE, dtype=torch.long) for name in names},
            input_names=names,
            output_names=[OUTPUT],
            dynamic_shapes=dict.fromkeys(names, free),
            opset_version=OPSET,
            external_data=False,
            dynamo=True,
            verbose=False,
        )
    written = onnx.load(path)
    _strip(written)
    onnx.save(written, path)


def _strip(written: Any) -> None:
    """Name the free sizes, and drop the exporter's notes: they hold the stack, with this machine's paths."""
    graph = written.graph
    for value in (*graph.input, *graph.output):
        for size, name in zip(value.type.tensor_type.shape.dim, ("batch", "length"), strict=False):
            if size.dim_param or name == "batch":
                size.dim_param = name
    del graph.value_info[:]
    for part in (written, graph, *graph.node, *graph.initializer, *graph.input, *graph.output):
        del part.metadata_props[:]
        part.doc_string = ""


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the exporter's warnings on what it does not need, such as torchvision."""
    levels = {name: logging.getLogger(name).level for name in _LOUD}
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
