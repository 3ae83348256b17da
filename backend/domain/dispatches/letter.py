"""What an MSSanté mail says: its subject, its text, the name of its PDF (interop.md §4.1).

The subject names the patient because the référentiel wants it so, for receiving software files the
mail by it; the day of birth, which may be left out, is.
"""

import re
from datetime import date
from unicodedata import combining, normalize

from backend.domain.dispatches.destinations import Role
from backend.domain.reports import Header

PREFIX = "XDM/1.0/DDM+"
LABEL = 40
REPLACES = "[Annule et remplace]"
UNSAFE = re.compile(r"[^A-Za-z0-9-]+", re.ASCII)
CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
LONGEST_BODY = 20_000
LABELS = {"11502-2": "CR d'examens biologiques", "96173-0": "CR de TROD"}


def label_of(header: Header) -> str:
    """The kind of document, in forty characters at most."""
    return one_line(LABELS.get(header.type_code) or header.title)[:LABEL].strip()


def subject_of(header: Header) -> str:
    """`XDM/1.0/DDM+CR d'examens biologiques BERNARD LAURA`"""
    who = header.patient
    names = f"{capitals(who.birth_name)} {capitals(who.first_given)}"
    return one_line(f"{PREFIX}{label_of(header)} {names}")


def pdf_name(header: Header) -> str:
    """`20261120_CR-d-examens-biologiques_BERNARD_LAURA_12345.pdf`"""
    on: date = header.sampled_at or header.created
    who = header.patient
    number = header.id.extension or header.id.root.rpartition(".")[2]
    parts = (label_of(header), capitals(who.birth_name), capitals(who.first_given), number)
    words = [UNSAFE.sub("-", without_accents(part)).strip("-")[:LABEL] for part in parts]
    return f"{on:%Y%m%d}_{'_'.join(words)}.pdf"


def body_of(header: Header, role: Role, said: str, *, replaces: bool) -> str:
    """What the laboratory wrote (CORPSMAIL), or our own words; `[Annule et remplace]` first."""
    laboratory = header.custodian.name or header.author_organisation.name or "Le laboratoire"
    text = said.strip() or (_to_patient(laboratory) if role is Role.PATIENT else _to(laboratory))
    lines = [REPLACES, "", text] if replaces else [text]
    return "\n".join(lines) + "\n"


def read_body(text: str) -> str:
    """What a laboratory wrote, without what would not be text."""
    return CONTROLS.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))[:LONGEST_BODY]


def capitals(name: str) -> str:
    """Upper case, without accents, as identities are written."""
    return without_accents(name).upper()


def without_accents(text: str) -> str:
    plain = normalize("NFD", text.replace("Œ", "OE").replace("œ", "oe").replace("’", "'"))
    return "".join(c for c in plain if not combining(c))


def one_line(text: str) -> str:
    return " ".join(CONTROLS.sub(" ", text).split())


def _to(laboratory: str) -> str:
    return (
        "Bonjour,\n\n"
        f"{one_line(laboratory)} vous adresse le compte rendu ci-joint.\n"
        "Votre logiciel peut l’intégrer (IHE_XDM.zip) ; le PDF en est la copie.\n\n"
        "Ce message est envoyé automatiquement."
    )


def _to_patient(laboratory: str) -> str:
    return (
        "Bonjour,\n\n"
        f"{one_line(laboratory)} vous adresse votre compte rendu.\n"
        "Il est aussi dans votre espace.\n\n"
        "Ce message est envoyé automatiquement."
    )
