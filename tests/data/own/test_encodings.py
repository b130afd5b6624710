"""Encodings: a guess for texts of many languages, and what can't be read is counted, not lost in silence."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcore.data.own.encodings import ENCODINGS, decoded, guess_encoding
from labcore.data.own.limits import DataError

PHRASES = {
    "German": "Das Wetter ist heute schön und ich möchte über die Straße gehen, weil es mir gefällt;gut\n",
    "French": "Le café était très bon, mais la façade est abîmée et l’été fut chaud;bon\n",
    "Spanish": "La película fue muy buena, ¿no? El niño comió en el jardín mañana;bueno\n",
    "English": "It’s a “great” film – really, I paid £5;good\n",
    "Swedish": "Det är en mycket bra film, jag älskar den på kvällen, så roligt;bra\n",
    "Portuguese": "Não é um filme tão bom, mas as canções são ótimas, põe na lista;bom\n",
    "Icelandic": "Það er mjög góð mynd, ég mæli með henni við þig, hún ræður öllu;gott\n",
    "Polish": "Zażółć gęślą jaźń; świetny film, bardzo mi się podobał, chociaż był długi;dobry\n",
    "Czech": "Příliš žluťoučký kůň úpěl ďábelské ódy, film byl výborný a děti měly radost;dobrý\n",
    "Hungarian": "Árvíztűrő tükörfúrógép; nagyon jó film volt, őszintén szólva;jó\n",
    "Turkish": "Bu film çok güzeldi, ışıklar ve müzik şahaneydi, İstanbul;iyi\n",
    "Russian": "Это очень хороший фильм, мне понравилось и я рекомендую его всем;хорошо\n",
    "Greek": "Αυτή είναι μια πολύ καλή ταινία και μου άρεσε;καλό\n",
    "Hebrew": "זה סרט טוב מאוד ואני ממליץ עליו לכולם;טוב\n",
    "Arabic": "هذا فيلم جيد جدا وأنا أوصي به للجميع;جيد\n",
    "Japanese": "これはとても良い映画です。みんなにお勧めします。漢字も書きます;良い\n",
    "Chinese": "这是一部非常好的电影，我推荐给大家观看，很有意思;好\n",
    "Taiwanese": "這是一部非常好的電影，我推薦給大家觀看，很有意思;好\n",
    "Korean": "이것은 아주 좋은 영화입니다 모두에게 추천합니다;좋음\n",
}
OLD = {
    **dict.fromkeys(("German", "French", "Spanish", "English", "Swedish", "Portuguese", "Icelandic"), ("cp1252",)),
    **dict.fromkeys(("Polish", "Czech", "Hungarian"), ("cp1250",)),
    "Turkish": ("cp1254",),
    "Russian": ("cp1251", "koi8-r"),
    "Greek": ("cp1253",),
    "Hebrew": ("cp1255",),
    "Arabic": ("cp1256",),
    "Japanese": ("cp932", "euc_jp"),
    "Chinese": ("gb18030",),
    "Taiwanese": ("big5",),
    "Korean": ("euc_kr",),
}
UNICODE = ("utf-8", "utf-8-sig", "utf-16", "utf-32")


@pytest.mark.parametrize("language", PHRASES)
@pytest.mark.parametrize("count", [1, 40])
def test_the_encoding_of_real_sentences_is_guessed(language: str, count: int) -> None:
    text = "text;label\n" + PHRASES[language] * count
    for encoding in (*OLD[language], *UNICODE):
        content = text.encode(encoding)
        assert guess_encoding(content) == encoding
        assert decoded(content, encoding).text == text


def test_latin_text_in_utf_16_without_a_mark_is_known_by_its_zeros() -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        assert guess_encoding(PHRASES["German"].encode(encoding)) == encoding


def test_one_foreign_letter_in_a_long_file_is_western() -> None:
    assert guess_encoding(("plain text here;a\n" * 500 + "a café;b\n").encode("cp1252")) == "cp1252"


def test_two_encodings_in_one_file_are_read_as_the_more_frequent_and_counted() -> None:
    content = ("text;label\n" + PHRASES["German"] * 30).encode() + "schön;gut\n".encode("cp1252")
    assert guess_encoding(content) == "utf-8"
    read = decoded(content, "utf-8")
    assert read.unread == 1
    assert read.text.endswith("sch\ufffdn;gut\n")


@given(st.binary(max_size=300), st.sampled_from(ENCODINGS))
def test_any_bytes_are_a_text_or_one_line(content: bytes, encoding: str) -> None:
    for chosen in (encoding, guess_encoding(content)):
        with suppress(DataError):
            read = decoded(content, chosen)
            read.text.encode()  # no half characters
            assert not set(read.text) & {"\0", "\r"}


def test_nul_characters_are_removed_and_counted_and_many_are_no_text() -> None:
    read = decoded(b"text,label\na\0b,x\n", "utf-8")
    assert (read.text, read.nul) == ("text,label\nab,x\n", 1)
    with pytest.raises(DataError, match="no text: 5,000 of its 5,000 characters"):
        decoded(bytes(5000), "utf-8")
