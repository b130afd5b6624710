"""Bring a teacher: choose its files, have them examined on the task, match its labels, and take it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from labcore.config.spec import SpecError
from labcore.results.run import MAX_NAME
from labcore.teacher.offered import OFFERS, offered, offered_folder
from labcore.teacher.own_teachers import Origin
from ui.data.allowed import BRING, may_bring
from ui.data.match_form import match_form
from ui.shell import server
from ui.shell.attention import bring_into_view
from ui.shell.bound import typed
from ui.shell.guard import callback, escaped
from ui.shell.owner import acts

if TYPE_CHECKING:
    from labcore.runs.bring_teacher import Examination

EXAMINED = "examined"  # in the session: (task, origin, Examination)
REFUSED = "bring-refused"  # the container of why a teacher is not taken
UPLOAD_MB = 500
SOURCES: dict[Origin, str] = {"folder": "a folder of this host", "upload": "files", "hub": "the Hugging Face hub"}


def lost_examination() -> None:
    """State once that a reload of the page lost an examination, which lives in the session alone."""
    if st.session_state.get("examination_lost") and EXAMINED not in st.session_state:
        st.info(
            "This page was loaded again, so the examination of a teacher is lost. Examine it again under *Bring a "
            "teacher*.",
            icon=":material/restart_alt:",
        )


def bring_form(task: str) -> None:
    """Draw the form for the next step: the files, or the labels of a teacher that was examined."""
    examined: tuple[str, Origin, Examination] | None = st.session_state.get(EXAMINED)
    if examined is not None and examined[0] == task:
        _accept(examined[1], examined[2])
        return
    st.markdown(
        "A classifier that was fine-tuned on this task elsewhere. It is read as data, and no code of it is run. Before "
        "the lab takes it, it is measured on validation examples of this task."
    )
    sources: list[Origin] = [*_of_host(), *_of_visitor()]
    if not sources:
        st.info(
            f"This lab's host offers no teachers. The host can put folders below {OFFERS}, or allow uploads and "
            f"downloads with {BRING}=1. On the command line every folder can be a teacher.",
            icon=":material/info:",
        )
        return
    source = st.segmented_control(
        "From", sources, default=sources[0], key="bring-source", format_func=SOURCES.__getitem__, required=True
    )
    match source:
        case "folder":
            _from_folder(task)
        case "upload":
            _from_upload(task)
        case _:
            _from_hub(task)


def _of_host() -> tuple[Origin, ...]:
    return ("folder",) if offered() else ()


def _of_visitor() -> tuple[Origin, ...]:
    return ("upload", "hub") if may_bring() else ()


def _from_folder(task: str) -> None:
    chosen = st.selectbox("Folder", offered(), key="bring-folder", help=f"The models below {OFFERS} of this host.")
    if st.button("Examine it", key="bring-examine", icon=":material/search:", disabled=chosen is None):
        _examine(task, "folder", lambda: str(offered_folder(chosen)))


def _from_upload(task: str) -> None:
    files = st.file_uploader(
        "All files of the model's folder: config.json, model.safetensors, tokenizer.json, …",
        type=["safetensors", "json", "txt", "model"],
        accept_multiple_files=True,
        key=f"bring-upload-{st.session_state.get('bring_tries', 0)}",
        max_upload_size=UPLOAD_MB,
        help=f"At most {UPLOAD_MB} MB together. Pickled weights (.bin, .pt) are refused: they could run code.",
    )
    if st.button("Examine it", key="bring-examine", icon=":material/search:", disabled=not files):
        _examine(task, "upload", lambda: _stage({file.name: file.getvalue() for file in files}))


def _from_hub(task: str) -> None:
    hub_id = typed(
        st.text_input,
        "Model on the hub",
        200,
        key="bring-hub",
        placeholder="owner/model, or owner/model@commit",
        help="The lab notes the commit, so that the teacher stays the same. This machine must be online, unless the "
        "model is in its cache.",
    )
    if st.button("Examine it", key="bring-examine", icon=":material/search:", disabled=not hub_id):
        _examine(task, "hub", lambda: _pinned(hub_id or ""))


def _stage(files: dict[str, bytes]) -> str:
    from labcore.runs.bring_teacher import stage_upload

    return str(stage_upload(files))


def _pinned(hub_id: str) -> str:
    from labcore.runs.bring_teacher import pinned

    return pinned(hub_id)


def _examine(task: str, origin: Origin, source_of: Callable[[], str]) -> None:
    """Read and measure the teacher; an error stays on the page, and staged files go."""
    server.jobs().wait_until_loaded()
    from labcore.runs.bring_teacher import examine

    source = ""
    try:
        with st.spinner("Reading the teacher, and measuring it on validation examples…", show_time=True):
            source = source_of()
            examination = examine(source, task)
    except SpecError as error:
        if origin == "upload" and source:
            shutil.rmtree(source, ignore_errors=True)
        _refused(_without_path(str(error), source))
        return
    st.session_state[EXAMINED] = (task, origin, examination)
    st.session_state.examination_lost = False
    st.session_state.bring_tries = st.session_state.get("bring_tries", 0) + 1  # drops Streamlit's copy of the files
    st.rerun()


def _refused(why: str) -> None:
    """Draw why a teacher is not taken, and bring it into view: it stands below the form."""
    with st.container(key=REFUSED):
        st.error(f"Not taken: {escaped(why)}.", icon=":material/block:")
    bring_into_view(REFUSED)


def _without_path(words: str, source: str) -> str:
    """An error without the path of the lab's own folder, which tells a visitor nothing."""
    return words.replace(source, "the model") if source else words


def _accept(origin: Origin, examination: Examination) -> None:
    """The examined teacher, its labels beside the task's, and the button that takes it."""
    order = match_form(examination)
    st.caption(
        "Take the teacher before you reload this page: a reload loses the examination"
        + (" and the uploaded files." if origin == "upload" else ".")
    )
    title = typed(
        st.text_input, "Name of the teacher", MAX_NAME, key="bring-title",
        value=Path(examination.source.partition("@")[0]).name[:MAX_NAME] if origin != "upload" else "uploaded teacher",
        help="Everybody who uses this lab sees it.",
    )  # fmt: skip
    with st.container(horizontal=True):
        if st.button(
            "Take this teacher",
            key="bring-take",
            type="primary",
            icon=":material/check:",
            disabled=title is None or len(set(order)) < len(order),
        ):
            try:
                acts().bring_teacher(examination, title or "", order, origin)
            except SpecError as error:
                _refused(str(error))
                return
            st.session_state.pop(EXAMINED)
            st.rerun()
        st.button("Another teacher", key="bring-drop", on_click=callback(_drop))


def _drop() -> None:
    _, origin, examination = st.session_state.pop(EXAMINED)
    if origin == "upload":
        shutil.rmtree(examination.source, ignore_errors=True)
