"""Export of a finished run: choose a kind, wait while a process of its own makes and measures it, then download it."""

from __future__ import annotations

import atexit
from functools import partial

import streamlit as st

from labcore.config.spec import SpecError
from labcore.export.export_jobs import ExportJobs, ExportState, Making, Ready, Refused
from labcore.export.exported_folder import KINDS, Kind
from labcore.export.extra import MISSING, export_is_here
from labcore.results.run import FinishedRun
from labcore.system.files import packed
from labcore.views.runs.export_words import LABELS, SUMMARIES, measured_table
from ui.shell import server
from ui.shell.guard import callback, escaped, fragment

REFRESH = 1.0  # seconds between two drawings while something is being made


@st.cache_resource(show_spinner=False)
def exports() -> ExportJobs:
    """The exports of this server. All browsers share them."""
    made = ExportJobs(server.store().home)
    atexit.register(made.close)
    return made


def export_panel(run: FinishedRun) -> None:
    """Draw the run's exports, closed until a person opens them. Nothing if its student is not on disk."""
    if not server.store().has_student(run.id):
        return
    making = any(isinstance(exports().state(run.id, kind), Making) for kind in KINDS)
    with st.expander("Export", icon=":material/output:", expanded=making, key=f"exports-{run.id}"):
        st.fragment(fragment(_choice), run_every=REFRESH if making else None)(run, making)


def _choice(run: FinishedRun, making: bool) -> None:
    """The choice of a kind, and its state. making: whether one of the run's exports was being made at the last run."""
    states = {kind: exports().state(run.id, kind) for kind in KINDS}
    if making != any(isinstance(state, Making) for state in states.values()):
        st.rerun()  # a fragment can't begin or end its own timer
    st.markdown(
        "The student as files that run without the lab. Each is compared with the student on the test split before "
        "you get it. A file that differs too much is refused, with its figures."
    )
    kind: Kind = st.radio(
        "Kind",
        KINDS,
        key=f"export-kind-{run.id}",
        format_func=LABELS.__getitem__,
        captions=[SUMMARIES[kind] for kind in KINDS],
    )
    if kind != "huggingface" and not export_is_here():
        st.info(MISSING, icon=":material/extension_off:")
        return
    _state(run, kind, states[kind])


def _state(run: FinishedRun, kind: Kind, state: ExportState | None) -> None:
    match state:
        case Making():
            st.markdown(
                f":material/hourglass_top: {LABELS[kind]} is being made and measured, for {state.seconds:.0f} s now. "
                "It takes about half a minute, or longer while others wait. You can leave this page."
            )
        case Ready():
            _figures(run, state)
        case Refused():
            st.warning(f"Not exported: {escaped(state.words)}", icon=":material/block:")
            _button(run, kind, "Try again")
        case _:
            _button(run, kind, "Make and measure")


def _button(run: FinishedRun, kind: Kind, label: str) -> None:
    st.button(
        label,
        key=f"export-{run.id}-{kind}",
        icon=":material/output:",
        on_click=callback(partial(_start, run.id, kind)),
    )
    if (error := st.session_state.pop(f"export-refused-{run.id}", None)) is not None:
        st.error(escaped(error), icon=":material/block:")


def _start(run_id: str, kind: Kind) -> None:
    try:
        exports().start(run_id, kind)
    except SpecError as error:
        st.session_state[f"export-refused-{run_id}"] = str(error)


def _figures(run: FinishedRun, ready: Ready) -> None:
    with st.container(horizontal=True):
        for label, value, words in measured_table(ready.facts):
            st.metric(label, value, help=words)
    for note in ready.facts.notes:
        st.caption(note)
    st.download_button(
        f"Download {LABELS[ready.facts.kind]}",
        partial(packed, ready.folder, f"{run.id}-{ready.facts.kind}"),
        f"{run.id}-{ready.facts.kind}.zip",
        "application/zip",
        key=f"export-download-{run.id}-{ready.facts.kind}",
        on_click="ignore",
        icon=":material/download:",
        help="One folder: the weights, the tokenizer, the measured figures, and a card with what to type.",
    )
