"""Get the built files that a page ships from the npm registry again: `python -m benchmarks.page_files`.

It needs node's npm. For another version, change the package and its integrity in `labcore/export/page_runtime.py`, run
this with --accept, and put the printed hashes there. `LICENCES.txt` beside the files names the versions, too.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import lzma
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from labcore.export.page_runtime import FILES, INTEGRITY


def archive_of(package: str, folder: Path) -> Path:
    """The package's archive, as npm packs it. Raises ValueError if it is not the one that INTEGRITY names."""
    command = ["npm", "pack", package, "--silent", "--pack-destination", str(folder)]
    listed = subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder).stdout
    archive = folder / listed.split()[-1]
    actual = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if actual != INTEGRITY[package]:
        raise ValueError(f"{package} is {actual}, not {INTEGRITY[package]}")
    return archive


def main() -> int:
    """Write the packed files, if their hashes are the known ones."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--accept", action="store_true", help="write files of other hashes, too, and print those")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        archives = {package: archive_of(package, Path(made)) for package in INTEGRITY}
        for file in FILES:
            with tarfile.open(archives[file.package]) as archive:
                member = archive.extractfile(f"package/dist/{file.name}")
                assert member is not None
                content = member.read()
            digest = hashlib.sha256(content).hexdigest()
            if digest != file.sha256 and not options.accept:
                print(f"{file.name} has the hash {digest}, not {file.sha256}; --accept writes it", file=sys.stderr)
                return 1
            file.packed.write_bytes(lzma.compress(content, preset=9 | lzma.PRESET_EXTREME))
            print(f"{file.name} {len(content):,} bytes, packed {file.packed.stat().st_size:,}, SHA-256 {digest}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
