"""Builds `static/build/`: our sources and, out of hash-locked packages, font, icons and htmx.

`python -m backend.web.build_assets`. Files are named by their content, pre-compressed, and listed
in `manifest.json`; licences are collected beside them. Nothing happens when nothing changed.
"""

import gzip
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from importlib.metadata import distribution, version
from importlib.util import find_spec
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import lightningcss

from backend.web.build_font import FONT_PACKAGE, make_font
from backend.web.build_icons import make_icons

STATIC = Path(__file__).parents[2] / "static"
PACKAGES = ("django-htmx", "lucide", FONT_PACKAGE, "lightningcss", "fonttools", "pillow")
LICENSED = ("django-htmx", "lucide", FONT_PACKAGE)
BROWSERS = ["chrome >= 100", "firefox >= 100", "safari >= 15.4"]
COMPRESSED = {".css", ".js", ".svg", ".webmanifest"}
ICONS = [
    "activity",
    "ban",
    "bell",
    "bone",
    "candy",
    "chevron-down",
    "chevron-left",
    "chevron-right",
    "chevrons-up-down",
    "circle-alert",
    "circle-check",
    "door-closed",
    "download",
    "droplet",
    "eye",
    "eye-off",
    "file-text",
    "fingerprint-pattern",
    "flag",
    "flask-conical",
    "folder",
    "heart-handshake",
    "heart-pulse",
    "history",
    "house",
    "id-card",
    "info",
    "key-round",
    "lock-keyhole",
    "log-out",
    "mail",
    "message-square",
    "monitor-smartphone",
    "pin",
    "printer",
    "qr-code",
    "refresh-cw",
    "search",
    "shield-check",
    "siren",
    "smartphone",
    "stethoscope",
    "test-tube",
    "thermometer",
    "trending-up",
    "upload",
    "user-round",
    "users-round",
    "triangle-alert",
]


def build(static: Path = STATIC) -> bool:
    """Make `static/build` what the sources say; False when it was already."""
    target = static / "build"
    digest = _inputs(static)
    stamp = target / "inputs.sha256"
    if stamp.exists() and stamp.read_text() == digest:
        return False
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    manifest = {name: _write(target, name, data) for name, data in _files(static)}
    (target / "manifest.json").write_text(json.dumps(manifest, indent=1))
    _collect_licences(target / "licences")
    stamp.write_text(digest)
    return True


def _files(static: Path) -> Iterator[tuple[str, bytes]]:
    """(logical name, content)."""
    font, faces = make_font()
    font_name = hashed("reperes-sans.woff2", font)
    yield "reperes-sans.woff2", font
    sheets = sorted((static / "css").glob("*.css"))
    source = faces.replace("FONT", font_name) + "\n".join(sheet.read_text() for sheet in sheets)
    style = lightningcss.process_stylesheet(source, "reperes.css", browsers_list=BROWSERS)
    yield "reperes.css", style.encode()
    for script in sorted((static / "js").glob("*.js")):
        yield script.name, script.read_bytes()
    yield "htmx.js", _package_file("django_htmx", "static/django_htmx/htmx-4.min.js")
    yield "icons.svg", _sprite().encode()
    for image in sorted((static / "img").iterdir()):
        yield image.name, image.read_bytes()
    yield from make_icons((static / "img" / "mark.svg").read_text()).items()


def hashed(name: str, data: bytes) -> str:
    """`reperes.css` becomes `reperes.1a2b3c4d.css`."""
    stem, _, ending = name.rpartition(".")
    return f"{stem}.{sha256(data).hexdigest()[:8]}.{ending}"


def _write(target: Path, name: str, data: bytes) -> str:
    place = target / hashed(name, data)
    place.write_bytes(data)
    if place.suffix in COMPRESSED:
        place.with_name(place.name + ".br").write_bytes(brotli.compress(data))
        place.with_name(place.name + ".gz").write_bytes(gzip.compress(data, 9, mtime=0))
    return place.name


def _sprite() -> str:
    """The icons that templates name, as symbols of one file."""
    symbols = []
    with zipfile.ZipFile(_package_folder("lucide") / "lucide.zip") as archive:
        if absent := {f"{name}.svg" for name in ICONS} - set(archive.namelist()):
            raise RuntimeError(f"lucide has no {', '.join(sorted(absent))}")
        for name in ICONS:
            drawing = archive.read(f"{name}.svg").decode()
            inside = re.sub(r"\s+", " ", drawing[drawing.index(">") + 1 : drawing.rindex("</svg>")])
            symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{inside.strip()}</symbol>')
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>'


def _collect_licences(folder: Path) -> None:
    folder.mkdir()
    for package in LICENSED:
        for file in distribution(package).files or []:
            if re.search(r"licen[cs]e|copying|ofl", file.name, re.IGNORECASE):
                text = Path(str(file.locate())).read_bytes()
                (folder / f"{package}-{file.name}.txt").write_bytes(text)


def _inputs(static: Path) -> str:
    """What the result depends on: our sources, this code, the packages' versions."""
    digest = sha256()
    here = Path(__file__).parent
    sources = [here / f"build_{part}.py" for part in ("assets", "font", "icons")]
    for folder in ("css", "js", "img"):
        sources += sorted((static / folder).iterdir())
    for source in sources:
        digest.update(source.name.encode() + source.read_bytes())
    digest.update("".join(version(package) for package in PACKAGES).encode())
    return digest.hexdigest()


def _package_folder(package: str) -> Path:
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def _package_file(package: str, name: str) -> bytes:
    return (_package_folder(package) / name).read_bytes()


if __name__ == "__main__":
    build()
