"""What a person adds, as a PDF that says nothing more than what is seen on it.

Photos are drawn again, without what a telephone writes beside them: place, hour, device. A PDF
keeps its pages and loses its descriptions. A text is set in the plainest way.
"""

from collections.abc import Iterator
from io import BytesIO
from threading import Thread
from unicodedata import normalize

import msgspec
import pikepdf
from fpdf import FPDF
from PIL import Image, ImageOps, UnidentifiedImageError
from pillow_heif import register_heif_opener
from striprtf.striprtf import rtf_to_text

from backend.gateways.pdf_process.cleaning import clean
from backend.gateways.pdf_process.inspection import MOST_PAGES, inspect
from backend.gateways.pdf_process.wire import Flaw, FlawFound, Kind, Made

COMMON = ("JPEG", "PNG", "TIFF")
FORMATS = (*COMMON, "HEIF")
"""The last is what iPhones make; one that a person names .jpg is read all the same."""
Image.MAX_IMAGE_PIXELS = None  # counted here, before any is read
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 20_000
ACROSS, QUALITY, DOTS = 2_000, 78, 150
"""A page of 2,000 pixels can be read; ten of them weigh about 4 MB."""
PRINTABLE = "cp1252"
"""What the fonts of every PDF reader can show: French, and its neighbours."""
AS_PLAIN = str.maketrans(
    {"\u202f": "\u00a0", "\u2009": "\u00a0", "\u2011": "-", "\u2212": "-", "\u2028": "\n"}
    | dict.fromkeys(("\u200b", "\u200e", "\u2060", "\ufeff", "\u00ad"), "")
)
"""Signs of French typing that those fonts have not, and what is read as the same."""
MOST_TEXT = 200_000
JPEG_MARK, SCAN, ICC, ADOBE = 0xFF, 0xDA, 0xE2, 0xEE
APPLICATION = range(0xE1, 0xF0)
DESCRIPTIONS = ("/Metadata", "/PieceInfo", "/LastModified", "/Thumb", "/AF")


def convert(kind: Kind, content: bytes) -> Made:
    """The PDF, or FlawFound."""
    match kind:
        case Kind.PICTURES:
            return Made(_pictures(msgspec.msgpack.decode(content, type=list[bytes])))
        case Kind.TEXT:
            return Made(_text(_decoded(content)))
        case Kind.RTF:
            return Made(_text(_plain(content)))
        case Kind.ACTIVE:
            return Made(clean(content))
        case _:
            return Made(_bare(content))


def _pictures(images: list[bytes]) -> bytes:
    """One page an image, upright."""
    pages = [page for image in images for page in _pages(image)]
    if not 0 < len(pages) <= MOST_PAGES:
        raise FlawFound(Flaw.TOO_MANY_PAGES if pages else Flaw.NOT_THAT_PICTURE)
    out = BytesIO()
    first, *others = pages
    first.save(out, "PDF", save_all=True, append_images=others, resolution=DOTS, quality=QUALITY)
    return out.getvalue()


def _pages(image: bytes) -> Iterator[Image.Image]:
    """The sizes are looked at before any pixel is: a bomb is all in its header."""
    try:
        opened = Image.open(BytesIO(image), formats=FORMATS)
    except UnidentifiedImageError as error:
        cut = image[4:8] == b"ftyp"  # its pieces are looked for when it is opened
        raise FlawFound(Flaw.DAMAGED if cut else Flaw.NOT_THAT_PICTURE) from error
    with opened:
        count = getattr(opened, "n_frames", 1) if opened.format == "TIFF" else 1
        if count > MOST_PAGES:
            raise FlawFound(Flaw.TOO_MANY_PAGES)
        for number in range(count):
            if count > 1:
                opened.seek(number)
            width, height = opened.size
            if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
                raise FlawFound(Flaw.TOO_MANY_PIXELS)
            if opened.format == "HEIF":
                check_threads()
            opened.draft("RGB", (ACROSS, ACROSS))
            yield _redrawn(opened)


def check_threads() -> None:
    """What decodes HEIC works in a thread of its own: without one, sound photos look damaged."""
    try:
        Thread(target=int).start()
    except RuntimeError as error:
        raise FlawFound(Flaw.UNREAD_PHOTO) from error


def _redrawn(image: Image.Image) -> Image.Image:
    """Pixels alone, on white."""
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((ACROSS, ACROSS))
    drawn = Image.new("RGB", upright.size, "white")
    if upright.mode in {"RGBA", "LA", "P", "PA"}:
        clear = upright.convert("RGBA")
        drawn.paste(clear, mask=clear)
    elif upright.mode.startswith("I") or upright.mode == "F":
        drawn.paste(upright.point(lambda value: value / 256).convert("L"))
    else:
        drawn.paste(upright.convert("RGB"))
    return drawn


def _plain(content: bytes) -> str:
    text: str = rtf_to_text(content.decode("ascii", "replace"), errors="ignore")  # type: ignore[no-untyped-call]
    return text


def _decoded(content: bytes) -> str:
    """UTF-8, else the encoding of older Windows machines."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode(PRINTABLE, "replace")
    return text


def _text(text: str) -> bytes:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    lines = normalize("NFC", lines).translate(AS_PLAIN)  # a Mac writes « é » in two pieces
    if not lines.strip():
        raise FlawFound(Flaw.EMPTY)
    if any(ord(letter) < ord(" ") and letter not in "\n\f" for letter in lines):
        raise FlawFound(Flaw.NOT_TEXT)
    try:
        lines.encode(PRINTABLE)
    except UnicodeEncodeError as error:
        raise FlawFound(Flaw.NOT_TEXT) from error
    if len(lines) > MOST_TEXT:
        raise FlawFound(Flaw.TOO_MANY_PAGES)
    sheet = FPDF(format="A4")
    sheet.core_fonts_encoding = "windows-1252"
    sheet.set_margin(20)
    sheet.set_auto_page_break(auto=True, margin=20)
    sheet.set_font("Helvetica", size=11)
    sheet.add_page()
    sheet.multi_cell(0, 6, lines.replace("\f", "\n"))
    if sheet.pages_count > MOST_PAGES:
        raise FlawFound(Flaw.TOO_MANY_PAGES)
    return bytes(sheet.output())


def _bare(pdf: bytes) -> bytes:
    """The same pages without what describes them; what acts is for the inspection to refuse."""
    inspect(pdf)
    with pikepdf.open(BytesIO(pdf), attempt_recovery=False, suppress_warnings=True) as document:
        if "/Info" in document.trailer:
            del document.trailer.Info
        for item in document.objects:
            if isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
                for name in DESCRIPTIONS:
                    if name in item:
                        del item[name]
            if isinstance(item, pikepdf.Stream) and item.get("/Filter") == pikepdf.Name.DCTDecode:
                item.write(strip_jpeg(item.read_raw_bytes()), filter=pikepdf.Name.DCTDecode)
        out = BytesIO()
        document.save(out)
    return out.getvalue()


def strip_jpeg(image: bytes) -> bytes:
    """The image without its notes: Exif and its place, XMP, comments. Colours are kept."""
    kept, at = bytearray(image[:2]), 2
    while at + 4 <= len(image) and image[at] == JPEG_MARK:
        mark, size = image[at + 1], int.from_bytes(image[at + 2 : at + 4])
        if mark == SCAN:
            break
        if mark in {ICC, ADOBE} or (mark not in APPLICATION and mark != 0xFE):  # noqa: PLR2004
            kept += image[at : at + 2 + size]
        at += 2 + size
    return bytes(kept) + image[at:]


def warm_up() -> None:
    """Everything that would be loaded at the first file of each kind."""
    register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=0)
    Image.init()
    made = []
    for name in COMMON:
        out = BytesIO()
        Image.new("RGB", (64, 64)).save(out, name)
        made.append(out.getvalue())
    pdf = convert(Kind.PICTURES, msgspec.msgpack.encode(made)).pdf
    convert(Kind.PDF, pdf)
    convert(Kind.ACTIVE, pdf)
    convert(Kind.TEXT, "é".encode())
    convert(Kind.RTF, rb"{\rtf1\ansi caf\'e9\par}")
