"""What runs a model in a browser: built files of two npm packages, which the lab ships packed.

They are in `page/runtime/`, packed by LZMA: 2.3 MB instead of 14.7. So a page can be written offline and without node.
`python -m benchmarks.page_files` gets them again from the registry. `ort-wasm-simd-threaded` is onnxruntime-web's
smallest build that has the operators of 8- and 4-bit files; its others add WebGPU or WebNN.
"""

from __future__ import annotations

import gzip
import hashlib
import lzma
import shutil
from dataclasses import dataclass
from pathlib import Path

from labcore.config.checks import SpecError

PACKED = Path(__file__).parent / "page" / "runtime"
ORT, TOKENIZERS = "onnxruntime-web@1.30.0", "@huggingface/tokenizers@0.2.0"
# Of the packages' archives, as the registry states it.
INTEGRITY = {
    ORT: "sha512-q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ==",
    TOKENIZERS: "sha512-LidMHe1FpcSYH4vcSjXooda34pC0M8m1gmDOv7SQi6Iv+ib1zX7J3sHBCC9/3FPCkn2k1b55FneVqMRxrr99pg==",
}


@dataclass(frozen=True)
class RuntimeFile:
    """A file of a package's `dist` folder. sha256: of its content. gzipped: whether the page gets it packed by gzip."""

    name: str
    package: str
    sha256: str
    gzipped: bool = False

    @property
    def packed(self) -> Path:
        """The file as the lab ships it."""
        return PACKED / f"{self.name}.xz"


WASM = RuntimeFile(
    "ort-wasm-simd-threaded.wasm",
    ORT,
    "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2",
    gzipped=True,
)
FILES = (
    WASM,
    RuntimeFile("ort.wasm.bundle.min.mjs", ORT, "11e64bd8ffe11bd1a2a2f0d6275fdfbbba7262f0b76b99b53d228a8a22ef3d90"),
    RuntimeFile("tokenizers.min.mjs", TOKENIZERS, "258e46332101335ce8d95aed7745b19ac3b46d37f3e159a89cf894c2ea9b1d3a"),
)
NOTICES = "onnxruntime.ThirdPartyNotices.txt"  # as the PyPI package onnxruntime 1.32.0 has them
LICENCES = ("LICENCES.txt", "tokenizers.LICENSE.txt")


def write_runtime(folder: Path) -> Path:
    """Write the files and their licences to a new folder, and return the path of the WebAssembly, packed by gzip.

    A page unpacks it itself, so every static server sends 3.7 MB instead of 14.2.
    Raises SpecError if the lab's copy of a file is damaged, and OSError.
    """
    folder.mkdir()
    for file in FILES:
        content = content_of(file)
        if file.gzipped:
            (folder / f"{file.name}.gz").write_bytes(gzip.compress(content, 6, mtime=0))
        else:
            (folder / file.name).write_bytes(content)
    (folder / NOTICES).write_bytes(_unpacked(PACKED / f"{NOTICES}.xz"))
    for name in LICENCES:
        shutil.copyfile(PACKED / name, folder / name)
    return folder / f"{WASM.name}.gz"


def content_of(file: RuntimeFile) -> bytes:
    """The file's content. Raises SpecError if the lab's copy is not the package's, and OSError."""
    content = _unpacked(file.packed)
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise SpecError(f"{file.packed} is not the file of {file.package}; check the lab out again")
    return content


def _unpacked(path: Path) -> bytes:
    try:
        return lzma.decompress(path.read_bytes())
    except lzma.LZMAError as error:
        raise SpecError(f"{path} is damaged ({error}); check the lab out again") from None
