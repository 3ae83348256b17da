"""The frame of every page of a professional: who, as what, where, and where one may go."""

from typing import Any

from litestar.response import Template
from msgspec import Struct

from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.domain.laboratory import Ability, can
from backend.domain.sign_in import WARNED_BEFORE
from backend.services import pro_sign_in
from backend.services.pro_sign_in.sessions import IDLE
from backend.web import Db, page

IDLE_MINUTES = IDLE.seconds // 60


class Link(Struct, frozen=True):
    """One entry of the navigation."""

    section: str
    path: str
    icon: str
    label: str
    ability: Ability | None = None
    """Shown to who has it; to everybody without one."""


NAVIGATION = (
    Link("home", "/pro/accueil", "house", "Accueil"),
    Link("patients", "/pro/patients", "id-card", "Accueil du patient", Ability.CHECK_IDENTITY),
    Link("contracts", "/pro/contrats", "shield-check", "Contrats", Ability.MANAGE_CONTRACTS),
    Link("anomalies", "/pro/anomalies", "flag", "Anomalies", Ability.MANAGE_ANOMALIES),
    Link("messages", "/pro/messages", "message-square", "Messages", Ability.OPEN_THREAD),
    Link("dispatches", "/pro/envois", "mail", "Suivi des envois", Ability.SEND),
    Link("team", "/pro/equipe", "users-round", "Équipe", Ability.SEE_TEAM),
    Link("kit", "/pro/kit", "printer", "Kit d’accueil", Ability.OPEN_KIT),
    Link("sessions", "/pro/sessions", "monitor-smartphone", "Mes connexions"),
)
"""In the order of the rail: a page adds its line here when it exists."""


async def pro_page(
    db: Db,
    actor: Professional,
    at: Moment,
    template: str,
    status: int = 200,
    *,
    section: str,
    **context: Any,
) -> Template:
    """A page of the professionals’ space."""
    soon = actor.ends_at is not None and actor.ends_at - at.now < WARNED_BEFORE
    return page(
        template,
        status,
        frame=await pro_sign_in.frame_of(db, actor),
        links=[one for one in NAVIGATION if not one.ability or can(actor.roles, one.ability)],
        section=section,
        ending=actor.ends_at if soon else None,
        pro_idle=IDLE_MINUTES,
        **context,
    )
