"""Pictures of the weights: the map of matrices, the histogram and the spectrum show what a step left."""

from __future__ import annotations

import pytest

from labcore.compress.derive import derive
from labcore.compress.student import Student
from labcore.config.spec import Spec
from labcore.config.steps import Factorise, KeepLayers, Manual, Prune, PruneHeads, PruneNeurons
from labcore.count.weights import matrices
from labcore.models.family import BERT
from labcore.runs.cache import cached_student, histogram_of_step, matrices_of_design, spectrum_of_step
from labcore.views.design.weight_pictures import (
    kept_share,
    matrix_map,
    roles_in,
    singular_values,
    weights_histogram,
)
from tests.shared.tiny_families import tiny_family


def test_the_map_of_matrices_shows_zeros_and_energy() -> None:
    spec = Spec(steps=(KeepLayers(layers=(1, 4)), Factorise(64), Prune(0.5)))
    matrices = matrices_of_design(spec)
    assert [(m.layer, m.role) for m in matrices] == [(layer, role) for layer in (0, 1) for role in BERT.layer.roles]
    square, wide = 64 * (384 + 384), 64 * (384 + 1536)
    assert [m.elements for m in matrices[:6]] == [square] * 4 + [wide] * 2
    assert all(m.zeros == m.elements // 2 for m in matrices)
    figure = matrix_map(matrices, "kept", matrices_of_design(Spec()))
    assert figure.data[0].z[1][0] == pytest.approx(square / 2 / 384**2)
    energy = matrix_map(matrices, "energy", matrices_of_design(Spec())).data[0].z
    assert all(0 < share < 1 for row in energy for share in row)
    tiny = Spec(teacher="bert-tiny", steps=(Prune(0.5, "global"),))
    unknown = matrix_map(matrices_of_design(tiny), "kept", matrices_of_design(Spec(teacher="bert-tiny")))
    assert all(share is None for row in unknown.data[0].z for share in row)


def test_a_fused_matrix_is_one_column() -> None:
    """A family whose queries, keys and values share a matrix has four of them in a layer."""
    teacher, student = tiny_family("modernbert"), derive(tiny_family("modernbert"), [PruneHeads(2), PruneNeurons(16)])
    of_teacher, of_student = matrices(Student(teacher)), matrices(student)
    assert roles_in(of_student) == ["qkv", "output", "up", "down"]
    figure = matrix_map(of_student, "kept", of_teacher)
    assert figure.data[0].x[0].replace("<br>", " ") == "query, key, value"
    assert figure.data[0].z[2] == pytest.approx([0.5] * 4)
    assert of_student[0].shape == (3 * 8, 16)


def test_what_was_removed_is_missing_from_the_map() -> None:
    matrices = matrices_of_design(Spec(steps=(PruneHeads(3), PruneNeurons(384))))
    kept = matrix_map(matrices, "kept", matrices_of_design(Spec())).data[0].z
    assert kept[2] == pytest.approx([0.25] * 6)
    energy = matrix_map(matrices, "energy", matrices_of_design(Spec())).data[0].z
    assert all(0.1 < share < 0.9 for share in energy[2])
    made_new = matrices_of_design(Spec(steps=(Manual(),)))
    assert {m.energy for m in made_new} == {None}
    assert kept_share(made_new[0], 384**2) == 0.25


def test_a_random_student_is_looked_at_as_one() -> None:
    """What a step did to a random start is drawn of one and the same start."""
    histogram = histogram_of_step(Spec(steps=(Manual(), Prune(0.5))), 1, 0, "query")
    assert histogram.threshold is not None
    inner = [
        n for edge, n in zip(histogram.edges[1:], histogram.kept, strict=True) if abs(edge) < histogram.threshold / 2
    ]
    assert sum(inner) == 0


@pytest.mark.parametrize("step", [Prune(0.7), Prune(0.7, "global"), Prune(0.5, pattern="2:4")], ids=str)
def test_the_histogram_has_every_weight_once_and_the_true_threshold(step: Prune) -> None:
    spec = Spec(steps=(step,))
    histogram = histogram_of_step(spec, 0, 2, "value")
    after = cached_student(spec)
    name = "bert.encoder.layer.2.attention.self.value.weight"
    assert (sum(histogram.kept), sum(histogram.zeroed)) == (384**2 - after.zeros[name], after.zeros[name])
    if step.pattern == "2:4":
        assert histogram.threshold is None
    else:
        assert histogram.threshold is not None
        left = after.model.get_parameter(name).detach().abs()
        assert histogram.threshold <= float(left[after.masks[name]].min())
    assert {trace.name for trace in weights_histogram(histogram).data} == {"kept", "set to zero"}


def test_the_spectrum_says_what_a_rank_keeps() -> None:
    spec = Spec(steps=(Factorise(64),))
    spectrum = spectrum_of_step(spec, 0, 3, "up")
    assert len(spectrum.singular) == 384
    assert (spectrum.rank, spectrum.break_even) == (64, 307)
    kept = cached_student(spec).energy["bert.encoder.layer.3.intermediate.dense"]
    assert spectrum.energy(64) == pytest.approx(kept, abs=1e-5)
    curve = next(trace for trace in singular_values(spectrum).data if trace.type == "scatter")
    assert curve.y[63] == pytest.approx(kept, abs=1e-5)
    assert curve.y[-1] == pytest.approx(1)
