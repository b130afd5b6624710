"""Runs as files: CSV, JSON, and event files for TensorBoard."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from labcore.results.run import Run
from labcore.runs.tensorboard_files import MISSING, tensorboard_is_here, tensorboard_zip
from labcore.views.run_names import run_names
from labcore.views.runs.exported_runs import runs_csv, runs_json
from ui.shell import server


def downloads(runs: Sequence[Run], stem: str) -> None:
    """Draw a button for each kind of file, whose name begins with `stem`. It is made when the button is pressed."""
    store, jobs = server.store(), server.jobs()

    def for_tensorboard() -> bytes:
        jobs.wait_until_loaded()
        names = run_names(runs)
        return tensorboard_zip({names[run.id]: list(store.events(run.id)) for run in runs})

    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "CSV",
            lambda: runs_csv(runs, run_names(runs)),
            f"{stem}.csv",
            "text/csv",
            key=f"csv-{stem}",
            on_click="ignore",
            icon=":material/download:",
            help="One row for each run: figures, machine, note, tags, and the spec as JSON.",
        )
        st.download_button(
            "JSON",
            lambda: runs_json(runs, run_names(runs), {run.id: list(store.events(run.id)) for run in runs}),
            f"{stem}.json",
            "application/json",
            key=f"json-{stem}",
            on_click="ignore",
            icon=":material/download:",
            help="All that the lab stores of these runs but weights and logits: specs, counts, results, events.",
        )
        here = tensorboard_is_here()
        st.download_button(
            "TensorBoard",
            for_tensorboard,
            f"{stem}-tensorboard.zip",
            "application/zip",
            key=f"tensorboard-{stem}",
            on_click="ignore",
            icon=":material/download:",
            disabled=not here,
            help="Unpack it, then: `tensorboard --logdir FOLDER`." if here else MISSING,
        )
