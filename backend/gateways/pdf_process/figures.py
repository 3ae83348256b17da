"""Whether a figure is the still image that it is said to be, and nothing else with it."""

from io import BytesIO

from PIL import Image

from backend.gateways.pdf_process.inspection import SNIFFED, WEB_PAGE, is_archive
from backend.gateways.pdf_process.wire import FigureFacts, Flaw, FlawFound, Kind

MOST_PIXELS = 20_000_000
LONGEST_SIDE = 10_000
Image.MAX_IMAGE_PIXELS = None  # counted here, before any is read
BLANKS = b"\0\r\n "
FORMATS = {
    Kind.PNG: ("PNG", b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"),
    Kind.JPEG: ("JPEG", b"\xff\xd8\xff", b"\xff\xd9"),
    Kind.GIF: ("GIF", b"GIF8", b";"),
}
"""Name, first bytes, last bytes."""


def look(kind: Kind, image: bytes) -> FigureFacts:
    """Its size, once every pixel was read; or FlawFound."""
    name, start, end = FORMATS[kind]
    if not image.startswith(start) or WEB_PAGE.search(image[:SNIFFED]) or is_archive(image):
        raise FlawFound(Flaw.NOT_THAT_IMAGE)
    if not image.rstrip(BLANKS).endswith(end):
        raise FlawFound(Flaw.DAMAGED)
    with Image.open(BytesIO(image), formats=[name]) as opened:
        width, height = opened.size
        if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
            raise FlawFound(Flaw.TOO_MANY_PIXELS)
        if getattr(opened, "is_animated", False):
            raise FlawFound(Flaw.ANIMATED)
        opened.load()
    return FigureFacts(width, height)


def warm_up() -> None:
    """Everything that Pillow would load at the first image of each kind."""
    Image.init()
    for name, kind in (("PNG", Kind.PNG), ("JPEG", Kind.JPEG), ("GIF", Kind.GIF)):
        out = BytesIO()
        Image.new("RGB", (8, 8)).save(out, name)
        look(kind, out.getvalue())
