"""Each loss term by hand, and the same maths another way."""

from __future__ import annotations

import math
from decimal import Decimal, getcontext

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from labcore.config.training import MAX_TEMPERATURE, MIN_TEMPERATURE
from labcore.distil.losses import (
    UNLABELLED,
    cosine_loss,
    divergence_terms,
    hard_loss,
    hidden_loss,
    logit_loss,
    relation_heads,
    relation_loss,
    soft_loss,
)
from labcore.evaluate.against_teacher import divergence


def test_soft_loss_by_hand() -> None:
    # Teacher (2, 0) and student (0, 0) at τ = 2: softened to logits (1, 0) and (0, 0).
    p = math.e / (math.e + 1)
    expected = 4 * (p * math.log(p / 0.5) + (1 - p) * math.log((1 - p) / 0.5))
    loss = soft_loss(torch.tensor([[0.0, 0.0]]), torch.tensor([[2.0, 0.0]]), 2.0)
    assert float(loss) == pytest.approx(expected, rel=1e-6)
    twice = soft_loss(torch.zeros(2, 2), torch.tensor([[2.0, 0.0], [2.0, 0.0]]), 2.0)  # a mean over the batch
    assert float(twice) == pytest.approx(expected, rel=1e-6)


def test_soft_loss_is_nothing_where_both_agree() -> None:
    logits = torch.randn(5, 3)
    assert float(soft_loss(logits, logits + 7, 3.0)) == pytest.approx(0, abs=1e-5)


def test_soft_gradient_keeps_its_size_over_temperatures() -> None:
    torch.manual_seed(0)
    teacher, start = torch.randn(64, 2), torch.randn(64, 2) / 2

    def size(temperature: float, factor: float = 1.0) -> float:
        student = start.clone().requires_grad_()
        (soft_loss(student, teacher, temperature) * factor).backward()
        assert student.grad is not None
        return float(student.grad.norm())

    with_factor = [size(t) for t in (1.0, 2.0, 4.0, 8.0)]
    assert max(with_factor) / min(with_factor) < 1.35
    assert size(1.0) / size(8.0, factor=1 / 64) > 47  # what it would be without τ²


def test_soft_gradient_by_the_papers_formula() -> None:
    """∂/∂z of τ²·KL is τ·(softmax(z/τ) − softmax(t/τ)), over the batch size."""
    student = torch.tensor([[0.3, -0.2, 1.0], [0.0, 2.0, -1.0]], requires_grad=True)
    teacher = torch.tensor([[1.0, 0.5, -0.5], [0.2, 0.1, 0.0]])
    soft_loss(student, teacher, 3.0).backward()
    expected = 3.0 * ((student.detach() / 3).softmax(-1) - (teacher / 3).softmax(-1)) / 2
    torch.testing.assert_close(student.grad, expected)


def test_at_high_temperature_the_soft_loss_is_that_of_the_centred_logits() -> None:
    """Hinton et al., section 2.1: τ²·KL → ½ · Σ(z − t)² / C, for logits with mean 0."""
    torch.manual_seed(1)
    student, teacher = (x - x.mean(-1, keepdim=True) for x in torch.randn(2, 8, 5, dtype=torch.double))
    assert float(soft_loss(student, teacher, 1e4)) == pytest.approx(float(logit_loss(student, teacher)) / 2, rel=1e-3)


def test_hard_loss_by_hand() -> None:
    assert float(hard_loss(torch.zeros(3, 4), torch.tensor([0, 1, 2]))) == pytest.approx(math.log(4))


def test_hard_loss_leaves_out_what_has_no_label() -> None:
    logits = torch.tensor([[1.0, 0.0], [9.0, -9.0], [0.0, 2.0]])
    with_gap = hard_loss(logits, torch.tensor([0, UNLABELLED, 1]))
    torch.testing.assert_close(with_gap, hard_loss(logits[[0, 2]], torch.tensor([0, 1])))


def test_logit_loss_by_hand() -> None:
    assert float(logit_loss(torch.tensor([[1.0, 2.0]]), torch.tensor([[0.0, 4.0]]))) == pytest.approx((1 + 4) / 2)


def test_hidden_loss_by_hand() -> None:
    student = [torch.tensor([[1.0, 2.0]]), torch.tensor([[0.0, 0.0]])]
    teacher = [torch.tensor([[1.0, 0.0]]), torch.tensor([[3.0, 1.0]])]
    assert float(hidden_loss(student, teacher)) == pytest.approx(((0 + 4) / 2 + (9 + 1) / 2) / 2)


def test_cosine_loss_by_hand() -> None:
    student = [torch.tensor([[1.0, 0.0], [2.0, 0.0]])]
    teacher = [torch.tensor([[0.0, 3.0], [5.0, 5.0]])]
    assert float(cosine_loss(student, teacher)) == pytest.approx((1 + (1 - math.sqrt(0.5))) / 2, rel=1e-6)


def test_cosine_loss_is_blind_to_length() -> None:
    states = torch.randn(6, 8)
    assert float(cosine_loss([states * 3], [states])) == pytest.approx(0, abs=1e-6)


# -- self-attention relations --------------------------------------------------------------------------


def relations_by_loops(student: torch.Tensor, teacher: torch.Tensor, lengths: list[int], heads: int) -> float:
    """KL(teacher ‖ student) of one relation: sentence by sentence, head by head, row by row, without padding."""
    total, rows = 0.0, 0
    for b, length in enumerate(lengths):
        for h in range(heads):
            distributions = []
            for vectors in (teacher, student):
                size = vectors.shape[-1] // heads
                head = vectors[b, :length, h * size : (h + 1) * size]
                distributions.append([torch.softmax(head @ row / math.sqrt(size), 0).tolist() for row in head])
            for p, q in zip(*distributions, strict=True):
                total += sum(a * math.log(a / c) for a, c in zip(p, q, strict=True))
                rows += 1
    return total / rows


@given(st.lists(st.integers(1, 6), min_size=1, max_size=3), st.sampled_from([1, 2, 4]), st.integers(0, 99))
def test_relation_loss_is_the_sum_written_out(lengths: list[int], heads: int, seed: int) -> None:
    draw = torch.Generator().manual_seed(seed)
    longest = max(lengths)
    mask = torch.arange(longest) < torch.tensor(lengths)[:, None]
    student = [torch.randn(len(lengths), longest, 8, generator=draw, dtype=torch.double) for _ in range(3)]
    teacher = [torch.randn(len(lengths), longest, 12, generator=draw, dtype=torch.double) for _ in range(3)]
    expected = sum(relations_by_loops(a, b, lengths, heads) for a, b in zip(student, teacher, strict=True)) / 3
    assert float(relation_loss(student, teacher, mask, heads)) == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_relation_loss_sees_relations_only() -> None:
    """Vectors that are turned within a head, or whose padding is other, have the same relations."""
    torch.manual_seed(2)
    mask = torch.tensor([[True] * 5, [True] * 3 + [False] * 2])
    vectors = [torch.randn(2, 5, 8) for _ in range(3)]
    turn = torch.linalg.qr(torch.randn(8, 8)).Q
    other = [(v @ turn).masked_fill(~mask[..., None], 99.0) for v in vectors]
    assert float(relation_loss(vectors, other, mask, 1)) == pytest.approx(0, abs=1e-5)
    assert float(relation_loss(vectors, [v * 1.5 for v in vectors], mask, 1)) > 0.01


def test_relation_heads_divide_every_width() -> None:
    assert relation_heads(384, 192, most=12) == 12
    assert relation_heads(384, 160, most=12) == 8
    assert relation_heads(7, 12, most=12) == 1


def test_padding_gives_no_gradient() -> None:
    mask = torch.tensor([[True, True, False]])
    student = [torch.randn(1, 3, 4, requires_grad=True) for _ in range(3)]
    relation_loss(student, [torch.randn(1, 3, 4) for _ in range(3)], mask, 2).backward()
    for vectors in student:
        assert vectors.grad is not None
        assert torch.isfinite(vectors.grad).all()
        assert not vectors.grad[:, 2].any()
        assert vectors.grad[:, :2].any()


# -- precision -----------------------------------------------------------------------------------------

getcontext().prec = 60
APART = (0.0, 1e-3, 1e-2, 0.1, 1.0, 10.0, 100.0, 1e3)
TEMPERATURES = (MIN_TEMPERATURE, 0.05, 0.5, 1.0, 2.0, 10.0, 100.0, 1e3, 1e4, 1e5, MAX_TEMPERATURE)


def exact_soft_loss(student: list[float], teacher: list[float], temperature: float) -> tuple[Decimal, list[Decimal]]:
    """τ² · KL(teacher ‖ student) and its gradient with respect to the student's logits, to 60 digits."""
    tau = Decimal(temperature)
    softened = [[Decimal(x) / tau for x in logits] for logits in (student, teacher)]
    log_q, log_p = ([x - sum(y.exp() for y in logits).ln() for x in logits] for logits in softened)
    loss = sum(b.exp() * (b - a) for a, b in zip(log_q, log_p, strict=True))
    return tau * tau * loss, [tau * (a.exp() - b.exp()) for a, b in zip(log_q, log_p, strict=True)]


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_soft_loss_and_its_gradient_are_right_to_six_digits(temperature: float) -> None:
    draw = torch.Generator().manual_seed(0)
    for apart in APART:
        for classes in (2, 5):
            teacher = torch.randn(1, classes, generator=draw)
            student = (teacher + apart * torch.randn(1, classes, generator=draw)).requires_grad_()
            loss = soft_loss(student, teacher, temperature)
            loss.backward()
            assert student.grad is not None
            expected, gradient = exact_soft_loss(student[0].tolist(), teacher[0].tolist(), temperature)
            assert loss >= 0
            assert float(loss.detach()) == pytest.approx(float(expected), rel=1e-6, abs=1e-30)
            largest = max(abs(float(each)) for each in gradient)
            assert student.grad[0].tolist() == pytest.approx(
                [float(each) for each in gradient], rel=1e-6, abs=1e-6 * largest + 1e-30
            )


def test_the_plain_formula_is_wrong_where_this_one_is_right() -> None:
    """What the lab had: single precision, and terms of both signs."""
    teacher, student = torch.tensor([[1.3, -0.4, 0.2]]), torch.tensor([[0.9, 0.1, -0.3]])
    for temperature in (1e4, 1e6):
        log_q, log_p = ((logits / temperature).log_softmax(-1) for logits in (student, teacher))
        plain = temperature**2 * float(torch.nn.functional.kl_div(log_q, log_p, reduction="batchmean", log_target=True))
        right = float(exact_soft_loss(student[0].tolist(), teacher[0].tolist(), temperature)[0])
        assert abs(plain - right) > 0.1 * right
        assert float(soft_loss(student, teacher, temperature)) == pytest.approx(right, rel=1e-6)


def test_divergence_has_the_gradient_of_its_formula() -> None:
    draw = torch.Generator().manual_seed(1)
    logits = [torch.randn(4, 6, generator=draw, dtype=torch.double, requires_grad=True) for _ in range(2)]
    near = (logits[0].detach() + 1e-2 * torch.randn(4, 6, generator=draw, dtype=torch.double)).requires_grad_()
    for other in (logits[1], near):
        assert torch.autograd.gradcheck(
            lambda a, b: divergence_terms(a.log_softmax(-1), b.log_softmax(-1)).sum(-1), (logits[0], other)
        )


@given(st.floats(-8, 3), st.integers(0, 99))
def test_no_divergence_is_negative(size: float, seed: int) -> None:
    """Nor the soft, relation or cosine loss, or the Jensen–Shannon divergence, however similar two models are."""
    draw = torch.Generator().manual_seed(seed)
    student = torch.randn(4, 5, 8, generator=draw)
    teacher = student + 10**size * torch.randn(4, 5, 8, generator=draw)
    mask = torch.ones(4, 5, dtype=torch.bool)
    assert relation_loss([student] * 3, [teacher] * 3, mask, 2) >= 0
    assert cosine_loss([student[0]], [teacher[0]]) >= 0
    assert soft_loss(student[0], teacher[0], 3.0) >= 0
    assert (divergence(student[0], teacher[0]) >= 0).all()


@pytest.mark.parametrize("apart", [1e-6, 1e-4, 1e-2, 1.0])
def test_near_states_have_the_cosine_loss_of_double_precision(apart: float) -> None:
    draw = torch.Generator().manual_seed(0)
    teacher = torch.randn(16, 64, generator=draw)
    student = teacher + apart * torch.randn(16, 64, generator=draw)
    a, b = student.double(), teacher.double()
    exact = float((1 - (a * b).sum(-1) / (a.norm(dim=-1) * b.norm(dim=-1))).mean())
    assert float(cosine_loss([student], [teacher])) == pytest.approx(exact, rel=1e-2 if apart < 1e-5 else 1e-4)


@pytest.mark.parametrize("apart", [1e-6, 1e-3, 1.0, 30.0])
def test_the_divergence_of_predictions_is_right(apart: float) -> None:
    draw = torch.Generator().manual_seed(0)
    student = torch.randn(1, 4, generator=draw)
    teacher = student + apart * torch.randn(1, 4, generator=draw)
    p, q = ([Decimal(x).exp() for x in logits[0].tolist()] for logits in (student, teacher))
    p, q = ([x / sum(each) for x in each] for each in (p, q))
    middle = [(a + b) / 2 for a, b in zip(p, q, strict=True)]
    exact = sum(a * (a / m).ln() for a, m in zip(p, middle, strict=True))
    exact += sum(b * (b / m).ln() for b, m in zip(q, middle, strict=True))
    bits = float(exact / 2 / Decimal(2).ln())
    assert float(divergence(student, teacher)) == pytest.approx(bits, rel=1e-6, abs=1e-15)
