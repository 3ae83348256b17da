"""Dispatches as the people of a laboratory read them."""

from collections.abc import Mapping

from msgspec import Struct

from backend.domain.dispatches.destinations import Role
from backend.domain.dispatches.reasons import reason_of
from backend.domain.dispatches.states import DispatchState, News


class Group(Struct, frozen=True):
    """States that a counter and a filter put together."""

    key: str
    """In addresses."""
    label: str
    icon: str
    states: frozenset[DispatchState]


_S = DispatchState
FAILED = Group("en-echec", "En échec", "circle-alert", frozenset({_S.BOUNCED, _S.GIVEN_UP}))
GROUPS = (
    Group("en-cours", "En cours", "refresh-cw", frozenset({_S.PROMISED, _S.SENT})),
    Group("remis", "Remis", "mail", frozenset({_S.DELIVERED})),
    Group("lus", "Lus", "eye", frozenset({_S.READ})),
    FAILED,
    Group("classes", "Classés", "folder", frozenset({_S.SETTLED})),
    Group("annules", "Annulés", "ban", frozenset({_S.CANCELLED})),
)
STATES = {
    _S.PROMISED: "À envoyer",
    _S.SENT: "Parti",
    _S.DELIVERED: "Remis",
    _S.READ: "Lu",
    _S.BOUNCED: "Refusé",
    _S.GIVEN_UP: "Abandonné",
    _S.CANCELLED: "Annulé",
    _S.SETTLED: "Classé",
}
ICONS = {state: group.icon for group in GROUPS for state in group.states}
ROLES = {
    Role.PRESCRIBER: "prescripteur",
    Role.PHYSICIAN: "médecin traitant",
    Role.COPY: "en copie",
    Role.PATIENT: "patient",
}
NEWS = {
    News.SENT: "Pris en charge par l’opérateur MSSanté",
    News.DELIVERED: "Remis dans la boîte du destinataire",
    News.READ: "Ouvert par le destinataire",
    News.REFUSED: "Refusé",
    News.GIVEN_UP: "Abandonné",
    News.CANCELLED: "Annulé avant l’envoi",
    News.REPLAYED: "Renvoi demandé",
    News.SETTLED: "Classé",
}
BY_SOFTWARE = "Classé par le logiciel du destinataire"


def group_of(key: str) -> Group | None:
    """The group that an address names."""
    return next((group for group in GROUPS if group.key == key), None)


def key_of(state: DispatchState) -> str:
    """The group of a state, as addresses name it."""
    return next(group.key for group in GROUPS if state in group.states)


def count(counts: Mapping[DispatchState, int], group: Group) -> int:
    """How many there are of a group."""
    return sum(counts[state] for state in group.states)


def said(news: News, code: str) -> str:
    """One line of the story of a dispatch."""
    if news is News.READ and code == "processed":
        return BY_SOFTWARE
    if news in {News.REFUSED, News.GIVEN_UP, News.CANCELLED, News.SETTLED}:
        return f"{NEWS[news]}. {reason_of(code).words}"
    return NEWS[news]
