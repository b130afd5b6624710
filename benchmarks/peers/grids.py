"""The lab's rounded weights and their gradient beside torchao's quantisation-aware training, on the same matrices.

    python -m benchmarks.peers.grids

Run it in the peers' environment, see requirements.txt beside this file. Both round on the lab's scales. The
rounded weights must be equal but for ties. So must the gradient of the weights before rounding, wherever a weight lies
within the grid. Beyond it torchao's gradient is 0, and the lab's goes through. It ends with an error if one does not
hold.
"""

from __future__ import annotations

import sys

import torch
from torch import nn
from torchao.quantization.quant_primitives import _fake_quantize_affine

from labcore.compress.grid import Grid
from labcore.compress.rounding import Rounded, round_moved

ROWS, COLUMNS = 96, 384


def main() -> int:
    """Print a row for each grid; returns 1 if two numbers differ that must be equal."""
    print("| bits | group | rounded weights that differ | gradients that differ | beyond the grid |")
    print("|---:|---:|---:|---:|---:|")
    differing = 0
    for bits in (8, 4, 3, 2):
        for group in (32, 64, 128, None):
            weights, gradients, beyond = compare(Grid(bits, group))
            differing += weights + gradients
            print(f"| {bits} | {group or 'row'} | {weights} | {gradients} | {beyond:.1%} |")
    return int(differing > 0)


def compare(grid: Grid) -> tuple[int, int, float]:
    """How many rounded weights differ, how many gradients within the grid, and the fraction of weights beyond it."""
    torch.manual_seed(0)
    latent, data, wanted = torch.randn(ROWS, COLUMNS), torch.randn(64, COLUMNS), torch.randn(64, ROWS)
    parameter = nn.Parameter(latent.clone())
    rounded = Rounded.of(parameter, grid)
    assert rounded.scales is not None

    other = latent.clone().requires_grad_()
    zero = torch.zeros_like(rounded.scales)
    block = (1, COLUMNS // rounded.scales.shape[1])
    fake = _fake_quantize_affine(other, block, rounded.scales, zero, torch.int8, -grid.most, grid.most)
    nn.functional.mse_loss(data @ fake.T, wanted).backward()
    nn.functional.mse_loss(data @ parameter.T, wanted).backward()
    assert other.grad is not None
    assert parameter.grad is not None
    size = rounded.scales.repeat_interleave(block[1], 1)
    ties = ((latent / size).abs() % 1 - 0.5).abs() < 1e-4
    differ = ~torch.isclose(fake, parameter, rtol=1e-6, atol=0) & ~ties

    before, gradient = latent.clone(), parameter.grad.clone()
    rounded.release(parameter)
    with torch.no_grad():
        parameter.sub_(gradient)  # an optimiser's step moves the weights before rounding
    round_moved([(parameter, rounded)])
    assert rounded.latent is not None
    moved = before - rounded.latent
    within = (latent / size).abs() < grid.most + 0.5
    apart = ~torch.isclose(moved, other.grad, rtol=1e-4, atol=1e-6) & within
    return int(differ.sum()), int(apart.sum()), float((~within).float().mean())


if __name__ == "__main__":
    sys.exit(main())
