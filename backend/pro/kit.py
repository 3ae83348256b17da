"""`/pro/kit`: what to hang up, to hand out and to say at the desk, on screen and as PDF."""

from asyncio import to_thread
from typing import Any

from litestar import Router, get
from litestar.params import FromPath
from litestar.response import Response, Template

from backend.pro.frame import pro_page
from backend.services.kit import open_kit
from backend.web import At, Config, Db, Staff
from backend.web.squares import square
from backend.web.welcome_kit import ACTIVATE, address_of, script_for, sheet_of
from backend.web.welcome_sheets import SHEETS

SCRIPT = "accueil"


@get("/kit", name="pro.kit.index")
async def index(db: Db, actor: Staff, at: At) -> Template:
    """All of it."""
    await open_kit(db, actor)
    sheets = SHEETS.values()
    return await pro_page(db, actor, at, "pro/kit/index.html", section="kit", sheets=sheets)


@get("/kit/{key:str}", name="pro.kit.show")
async def show(key: FromPath[str], db: Db, actor: Staff, at: At, config: Config) -> Template:
    """One of the papers, ready to print."""
    shown = {"laboratory": await open_kit(db, actor), **_words(key, config.public_url)}
    template = "pro/kit/script.html" if key == SCRIPT else "pro/kit/sheet.html"
    return await pro_page(db, actor, at, template, section="kit", **shown)


@get("/kit/{key:str}/pdf", name="pro.kit.take")
async def take(key: FromPath[str], db: Db, actor: Staff, at: At, config: Config) -> Response[bytes]:
    """The same as PDF."""
    from backend.web import welcome_papers as papers  # fpdf and its fonts weigh 25 MB

    where, url = await open_kit(db, actor), config.public_url
    if key == SCRIPT:
        pdf = await to_thread(papers.script_paper, where, script_for(url), at=at.now)
    else:
        sheet = sheet_of(key, url)
        pdf = await to_thread(papers.sheet_paper, where, sheet, public_url=url, at=at.now)
    headers = {"Content-Disposition": f'attachment; filename="{key}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)


def _words(key: str, url: str) -> dict[str, Any]:
    """For its template."""
    if key == SCRIPT:
        return {"parts": script_for(url)}
    address, code = address_of(url, ACTIVATE), square(f"{url}{ACTIVATE}")
    return {"sheet": sheet_of(key, url), "address": address, "square": code}


router = Router("/", route_handlers=[index, show, take])
