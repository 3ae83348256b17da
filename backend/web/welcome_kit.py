"""« Kit d’accueil »: what a laboratory hangs up, hands out and says, for screens and for paper."""

import re
from urllib.parse import urlsplit

from msgspec.structs import replace

from backend.domain.errors import NotFound
from backend.web.welcome_sheets import SHEETS, Part, Sheet

ACTIVATE, REFUSE = "/activer", "/refuser"
TIED = re.compile(r" (?=[?!:;»])|(?<=[«→\d]) |(?<=Mon) (?=espace santé)|(?<=Mon espace) (?=santé)")

SCRIPT = (
    Part(
        "La personne ne connaît pas Mon espace santé",
        (
            "« C’est votre carnet de santé en ligne. Il est gratuit, et il est à vous. »",
            "« Nous y déposons vos résultats. Vous les gardez tous au même endroit. »",
            "« Les professionnels qui vous soignent peuvent les lire. Vous pouvez en masquer. »",
            "« Vous pouvez l’activer ici, en attendant : il faut 5 minutes. »",
            "« Il vous faut le code provisoire que vous avez reçu, et votre carte Vitale. »",
        ),
        "Donnez le dépliant. Montrez le carré à photographier. Ne tapez pas le code à sa place.",
    ),
    Part(
        "La personne a activé son espace",
        (
            "« Vos résultats d’aujourd’hui arriveront dans votre espace. Vous serez prévenu. »",
            "« Vous pouvez y noter vos traitements et vos allergies : cela aide à vous soigner. »",
        ),
        "Cochez « J’ai informé la personne » dans son dossier.",
    ),
    Part(
        "La personne a refusé ou fermé son espace",
        (
            "« C’est votre droit. Cela ne change rien à vos soins ni à vos remboursements. »",
            "« Nous vous donnerons vos résultats comme avant. »",
            "« Si vous changez d’avis, vous pourrez ouvrir votre espace quand vous voulez. »",
        ),
        "N’insistez pas et ne demandez pas pourquoi.",
    ),
    Part(
        "La personne s’oppose à ce dépôt",
        (
            "« D’accord : nous ne déposerons pas ces résultats-là. Vos soins continuent. »",
            "« Cela vaut pour aujourd’hui. La prochaine fois, nous vous demanderons de nouveau. »",
            "« Pour ne plus rien y recevoir, vous pouvez refuser ou fermer votre espace. »",
            "« Vous aurez un justificatif. »",
        ),
        "Cochez « Elle s’oppose à ce dépôt » dans son dossier, et ne déposez rien. "
        "Pour refuser : {refuse}, ou le 3422.",
    ),
    Part(
        "C’est pour un enfant",
        (
            "« Avant 18 ans, c’est un parent qui ouvre le profil de l’enfant, depuis le sien. »",
            "« L’autre parent peut être invité à le partager. En cas de désaccord : le 3422. »",
            "« À 18 ans, votre enfant recevra un code. Vous ne verrez plus son espace. »",
        ),
        "Un mineur vient seul et veut le secret ? Prévenez le biologiste avant tout dépôt, et "
        "cochez « Connexion secrète ».",
    ),
)


def address_of(public_url: str, path: str) -> str:
    """As it is read on paper and typed: without `https://`, which browsers add."""
    parts = urlsplit(public_url)
    bare = f"{parts.netloc}{parts.path}" if parts.scheme == "https" else public_url
    return f"{bare}{path}"


def sheet_of(key: str, public_url: str) -> Sheet:
    """The one that is asked for, with this service’s addresses."""
    if key not in SHEETS:
        raise NotFound
    sheet = SHEETS[key]
    return replace(
        sheet,
        title=_typeset(sheet.title),
        lead=_typeset(sheet.lead),
        parts=tuple(_filled(one, public_url) for one in sheet.parts),
        steps=_filled(sheet.steps, public_url),
        foot=_typeset(sheet.foot),
    )


def script_for(public_url: str) -> tuple[Part, ...]:
    """What to say at the desk, with this service’s addresses."""
    return tuple(_filled(one, public_url) for one in SCRIPT)


def _filled(part: Part, public_url: str) -> Part:
    to = address_of(public_url, REFUSE)
    lines = tuple(_typeset(line).format(refuse=to) for line in part.lines)
    return Part(_typeset(part.title), lines, _typeset(part.then).format(refuse=to))


def _typeset(text: str) -> str:
    """Lines do not break before « ? », nor inside names and numbers."""
    return TIED.sub("\N{NO-BREAK SPACE}", text)
