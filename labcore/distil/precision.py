"""The precision of training and of reading for it: bfloat16 where the processor multiplies it in hardware.

The verdict is in fp32 everywhere: the student on the test split, and the teacher on all that judges. Validations within a
lesson are in the lesson's own precision.
"""

from __future__ import annotations

import torch


def hardware_bf16() -> bool:
    """Whether this processor multiplies bfloat16 in hardware; in software it is far slower than fp32."""
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()


def autocast(bf16: bool) -> torch.autocast:
    """A context in which matrix products are taken in bfloat16, or else in fp32."""
    return torch.autocast("cpu", torch.bfloat16, enabled=bf16)
