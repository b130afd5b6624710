"""The precision of training and of its targets: bfloat16 if the device multiplies it in hardware.

Evaluation is in fp32 everywhere: the student on the test split, and the teacher on all splits that evaluate.
Validations during a training are in the precision of the training.
"""

from __future__ import annotations

import torch

from labcore.system import processor


def hardware_bf16() -> bool:
    """Whether the chosen device multiplies bfloat16 in hardware; in software it is far slower than fp32."""
    return processor.multiplies_bf16(processor.device())


def autocast(bf16: bool) -> torch.autocast:
    """A context in which the chosen device computes matrix products in bfloat16, or else in fp32."""
    return torch.autocast(processor.device().type, torch.bfloat16, enabled=bf16)
