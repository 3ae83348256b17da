"""Finding a document by words: no accents, no capitals, a slip of the finger forgiven. Pure.

A document is found when every word typed is one of its words, begins one, or nearly is one.
"""

import re
import unicodedata
from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

from backend.domain.documents import Summary
from backend.domain.reports import Report
from backend.domain.results.analytes import FAMILIES, analyte_of

MOST_TYPED = 100
"""Characters of a search."""
MOST_WORDS = 5_000
"""Different words kept of one document."""
LONGEST_WORD = 40
SMALL_WORDS = frozenset(
    (
        "a",
        "au",
        "aux",
        "d",
        "de",
        "des",
        "du",
        "en",
        "et",
        "l",
        "la",
        "le",
        "les",
        "ou",
        "sur",
        "un",
    )
)
WORD = re.compile(r"[a-z0-9]+")
JOINED = str.maketrans({"œ": "oe", "æ": "ae", "µ": "u", "μ": "u"})
BEGINS = 2
"""Shorter words must be there as they are."""
ONE_SLIP, TWO_SLIPS = 4, 8
"""From how many letters on a word may have one slip, then two: a letter more, less, other, or two
exchanged."""


def plain_words(text: str) -> list[str]:
    """« Glycémie à jeun » is `glycemie`, `a`, `jeun`."""
    folded = unicodedata.normalize("NFKD", text.casefold().translate(JOINED))
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return [word[:LONGEST_WORD] for word in WORD.findall(bare)]


def words_of(summary: Summary, report: Report, pages: Iterable[str] = ()) -> frozenset[str]:
    """What finds a document: its names, its analyses in plain and official words, its text."""
    texts = [summary.title, summary.laboratory, summary.prescriber, *report.comments]
    for result in report.results:
        known = analyte_of(result)
        texts += [known.name, known.what, FAMILIES[known.family], result.label, result.display]
        texts += [result.loinc, result.local_code, result.battery_title, result.isolate]
    return with_text(frozenset(), [*texts, *pages])


def with_text(known: frozenset[str], texts: Iterable[str]) -> frozenset[str]:
    """What is known and the words of these texts, as far as there is room for them."""
    words = {
        **dict.fromkeys(known),
        **dict.fromkeys(w for text in texts for w in plain_words(text)),
    }
    return frozenset(list(words)[:MOST_WORDS])


def asked_words(text: str) -> list[str]:
    """The words that must be found; the small ones only when there is nothing else."""
    words = plain_words(text[:MOST_TYPED])
    return [word for word in words if word not in SMALL_WORDS] or words


def like(word: str, vocabulary: Iterable[str]) -> set[str]:
    """The words of the vocabulary that `word` may stand for."""
    known = list(vocabulary)
    if len(word) < BEGINS:
        return {word} & set(known)
    found = {other for other in known if other.startswith(word)}
    if len(word) >= ONE_SLIP and not word.isdecimal():
        slips = 2 if len(word) >= TWO_SLIPS else 1
        near = process.extract(word, known, scorer=OSA.distance, score_cutoff=slips, limit=None)
        found |= {other for other, _distance, _place in near}
    return found
