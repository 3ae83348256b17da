import gzip
import json
import re
import shutil
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from litestar import Litestar, Request
from litestar.response import Response
from litestar.testing import TestClient
from PIL import Image

from backend.access.doors import check_every_route_has_a_door
from backend.domain.errors import NotFound
from backend.web import assets, build_assets
from backend.web.build_assets import STATIC, build
from backend.web.build_font import TEXT

TEMPLATES = Path(__file__).parents[2] / "frontend" / "templates"
Client = TestClient[Any]


@pytest.fixture(scope="module")
def static(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our sources in a folder of their own, built."""
    folder = tmp_path_factory.mktemp("static")
    for part in ("css", "js", "img"):
        shutil.copytree(STATIC / part, folder / part)
    assert build(folder)
    return folder


@pytest.fixture(scope="module")
def manifest(static: Path) -> dict[str, str]:
    names: dict[str, str] = json.loads((static / "build" / "manifest.json").read_text())
    return names


@pytest.fixture
def client(static: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.setattr(assets, "BUILD", static / "build")
    forget()
    app = Litestar(
        [assets.router],
        logging_config=None,
        openapi_config=None,
        exception_handlers={NotFound: absent},
    )
    with TestClient(app) as client:
        yield client
    forget()


def absent(request: Request[Any, Any, Any], error: Exception) -> Response[str]:
    return Response("", status_code=404)


def forget() -> None:
    for kept in (assets._manifest, assets._names, assets._bytes):
        kept.cache_clear()


def test_names_say_what_is_inside(static: Path, manifest: dict[str, str]) -> None:
    for logical, name in manifest.items():
        content = (static / "build" / name).read_bytes()
        stem, ending = logical.rsplit(".", 1)
        assert name == f"{stem}.{sha256(content).hexdigest()[:8]}.{ending}"


def test_everything_that_templates_ask_for_is_built(static: Path, manifest: dict[str, str]) -> None:
    pages = "\n".join(page.read_text() for page in TEMPLATES.rglob("*.*"))
    assert set(re.findall(r"asset\(['\"](.+?)['\"]\)", pages)) <= manifest.keys()
    sprite = (static / "build" / manifest["icons.svg"]).read_text()
    calls = " ".join(re.findall(r"icon\(.*?}}", pages))
    asked = set(re.findall(r"(?:icon\(|: |get\(family\.key, )\"([a-z-]+)\"", calls))
    drawn = set(re.findall(r'symbol id="(.+?)"', sprite))
    assert {"house", "droplet", "flask-conical"} <= asked
    assert asked <= drawn


def test_text_is_compressed_twice_and_what_is_packed_already_is_not(
    static: Path, manifest: dict[str, str]
) -> None:
    for name in manifest.values():
        place = static / "build" / name
        forms = {other.suffix for other in place.parent.glob(f"{name}.*")}
        if place.suffix in {".woff2", ".png"}:
            assert forms == set()
            continue
        assert brotli.decompress(Path(f"{place}.br").read_bytes()) == place.read_bytes()
        assert gzip.decompress(Path(f"{place}.gz").read_bytes()) == place.read_bytes()


def test_a_page_stays_light(static: Path, manifest: dict[str, str]) -> None:
    def weight(name: str) -> int:
        return (static / "build" / name).stat().st_size

    assert weight(manifest["reperes-sans.woff2"]) <= 25_000
    assert weight(manifest["reperes.js"]) <= 1_500
    assert weight(manifest["reperes.css"] + ".br") + weight(manifest["reperes.js"] + ".br") <= 9_000


def test_all_that_a_visit_asks_for_fits_in_the_budget_of_phones(
    static: Path, manifest: dict[str, str]
) -> None:
    """Every asset, as it travels, even those that only some pages ask for: 60 kB.

    Save the icons, which a phone asks for once, when it puts the application on its first screen.
    """
    folder = static / "build"
    for ending in (".br", ".gz"):
        sent = [
            folder / (name + ending) if (folder / (name + ending)).exists() else folder / name
            for name in manifest.values()
            if not name.endswith(".png")
        ]
        assert sum(file.stat().st_size for file in sent) <= 60_000
    assert {"reperes.css", "reperes.js", "htmx.js", "icons.svg"} < manifest.keys()


def test_the_font_has_our_characters_weights_and_its_own_name(
    static: Path, manifest: dict[str, str]
) -> None:
    font = TTFont(static / "build" / manifest["reperes-sans.woff2"])
    characters, widths = font.getBestCmap(), font["hmtx"]
    assert {chr(code) for code in characters} >= set(TEXT)
    assert [(a.axisTag, a.minValue, a.maxValue) for a in font["fvar"].axes] == [("wght", 400, 700)]
    assert len({widths[characters[ord(figure)]][0] for figure in "0123456789"}) == 1
    names = {record.nameID: str(record) for record in font["name"].names}
    assert names[1] == names[4] == "Reperes Sans"
    assert "Adobe" in names[0]
    assert not any("source" in names.get(kind, "").lower() for kind in (1, 2, 3, 4, 6, 16, 17, 25))


def test_the_style_names_the_font_and_nothing_elsewhere(
    static: Path, manifest: dict[str, str]
) -> None:
    style = (static / "build" / manifest["reperes.css"]).read_text()
    assert f"url({manifest['reperes-sans.woff2']})" in style
    assert "Reperes Sans Fallback;src:local(Arial)" in style
    assert "://" not in style
    size = re.search(r"size-adjust:([\d.]+)%", style)
    assert size is not None
    assert 90 < float(size[1]) < 97  # Source Sans is a little narrower than Arial


def test_licences_come_along(static: Path) -> None:
    texts = {p.name: p.read_text() for p in (static / "build" / "licences").iterdir()}
    assert "SIL OPEN FONT LICENSE" in texts["fontpkg-source-sans-3-LICENSE.txt"]
    assert "Lucide Contributors" in texts["lucide-LICENSE.txt"]
    assert any(name.startswith("django-htmx") for name in texts)


def test_nothing_is_built_again_until_a_source_changes(static: Path, tmp_path: Path) -> None:
    copy = tmp_path / "static"
    shutil.copytree(static, copy)
    before = json.loads((copy / "build" / "manifest.json").read_text())
    assert not build(copy)
    with (copy / "css" / "2-base.css").open("a") as sheet:
        sheet.write("\n.new { color: red }\n")
    assert build(copy)
    after = json.loads((copy / "build" / "manifest.json").read_text())
    assert {name for name in before if before[name] != after[name]} == {"reperes.css"}
    assert not (copy / "build" / before["reperes.css"]).exists()


def test_an_icon_that_the_package_lacks_stops_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_assets, "ICONS", ["house", "no-such-icon"])
    with pytest.raises(RuntimeError, match=r"lucide has no no-such-icon\.svg"):
        build_assets._sprite()


@pytest.mark.parametrize(
    ("logical", "kind"),
    [
        ("reperes.css", "text/css; charset=utf-8"),
        ("reperes.js", "text/javascript; charset=utf-8"),
        ("reperes-sans.woff2", "font/woff2"),
        ("icons.svg", "image/svg+xml"),
    ],
)
def test_files_are_kept_for_ever(client: Client, static: Path, logical: str, kind: str) -> None:
    address = assets.asset(logical)
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == kind
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.content == (static / "build" / address.rsplit("/", 1)[1]).read_bytes()


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("GZIP", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("br;q=0.0", None),
        ("embrace", None),
        ("identity", None),
        ("", None),
    ],
)
def test_the_browser_chooses_among_encodings(
    client: Client, accepted: str, encoding: str | None
) -> None:
    answer = client.get(assets.asset("reperes.css"), headers={"Accept-Encoding": accepted})
    assert answer.headers.get("content-encoding") == encoding
    assert answer.text.startswith("@font-face")


def test_a_font_is_never_compressed_again(client: Client) -> None:
    answer = client.get(assets.asset("reperes-sans.woff2"), headers={"Accept-Encoding": "br, gzip"})
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    "name",
    ["reperes.css", "manifest.json", "inputs.sha256", "..%2Fmanifest.json"],
)
def test_only_files_of_the_manifest_are_served(client: Client, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404


def test_compressed_forms_have_no_address_of_their_own(client: Client) -> None:
    assert client.get(assets.asset("reperes.css") + ".br").status_code == 404


def test_phones_and_browsers_find_the_mark(client: Client) -> None:
    answer = client.get("/manifest.webmanifest")
    assert answer.headers["content-type"].startswith("application/manifest+json")
    assert answer.json()["name"] == "Repères"
    for icon in ({"src": "/favicon.ico", "type": "image/svg+xml"}, *answer.json()["icons"]):
        assert client.get(icon["src"]).headers["content-type"] == icon["type"]


def test_icons_have_the_sizes_that_they_say_and_our_colours(client: Client) -> None:
    icons = client.get("/manifest.webmanifest").json()["icons"]
    drawn = {icon["src"]: icon for icon in icons if icon["type"] == "image/png"}
    assert {icon["sizes"] for icon in drawn.values()} == {"192x192", "512x512"}
    assert [icon.get("purpose") for icon in drawn.values()] == [None, None, "maskable"]
    for address in (*drawn, assets.asset("apple-touch-icon.png")):
        image = Image.open(BytesIO(client.get(address).content))
        side = int(drawn[address]["sizes"].split("x")[0]) if address in drawn else 180
        assert image.size == (side, side)
        full = address not in drawn or "purpose" in drawn[address]
        assert image.mode == ("RGB" if full else "RGBA")
        corner, mark, paper = (
            image.convert("RGBA").getpixel((round(x * side / 34), round(y * side / 34)))
            for x, y in ((0, 0), (17, 10.5), (4, 17))
        )
        assert corner == (paper if full else (0, 0, 0, 0))
        assert (mark, paper) == ((6, 63, 71, 255), (255, 201, 60, 255))


def test_an_address_is_asked_for_before_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assets, "BUILD", tmp_path)
    forget()
    with pytest.raises(RuntimeError, match="static files are not built"):
        assets.asset("reperes.css")


def test_every_static_route_has_a_door() -> None:
    check_every_route_has_a_door(
        Litestar([assets.router], logging_config=None, openapi_config=None)
    )
