"""The lab's losses beside TextBrewer's and torchdistill's own code, on the same random tensors.

    python -m benchmarks.peers.losses

Run it in the peers' environment, see requirements.txt beside this file. If the conventions agree, the numbers must be
equal. If they differ, the line states by what, and that is checked. It ends with an error if one does not hold.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import textbrewer.losses as textbrewer
import torch
from torch import Tensor
from torchdistill.losses.mid_level import KDLoss

from labcore.distil import losses

TEMPERATURE = 3.0


def comparisons() -> Iterator[tuple[str, Tensor, Tensor]]:
    """What is compared, the lab's number, and the peer's."""
    torch.manual_seed(0)
    student, teacher, labels = torch.randn(16, 5), torch.randn(16, 5), torch.randint(5, (16,))
    entropy = torch.distributions.Categorical(logits=teacher / TEMPERATURE).entropy().mean()
    soft, hard = losses.soft_loss(student, teacher, TEMPERATURE), losses.hard_loss(student, labels)
    yield (
        "TextBrewer kd_ce = soft / τ² + the teacher's entropy",
        soft / TEMPERATURE**2 + entropy,
        textbrewer.kd_ce_loss(student, teacher, TEMPERATURE),
    )
    yield (
        "TextBrewer kd_mse at τ = logit / τ²",
        losses.logit_loss(student, teacher) / TEMPERATURE**2,
        textbrewer.kd_mse_loss(student, teacher, TEMPERATURE),
    )
    for alpha in (0.2, 0.0):
        peer = KDLoss("", "o", "", "o", temperature=TEMPERATURE, alpha=alpha)(
            {"": {"o": student}}, {"": {"o": teacher}}, labels
        )
        if alpha:
            yield "torchdistill KDLoss = α · hard + (1 − α) · soft", alpha * hard + (1 - alpha) * soft, peer
        else:
            yield "torchdistill KDLoss at α = 0 = soft / τ²: it drops the factor there", soft / TEMPERATURE**2, peer

    lengths = torch.tensor([7, 4, 1, 6])
    mask = torch.arange(7) < lengths[:, None]
    a, b = torch.randn(4, 7, 12), torch.randn(4, 7, 12)
    real = ([a[mask]], [b[mask]])
    yield (
        "TextBrewer hid_mse with a mask = hidden over real tokens",
        losses.hidden_loss(*real),
        textbrewer.hid_mse_loss(a, b, mask),
    )
    yield (
        "TextBrewer cos with a mask = cosine over real tokens",
        losses.cosine_loss(*real),
        textbrewer.cos_loss(a, b, mask),
    )
    cls = ([a[:, 0]], [b[:, 0]])
    yield (
        "TextBrewer pkd (states at [CLS] of length 1) = 2 · cosine at [CLS]",
        2 * losses.cosine_loss(*cls),
        textbrewer.pkd_loss(a, b),
    )
    # Neither has MiniLMv2's relations. TextBrewer's cross-entropy of attention scores is one, where nothing is padded.
    heads, mask = 4, torch.ones(4, 7, dtype=torch.bool)
    student_heads, teacher_heads = (x.unflatten(-1, (heads, -1)).transpose(1, 2) for x in (a, b))
    scores, goal = (x @ x.transpose(-1, -2) / x.shape[-1] ** 0.5 for x in (student_heads, teacher_heads))
    entropy = torch.distributions.Categorical(logits=goal).entropy().mean()
    yield (
        "TextBrewer att_ce of the relations' scores = relation + the teacher's entropy",
        losses.relation_loss([a], [b], mask, heads) + entropy,
        textbrewer.att_ce_loss(scores, goal, mask),
    )


def main() -> int:
    failed = 0
    print("| compared | lab | peer |\n|---|---|---|")
    for what, lab, peers in comparisons():
        equal = torch.allclose(lab, peers, rtol=1e-5, atol=1e-7)
        failed += not equal
        print(f"| {what} | {float(lab):.6f} | {float(peers):.6f}{'' if equal else ' **differs**'} |")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
