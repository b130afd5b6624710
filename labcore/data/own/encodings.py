"""The encoding of a text file: a guess among the sensible ones, and decoding that reports what it could not read."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from labcore.data.own.limits import DataError

# By Python's names. The first that fits is not always right, so a page shows the guess and lets you correct it.
ENCODINGS = (
    "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1", "iso8859-15", "cp1250",
    "cp1251", "koi8-r", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874", "mac-roman",
    "shift_jis", "cp932", "euc_jp", "gb18030", "big5", "euc_kr", "cp949",
)  # fmt: skip
# What the guesser may choose for bytes that are not UTF-8: one for each script.
_GUESSED = ("cp1252", "cp1251", "koi8-r", "cp1253", "cp1255", "cp1256", "cp932", "gb18030", "big5", "euc_kr", "euc_jp")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SAMPLE_BYTES = 32_000  # of lines with bytes outside ASCII, for the guesser
FOREIGN = 0.3  # above this fraction of such bytes a text is in another script than the Latin one
FEW_CONTROLS = 8  # in a short file these many are no sign of anything
MAX_CONTROLS = 0.02  # above this fraction of control characters a file is no text

_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Decoded:
    """A file's text without NUL characters, each line end as `\\n`.

    unread: bytes that the encoding has no character for. nul: how many NUL characters were removed.
    """

    text: str
    unread: int
    nul: int


def decoded(content: bytes, encoding: str) -> Decoded:
    """The text of a file; what can't be read becomes U+FFFD. Raises DataError if most of it is no text."""
    already = 0
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode(encoding, errors="replace")
        already = text.count("\ufffd")
    except (LookupError, ValueError):
        raise DataError(f"the encoding is {encoding!r}; give one of {', '.join(ENCODINGS)}") from None
    nul = text.count("\0")
    controls = len(_CONTROLS.findall(text))
    if controls > max(FEW_CONTROLS, MAX_CONTROLS * len(text)):
        raise DataError(
            f"the file is no text: {controls:,} of its {len(text):,} characters can't be seen (read as {encoding}); "
            "give a CSV, TSV, JSONL or Parquet file, or another encoding"
        )
    return Decoded(text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n"), already, nul)


def guess_encoding(content: bytes) -> str:
    """The encoding of a file, one of ENCODINGS. A mark at its start decides, then whether it is UTF-8."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding
    if wide := _wide(content[:4000]):
        return wide
    try:
        content.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        pass
    replaced = content.decode("utf-8", errors="replace")
    bad = replaced.count("\ufffd")
    good = sum(character > "\x7f" for character in replaced) - bad
    if good > bad:  # most of it is UTF-8: a part from elsewhere, or a damaged place
        return "utf-8"
    return _not_utf8(content)


def _not_utf8(content: bytes) -> str:
    """The encoding of bytes that are not UTF-8."""
    sample = _foreign_lines(content)
    share = sum(byte > 0x7F for byte in sample) / max(1, sum(chr(byte).isalpha() or byte > 0x7F for byte in sample))
    if share < FOREIGN:
        return _latin(sample)
    kana = re.findall("[\u3040-\u30ff]", sample.decode("euc_jp", "replace"))
    if len(kana) > 0.1 * share * len(sample):  # two bytes each, so a fifth of the characters
        return "euc_jp"
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=list(_GUESSED), threshold=0.4).best()
    fitting = [] if best is None else best.could_be_from_charset  # all that yield the same characters
    plain = [codecs.lookup(name) for name in fitting]
    return next((name for name in _GUESSED if codecs.lookup(name) in plain), "cp1252")


def _latin(sample: bytes) -> str:
    """The encoding of text in Latin script: cp1252, unless bytes stand for letters of Turkish or Central Europe.

    A statistical guess fails here: French is as plausible in cp1250, with other letters. cp1252 and cp1250 share the
    letters of German.
    """
    used = set(sample)
    if used & set(b"\xf0\xfd\xfe") and used & set(b"\xe7\xfc") and not used & set(b"\xe1\xe6\xed"):
        return "cp1254"  # ğ, ı or ş; Icelandic, which has these bytes for ð, ý and þ, has á, æ and í, too
    if re.search(rb"[A-Za-z\x80-\xff][\xb9\xb3\xbe\xba\x9d\x9f]|[\x8a\x8e\x9a\x9e]", sample):
        return "cp1250"  # ą, ł, ľ, ş, ť, ź within a word, or š and ž
    if used & set(b"\xf5\xfb") and not used & set(b"\xe0\xe3\xe7\xe8\xea"):
        return "cp1250"  # ő or ű of Hungarian; Portuguese and French have ã, ç, è or ê, too
    return "cp1252"


def _foreign_lines(content: bytes) -> bytes:
    """The first lines that hold bytes outside ASCII; of a long line a part."""
    lines: list[bytes] = []
    size = end = 0
    foreign = re.compile(rb"[\x80-\xff]")
    while size < SAMPLE_BYTES and (match := foreign.search(content, end)):
        start = max(end, content.rfind(b"\n", max(0, match.start() - 2000), match.start()) + 1, match.start() - 2000)
        newline = content.find(b"\n", match.start(), match.start() + 2000)
        end = newline if newline > 0 else min(len(content), match.start() + 2000)
        lines.append(content[start:end])
        size += end - start
    return b"\n".join(lines)


def _wide(start: bytes) -> str:
    """UTF-16 without a mark: every second byte of Latin text is 0. Empty if it is not."""
    even, odd = start[::2].count(0), start[1::2].count(0)
    half = max(1, len(start) // 2)
    if odd > 0.7 * half and even < 0.1 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 * half and odd < 0.1 * half else ""
