"""The record: what its patient and the matrice let this professional see, the latest first."""

from litestar.response import Template
from msgspec import Struct

from backend.domain.documents import LABELS, Filters, Kind
from backend.pro.frame import pro_page
from backend.services import consultation, listing, threshold
from backend.services.documents import Visit
from backend.services.listing import Facets, read_place
from backend.web import At, Db, Staff

OURS = "nous"


class Chip(Struct, frozen=True):
    """One filter, as a link."""

    label: str
    to: str
    on: bool


async def record_page(
    db: Db, actor: Staff, at: At, visit: Visit, wanted: str, after: str
) -> Template:
    """One page of it; what is not shown is not counted either."""
    filters = Filters(
        kind=Kind(wanted) if wanted in set(Kind) else None,
        laboratory=actor.structure_id if wanted == OURS else None,
    )
    place = read_place(after)
    lines, more = await consultation.look_through(db, actor, at, visit, filters, after=place)
    known = await listing.facets(db, actor, at, record_id=visit.record_id)
    here = f"/pro/dossiers/{visit.record_id}"
    return await pro_page(
        db,
        actor,
        at,
        "pro/records/show.html",
        section="records",
        whose=await threshold.whose_record(db, actor, visit.record_id),
        lines=lines,
        labels=LABELS,
        chips=_chips(here, wanted, known, ours=actor.structure_id in dict(known.laboratories)),
        here=here,
        more=more and f"{here}?voir={wanted}&apres={more[0]}.{more[1]}",
        first_page=not after,
    )


def _chips(here: str, wanted: str, known: Facets, *, ours: bool) -> list[Chip]:
    """None when there is nothing to choose between."""
    named = [("", "Tous les documents"), *([(OURS, "Nos comptes rendus")] if ours else [])]
    named += [(kind.value, LABELS[kind]) for kind in known.kinds]
    chips = [
        Chip(label, f"{here}?voir={name}" if name else here, wanted == name)
        for name, label in named
    ]
    return chips if len(chips) > len(("all", "one")) else []
