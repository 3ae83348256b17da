"""PDF files, sound and hostile, made for the tests."""

import zipfile
from collections.abc import Callable
from io import BytesIO

import pikepdf
from fpdf import FPDF
from pikepdf import Array, Dictionary, Name, Pdf, String

LINES = ("Glycémie 4,9 mmol/L", "Créatinine 72 µmol/L", "Hémoglobine 13,2 g/dL")


def report(pages: int = 2) -> bytes:
    """A plain report, a page a patient might receive."""
    pdf = FPDF(format="A4")
    pdf.set_font("Helvetica", size=12)
    for number in range(1, pages + 1):
        pdf.add_page()
        pdf.cell(text=f"Compte rendu, page {number}")
        for line in LINES:
            pdf.ln()
            pdf.cell(text=line)
    return bytes(pdf.output())


def altered(change: Callable[[Pdf], None], *, packed: bool = False) -> bytes:
    """A report that someone changed; `packed` hides the objects in compressed streams."""
    with pikepdf.open(BytesIO(report())) as pdf:
        change(pdf)
        return saved(pdf, packed=packed)


def saved(pdf: Pdf, *, packed: bool = False) -> bytes:
    out = BytesIO()
    mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
    pdf.save(out, object_stream_mode=mode)
    return out.getvalue()


def script() -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def opens_with_script(pdf: Pdf) -> None:
    pdf.Root.OpenAction = pdf.make_indirect(script())


def acts_and_is_signed(pdf: Pdf) -> None:
    """Nothing can be taken out of it without breaking what was signed."""
    opens_with_script(pdf)
    pdf.Root.Perms = pdf.make_indirect(
        Dictionary(Type=Name.Sig, ByteRange=Array([0, 1, 2, 3]), Contents=String("0"))
    )


def names_a_script(pdf: Pdf) -> None:
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), script()])))


def page_runs_when_opened(pdf: Pdf) -> None:
    pdf.pages[0].obj.AA = Dictionary(O=script())


def annotated(**action: object) -> Callable[[Pdf], None]:
    """A link over the whole first page, with this action."""

    def change(pdf: Pdf) -> None:
        link = Dictionary(
            Type=Name.Annot,
            Subtype=Name.Link,
            Rect=Array([0, 0, 500, 800]),
            A=Dictionary({f"/{key}": value for key, value in action.items()}),
        )
        pdf.pages[0].obj.Annots = Array([pdf.make_indirect(link)])

    return change


def carries_a_file(pdf: Pdf) -> None:
    pdf.attachments["facture.exe"] = b"MZ" * 100


def has_a_media_annotation(pdf: Pdf) -> None:
    media = Dictionary(Type=Name.Annot, Subtype=Name.RichMedia, Rect=Array([0, 0, 9, 9]))
    pdf.pages[0].obj.Annots = Array([media])


def has_an_xfa_form(pdf: Pdf) -> None:
    pdf.Root.AcroForm = Dictionary(Fields=Array([]), XFA=pdf.make_stream(b"<xdp/>"))


def keeps_an_unused_script(pdf: Pdf) -> None:
    """No page leads to it, but the next editor of the file may."""
    pdf.Root.PieceInfo = Dictionary(Any=Dictionary(Private=pdf.make_indirect(script())))


def hides_it_in_nested_arrays(pdf: Pdf) -> None:
    deep = Array([script()])
    for _ in range(40):
        deep = Array([deep])
    pdf.Root.PieceInfo = Dictionary(Any=deep)


def opens_a_web_page(pdf: Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.URI, URI=String("https://attaquant.example"))


def opens_at_page_two(pdf: Pdf) -> None:
    pdf.Root.OpenAction = Array([pdf.pages[1].obj, Name.Fit])


def goes_to_page_two(pdf: Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.GoTo, D=Array([pdf.pages[1].obj, Name.Fit]))


def has_innocent_names(pdf: Pdf) -> None:
    """Screen is also a way of mixing colours, and a font may be called AA."""
    fonts = Dictionary(AA=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    states = Dictionary(G0=Dictionary(Type=Name.ExtGState, BM=Name.Screen))
    pdf.pages[0].obj.Resources = Dictionary(Font=fonts, ExtGState=states)


def links_to_the_laboratory(pdf: Pdf) -> None:
    annotated(S=Name.URI, URI=String("https://laboratoire.example"))(pdf)


def encrypted(*, owner: str, user: str) -> bytes:
    with pikepdf.open(BytesIO(report())) as pdf:
        out = BytesIO()
        pdf.save(out, encryption=pikepdf.Encryption(owner=owner, user=user))
        return out.getvalue()


def blank(pages: int, box: tuple[float, float] = (595, 842)) -> bytes:
    with Pdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page(page_size=box)
        return saved(pdf)


def endless(depth: int = 14) -> bytes:
    """A few kB that draw ten to the power of `depth` lines."""
    with Pdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        inner = _form(pdf, b"0 0 m 500 800 l S")
        for _ in range(depth):
            inner = _form(pdf, b"/X Do " * 10, inner)
        pdf.pages[0].obj.Resources = Dictionary(XObject=Dictionary(X=inner))
        pdf.pages[0].obj.Contents = pdf.make_stream(b"/X Do")
        return saved(pdf)


def image_bomb(side: int = 60_000) -> bytes:
    """A few kB that become 3.6 billion pixels."""
    with Pdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        image = pdf.make_stream(
            b"\0" * 1000,
            Type=Name.XObject,
            Subtype=Name.Image,
            Width=side,
            Height=side,
            ColorSpace=Name.DeviceRGB,
            BitsPerComponent=8,
        )
        pdf.pages[0].obj.Resources = Dictionary(XObject=Dictionary(X=image))
        pdf.pages[0].obj.Contents = pdf.make_stream(b"595 0 0 842 0 0 cm /X Do")
        return saved(pdf)


def filled_form(text: str) -> bytes:
    """A form of one field, with what was typed in it."""
    with Pdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        look = _form(pdf, b"1 0 0 rg 0 0 400 100 re f")
        look.BBox = Array([0, 0, 400, 100])
        field = pdf.make_indirect(
            Dictionary(
                Type=Name.Annot,
                Subtype=Name.Widget,
                FT=Name.Tx,
                T=String("resultat"),
                V=String(text),
                Rect=Array([50, 600, 450, 700]),
                F=4,
                AP=Dictionary(N=look),
            )
        )
        pdf.pages[0].obj.Annots = Array([field])
        pdf.Root.AcroForm = Dictionary(Fields=Array([field]))
        return saved(pdf)


def with_archive(pdf: bytes) -> bytes:
    """Also a ZIP: its directory is found from the end."""
    out = BytesIO(pdf)
    out.seek(0, 2)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("outil.bat", "del *")
        archive.comment = pdf[-40:]
    return out.getvalue()


def _form(pdf: Pdf, drawing: bytes, inner: pikepdf.Object | None = None) -> pikepdf.Stream:
    form = pdf.make_stream(
        drawing, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 595, 842])
    )
    if inner is not None:
        form.Resources = Dictionary(XObject=Dictionary(X=inner))
    return form
