"""The link of an assignment: under the address that a class can reach, to copy, and as a QR code to project."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from labcore.config.assignment import Assignment
from labcore.config.assignment_link import assignment_link, class_root, only_this_machine
from labcore.config.spec import SpecError
from labcore.guide.pages import NAMES
from labcore.views.markdown import escaped
from labcore.views.start.qr_code import qr_code


def class_link(assignment: Assignment) -> None:
    """Draw the field for the lab's address and the link; a warning if no other machine can open it."""
    here = _root()
    typed = st.text_input(
        "Address under which your class reaches this lab",
        key="assignment-address",
        placeholder=here,
        help="Leave it empty to use the address in your browser.",
    )
    try:
        root = class_root(typed) if typed.strip() else here
    except SpecError as error:
        st.error(f"No link: {escaped(str(error))}.")
        return
    link = assignment_link(root, assignment)
    if only_this_machine(root):
        _warn()
    st.code(link, language=None, wrap_lines=True)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.link_button("Try it in a new tab", link, icon=":material/open_in_new:")
        st.caption(f"{len(link):,} characters")
    if not only_this_machine(root):
        st.html(qr_code(link))
        st.caption("The same link as a QR code, for phones in front of a projector.")


def _warn() -> None:
    address = st.get_option("server.address")
    steps = ["Enter the address of this machine in your network above, such as `http://192.168.1.20:8501`."]
    if address and only_this_machine(f"http://{address}/"):
        steps.insert(
            0,
            "Your lab accepts this machine only. Start it for a network with "
            "`streamlit run app.py --server.address=0.0.0.0`.",
        )
    st.warning(
        f"**Only this machine can open this link.** {' '.join(steps)} A class without a network to this machine needs "
        "the lab on a server.",
        icon=":material/wifi_off:",
    )


def _root() -> str:
    """The lab's own address as this browser knows it, with the path that a proxy adds."""
    here = urlsplit(st.context.url or "")
    path = here.path.rstrip("/")
    for page in NAMES:
        path = path.removesuffix(f"/{page}")
    return here._replace(path=f"{path}/", query="", fragment="").geturl()
