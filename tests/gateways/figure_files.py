"""Images, sound and hostile, made for the tests."""

import struct
import zipfile
import zlib
from io import BytesIO

from PIL import Image

FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF"}


def image(media_type: str, size: tuple[int, int] = (40, 30)) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, (10, 90, 120)).save(out, FORMATS[media_type])
    return out.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    whole = name + content
    return struct.pack(">I", len(content)) + whole + struct.pack(">I", zlib.crc32(whole))


def png(width: int, height: int, packed: bytes = b"", *more: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = (chunk(b"IHDR", head), *more, chunk(b"IDAT", packed), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def gif(width: int, height: int) -> bytes:
    whole, at = image("image/gif"), 6
    return whole[:at] + struct.pack("<HH", width, height) + whole[at + 4 :]


def animated(frames: int = 3) -> bytes:
    drawn = [Image.new("RGB", (20, 20), (n, n, n)) for n in range(frames)]
    out = BytesIO()
    drawn[0].save(out, "GIF", save_all=True, append_images=drawn[1:])
    return out.getvalue()


def with_archive(whole: bytes) -> bytes:
    out = BytesIO(whole)
    out.seek(0, 2)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("outil.bat", "del *")
        archive.comment = whole[-12:]
    return out.getvalue()
