"""What all sessions of this server share: the queue of its runs, their store, and the cluster that may train them."""

from __future__ import annotations

import atexit

import streamlit as st

from labcore.cluster.cluster_choice import ClusterRuns, cluster_runs
from labcore.runs.jobs import Jobs
from labcore.runs.resuming import resumes_by_itself
from labcore.runs.server_limits import limits
from labcore.runs.store import Store
from labcore.search.search_queue import SearchQueue
from labcore.system.home import default_home
from ui.shell.sharing import shared


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """The server's one queue of runs. All browsers share it, and it outlives pages and reloads of the code.

    Before the process ends, what runs keeps a checkpoint. If the host wants it, interrupted runs resume now.
    """
    resume, allowed = resumes_by_itself(), limits(shared=shared())
    if (runs := cluster()) is None:
        queue = Jobs(Store(), resume=resume, limits=allowed, between=searches())
    else:
        queue = Jobs(Store(), runs, resume=resume, limits=allowed, slots=runs.slots, between=searches())
    atexit.register(queue.close)
    return queue


@st.cache_resource(show_spinner=False)
def searches() -> SearchQueue:
    """The searches that this server carries out, between the jobs of its queue."""
    return SearchQueue(default_home(), resume=resumes_by_itself())


@st.cache_resource(show_spinner=False)
def cluster() -> ClusterRuns | None:
    """The cluster that trains the server's runs; None if this machine does."""
    return cluster_runs()


def store() -> Store:
    """The store of the server's runs."""
    return jobs().store
