"""The glossary: all terms in the order of the pages, and a search through them. Standard library only."""

from __future__ import annotations

from labcore.guide.compression_terms import COMPRESSION_TERMS
from labcore.guide.data_terms import DATA_TERMS
from labcore.guide.distillation_terms import DISTILLATION_TERMS
from labcore.guide.evaluation_terms import EVALUATION_TERMS
from labcore.guide.pages import NAMES
from labcore.guide.term import Term

_TERMS = (*DATA_TERMS, *COMPRESSION_TERMS, *DISTILLATION_TERMS, *EVALUATION_TERMS)
GLOSSARY: tuple[Term, ...] = tuple(sorted(_TERMS, key=lambda term: NAMES.index(term.page)))


def terms_of(page: str) -> tuple[Term, ...]:
    """The terms that this page introduces, in the order of the page."""
    return tuple(term for term in GLOSSARY if term.page == page)


def search(text: str) -> tuple[Term, ...]:
    """The terms whose name or definition contains each word of the text; all terms for an empty text.

    Terms that have each word in their name come first.
    """
    words = text.lower().split()
    matches = [term for term in GLOSSARY if all(word in f"{term.name} {term.definition}".lower() for word in words)]
    return tuple(sorted(matches, key=lambda term: not all(word in term.name.lower() for word in words)))
