"""PID and PRT: who the document is about, who sends it, who else receives it."""

from backend.domain.formats.er7 import Segment
from backend.domain.formats.hl7v2.errors import MessageError
from backend.domain.formats.hl7v2.values import Recipient
from backend.domain.formats.times import read_day
from backend.domain.ins import OIDS
from backend.domain.reports import Organisation, Person, Traits, id_nat_ps


def read_patient(pid: Segment) -> Traits:
    """Strict traits and INS of PID; empty where it says nothing."""
    matricule, oid = _ins(pid)
    birth = _name(pid, "L")
    used = _name(pid, "D")
    return Traits(
        matricule=matricule,
        oid=oid,
        birth_name=pid.component(birth, 1),
        first_given=pid.component(birth, 2),
        given_names=pid.component(birth, 3),
        birth_date=read_day(pid.text(7)),
        sex=pid.text(8),
        birthplace=_birthplace(pid),
        used_name=pid.component(used, 1),
        used_given=pid.component(used, 2),
    )


def read_sender(segments: list[Segment]) -> tuple[Person, Organisation]:
    """PRT SB, the one sender, or MessageError."""
    found = [segment for segment in segments if segment.text(4) == "SB"]
    if not found:
        raise MessageError("101", "L’émetteur (PRT-4 = SB) manque.", ("PRT", 1, 4, 1))
    if len(found) > 1:
        raise MessageError("198", "Un seul émetteur (PRT-4 = SB) est attendu.", ("PRT", 2, 4, 1))
    sender = found[0]
    structure = Organisation(id=sender.text(8, 10), name=sender.text(8))
    return _person(sender), structure


def read_recipients(segments: list[Segment]) -> tuple[tuple[Recipient, ...], str]:
    """PRT RCT with an address, and the REPLY address (or empty)."""
    recipients = tuple(
        Recipient(_person(segment), segment.text(5, 13), segment.text(15, 4))
        for segment in segments
        if segment.text(4) == "RCT"
    )
    replies = [segment.text(15, 4) for segment in segments if segment.text(4) == "REPLY"]
    return recipients, replies[0] if replies else ""


def _ins(pid: Segment) -> tuple[str, str]:
    """The repetition of PID-3 whose authority is an INS root: (matricule, OID)."""
    for raw in pid.repetitions(3):
        oid = pid.component(raw, 4, 2)
        if oid in OIDS:
            return pid.component(raw, 1), oid
    return "", ""


def _name(pid: Segment, kind: str) -> str:
    """The raw repetition of PID-5 of this type: L for birth, D for the name in use."""
    for raw in pid.repetitions(5):
        if pid.component(raw, 7) == kind:
            return raw
    return ""


def _birthplace(pid: Segment) -> str:
    """COG INSEE code of the BDL repetition of PID-11; its component 5 is a postal code."""
    for raw in pid.repetitions(11):
        if pid.component(raw, 7) == "BDL":
            return pid.component(raw, 9)
    return ""


def _person(segment: Segment) -> Person:
    number = id_nat_ps(segment.text(5))
    return Person(national_id=number, family=segment.text(5, 2), given=segment.text(5, 3))
