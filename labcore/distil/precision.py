"""The precision of training and of its targets: bfloat16 if the processor multiplies it in hardware.

Evaluation is in fp32 everywhere: the student on the test split, and the teacher on all splits that evaluate.
Validations during a training are in the precision of the training.
"""

from __future__ import annotations

import torch


def hardware_bf16() -> bool:
    """Whether this processor multiplies bfloat16 in hardware; in software it is far slower than fp32."""
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()


def autocast(bf16: bool) -> torch.autocast:
    """A context in which matrix products are computed in bfloat16, or else in fp32."""
    return torch.autocast("cpu", torch.bfloat16, enabled=bf16)
