"""What the child answers, and how bytes are framed on both pipes: 4 bytes of length, then them.

What the child is asked about has one byte more in front: what it is said to be.
"""

from enum import IntEnum, StrEnum

from msgspec import Struct

LENGTH_BYTES = 4


class Task(StrEnum):
    """What one child does all its life: look (quick), draw (slow) or make a PDF (now and then)."""

    INSPECT = "inspect"
    RENDER = "render"
    CONVERT = "convert"


class Kind(IntEnum):
    """What a file is said to be."""

    PDF = 0
    PNG = 1
    JPEG = 2
    GIF = 3
    PICTURES = 4
    """Several images, as a msgpack list of bytes."""
    TEXT = 5
    RTF = 6
    ACTIVE = 7
    """A PDF that runs something or carries another file."""


class Flaw(StrEnum):
    """Why a file is not a PDF, or an image, that can be kept and shown for years."""

    EMPTY = "empty"
    NOT_PDF = "not-pdf"
    DAMAGED = "damaged"
    ENCRYPTED = "encrypted"
    TOO_MANY_PAGES = "too-many-pages"
    TOO_HEAVY = "too-heavy"
    NOT_THAT_IMAGE = "not-that-image"
    TOO_MANY_PIXELS = "too-many-pixels"
    ANIMATED = "animated"
    NOT_TEXT = "not-text"
    NOT_THAT_PICTURE = "not-that-picture"
    UNREAD_PHOTO = "unread-photo"
    """Sound, perhaps; but nothing here may decode it."""


class PdfFacts(Struct, frozen=True, tag="facts"):
    """The number of pages, and the names of active content found in any object."""

    pages: int
    active: tuple[str, ...] = ()


class FigureFacts(Struct, frozen=True, tag="figure"):
    """Pixels of an image that was read to its end."""

    width: int
    height: int


class Page(Struct, frozen=True):
    """One page: WebP images 800 and 1200 px wide, and its text in reading order.

    `width` and `height` are pixels of the large image. A very long page is drawn narrower.
    """

    number: int
    width: int
    height: int
    small: bytes
    large: bytes
    text: str


class Rendered(Struct, frozen=True, tag="rendered"):
    """All the pages, in order."""

    pages: tuple[Page, ...]


class Made(Struct, frozen=True, tag="made"):
    """A PDF that holds what was given, and nothing else of it."""

    pdf: bytes


class Flawed(Struct, frozen=True, tag="flawed"):
    """The file was refused."""

    flaw: Flaw


Answer = PdfFacts | FigureFacts | Rendered | Made | Flawed


class FlawFound(Exception):
    """Raised inside the child; the parent only ever sees Flawed."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw)
        self.flaw = flaw
