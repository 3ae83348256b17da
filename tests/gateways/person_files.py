"""What people send: photos with their place, papers, and files that are not what they seem."""

import struct
import zlib
from io import BytesIO

import pikepdf
from PIL import Image
from pillow_heif import register_heif_opener

from tests.gateways.figure_files import png
from tests.gateways.pdf_files import report

register_heif_opener()
MAKER = "TELEPHONE-DE-LAURA"
PLACE = 0x8825


def photo(kind: str = "JPEG", size: tuple[int, int] = (640, 480)) -> bytes:
    """With who made it, and where."""
    exif = Image.Exif()
    exif[0x010F] = MAKER
    exif.get_ifd(PLACE)[2] = (47.0, 12.0, 58.0)
    tiles = {"tiling": {"tile_width": 512}} if kind == "HEIF" else {}  # as iPhones do
    out = BytesIO()
    Image.new("RGB", size, (120, 90, 10)).save(out, kind, exif=exif, **tiles)
    return out.getvalue()


def heic_bomb() -> bytes:
    """A photo that says it has four thousand million pixels."""
    sent = photo("HEIF")
    real = b"ispe" + struct.pack(">III", 0, 640, 480)
    assert real in sent
    return sent.replace(real, b"ispe" + struct.pack(">III", 0, 65_000, 65_000))


def signed_pdf() -> bytes:
    """Its author in three places, one of them a photo."""
    with pikepdf.open(BytesIO(report(2))) as document:
        document.docinfo["/Author"] = MAKER
        with document.open_metadata() as metadata:
            metadata["dc:creator"] = [MAKER]
        name = pikepdf.Name
        picture = document.make_stream(
            photo(),
            Type=name.XObject,
            Subtype=name.Image,
            Width=640,
            Height=480,
            ColorSpace=name.DeviceRGB,
            BitsPerComponent=8,
            Filter=name.DCTDecode,
        )
        document.pages[0].add_resource(picture, name.XObject)
        out = BytesIO()
        document.save(out)
    return out.getvalue()


def locked_pdf() -> bytes:
    out = BytesIO()
    with pikepdf.open(BytesIO(report(1))) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    return out.getvalue()


def huge_png() -> bytes:
    """100,000 pixels wide, in a few bytes."""
    return png(100_000, 100_000)


def tiff_bomb() -> bytes:
    """A header that promises four thousand million pixels, out of a thousand packed bytes."""
    packed = zlib.compress(bytes(1_000_000))
    entries = [(256, 4, 65_000), (257, 4, 65_000), (258, 3, 8), (259, 3, 8), (262, 3, 1)]
    entries += [(273, 4, 8), (277, 3, 1), (278, 4, 65_000), (279, 4, len(packed))]
    directory = struct.pack("<H", len(entries))
    directory += b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    return b"II*\0" + struct.pack("<I", 8 + len(packed)) + packed + directory + bytes(4)
