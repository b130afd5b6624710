"""The secret of a home: made once, for its user only, and refused with a sentence if it can't be trusted."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from labcore.config.checks import SpecError
from labcore.owners.secret import SECRET_FILE, secret_of_home
from tests.shared.disk import small_disk
from tests.shared.source_files import ROOT

posix = pytest.mark.skipif(os.name != "posix", reason="the rights of a file are POSIX's")


def test_several_processes_that_begin_at_once_agree(lab_home: Path) -> None:
    code = "import sys, pathlib, labcore.owners.secret as s; print(s.secret_of_home(pathlib.Path(sys.argv[1])).hex())"
    begun = [
        subprocess.Popen([sys.executable, "-c", code, str(lab_home)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    [secret] = {process.communicate()[0].strip() for process in begun}
    assert bytes.fromhex(secret) == secret_of_home(lab_home)
    assert os.listdir(lab_home) == [SECRET_FILE]
    if os.name == "posix":
        assert stat.S_IMODE((lab_home / SECRET_FILE).stat().st_mode) == 0o600


@posix
@pytest.mark.parametrize("mode", [0o644, 0o660, 0o604, 0o602])
def test_a_secret_that_others_can_use_is_refused_until_its_rights_are_mended(mode: int, lab_home: Path) -> None:
    secret = secret_of_home(lab_home)
    (lab_home / SECRET_FILE).chmod(mode)
    with pytest.raises(SpecError, match=rf"has the rights {mode:o}, .* `chmod 600` it"):
        secret_of_home(lab_home)
    (lab_home / SECRET_FILE).chmod(0o600)
    assert secret_of_home(lab_home) == secret


@pytest.mark.parametrize("content", [b"", b"\xff" * 64, b"ab" * 31, b"ab" * 40, b"zz" * 32, b"\n"])
def test_a_damaged_secret_says_so_and_is_not_replaced(content: bytes, lab_home: Path) -> None:
    secret_of_home(lab_home)
    file = lab_home / SECRET_FILE
    file.write_bytes(content)
    with pytest.raises(SpecError, match="holds no secret; put the file back as it was, or delete it"):
        secret_of_home(lab_home)
    assert file.read_bytes() == content


def test_on_a_disk_that_takes_no_change_there_is_none_or_the_old_one(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        new, old = disk.path / "new", disk.path / "old"
        secret = secret_of_home(old)
        disk.remount("ro")
        assert secret_of_home(old) == secret
        with pytest.raises(OSError, match="Read-only"):
            secret_of_home(new)
