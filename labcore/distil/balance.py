"""Loss weights that give each term the wanted share of the gradient.

A student moves along the gradient, and the gradients of loss terms differ in norm by orders of magnitude. A term's
share of the gradient is its weight times its gradient's norm, of the sum over terms. So weights follow from one
measurement of the norms. Chen et al., 2018 (GradNorm), https://arxiv.org/abs/1711.02257, repeat this during training;
here it is done once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from statistics import fmean

from labcore.config.checks import SpecError
from labcore.data.batches import Batch
from labcore.distil.objective import Objective
from labcore.distil.optimiser import gradient_norm, sparse_embeddings

NEGLIGIBLE = 1e-6  # of the largest norm: a smaller one is rounding


def balanced(weights: Mapping[str, float], norms: Mapping[str, float], wanted: Mapping[str, float]) -> dict[str, float]:
    """Weights in proportion to wanted / norm, with the sum of `weights`; all by a term's name.

    `wanted` are shares of the gradient, of any sum. Raises SpecError if all are 0, or if a term is wanted that has no
    gradient.
    """
    smallest = NEGLIGIBLE * max(norms.values(), default=0.0)
    for term, share in wanted.items():
        if share > 0 and norms[term] <= smallest:
            raise SpecError(
                f"the {term} loss has no gradient for this student, so no weight gives it a share; set its share to 0"
            )
    unscaled = {term: share / norms[term] if share > 0 else 0.0 for term, share in wanted.items()}
    total = sum(unscaled.values())
    if total <= 0:
        raise SpecError("all shares are 0, so there is nothing to balance; raise one of them")
    return {term: weight * sum(weights.values()) / total for term, weight in unscaled.items()}


def gradient_norms(objective: Objective, batches: Iterable[Batch]) -> dict[str, float]:
    """The norm of each weighted term's gradient with respect to the student as it is: by name, a mean over the batches.

    Dropout is off, so the result is the same each time. The model is left in evaluation mode, with its weights
    unchanged. A term that no batch has a value of, such as hard without labels, has norm 0.
    """
    config, model = objective.config, objective.model.eval()
    temperature = config.values_at(0.0)["temperature"]
    norms: dict[str, list[float]] = {term.name: [] for term in config.terms}
    with sparse_embeddings(model, config.embeddings):
        parameters = [p for p in model.parameters() if p.requires_grad]
        for batch in batches:
            losses = objective.losses(batch, temperature)
            for name in (name for name in norms if name in losses):
                norms[name].append(gradient_norm(losses[name], parameters))
    return {name: fmean(measured) if measured else 0.0 for name, measured in norms.items()}
