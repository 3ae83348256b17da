"""What INSi answers, in our words; whatever does not read as an answer is InsiDown."""

import re
from collections.abc import Iterator
from datetime import date
from uuid import UUID

from lxml import etree
from msgspec import Struct

from backend.domain.errors import Refused, Unavailable
from backend.domain.formats.xml import Malformed, parse_closed
from backend.domain.ins import check_matricule
from backend.domain.reports import Traits
from backend.domain.rniv import plain_name

CODE = re.compile(r"[A-Za-z0-9_.:-]{1,40}")
ONE, NONE, SEVERAL = "00", "01", "02"
MATRICULE = 13

Element = etree._Element  # noqa: SLF001 - lxml has no public name for its elements


class InsiDown(Unavailable):
    """No answer, or none that can be read. `code` says which, for who runs the service."""

    message = (
        "Le téléservice INSi ne répond pas. L’identité reste comme elle est : continuez, "
        "et réessayez plus tard."
    )

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code


class InsiRefusesUs(InsiDown):
    """It answers that we may not ask, or ask badly: waiting changes nothing."""

    message = (
        "Le téléservice INSi refuse notre demande. L’identité reste comme elle est : "
        "prévenez la personne qui gère le service."
    )


class Number(Struct, frozen=True):
    """A matricule of fifteen characters, and its domain."""

    matricule: str
    oid: str


class Found(Struct, frozen=True):
    """One person (00): all strict traits, matricule and domain included."""

    traits: Traits
    former: tuple[Number, ...] = ()
    """Numbers that the person had before: they find old documents, and are never sent."""


class Nobody(Struct, frozen=True):
    """Nobody has these traits (01)."""


class Several(Struct, frozen=True):
    """Several people have them (02): ask again with more."""


Answer = Found | Nobody | Several


def read_answer(data: bytes, asked: UUID) -> Answer:
    """What INSi says of a search."""
    result = _read_result(data, asked)
    code = _text(result, "CR", "CodeCR")
    if code == NONE:
        return Nobody()
    if code == SEVERAL:
        return Several()
    if code != ONE:
        raise InsiDown(_safe(f"cr-{code}"))
    try:
        return _read_person(_child(result, "INDIVIDU"))
    except (Refused, ValueError) as error:
        raise InsiDown("malformed") from error


def read_verdict(data: bytes, asked: UUID) -> bool:
    """What INSi says of a number and traits: together or not."""
    code = _text(_read_result(data, asked), "CR", "CodeCR")
    if code not in {ONE, NONE}:
        raise InsiDown(_safe(f"cr-{code}"))
    return code == ONE


def _read_result(data: bytes, asked: UUID) -> Element:
    try:
        root = parse_closed(data)
    except Malformed as error:
        raise InsiDown("malformed") from error
    for told in root.iter("{*}RelatesTo"):
        if (told.text or "").strip() != f"uuid:{asked}":
            raise InsiDown("another-answer")
    if (fault := next(root.iter("{*}Fault"), None)) is not None:
        _raise_fault(fault)
    found = next(root.iter("{*}RESULTAT"), None)
    if found is None:
        raise InsiDown("malformed")
    return found


def _raise_fault(fault: Element) -> None:
    """`siram_40/insi_102`; a fault of the sender’s is ours, whatever else it says."""
    values = [(value.text or "").rpartition(":")[2].strip() for value in fault.iter("{*}Value")]
    details = [error.get("code", "") for error in fault.iter("{*}Erreur")]
    code = "/".join(_safe(part) for part in (*values[1:], *details) if part)
    refused = values[:1] == ["Sender"]
    raise (InsiRefusesUs if refused else InsiDown)(code or "fault")


def _read_person(person: Element) -> Found:
    traits = _child(person, "TIQ")
    number = _read_number(_child(person, "INSACTIF"))
    names = plain_name(_text(traits, "ListePrenom"))
    sex = _text(traits, "Sexe")
    name = plain_name(_text(traits, "NomNaissance"))
    if not (name and names) or sex not in {"M", "F"}:
        raise ValueError("strict traits are missing")
    found = Traits(
        matricule=number.matricule,
        oid=number.oid,
        birth_name=name,
        first_given=names.partition(" ")[0],
        given_names=names,
        birth_date=date.fromisoformat(_text(traits, "DateNaissance")),
        sex=sex,
        birthplace=_text(traits, "LieuNaissance").upper(),
    )
    return Found(found, tuple(_former(person)))


def _former(person: Element) -> Iterator[Number]:
    """A former number that is badly written is left out: it proves nothing."""
    for one in person.iterchildren("{*}INSHISTO"):
        try:
            yield _read_number(one)
        except (Refused, ValueError):
            continue


def _read_number(one: Element) -> Number:
    """NIR = NumIdentifiant + Cle."""
    first, key = _text(one, "IdIndividu", "NumIdentifiant"), _text(one, "IdIndividu", "Cle")
    if len(first) != MATRICULE:
        raise ValueError("a matricule has thirteen characters and a key")
    number = Number(first + key.zfill(2), _text(one, "OID"))
    check_matricule(number.matricule, number.oid)
    return number


def _child(parent: Element, name: str) -> Element:
    found = parent.find(f"{{*}}{name}")
    if found is None:
        raise ValueError(name)
    return found


def _text(parent: Element, *names: str) -> str:
    """The text there; empty when there is none."""
    found = parent.findtext("/".join(f"{{*}}{name}" for name in names))
    return (found or "").strip()


def _safe(code: str) -> str:
    """Goes in logs: a code of theirs, or nothing of what was said."""
    return code if CODE.fullmatch(code) else "unreadable"
