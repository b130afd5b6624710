"""A person's text is shown as it is: no sign of Markdown works, and no address becomes a link."""

from __future__ import annotations

import pytest

from labcore.views.markdown import escaped

WORD_JOINER = "\N{WORD JOINER}"


@pytest.mark.parametrize("text", ["see http://a.example", "www.a.example", "HTTPS://a.example/x", "me@a.example"])
def test_an_address_is_broken_where_nobody_sees_it(text: str) -> None:
    shown = escaped(text)
    assert WORD_JOINER in shown
    assert shown.replace(WORD_JOINER, "").replace("\\", "") == text


@pytest.mark.parametrize("text", ["plain", "a www b", "httpd", "@home", "a*b_c [d](e) <b>f</b> $g$ :red[h]"])
def test_other_text_only_gets_backslashes(text: str) -> None:
    assert escaped(text).replace("\\", "") == text
