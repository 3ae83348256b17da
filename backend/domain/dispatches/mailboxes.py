"""Which mailbox of somebody’s: their own first, then their practice’s, then their structure’s."""

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from backend.domain.dispatches.destinations import Role, is_for


class BoxKind(StrEnum):
    """TRE_R257-TypeBAL."""

    PERSONAL = "PER"
    PRACTICE = "CAB"
    ORGANISATION = "ORG"
    APPLICATION = "APP"


PREFERENCE = [*BoxKind]


class Box(Struct, frozen=True):
    """A mailbox as the Annuaire santé publishes it."""

    address: str
    kind: BoxKind
    unlisted: bool = False
    """« Liste rouge »: its holder does not want it found."""


def choose(boxes: Iterable[Box], domains: Iterable[str]) -> str:
    """The address to write to, the same for the same boxes; `""` when there is none."""
    known = [*domains]
    good = [box for box in boxes if not box.unlisted and is_for(Role.COPY, box.address, known)]
    best = min(good, key=lambda box: (PREFERENCE.index(box.kind), box.address), default=None)
    return best.address if best else ""
