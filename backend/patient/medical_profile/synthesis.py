"""The synthesis: the whole profile on paper, to take away or to file among the documents."""

from asyncio import to_thread
from datetime import datetime
from typing import Any

from litestar import Request, get, post
from litestar.response import Redirect, Response, Template

from backend.access.doors import HOLDERS
from backend.services import medical_profile
from backend.services.medical_profile import Shown
from backend.services.people import profile_of
from backend.services.sign_in.refusals import Rejected
from backend.web import At, Db, Neighbours, Person, patient_page
from backend.web.about import about_this

PAGE = "patient/medical_profile/synthesis.html"


@get("/synthese", name="patient.medical_profile.synthesis")
async def show(db: Db, actor: Person, at: At) -> Template:
    """What will be on it, and the two things to do with it."""
    shown = await medical_profile.for_professionals(
        db, actor, at, await medical_profile.read(db, actor, at)
    )
    return await patient_page(db, actor, at, PAGE, sections=shown, message="")


@post("/synthese", name="patient.medical_profile.save_synthesis", opt={"door": HOLDERS})
async def save(
    request: Request[Any, Any, Any], db: Db, actor: Person, at: At, outside: Neighbours
) -> Template | Redirect:
    await about_this(request, actor)
    shown = await medical_profile.for_professionals(
        db, actor, at, await medical_profile.read(db, actor, at)
    )
    pdf = await _pdf(db, actor, at, shown)
    done = await medical_profile.save_synthesis(db, actor, at, outside.files, pdf)
    if isinstance(done, Rejected):
        screen = await patient_page(db, actor, at, PAGE, sections=shown, message=done.message)
        screen.status_code = 429
        return screen
    return Redirect(f"/documents/{done}/document", status_code=303)


@get("/synthese.pdf", name="patient.medical_profile.take_synthesis")
async def take(db: Db, actor: Person, at: At) -> Response[bytes]:
    shown = await medical_profile.for_professionals(
        db, actor, at, await medical_profile.take(db, actor, at)
    )
    pdf = await _pdf(db, actor, at, shown)
    return Response(
        pdf,
        media_type="application/pdf",
        headers={"Content-Disposition": 'attachment; filename="synthese-du-profil-medical.pdf"'},
    )


async def _pdf(db: Db, actor: Person, at: At, shown: list[Shown]) -> bytes:
    profile = await profile_of(db, actor, at)
    return await to_thread(_on_paper, profile.name, shown, at.now)


def _on_paper(name: str, shown: list[Shown], at: datetime) -> bytes:
    """In a thread, the loading too: fpdf and its fonts weigh 25 MB, and others wait meanwhile."""
    from backend.web.profile_papers import synthesis

    return synthesis(name, shown, at=at)
