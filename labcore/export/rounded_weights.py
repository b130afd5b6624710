"""A smaller ONNX file of one in fp32: onnxruntime rounds its matrices to 8 or to 4 bits."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BLOCK = 32  # weights of a row that share a scale, at 4 bits


def write_int8(source: Path, target: Path) -> None:
    """Matrices to 8 bits with a scale for each output, activations to 8 bits as they come; word table to 8 bits."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with _quiet():
        quantize_dynamic(source, target, per_channel=True, weight_type=QuantType.QInt8)


def write_4bit(source: Path, target: Path) -> None:
    """Matrices and word table to 4 bits, with a scale for each `BLOCK` weights of a row and no offset."""
    import onnx
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

    with _quiet():
        quantiser = MatMulNBitsQuantizer(
            onnx.load(source), block_size=BLOCK, is_symmetric=True, op_types_to_quantize=("MatMul", "Gather")
        )
        quantiser.process()
        quantiser.model.save_model_to_file(str(target), use_external_data_format=False)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without onnxruntime's advice to prepare the file first, which the exporter has done."""
    import numpy as np

    disabled = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with np.errstate(all="ignore"):  # a block of zeros has a scale of 0
            yield
    finally:
        logging.disable(disabled)
