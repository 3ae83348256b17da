"""The library of « Comprendre ce résultat »: whole, short, plain, and never about the person."""

import re
from collections.abc import Iterator
from importlib.resources import files

import msgspec
import pytest

from backend.domain.results.analytes import common_analytes
from backend.domain.results.explanations import Explanation, Words, explanation_of, library

COMMON = {analyte.key: analyte for analyte in common_analytes()}
LONGEST, SENTENCES, CHARACTERS = 18, 4, 400
SIMPLE_LONGEST, SIMPLE_SENTENCES, SIMPLE_CHARACTERS = 12, 3, 220
WORD, END = re.compile(r"[\w-]+"), re.compile(r"[.?!](?:\s|$)")
FORBIDDEN = {
    "a judgement": r"normal|anormal|bon(ne)?s? résultat|mauvais|pathologi|inquiét|rassur|grave",
    "a risk": r"risque|danger|mortel|mourir|pronostic|espérance",
    "a diagnosis": r"diagnosti|vous (avez|êtes|souffrez|faites)\b|cancer|tumeur",
    "an order": r"il faut|faudra|vous dev|devez|veuillez|urgent|urgence|"
    r"\b(prenez|arrêtez|évitez|mangez|buvez|cessez|consultez|appelez|allez)\b",
    "jargon": r"\b(tu|ton|tes|usager|patient|sujet|norme|taux sérique|via|etc)\b|µ|[<>≥≤]",
    "a number": r"\d\s?(mg|g|mmol|µmol|U|UI|%)\b",
    "a straight apostrophe": r"'",
}
TEXTS = sorted(library().items())


def sections(words: Words) -> Iterator[tuple[str, str]]:
    return ((name, getattr(words, name)) for name in ("what", "why", "range", "ask"))


def sentences(text: str) -> list[str]:
    return [one for one in END.split(text) if WORD.search(one)]


def check(words: Words, longest: int, most: int, characters: int) -> None:
    for name, text in sections(words):
        assert text == text.strip(), name
        assert text.endswith("."), name
        assert len(text) <= characters, name
        assert 1 <= len(sentences(text)) <= most, name
        for sentence in sentences(text):
            assert len(WORD.findall(sentence)) <= longest, sentence
            assert sentence.strip()[0].isupper(), sentence
        for what, pattern in FORBIDDEN.items():
            assert not re.search(pattern, text, re.IGNORECASE), f"{what} in {name}: {text}"


def test_the_120_analyses_most_asked_for_are_known() -> None:
    assert len(COMMON) == 120


def test_each_of_them_has_a_text() -> None:
    assert set(library()) == set(COMMON)


@pytest.mark.parametrize(("key", "text"), TEXTS)
def test_a_text_is_short_plain_and_about_the_analysis(key: str, text: Explanation) -> None:
    check(text.words(simple=False), LONGEST, SENTENCES, CHARACTERS)


@pytest.mark.parametrize(("key", "text"), TEXTS)
def test_its_simple_version_is_plainer_still(key: str, text: Explanation) -> None:
    check(text.words(simple=True), SIMPLE_LONGEST, SIMPLE_SENTENCES, SIMPLE_CHARACTERS)
    assert text.words(simple=True) != text.words(simple=False)


@pytest.mark.parametrize(("key", "text"), TEXTS)
def test_it_says_whom_to_ask(key: str, text: Explanation) -> None:
    who = re.compile(r"médecin|laboratoire|biologiste|pharmacien|sage-femme")
    for words in (text.words(simple=True), text.words(simple=False)):
        assert who.search(words.ask)


def test_nothing_is_said_to_be_signed_that_nobody_signed() -> None:
    for text in library().values():
        assert text.signed is None or (text.signed.by.strip() and text.signed.on >= text.written)


def test_texts_stand_in_the_file_of_their_family() -> None:
    folder = files("backend.domain.codes") / "explanations"
    for analyte in COMMON.values():
        if explanation_of(analyte.key):
            text = (folder / f"{analyte.family}.toml").read_text(encoding="utf-8")
            assert f"\n[{analyte.key}]\n" in text


def test_no_text_is_said_twice() -> None:
    said = [text.what for _, text in TEXTS]
    assert len(said) == len(set(said))


def test_an_analysis_that_nobody_explained_has_no_text() -> None:
    assert explanation_of("") is None
    assert explanation_of("mpv") is None


def test_a_section_that_is_missing_or_unknown_is_refused() -> None:
    simple = {"what": "A.", "why": "B.", "range": "C.", "ask": "D."}
    whole = {**simple, "simple": simple, "written": "2026-11-26"}
    assert msgspec.convert(whole, Explanation, strict=False).signed is None
    for wrong in ({**whole, "advice": "E."}, {k: v for k, v in whole.items() if k != "ask"}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(wrong, Explanation, strict=False)


@pytest.mark.parametrize(
    "text",
    [
        "Vous êtes malade.",
        "Ce résultat est normal.",
        "Le risque augmente.",
        "Il faut refaire l’analyse.",
        "Arrêtez ce médicament.",
        "L'apostrophe est droite.",
        "Sous 5 mg, tout change.",
        "sans capitale.",
        "Sans point",
        "Un deux trois quatre cinq six sept huit neuf dix onze douze treize.",
        "Un. Deux. Trois. Quatre.",
    ],
)
def test_these_tests_notice_what_is_wrong(text: str) -> None:
    with pytest.raises(AssertionError):
        check(Words(text, text, text, text), SIMPLE_LONGEST, SIMPLE_SENTENCES, SIMPLE_CHARACTERS)
