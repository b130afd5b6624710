"""Text in another script or language than a tokenizer's: what the report states of it."""

from __future__ import annotations

import pytest

from labcore.data.examples import Examples
from labcore.data.foreign_text import foreign_text, tokens_per_word
from labcore.data.latin_script import main_script, non_latin_fraction
from labcore.data.tasks import TASKS
from labcore.teacher.load import load_tokenizer

TOKENIZER = load_tokenizer()


def stated(*content: str, second: tuple[str, ...] | None = None) -> str | None:
    return foreign_text(Examples(content, (0,) * len(content), second), TOKENIZER)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_of_english_nothing_is_stated(task: object) -> None:
    assert foreign_text(task.splits["train"], TOKENIZER) is None  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("وصلت الشحنة متأخرة", "Arabic"),
        ("המשלוח הגיע באיחור", "Hebrew"),
        ("Доставка опоздала", "Cyrillic"),
        ("快递迟到了三天", "CJK"),
        ("Η παράδοση άργησε", "Greek"),
    ],
)
def test_another_script_is_named(text: str, script: str) -> None:
    words = stated(text, f"{text} 42")
    assert words is not None
    assert words.startswith(f"100% of the letters are not Latin (mostly {script})")


def test_another_language_shows_in_its_tokens() -> None:
    words = stated("Die Lieferung kam verspätet an und niemand hat meine Anrufe beantwortet.")
    assert words is not None
    assert words.startswith("A word has 2.")
    assert stated("The delivery was late and nobody called me back.") is None


def test_both_texts_of_a_pair_count() -> None:
    words = stated("late", second=("опоздала",))
    assert words is not None
    assert "67% of the letters" in words
    assert "mostly Cyrillic" in words


def test_what_has_no_words_has_no_language() -> None:
    assert stated("123 456", "!!") is None
    assert tokens_per_word("123", TOKENIZER) == 1
    assert (non_latin_fraction("12"), main_script("12")) == (0, "")
    assert main_script("aé я") == "Latin"
