"""Which Ray cluster the lab uses, and what a run takes of it: LAB_RAY_ADDRESS and LAB_RAY_CPUS.

Ray is imported only if an address is set: it is optional, and takes a second. Everything that can be wrong with the
address, the cluster or the installation is a SpecError with what to do.
"""

from __future__ import annotations

import logging
import os
import re
import socket
from types import ModuleType

from labcore.config.checks import SpecError, check_integer, shown

ADDRESS, CPUS = "LAB_RAY_ADDRESS", "LAB_RAY_CPUS"
DEFAULT_CPUS = 2  # cores of one run
CONNECTS_WITHIN = 5.0  # seconds, of the head's port; Ray itself would try for minutes
# Ray ends a process a minute after its cluster's head is gone, and with it a whole server of pages.
OUTLIVES_HEAD = ("RAY_gcs_rpc_server_reconnect_timeout_s", "604800")
_FORM = re.compile(r"[A-Za-z0-9_.-]+:\d{1,5}|\[[0-9A-Fa-f:]+\]:\d{1,5}")


def cluster_address() -> str | None:
    """The address of the cluster's head, HOST:PORT; None without a cluster. Raises SpecError for another form."""
    given = (os.environ.get(ADDRESS) or "").strip()
    if not given:
        return None
    if not _FORM.fullmatch(given):
        raise SpecError(f"{ADDRESS} is {shown(given)}; give the head's host and port such as 10.0.0.5:6379")
    return given


def cpus_of_a_run() -> int:
    """The cores that a run takes on its worker: LAB_RAY_CPUS, or 2. Raises SpecError for another value."""
    given = os.environ.get(CPUS) or f"{DEFAULT_CPUS}"
    if not given.isascii() or not given.isdigit():
        raise SpecError(f"{CPUS} is {shown(given)}; give a number of cores such as 2")
    check_integer(CPUS, int(given), 1, 256)
    return int(given)


def connected(address: str) -> ModuleType:
    """The module `ray`, connected to the cluster, once in a process.

    Raises SpecError, within some seconds, if Ray is not installed or the cluster can't be reached.
    """
    try:
        import ray
    except ImportError:
        raise SpecError(
            f"{ADDRESS} is set, but Ray is not installed here; "
            f"`pip install -r requirements-cluster.txt`, or unset {ADDRESS}"
        ) from None
    check_reachable(address)
    if not ray.is_initialized():
        os.environ.setdefault(*OUTLIVES_HEAD)
        _silence_nodes()
        try:
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, configure_logging=False)
        except Exception as error:  # of many kinds: another version of Ray or Python, a node that is not the cluster's
            first = f"{error}".strip().split("\n")[0]
            raise SpecError(
                f"the lab can't join the cluster at {address}: {first}; this machine must be one of its nodes: "
                f"`ray start --address={address}`"
            ) from error
    return ray


def _silence_nodes() -> None:
    """Ray prints the end of a node on standard output, where commands print JSON. No setting of Ray's stops that."""
    from ray._private import worker

    if hasattr(worker, "print_to_stdstream"):
        worker.print_to_stdstream = lambda *_, **__: None


def check_reachable(address: str) -> None:
    """Raises SpecError, within some seconds, if nothing listens at the address."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECTS_WITHIN).close()
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or f"{error}"
        raise SpecError(
            f"the cluster at {address} can't be reached ({reason}); start its head there with "
            f"`ray start --head --port={port}`, or unset {ADDRESS} to train on this machine"
        ) from None
