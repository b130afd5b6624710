"""A link as a QR code."""

from __future__ import annotations

BORDER = 4  # in squares of the code: readers need a white border
WIDEST = 320  # pixels


def qr_code(link: str) -> str:
    """The code as an `img` element, dark on light in both themes, because readers expect that.

    Raises ValueError if the link is too long for a code, which holds about 2,900 characters.
    """
    import segno  # only here: the page needs it only once a link is complete

    code = segno.make(link, error="l", micro=False, boost_error=False)
    image = code.svg_data_uri(border=BORDER, dark="black", light="white", omitsize=True)
    return f'<img src="{image}" alt="QR code of the link" style="width: 100%; max-width: {WIDEST}px">'
