"""« Ce que voit un pharmacien »: the matrice d’habilitation in words; and « Voir comme »."""

from uuid import UUID

from litestar import get
from litestar.params import FromPath
from litestar.response import Template

from backend.domain.categories import Category, DocumentType, document_types
from backend.domain.documents import LABELS
from backend.domain.errors import NotFound
from backend.domain.habilitation import DATED, Profession, professions, readable_types
from backend.services import blocking, masking, preview
from backend.services.preview import Seen
from backend.web import At, Db, Person, patient_page

Group = tuple[str, list[DocumentType]]


@get("/acces/voir-comme", name="patient.access.see_as")
async def index(db: Db, actor: Person, at: At) -> Template:
    """As whom: somebody of a profession, or somebody met."""
    everyone = await blocking.everyone(db, actor, at)
    return await patient_page(
        db,
        actor,
        at,
        "patient/access/see_as.html",
        professions=professions(),
        known=[one.who for group in (everyone.seeing, everyone.others) for one in group],
    )


@get("/acces/metiers/{slug:str}", name="patient.access.profession")
async def profession(slug: FromPath[str], db: Db, actor: Person, at: At) -> Template:
    """What this profession may see by law, and what it would see here."""
    found = next((one for one in professions() if one.slug == slug), None)
    if found is None:
        raise NotFound
    seen = await preview.as_profession(db, actor, at, found.code)
    return await _page(db, actor, at, found.some, seen, found)


@get("/acces/voir-comme/{professional_id:uuid}", name="patient.access.see_as_one")
async def one(professional_id: FromPath[UUID], db: Db, actor: Person, at: At) -> Template:
    """What somebody met sees today."""
    who, seen = await preview.as_professional(db, actor, at, professional_id)
    known = {each.code: each for each in professions()}
    found = known.get(who.profession) or known.get(who.profession.partition("/")[0])
    return await _page(db, actor, at, who.name, seen, found)


async def _page(
    db: Db, actor: Person, at: At, name: str, seen: Seen, profession: Profession | None
) -> Template:
    readable = readable_types(profession.code) if profession else frozenset[str]()
    return await patient_page(
        db,
        actor,
        at,
        "patient/access/seen.html",
        name=name,
        seen=seen,
        profession=profession,
        may=_grouped([one for one in document_types() if one.code in readable]),
        may_not=_grouped([one for one in document_types() if one.code not in readable]),
        dated=DATED,
        masks=await masking.standing(db, actor, at),
    )


def _grouped(types: list[DocumentType]) -> list[Group]:
    groups = [(LABELS[kind], [one for one in types if one.category is kind]) for kind in Category]
    return [(label, found) for label, found in groups if found]


handlers = (index, profession, one)
