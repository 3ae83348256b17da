"""Why a dispatch stopped, in words, with what to do: codes of SMTP (RFC 3463), and our own."""

import re

from msgspec import Struct

ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b", re.ASCII)
BASIC = re.compile(r"\b([245]\d\d)\b", re.ASCII)


class Reason(Struct, frozen=True):
    """What happened, and what whoever follows it may do."""

    words: str
    remedy: str = ""


_OTHERWISE = "transmettez-le par un autre moyen sécurisé"
_ADDRESS = Reason(
    "Cette adresse MSSanté n’existe pas.", "Corrigez l’adresse, puis renvoyez le compte rendu."
)
_CLOSED = Reason(
    "Cette boîte est fermée ou suspendue.", "Demandez une autre adresse à ce destinataire."
)
_FULL = Reason("Cette boîte est pleine.", "Prévenez ce destinataire, puis renvoyez.")
_LARGE = Reason("Ce message est trop volumineux pour cette boîte.", f"{_OTHERWISE.capitalize()}.")
_REFUSED = Reason(
    "L’opérateur du destinataire a refusé ce message.", f"Appelez-le, ou {_OTHERWISE}."
)
_UNKNOWN = Reason("Le message n’a pas été remis.", f"Renvoyez-le, ou {_OTHERWISE}.")

_BY_HAND = "Remettez-le à la personne elle-même."

SETTLED = {
    "by-other-means": "Transmis par un autre moyen sécurisé.",
    "needless": "Il n’y a plus besoin de l’envoyer.",
}
"""Why a person files away what failed."""

OURS = {
    "no-address": Reason(
        "Aucune adresse MSSanté connue pour ce destinataire.",
        "Écrivez son adresse MSSanté ici, puis renvoyez.",
    ),
    "not-secure": Reason(
        "Cette adresse n’est pas une adresse MSSanté.",
        "Écrivez une adresse MSSanté, puis renvoyez.",
    ),
    "integration": Reason(
        "Le logiciel du destinataire n’a pas pu classer ce compte rendu.",
        "Appelez ce destinataire : il a reçu le message.",
    ),
    "not-configured": Reason(
        "La messagerie MSSanté n’est pas raccordée.", "Prévenez la personne qui gère le service."
    ),
    "too-large": _LARGE,
    "expired": Reason(
        "Le message n’a pas pu être remis dans le délai prévu.",
        f"Renvoyez-le, ou {_OTHERWISE}.",
    ),
    "unreadable": Reason("Le compte rendu n’a pas pu être préparé.", "Déposez-le à nouveau."),
    "opposed": Reason("L’espace de cette personne n’est plus ouvert.", _BY_HAND),
    "withdrawn": Reason("Le compte rendu a été retiré.", "Il n’y a rien à faire."),
    "replaced": Reason(
        "Une version plus récente a été déposée.", "Suivez l’envoi de la nouvelle version."
    ),
    "blocked": Reason("Ce compte rendu ne peut pas aller à ce destinataire.", _BY_HAND),
    "withheld": Reason("Ce compte rendu attend une consultation d’annonce.", _BY_HAND),
    "hidden": Reason("Ce compte rendu n’est pas visible par les représentants légaux.", _BY_HAND),
    "no-messages": Reason("Cette personne ne veut pas recevoir de messages.", _BY_HAND),
    **{code: Reason(words) for code, words in SETTLED.items()},
    "unqualified": Reason(
        "L’identité de cette personne n’est plus qualifiée.",
        "Qualifiez-la à l’accueil, puis déposez le compte rendu à nouveau.",
    ),
}
"""Codes of our own."""

_BY_ENHANCED = {
    "1.1": _ADDRESS,
    "1.2": _ADDRESS,
    "1.3": _ADDRESS,
    "1.6": _CLOSED,
    "1.10": _ADDRESS,
    "2.1": _CLOSED,
    "2.2": _FULL,
    "2.3": _LARGE,
    "3.4": _LARGE,
    "4.7": OURS["expired"],
}
_BY_BASIC = {
    "422": _FULL,
    "452": _FULL,
    "523": _LARGE,
    "550": _ADDRESS,
    "551": _ADDRESS,
    "552": _FULL,
    "553": _ADDRESS,
}
_ZAM = {_ADDRESS: "550", _CLOSED: "550", _FULL: "422", _LARGE: "523", _REFUSED: "554"}
"""SMTPERRORCODE of the acknowledgements of the volet (interop.md §1.6)."""


def reason_of(code: str) -> Reason:
    """What a code means, whatever the server wrote beside it."""
    if code in OURS:
        return OURS[code]
    enhanced, basic = ENHANCED.search(code), BASIC.search(code)
    if enhanced:
        detail = f"{enhanced[2]}.{enhanced[3]}"
        found = _BY_ENHANCED.get(detail) or (_REFUSED if enhanced[2] == "7" else None)
        if found:
            return found
    if basic:
        return _BY_BASIC.get(basic[1], _REFUSED if basic[1].startswith("5") else _UNKNOWN)
    return _UNKNOWN


def smtp_code(code: str) -> str:
    """The three digits that an acknowledgement carries: those of the server, or their meaning."""
    if code not in OURS and (basic := BASIC.search(code)):
        return basic[1]
    return _ZAM.get(reason_of(code), "554")
