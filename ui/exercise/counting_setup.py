"""What you need to count on your own machine: what your function must return, and what to install."""

from __future__ import annotations

import streamlit as st

from labcore.exercise.counter_file import FUNCTION

INSTALL = """\
cd teacher-student-lab        # the lab's folder: README.md is in it
python -m venv .venv
. .venv/bin/activate          # on Windows: .venv\\Scripts\\activate
pip install -r requirements.txt"""
FORM = f"""\
def {FUNCTION}(model):  # a torch.nn.Module
    ...
    return {{"total": total, "trainable": trainable, "nonzero": nonzero}}"""
COUNTS = """\
- `total`: the elements of all parameters. Each parameter counts once, and buffers are no parameters.
- `trainable`: the elements of the parameters with `requires_grad`.
- `nonzero`: the elements of the total whose value is not 0."""


def counting_setup() -> None:
    """Draw both as snippets that you can copy."""
    st.markdown(f"Your function `{FUNCTION}` takes a model and returns three counts:")
    st.code(FORM, language="python", wrap_lines=True)
    st.markdown(COUNTS)
    with st.expander("What to install on your own machine", icon=":material/terminal:"):
        st.markdown(
            "You need Python 3.11 or later and the lab's code: download the copy below and unpack it. Run all commands "
            "of this step in its folder, and save `mine.py` there. In another folder Python reports "
            "`No module named 'labcore'`."
        )
        st.code(INSTALL, language="bash", wrap_lines=True)
