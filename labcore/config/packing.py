"""Text in few characters, all of which a web address and a terminal take. Standard library only."""

from __future__ import annotations

import base64
import zlib

RAW = -15  # the largest window of deflate, without a header


def packed(text: str, dictionary: bytes = b"") -> str:
    """The text, compressed. dictionary: what such texts have in common; it is needed to read them again."""
    packer = zlib.compressobj(9, wbits=RAW, zdict=dictionary)
    data = packer.compress(text.encode()) + packer.flush()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unpacked(code: str, most: int, dictionary: bytes = b"") -> str:
    """The inverse of `packed`. Raises ValueError if the code is damaged, or holds more than `most` bytes."""
    unpacker = zlib.decompressobj(wbits=RAW, zdict=dictionary)
    try:
        data = base64.b64decode(code + "=" * (-len(code) % 4), b"-_", validate=True)
        text = unpacker.decompress(data, most + 1).decode()
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if not unpacker.eof:
        raise ValueError(f"it is cut off, or longer than {most:,} characters")
    return text
