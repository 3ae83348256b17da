"""What must never be heard outside a page: the demonstration's people, their results, a stranger.

A canary is found whatever its case, its accents, its apostrophes or its escapes; it is named in
reports and never quoted.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from html import unescape
from unicodedata import combining, normalize
from urllib.parse import unquote_plus

from backend.demo.people import (
    INS_TEST,
    LABORATORIES,
    PEOPLE,
    PRACTITIONERS,
    Someone,
    key_of,
)
from backend.demo.reports import analytes
from backend.domain.reports import Person, Traits
from backend.storage.records import RecordState
from backend.web import french

SHORTEST = 6
"""Shorter words occur by chance."""
LONG = 12
"""Long enough to be looked for in base64 too."""

STRANGER = Someone(
    key="stranger",
    traits=Traits(
        matricule="2750699999888" + key_of("2750699999888"),
        oid=INS_TEST,
        birth_name="ZWYXQUORVALDE",
        first_given="ÉLÉONIXE",
        given_names="ÉLÉONIXE ÇŒLINDRE",
        birth_date=date(1975, 6, 29),
        sex="F",
        birthplace="99999",
        used_name="O’KHRÜZNIKOWSKA",
        used_given="ÉLÉONIXE",
    ),
    state=RecordState.ACTIVE,
    identifier="eleonixe.zwyxquorvalde",
    password="la-zibeline-du-kiosque-flou-77",
    email="eleonixe.zwyxquorvalde@quokka.example",
    phone="+33639989977",
)
"""Nobody else has such traits: wherever one of them is, it is hers."""
STRANGE_WORDS = ("Zylophorase quantique", "Brindézingue du plasma", "Ostrogothémie foudroyante")
"""The words of her results."""


@dataclass(frozen=True)
class Canary:
    """One thing that must stay unsaid."""

    name: str
    value: str
    rare: bool = True
    """Occurs nowhere by chance, and has no right to be in clear in the database."""


def _of_person(someone: Someone) -> Iterator[Canary]:
    traits, key = someone.traits, someone.key
    yield Canary(f"{key}’s matricule", traits.matricule[:13])
    families = {traits.birth_name, traits.used_name} - {""}
    for family in families:
        yield Canary(f"{key}’s whole name", f"{traits.first_given} {family}")
        yield Canary(f"{key}’s whole name", f"{family} {traits.first_given}")
        yield Canary(f"{key}’s whole name", f"{family}^{traits.first_given}")
        if len(family) >= SHORTEST:
            yield Canary(f"{key}’s name", family)
    if traits.birth_date:
        for told in (f"{traits.birth_date}", f"{traits.birth_date:%d/%m/%Y}"):
            yield Canary(f"{key}’s birth date", told, rare=False)
        yield Canary(f"{key}’s birth date", french.day(traits.birth_date), rare=False)
    if someone.phone:
        local = "0" + someone.phone.removeprefix("+33")
        pairs = " ".join(local[at : at + 2] for at in range(0, 10, 2))
        for told in (someone.phone[1:], local, pairs):
            yield Canary(f"{key}’s phone", told)
    for what in ("identifier", "password", "email"):
        if value := getattr(someone, what):
            yield Canary(f"{key}’s {what}", value)


def _of_professional(person: Person) -> Iterator[Canary]:
    for told in (f"{person.given} {person.family}", f"{person.family} {person.given}"):
        # What is looked for in files is ASCII: a family name alone is in the public directory.
        whole = told.split(" ")[1][0].isascii()
        yield Canary(f"the whole name of {person.family.title()}", told, rare=whole)


def _everything() -> Iterator[Canary]:
    for someone in (*PEOPLE, STRANGER):
        yield from _of_person(someone)
    for laboratory in LABORATORIES:
        yield Canary(f"the secret of {laboratory.client_id}", laboratory.client_secret)
        yield Canary(f"{laboratory.key}, by its name", laboratory.structure.name, rare=False)
        for biologist in laboratory.biologists:
            yield from _of_professional(biologist)
    for practitioner in PRACTITIONERS:
        yield from _of_professional(practitioner.person)
    known = [found for found in vars(analytes).values() if isinstance(found, analytes.Analyte)]
    words = {word for found in known for word in (found.label, found.display)}
    words |= {"Bilan sanguin", "Analyse d’urine", "Groupe sanguin", "Sérologies", "Glycémie"}
    words |= {"Recherche de germes", "Un second dosage", "Infection urinaire", *STRANGE_WORDS}
    for number, word in enumerate(sorted(word for word in words if len(word) > SHORTEST)):
        yield Canary(f"result word {number}", word)


Tree = dict[int, "Tree"]


def _any_of(words: Iterable[bytes]) -> re.Pattern[bytes]:
    """One pattern for all of them, that never tries two branches: whole databases go through it."""
    tree: Tree = {}
    for word in words:
        node = tree
        for letter in word:
            node = node.setdefault(letter, {})
        node[_END] = {}
    return re.compile(_branches(tree))


_END = -1


def _branches(tree: Tree) -> bytes:
    if not tree or _END in tree:
        return b""
    parts = [re.escape(bytes([letter])) + _branches(rest) for letter, rest in tree.items()]
    return b"(?:" + b"|".join(parts) + b")"


COMBINING = re.compile(f"[{''.join(filter(combining, map(chr, range(0x3100))))}]+")


def fold(text: str) -> str:
    """Without case, accents, and the ways to write an apostrophe."""
    if text.isascii():
        return text.lower()
    return COMBINING.sub("", normalize("NFKD", text.replace("’", "'")).casefold())


CANARIES = tuple(_everything())
_FOLDED = tuple((canary, fold(canary.value)) for canary in CANARIES)


def _core(value: str) -> bytes:
    """Its longest stretch of ASCII, small: the same in every encoding and every case."""
    stretches: list[str] = re.findall(r"[\x20-\x7e]+", value)
    return max(stretches, key=len).strip().lower().encode()


def _in_base64(value: str) -> Iterator[bytes]:
    """What base64 makes of it wherever it starts, without its uncertain ends."""
    for shift in range(3):
        coded = b64encode(b"\0" * shift + value.encode())
        yield coded[4 if shift else 0 : -4]


_CORES = tuple(
    (canary, core)
    for canary in CANARIES
    if canary.rare and len(core := _core(canary.value)) >= SHORTEST
)
SOUGHT_IN_FILES = frozenset(canary for canary, _ in _CORES)
_CODED = tuple(
    (canary, coded)
    for canary in CANARIES
    if canary.rare and len(canary.value) >= LONG and not canary.name.startswith("result")
    for coded in _in_base64(canary.value)
)


_ANY_FOLDED = _any_of(value.encode() for _, value in _FOLDED)
_ANY_CORE = _any_of(core for _, core in _CORES)
_ANY_CODED = _any_of(coded for _, coded in _CODED)


ESCAPED = re.compile(r"\\(?:u([0-9a-f]{4})|x([0-9a-f]{2}))", re.IGNORECASE)


def _unescaped(found: re.Match[str]) -> str:
    return chr(int(found[1] or found[2], 16))


def in_text(text: str) -> set[str]:
    """Names of the canaries that a text says, escaped or not."""
    told = {text, unquote_plus(text), unescape(text), ESCAPED.sub(_unescaped, text)}
    folded = [fold(form) for form in told]
    if not any(_ANY_FOLDED.search(form.encode("utf-8", "replace")) for form in folded):
        return set()
    return {canary.name for canary, value in _FOLDED if any(value in form for form in folded)}


def in_words(data: bytes) -> set[str]:
    """The same for bytes meant to be read: UTF-8, or one byte a letter."""
    found = in_text(data.decode("utf-8", "replace"))
    return found if data.isascii() else found | in_text(data.decode("latin-1"))


def in_bytes(data: bytes) -> set[str]:
    """Names of the unmistakable canaries that lie in a file or a dump, compressed excepted."""
    small, found = data.lower(), set[str]()
    if _ANY_CORE.search(small):
        found |= {canary.name for canary, core in _CORES if core in small}
    if _ANY_CODED.search(data):
        found |= {canary.name for canary, coded in _CODED if coded in data}
    return found
