"""The page of one file at the desk, whichever door was answered with it."""

from typing import Any
from uuid import UUID

from litestar.response import Template

from backend.domain.anomalies import BY_HAND, AnomalyKind
from backend.domain.laboratory import Ability, can
from backend.domain.reception import Sensitive
from backend.domain.reports import Traits
from backend.domain.rniv import PROOFS, Mark, Status, proofs_for
from backend.pro.frame import pro_page
from backend.services.identification import checking, files, receiving
from backend.services.identification.outcomes import Lookup
from backend.web import At, Db, Staff
from backend.web.forms import Draft

PATH = "/pro/patients"
NOBODY_SAID = Draft(fields=())
WRITTEN = (
    *("nom", "prenom", "prenoms", "naissance", "sexe", "lieu", "nom_utilise", "prenom_utilise"),
)
STEPS = (
    (Status.PROV, "Provisoire", "Les traits sont ceux que la personne a donnés."),
    (Status.RECUP, "Récupérée", "INSi a donné l’INS ; la pièce d’identité reste à contrôler."),
    (Status.VALI, "Validée", "La pièce d’identité est contrôlée ; INSi reste à interroger."),
    (Status.QUAL, "Qualifiée", "L’INS peut accompagner les documents."),
)
HOMONYM = (
    "Une autre personne a des traits identiques ou très proches : comparez avant de continuer."
)
DOUBTFUL = "L’identité repasse en provisoire, et le reste tant que le doute n’est pas levé."
MARKS = (
    (Mark.HOMONYM, "homonym", "homonyme", HOMONYM),
    (Mark.DOUBTFUL, "doubtful", "douteuse", DOUBTFUL),
    (Mark.FICTITIOUS, "fictitious", "fictive", "Un dossier d’essai, ou une identité protégée."),
)
PARTNERS = {kind: words for kind, words in BY_HAND.items() if kind is not AnomalyKind.PARTNER}

MAY = {
    "deposits": Ability.DEPOSIT,
    "opens_records": Ability.OPEN_RECORDS,
    "corrects": Ability.CORRECT_IDENTITY,
    "writes": Ability.OPEN_THREAD,
}
"""What a template asks before it shows a link."""


async def file_page(
    db: Db,
    actor: Staff,
    at: At,
    file_id: UUID,
    *,
    lookup: Lookup | None = None,
    message: str | None = None,
    form: Draft = NOBODY_SAID,
    status: int = 200,
) -> Template:
    """The whole file, with what INSi just answered and what is wrong with a form."""
    shown = await files.open_file(db, actor, at, file_id)
    context: dict[str, Any] = {
        "file": shown,
        "lookup": lookup,
        "message": message,
        "form": form,
        "check": await checking.last_check(db, actor, file_id),
        "choices": await receiving.choices_today(db, actor, at, file_id),
        "traits_form": Draft(_written(shown.traits), fields=WRITTEN),
        "kinds": BY_HAND if shown.partner else PARTNERS,
    }
    return await pro_page(
        db,
        actor,
        at,
        "pro/patients/show.html",
        status,
        section="patients",
        proofs=proofs_for(minor=shown.minor),
        labels={code: proof.label for code, proof in PROOFS.items()},
        steps=STEPS,
        marks=MARKS,
        sensitive=Sensitive,
        **{name: can(actor.roles, ability) for name, ability in MAY.items()},
        **context,
    )


def _written(traits: Traits) -> dict[str, str]:
    """The traits as a form has them."""
    values = (
        *(traits.birth_name, traits.first_given, traits.given_names),
        f"{traits.birth_date:%d/%m/%Y}" if traits.birth_date else "",
        *(traits.sex, traits.birthplace, traits.used_name, traits.used_given),
    )
    return dict(zip(WRITTEN, values, strict=True))
