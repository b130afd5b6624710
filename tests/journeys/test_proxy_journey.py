"""The lab behind nginx, by the configuration in docs/: TLS, below a path of its own."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect

from labcore.guide.pages import page_named
from tests.shared.browser import browsing, serving
from tests.shared.source_files import ROOT

NAME = "lab.example.org"  # as the configuration has it
CONFIGURATION = ROOT / "docs" / "nginx.conf"
MAIN = """daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log; user root;
events {{ worker_connections 64; }}
http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
include {folder}/lab.conf; }}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def proxied(port: int, folder: Path) -> Iterator[str]:
    """nginx in front of the lab at this port, with the certificate of a name that only this test has."""
    nginx = shutil.which("nginx")
    if nginx is None:
        pytest.fail("nginx is not installed; `make test-all` installs it, or: apt install nginx-light")
    outside = free_port()
    certificate, key = folder / "lab.pem", folder / "lab.key"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    make += ["-subj", f"/CN={NAME}", "-out", str(certificate), "-keyout", str(key)]
    subprocess.run(make, check=True, capture_output=True)
    text = CONFIGURATION.read_text(encoding="utf-8")
    for pattern, value in (
        (r"listen 443 ssl", f"listen 127.0.0.1:{outside} ssl"),
        (r"/etc/ssl/certs/lab\.example\.org\.pem", f"{certificate}"),
        (r"/etc/ssl/private/lab\.example\.org\.key", f"{key}"),
        (r"127\.0\.0\.1:8501", f"127.0.0.1:{port}"),
    ):
        text, replaced = re.subn(pattern, value, text)
        assert replaced == 1, pattern
    (folder / "lab.conf").write_text(text, encoding="utf-8")
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder), encoding="utf-8")
    with subprocess.Popen([nginx, "-e", f"{folder}/start.log", "-c", f"{folder}/nginx.conf"]) as server:
        try:
            yield f"https://{NAME}:{outside}/lab"
        finally:
            server.terminate()


@pytest.mark.full
def test_the_lab_works_behind_nginx(tmp_path: Path) -> None:
    with (
        serving(ROOT / "app.py", tmp_path / "log", "lab", LAB_HOME=str(tmp_path / "home")) as inside,
        proxied(int(inside.split(":")[2].split("/")[0]), tmp_path) as outside,
        browsing(secure=NAME) as page,
    ):
        page.goto(outside)
        start, design = page_named("start"), page_named("design")
        assert start is not None
        assert design is not None
        expect(page.get_by_role("heading", level=1, name=start.title)).to_be_visible()
        page.goto(f"{outside}/design?s=1")
        expect(page.get_by_role("heading", level=1, name=design.title)).to_be_visible()
        expect(page.locator(".lab-chart[data-state=ready]").first).to_be_visible()
