"""The frame of every page of a professional: who, as what, where, and where one may go."""

from typing import Any

from litestar.response import Template
from msgspec import Struct

from backend.access.actors import Professional
from backend.access.scopes import Moment
from backend.domain.laboratory import Ability, can
from backend.domain.sign_in import WARNED_BEFORE
from backend.services import conversations, pro_sign_in, threshold
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
    outside: bool = False
    """And to those who do not work in a laboratory."""

    def is_for(self, actor: Professional) -> bool:
        """Whether it leads this professional somewhere."""
        if self.outside and not actor.roles:
            return True
        return not self.ability or can(actor.roles, self.ability)


NAVIGATION = (
    Link("home", "/pro/accueil", "house", "Accueil"),
    Link("patients", "/pro/patients", "id-card", "Accueil du patient", Ability.CHECK_IDENTITY),
    Link("records", "/pro/dossiers", "folder", "Dossiers", Ability.OPEN_RECORDS, outside=True),
    Link("deposits", "/pro/deposer", "upload", "Déposer", Ability.DEPOSIT),
    Link("announcements", "/pro/annonces", "eye-off", "Annonces", Ability.SEE_ANNOUNCEMENTS),
    Link("dispatches", "/pro/envois", "mail", "Suivi des envois", Ability.SEND),
    Link("messages", "/pro/messages", "message-square", "Messages", Ability.OPEN_THREAD),
    Link("models", "/pro/messages/modeles", "file-text", "Modèles", Ability.MANAGE_MODELS),
    Link("contracts", "/pro/contrats", "shield-check", "Contrats", Ability.MANAGE_CONTRACTS),
    Link("anomalies", "/pro/anomalies", "flag", "Anomalies", Ability.MANAGE_ANOMALIES),
    Link("reviews", "/pro/urgences", "siren", "Accès à relire", Ability.REVIEW_ACCESSES),
    Link("policies", "/pro/regles", "lock-keyhole", "Règles", Ability.MANAGE_POLICY),
    Link("station", "/pro/poste", "activity", "Poste et essais", Ability.SEE_STATION),
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
        links=[one for one in NAVIGATION if one.is_for(actor)],
        urgent=await threshold.running(db, actor, at),
        unanswered=await _unanswered(db, actor, at),
        section=section,
        ending=actor.ends_at if soon else None,
        pro_idle=IDLE_MINUTES,
        **context,
    )


async def _unanswered(db: Db, actor: Professional, at: Moment) -> int:
    """Conversations that wait for an answer of the site, for who may answer."""
    if not can(actor.roles, Ability.OPEN_THREAD):
        return 0
    return await conversations.waiting(db, actor, at)
