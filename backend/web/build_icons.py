"""The icons of the home screen: our mark, drawn from its SVG in the sizes that phones ask for.

Just enough of SVG for `static/img/mark.svg`: rectangles, circles, and strokes of straight lines.
"""

import re
from io import BytesIO
from xml.etree import ElementTree as ET

from PIL import Image, ImageDraw

FINER = 4
"""Drawn so many times larger, then reduced: smooth edges."""
SIDES = {"icon-192.png": 192, "icon-512.png": 512}
FULL = {"icon-maskable-512.png": 512, "apple-touch-icon.png": 180}
"""To the edges: the phone cuts its own shape out of these. The drawing stays in the circle of
four fifths that is always shown."""
STEP = re.compile(r"([MmHhVv])([-\d.]+)(?:[ ,]([-\d.]+))?")

Point = tuple[float, float]


def make_icons(mark: str) -> dict[str, bytes]:
    """Each icon by its name."""
    whole = {name: _draw(mark, side, corners=True) for name, side in SIDES.items()}
    return whole | {name: _draw(mark, side, corners=False) for name, side in FULL.items()}


def _draw(mark: str, side: int, *, corners: bool) -> bytes:
    root = ET.fromstring(mark)  # noqa: S314 - our own file
    width = float(root.attrib["viewBox"].split()[2])
    scale = side * FINER / width
    image = Image.new("RGBA", (side * FINER, side * FINER), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    for shape in root:
        given = shape.attrib
        match shape.tag.rpartition("}")[2]:
            case "rect":
                box = (0, 0, float(given["width"]) * scale, float(given["height"]) * scale)
                radius = float(given["rx"]) * scale if corners else 0
                pen.rounded_rectangle(box, radius, given["fill"])
            case "circle":
                middle = (float(given["cx"]) * scale, float(given["cy"]) * scale)
                _dot(pen, middle, float(given["r"]) * scale, given["fill"])
            case "path":
                _stroke(pen, given, scale)
            case other:
                raise ValueError(f"mark.svg: {other} is not drawn")
    small = image.resize((side, side), Image.Resampling.LANCZOS)
    out = BytesIO()
    (small if corners else small.convert("RGB")).save(out, "PNG", optimize=True)
    return out.getvalue()


def _stroke(pen: ImageDraw.ImageDraw, given: dict[str, str], scale: float) -> None:
    half, ink = float(given["stroke-width"]) * scale / 2, given["stroke"]
    at: Point = (0, 0)
    for letter, first, second in STEP.findall(given["d"]):
        to = _moved(at, letter, float(first), float(second or 0))
        if letter not in "Mm":
            ends = [(x * scale, y * scale) for x, y in (at, to)]
            pen.line(ends, ink, round(2 * half))
            for end in ends:  # stroke-linecap: round
                _dot(pen, end, half, ink)
        at = to


def _moved(at: Point, letter: str, first: float, second: float) -> Point:
    x, y = at if letter.islower() else (0.0, 0.0)
    match letter.upper():
        case "M":
            return x + first, y + second
        case "H":
            return x + first, at[1]
        case _:
            return at[0], y + first


def _dot(pen: ImageDraw.ImageDraw, middle: Point, radius: float, ink: str) -> None:
    x, y = middle
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), ink)
