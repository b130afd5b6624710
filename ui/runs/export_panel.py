"""Export of a finished run: choose a kind, wait while a process of its own makes and measures it, then download it."""

from __future__ import annotations

import atexit
from functools import partial

import streamlit as st

from labcore.config.spec import SpecError
from labcore.export.export_jobs import ExportJobs, ExportState, Making, Ready, Refused, Wanted
from labcore.export.exported_page import PAGE, ExportedPage, PageChoice
from labcore.export.extra import MISSING, export_is_here
from labcore.export.page_zip import zipped_page
from labcore.results.run import FinishedRun
from labcore.system.files import packed
from labcore.views.runs.export_words import GRID_WEIGHTS, SERVE, WEIGHTS, measured_table, page_table, words_of_kinds
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
    making = exports().making(run.id)
    with st.expander("Export", icon=":material/output:", expanded=making is not None, key=f"exports-{run.id}"):
        st.fragment(fragment(_choice), run_every=REFRESH if making else None)(run, making)


def _choice(run: FinishedRun, making: Wanted | None) -> None:
    """The choice of a kind, and its state. making: which of the run's exports was being made at the last run."""
    if making != exports().making(run.id):
        st.rerun()  # a fragment can't begin or end its own timer
    st.markdown(
        "The student as files that run without the lab. Each is compared with the student on the test split before "
        "you get it. A file that differs too much is refused, with its figures."
    )
    key = f"export-kind-{run.id}"
    words = words_of_kinds(_rounded(run))
    first, *_ = words
    st.session_state.setdefault(key, PAGE if isinstance(making, PageChoice) else making or first)
    kind = st.radio(
        "Kind",
        tuple(words),
        key=key,
        format_func=lambda kind: words[kind][0],
        captions=[summary for _, summary in words.values()],
    )
    if kind != "huggingface" and not export_is_here():
        st.info(MISSING, icon=":material/extension_off:")
        return
    wanted = _page_choice(run, making) if kind == PAGE else kind
    _state(run, wanted, exports().state(run.id, wanted))


def _page_choice(run: FinishedRun, making: Wanted | None) -> PageChoice:
    """What the page is to have. A student of low bits keeps its values, so it has another choice of weights."""
    made = making if isinstance(making, PageChoice) else PageChoice()
    rounded = _rounded(run)
    options = GRID_WEIGHTS if rounded else WEIGHTS
    default, *_ = options
    weights, beside = f"export-weights-{run.id}", f"export-beside-{run.id}"
    st.session_state.setdefault(weights, made.weights or default)
    st.session_state.setdefault(beside, made.beside_teacher)
    chosen = st.radio(
        "Weights in the page",
        tuple(options),
        key=weights,
        format_func=options.__getitem__,
        horizontal=True,
        help="Both have the student's own logits. Its own grid loads sooner, and 32 bits compute faster."
        if rounded
        else "32 bits have the student's own logits. Fewer bits load sooner, and may be refused like the kinds above.",
    )
    both = st.checkbox(
        "Teacher beside the student",
        key=beside,
        help="Both compute what you type, and the page states whether they agree. The teacher is in 32 bits.",
    )
    return PageChoice(None if chosen == default else chosen, both)


def _rounded(run: FinishedRun) -> bool:
    return any(step.rounds for step in run.spec.steps)


def _label(run: FinishedRun, wanted: Wanted) -> str:
    label, _ = words_of_kinds(_rounded(run))[PAGE if isinstance(wanted, PageChoice) else wanted]
    return label


def _name(wanted: Wanted) -> str:
    """Of the export in keys and file names."""
    return wanted.name if isinstance(wanted, PageChoice) else wanted


def _state(run: FinishedRun, wanted: Wanted, state: ExportState | None) -> None:
    match state:
        case Making():
            st.markdown(
                f":material/hourglass_top: {_label(run, wanted)} is being made and measured, for "
                f"{state.seconds:.0f} s now. It takes about half a minute, or longer while others wait. "
                "You can leave this page."
            )
        case Ready():
            _figures(run, wanted, state)
        case Refused():
            st.warning(f"Not exported: {escaped(state.words)}", icon=":material/block:")
            _button(run, wanted, "Try again")
        case _:
            _button(run, wanted, "Make and measure")


def _button(run: FinishedRun, wanted: Wanted, label: str) -> None:
    st.button(
        label,
        key=f"export-{run.id}-{_name(wanted)}",
        icon=":material/output:",
        on_click=callback(partial(_start, run.id, wanted)),
    )
    if (error := st.session_state.pop(f"export-refused-{run.id}", None)) is not None:
        st.error(escaped(error), icon=":material/block:")


def _start(run_id: str, wanted: Wanted) -> None:
    try:
        exports().start(run_id, wanted)
    except SpecError as error:
        st.session_state[f"export-refused-{run_id}"] = str(error)


def _figures(run: FinishedRun, wanted: Wanted, ready: Ready) -> None:
    facts, name = ready.facts, f"{run.id}-{_name(wanted)}"
    is_page = isinstance(facts, ExportedPage)
    with st.container(horizontal=True):
        for label, value, words in page_table(facts) if isinstance(facts, ExportedPage) else measured_table(facts):
            st.metric(label, value, help=words)
    for note in facts.student.notes if isinstance(facts, ExportedPage) else facts.notes:
        st.caption(note)
    st.download_button(
        f"Download {_label(run, wanted)}",
        partial(zipped_page if is_page else packed, ready.folder, name),
        f"{name}.zip",
        "application/zip",
        key=f"export-download-{name}",
        on_click="ignore",
        icon=":material/download:",
        help="One folder, with all that the page needs, the measured figures, and a card."
        if is_page
        else "One folder: the weights, the tokenizer, the measured figures, and a card with what to type.",
    )
    if is_page:
        st.markdown(SERVE)
