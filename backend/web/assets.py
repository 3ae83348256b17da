"""Static files: served under names that change with their content, so kept for ever."""

import json
import re
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from litestar import Request, Router, get
from litestar.params import FromPath
from litestar.response import Redirect, Response, Template

from backend.access.doors import PUBLIC
from backend.domain.errors import NotFound

BUILD = Path(__file__).parents[2] / "static" / "build"
TYPES = {  # Litestar adds the charset to text
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}
KEPT = ("reperes.css", "reperes.js", "reperes-sans.woff2", "icons.svg", "mark.svg")
"""What the service worker keeps in the browser, besides the page for when there is no network."""
FOR_EVER = "public, max-age=31536000, immutable"
ENCODINGS = {"br": ".br", "gzip": ".gz"}
"""The smallest first."""
REFUSED = re.compile(r"q=0(\.0*)?")


def asset(name: str) -> str:
    """The address of `reperes.css` in this version."""
    return f"/static/{_manifest()[name]}"


@get("/static/{name:str}", name="web.assets.file")
async def file(name: FromPath[str], request: Request[Any, Any, Any]) -> Response[bytes]:
    """One file of the manifest, in the best encoding that the browser takes."""
    if name not in _names():
        raise NotFound
    accepted = _accepted(request.headers.get("accept-encoding", ""))
    encoding = next((e for e in ENCODINGS if e in accepted and _bytes(name, ENCODINGS[e])), "")
    headers = {"Cache-Control": FOR_EVER, "Vary": "Accept-Encoding"}
    if encoding:
        headers["Content-Encoding"] = encoding
    content = _bytes(name, ENCODINGS.get(encoding, "")) or b""
    return Response(content, media_type=TYPES[Path(name).suffix], headers=headers)


@get("/favicon.ico", name="web.assets.favicon")
async def favicon() -> Redirect:
    """Browsers ask for it without being told."""
    return Redirect(asset("mark.svg"), status_code=302)


@get("/manifest.webmanifest", name="web.assets.manifest", media_type="application/manifest+json")
async def manifest() -> dict[str, Any]:
    """What a phone needs to put the application on its first screen."""
    return {
        "id": "/",
        "name": "Repères",
        "short_name": "Repères",
        "lang": "fr",
        "start_url": "/",
        "display": "standalone",
        "theme_color": "#063F47",
        "background_color": "#F6F4EE",
        "icons": [
            {"src": asset("icon-192.png"), "sizes": "192x192", "type": "image/png"},
            {"src": asset("icon-512.png"), "sizes": "512x512", "type": "image/png"},
            {
                "src": asset("icon-maskable-512.png"),
                "sizes": "512x512",
                "type": "image/png",
                "purpose": "maskable",
            },
            {"src": asset("mark.svg"), "sizes": "any", "type": "image/svg+xml"},
        ],
    }


@get("/sw.js", name="web.assets.worker")
async def worker() -> Response[str]:
    """The service worker: asked for again at each visit, so that it never outlives a version."""
    files = [asset(name) for name in KEPT]
    name = f"reperes-{sha256(json.dumps(_manifest()).encode()).hexdigest()[:12]}"
    values = {"NAME": name, "FILES": files, "ICON": asset("mark.svg")}
    head = "".join(f"const {key} = {json.dumps(value)};\n" for key, value in values.items())
    script = (_bytes(_manifest()["sw.js"], "") or b"").decode()
    return Response(head + script, media_type=TYPES[".js"], headers={"Cache-Control": "no-cache"})


@get("/hors-ligne", name="web.assets.offline")
async def offline() -> Template:
    """The page that the service worker shows when there is no network."""
    return Template("errors/offline.html")


def _accepted(header: str) -> set[str]:
    """The encodings that a browser names without refusing them by `q=0`."""
    offers = (part.partition(";") for part in header.lower().split(","))
    return {name.strip() for name, _, weight in offers if not REFUSED.fullmatch(weight.strip())}


@cache
def _manifest() -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads((BUILD / "manifest.json").read_text())
    except FileNotFoundError as error:
        raise RuntimeError("static files are not built: make setup") from error
    return found


@cache
def _names() -> frozenset[str]:
    return frozenset(_manifest().values())


@cache
def _bytes(name: str, ending: str) -> bytes | None:
    """A few hundred kilobytes in all: kept in memory."""
    place = BUILD / (name + ending)
    return place.read_bytes() if place.exists() else None


router = Router(
    "/",
    route_handlers=[file, favicon, manifest, worker, offline],
    opt={"door": PUBLIC, "anonymous": True, "exclude_from_csrf": True},
)
