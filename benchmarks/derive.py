"""Deriving and counting against the usual ways, as ratios in one run: torchinfo, torch.nn.utils.prune, a fresh SVD.

    python -m benchmarks.derive [--rounds 5]

Needs torchinfo, so run it in the environment of `benchmarks/peers/requirements.txt`. Rounds alternate between the two
sides. Memory is the rise of the process's peak resident set (Linux) over what it held before.
"""

from __future__ import annotations

import argparse
import copy
import ctypes
import gc
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from torch.nn.utils import prune as torch_prune

from benchmarks.peers.summary import torchinfo_seconds
from labcore.compress.calibration import Calibration
from labcore.compress.derive import derive
from labcore.compress.steps.magnitude_pruning import prune
from labcore.compress.student import Student
from labcore.config.spec import Spec
from labcore.config.steps import Factorise, KeepLayers, Prune
from labcore.count.parameters import compare, count
from labcore.models import classifier, encoder
from labcore.models.classifier import Classifier
from labcore.results.counts import Counts
from labcore.runs.cache import cached_teacher, calibration_for
from labcore.teacher.built_in import BUILT_IN

MB = 2**20


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds that it takes, and MB by which the resident set rose at its peak."""
    gc.collect()
    ctypes.CDLL("libc.so.6").malloc_trim(0)  # memory that was freed before must not hide what is taken now
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins again
    before = _kilobytes("VmRSS")
    started = time.perf_counter()
    kept = work()
    seconds = time.perf_counter() - started
    rise = (_kilobytes("VmHWM") - before) / 1024
    del kept
    return seconds, rise


def _kilobytes(field: str) -> int:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(field))
    return int(line.split()[1])


def counting(rounds: int) -> None:
    """A design of BERT-large on the meta device, against torchinfo on the built model."""
    name = "bert-large-uncased"
    size = 4 * compare(BUILT_IN[name], ()).teacher.total / MB
    lab, peer = [], []
    for i in range(rounds):
        steps = [KeepLayers(count=12), Factorise(40 + i)]  # another design each time, so that no cache helps
        lab.append(timed(partial(compare, BUILT_IN[name], steps)))
        peer.append(timed(lambda: torchinfo_seconds(name)))
    _report(f"counting a design of {name} (weights: {size:,.0f} MB)", "labcore", lab, "build + torchinfo", peer)


def rank_slider(rounds: int) -> None:
    """Deriving and counting at one rank after another, once every matrix was taken apart."""
    base = classifier.initialise_randomly(classifier.build(BUILT_IN["bert-base-uncased"])).eval()
    for name, teacher, calibration in (
        (Spec().teacher, cached_teacher(Spec().teacher), calibration_for(Spec().teacher, Spec().task)),
        ("bert-base-uncased, random weights", base, Calibration(lambda: _never())),
    ):
        first, _ = timed(partial(_count_rank, teacher, 8, calibration))
        ranks = [16 * (i + 1) for i in range(max(rounds, 10))]
        moves = [timed(partial(_count_rank, teacher, rank, calibration))[0] for rank in ranks]
        again = timed(partial(_count_rank, teacher, 16, None))[0]
        print(
            f"- moving the rank of {name}: the first {first:.2f} s, then median {1000 * statistics.median(moves):.0f} "
            f"ms, at most {1000 * max(moves):.0f} ms of {len(moves)}; without memory {again:.2f} s, "
            f"{again / statistics.median(moves):.0f} times as long"
        )


def _count_rank(teacher: Classifier, rank: int, calibration: Calibration | None) -> Counts:
    return count(derive(teacher, [Factorise(rank)], calibration))


def _never() -> tuple[object, object]:  # type: ignore[return]
    raise AssertionError("an SVD needs no sentence")


def pruning(rounds: int) -> None:
    """Half of every encoder matrix of BERT-base to zero, masks kept."""
    base = classifier.initialise_randomly(classifier.build(BUILT_IN["bert-base-uncased"])).eval()

    def by_torch(model: torch.nn.Module) -> object:
        for module in encoder.encoder_matrices(model).values():  # type: ignore[arg-type]
            torch_prune.l1_unstructured(module, "weight", amount=0.5)
        return model

    def by_lab(student: Student) -> object:
        prune(Prune(0.5), student, None)
        return student

    lab, peer = [], []
    for _ in range(rounds):
        student = Student(copy.deepcopy(base))
        lab.append(timed(lambda s=student: by_lab(s)))  # type: ignore[misc]
        model = copy.deepcopy(base)
        peer.append(timed(lambda m=model: by_torch(m)))  # type: ignore[misc]
        for name, module in encoder.encoder_matrices(model).items():  # as many are left, and as large; ties may differ
            left = [student.model.get_submodule(name).weight.detach().abs(), module.weight.detach().abs()]
            assert torch.equal(left[0].flatten().sort().values, left[1].flatten().sort().values)
        del student, model
    _report("50 % magnitude pruning of bert-base-uncased", "labcore", lab, "torch.nn.utils.prune", peer)


def _report(what: str, us: str, lab: list[tuple[float, float]], them: str, peer: list[tuple[float, float]]) -> None:
    seconds = [statistics.median(t for t, _ in side) for side in (lab, peer)]
    memory = [statistics.median(m for _, m in side) for side in (lab, peer)]
    ratios = [t / o for (o, _), (t, _) in zip(lab, peer, strict=True)]
    print(
        f"- {what}: {us} {1000 * seconds[0]:.0f} ms, {memory[0]:.0f} MB at peak; {them} {1000 * seconds[1]:.0f} ms, "
        f"{memory[1]:.0f} MB; {statistics.median(ratios):.1f} times as fast (median of {len(ratios)} alternating "
        "rounds)"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each comparison (default 5)")
    rounds = parser.parse_args().rounds
    print(f"{torch.get_num_threads()} threads, torch {torch.__version__}")
    compare(BUILT_IN["bert-tiny"], ())  # imports and first calls are not what is measured
    counting(rounds)
    rank_slider(rounds)
    pruning(rounds)


if __name__ == "__main__":
    main()
