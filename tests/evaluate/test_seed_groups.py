"""Which runs are one seed group, by their specs only; a sweep that goes on after a stop; its reference results."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from labcore.__main__ import main
from labcore.config.presets import SWEEPS
from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import Factorise, KeepLayers
from labcore.evaluate import reference
from labcore.evaluate.baselines import baseline
from labcore.evaluate.seed_groups import group_and_baselines, seed_group, with_seed
from labcore.results.events import Event, Finished
from labcore.results.run import Run
from labcore.runs import sweep
from labcore.runs.cache import counted
from labcore.runs.store import Store
from tests.shared.runs import FINISHED, PAIR

SPEC = Spec(steps=(KeepLayers(count=3),), distil=DistilConfig(seed=1))


def run(spec: Spec, created: str, accuracy: float | None = None, status: str = "finished") -> Run:
    made = Run(id=created, spec=spec, status=status, created=created, counts=PAIR)  # type: ignore[arg-type]
    return made if accuracy is None else made.finish(replace(FINISHED, accuracy=accuracy, agreement=0.9), PAIR)


def test_seeds_of_one_spec_are_a_group_and_the_newest_of_a_seed_counts() -> None:
    runs = [
        run(SPEC, "b", 0.8),
        run(with_seed(SPEC, 0), "a", 0.7),
        run(SPEC, "c", 0.9),
        run(SPEC, "d", status="failed"),
        run(with_seed(SPEC, 4), "e", status="running"),
        run(replace(SPEC, steps=(Factorise(8),)), "f", 0.1),
    ]
    group = seed_group(SPEC, runs)
    assert [each.id for each in group.runs] == ["a", "c", "e"]
    assert group.accuracies == [0.7, 0.9]
    assert [spec.distil.seed for spec in group.missing(6)] == [2, 3, 5]
    assert group.missing(2) == []


def test_a_seed_group_has_its_baselines_beside_it() -> None:
    no_teacher_spec = baseline(SPEC, "no teacher")
    runs = [run(SPEC, "a", 0.8), run(no_teacher_spec, "b", 0.75), run(with_seed(no_teacher_spec, 7), "c", 0.74)]
    distilled, no_teacher, random_start = group_and_baselines(SPEC, runs)
    assert (distilled.accuracies, no_teacher.accuracies, random_start.accuracies) == ([0.8], [0.75, 0.74], [])
    assert random_start.spec.distil.start == "random"


# -- sweeps --------------------------------------------------------------------------------------------


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[Spec]:
    """Specs that a sweep ran, by a recorder that trains nothing."""
    ran: list[Spec] = []

    def recorder(spec: Spec, run_id: str, store: Store) -> Iterator[Event]:
        ran.append(spec)
        done = replace(FINISHED, run=run_id, accuracy=0.8 + spec.distil.seed / 100, agreement=0.9)
        store.finish(run_id, done, PAIR)
        yield done

    monkeypatch.setattr(sweep, "execute_and_store", recorder)
    monkeypatch.setitem(sweep.SWEEPS, "frontier", (SPEC, replace(SPEC, steps=(Factorise(8),))))
    return ran


def test_a_sweep_goes_on_where_it_stopped(store: Store, trained: list[Spec]) -> None:
    events = sweep.sweep(sweep.SWEEPS["frontier"], 2, store)
    next(events)
    events.close()  # type: ignore[attr-defined]
    assert len(trained) == 1
    with pytest.raises(LookupError, match="no finished run"):
        sweep.reference_results_of("frontier", 2, store)
    rest = list(sweep.sweep(sweep.SWEEPS["frontier"], 2, store))
    assert len(rest) == 3
    assert len(set(trained)) == 4
    assert list(sweep.sweep(sweep.SWEEPS["frontier"], 2, store)) == []


def test_reference_results_come_back_as_they_were(store: Store, trained: list[Spec], tmp_path: Path) -> None:
    list(sweep.sweep(sweep.SWEEPS["frontier"], 2, store))
    made = sweep.reference_results_of("frontier", 2, store)
    reference.write(made, tmp_path / "new" / "frontier.json")
    back = reference.read(tmp_path / "new" / "frontier.json")
    assert back == made
    assert all(isinstance(each.result, Finished) for each in back.runs)
    assert [each.spec.distil.seed for each in back.runs] == [0, 1, 0, 1]
    assert "sweep frontier --seeds 2" in back.origin
    assert "torch" in back.machine
    assert json.loads((tmp_path / "new" / "frontier.json").read_text())["runs"][0]["spec"] == SPEC.to_dict() | {
        "distil": with_seed(SPEC, 0).to_dict()["distil"]
    }


def test_the_command_line_sweeps_and_writes_reference_results(
    trained: list[Spec], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "results.json"
    arguments = ["sweep", "frontier", "--seeds", "2", "--home", str(tmp_path / "home"), "--out", str(out)]
    assert main(arguments) == 0
    printed = capsys.readouterr()
    assert [json.loads(line)["event"] for line in printed.out.splitlines()] == ["finished"] * 4
    assert "3 layers" in printed.err
    assert len(reference.read(out).runs) == 4
    assert main(arguments) == 0
    assert len(trained) == 4  # nothing is run again
    assert main([*arguments[:3], "0"]) == 2


def test_the_command_line_runs_every_sweep(
    trained: list[Spec], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("labcore.commands.sweep_verb.SWEEPS", dict.fromkeys(("frontier",), sweep.SWEEPS["frontier"]))
    assert main(["record", "--seeds", "1", "--home", str(tmp_path)]) == 0
    assert len(trained) == 2
    assert len(reference.read(reference.FOLDER / "frontier.json").runs) == 2


def test_the_command_line_shows_what_ships(
    trained: list[Spec], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sweep", "frontier", "--recorded"]) == 2
    assert "has no reference results" in capsys.readouterr().err
    main(
        ["sweep", "frontier", "--seeds", "2", "--home", str(tmp_path), "--out", str(reference.FOLDER / "frontier.json")]
    )
    capsys.readouterr()
    assert main(["sweep", "frontier", "--recorded"]) == 0
    head, _, *lines = capsys.readouterr().out.splitlines()
    assert "recorded on" in head
    assert len(lines) == 4
    assert lines[0].startswith("| student | size |")


def test_what_is_not_recorded_is_none() -> None:
    assert reference.reference_results("nothing of the kind") is None


def test_the_frontiers_students_can_be_made_and_are_spread_over_sizes() -> None:
    """A tenth, a fifth, two fifths and half of the teacher, at most."""
    ratios = [counted(spec).ratio for spec in SWEEPS["frontier"]]
    assert all(0.8 * most < ratio <= most for ratio, most in zip(ratios, (0.1, 0.2, 0.4, 0.5), strict=True))
