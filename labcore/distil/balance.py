"""Weights of the loss that give each part the share of the pull that a person asks for.

What moves a student is the gradient, and parts of the loss differ in its length by orders of magnitude. A part pulls by its
weight times the length of its gradient, so weights that share the pull as wanted follow from one measurement.
Chen et al., 2018 (GradNorm), https://arxiv.org/abs/1711.02257, go on doing so as training goes on; here it is done once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from statistics import fmean

from labcore.config.steps import SpecError
from labcore.data.batches import Batch
from labcore.distil.objective import Objective
from labcore.distil.optimiser import gradient_norm, sparse_pieces

NOTHING = 1e-6  # of the longest gradient: a shorter one is rounding


def balanced(weights: Mapping[str, float], norms: Mapping[str, float], wanted: Mapping[str, float]) -> dict[str, float]:
    """Weights in proportion to wanted / norm, with the sum that `weights` have.

    `wanted` are shares of the pull, of any sum. Raises SpecError where nothing is wanted, or where a part is wanted
    that pulls at nothing.
    """
    least = NOTHING * max(norms.values(), default=0.0)
    for part, share in wanted.items():
        if share > 0 and norms[part] <= least:
            raise SpecError(
                f"the part '{part}' does not pull at this student at all, so no weight gives it a share; ask for 0"
            )
    pulls = {part: share / norms[part] if share > 0 else 0.0 for part, share in wanted.items()}
    total = sum(pulls.values())
    if total <= 0:
        raise SpecError("all shares are 0, so there is nothing to balance; raise one of them")
    return {part: pull * sum(weights.values()) / total for part, pull in pulls.items()}


def gradient_norms(objective: Objective, batches: Iterable[Batch]) -> dict[str, float]:
    """The length of each part's gradient with respect to the student as it stands, a mean over the batches.

    Without dropout, so the same each time. The model is left in evaluation mode, its weights as they are.
    A part that no batch has (no sentence of it is labelled, say) has length 0.
    """
    config, model = objective.config, objective.model.eval()
    temperature = config.at(0.0)["temperature"]
    found: dict[str, list[float]] = {part: [] for part in config.parts}
    with sparse_pieces(model, config.embeddings):
        parameters = [p for p in model.parameters() if p.requires_grad]
        for batch in batches:
            for part, loss in objective.parts(batch, temperature).items():
                if part in found:
                    found[part].append(gradient_norm(loss, parameters))
    return {part: fmean(norms) if norms else 0.0 for part, norms in found.items()}
