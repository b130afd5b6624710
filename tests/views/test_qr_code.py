"""A link as a QR code: an image that holds it, with words for those who can't see it."""

from __future__ import annotations

import pytest

from labcore.views.start.qr_code import qr_code


def test_a_link_becomes_an_image_in_black_on_white() -> None:
    short, longer = qr_code("http://192.168.1.20:8501/"), qr_code("http://192.168.1.20:8501/?lesson=1." + "A" * 300)
    assert short.startswith('<img src="data:image/svg+xml')
    assert 'alt="QR code of the link"' in short
    assert len(longer) > len(short)
    assert "fff" in short


def test_a_link_that_no_code_can_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="data"):
        qr_code("x" * 3000)
