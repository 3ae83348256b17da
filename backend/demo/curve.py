"""The curve of a protein electrophoresis, drawn as a laboratory instrument draws it."""

from io import BytesIO
from math import exp

from PIL import Image, ImageDraw

WIDTH, HEIGHT, MARGIN, SCALE = 900, 340, 30, 2
PEAKS = ((0.12, 0.022, 1.0), (0.30, 0.020, 0.16), (0.45, 0.030, 0.26), (0.62, 0.030, 0.27))
"""Place, width and height of albumin, alpha-1, alpha-2 and beta globulins."""
GAMMA = (0.84, 0.065, 0.22)
SPIKE = (0.86, 0.012, 0.42)
"""A narrow peak among the gamma globulins."""


def electrophoresis_png(*, spike: bool = False) -> bytes:
    """A PNG of 900 × 340; the same bytes each time."""
    peaks = (*PEAKS, GAMMA, SPIKE) if spike else (*PEAKS, GAMMA)
    picture = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), "white")
    draw = ImageDraw.Draw(picture)
    base = HEIGHT - MARGIN
    draw.line(_scaled([(MARGIN, base), (WIDTH - MARGIN, base)]), fill=(130, 140, 148), width=SCALE)
    for cut in (0.22, 0.37, 0.535, 0.71):
        x = MARGIN + cut * (WIDTH - 2 * MARGIN)
        draw.line(_scaled([(x, base - 18), (x, base)]), fill=(130, 140, 148), width=SCALE)
    draw.line(_scaled(_points(peaks)), fill=(11, 84, 101), width=3 * SCALE, joint="curve")
    out = BytesIO()
    picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()


def _points(peaks: tuple[tuple[float, float, float], ...]) -> list[tuple[float, float]]:
    """The sum of the peaks, one point for each pixel."""
    span, rise = WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN
    points: list[tuple[float, float]] = []
    for step in range(span + 1):
        at = step / span
        level = sum(tall * exp(-((at - place) ** 2) / (2 * wide**2)) for place, wide, tall in peaks)
        points.append((MARGIN + step, HEIGHT - MARGIN - 1 - rise * min(level, 1.0)))
    return points


def _scaled(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(x * SCALE, y * SCALE) for x, y in points]
