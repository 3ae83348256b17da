"""Write a report as a CDA R2 document, level 1 or 3 (CI-SIS CR-BIO 2024.01, TROD)."""

from lxml import etree

from backend.domain.formats.cda_writer import elements, files
from backend.domain.formats.cda_writer.elements import Element, code, el
from backend.domain.formats.cda_writer.header import write_header
from backend.domain.formats.cda_writer.layout import Chapter, Leaf, chapters
from backend.domain.formats.cda_writer.narrative import write_text
from backend.domain.formats.cda_writer.observations import write_entry
from backend.domain.reports import Header, Media, Report


def write_cda(report: Report) -> bytes:
    """The document in UTF-8. The same report always gives the same bytes.

    Images go with the first section; the last PDF is the copy that the biologist signed.
    Raises ValueError for a level 1 report without a file.
    """
    tree = chapters(report.results)
    first = tree[0] if tree else Chapter("26436-6", "Examens de laboratoire", (), divided=False)
    body = _unstructured(report) if report.level == 1 else _structured(report, tree)
    head = write_header(report, first.code, first.title)
    document = el("ClinicalDocument", head, el("component", body))
    return etree.tostring(document, xml_declaration=True, encoding="UTF-8")


def _unstructured(report: Report) -> Element:
    if not report.media:
        raise ValueError("a level 1 document is its file: this report has none")
    return files.write_unstructured(report.media[-1])


def _structured(report: Report, tree: list[Chapter]) -> Element:
    media = files.named(report.media)
    pdfs = [file for file in media if file.media_type == files.PDF]
    images = tuple(file for file in media if file.media_type != files.PDF)
    sections = [
        _chapter(chapter, report.header, () if rank else images)
        for rank, chapter in enumerate(tree)
    ]
    if report.comments:
        sections.append(_comments(report.comments))
    sections += [files.write_pdf_section(pdf, copy=pdf is pdfs[-1]) for pdf in pdfs]
    return el("structuredBody", [el("component", section) for section in sections])


def _chapter(chapter: Chapter, header: Header, images: tuple[Media, ...]) -> Element:
    marks = elements.templates("1.3.6.1.4.1.19376.1.3.3.2.1", "1.2.250.1.213.1.1.2.70")
    title = [code(chapter.code, display=chapter.title), el("title", chapter.title)]
    if not chapter.divided:
        return el("section", marks, title, _leaf(chapter.leaves[0], header, images))
    parts = [
        el("component", _subchapter(leaf, header, () if rank else images))
        for rank, leaf in enumerate(chapter.leaves)
    ]
    return el("section", marks, title, parts)


def _subchapter(leaf: Leaf, header: Header, images: tuple[Media, ...]) -> Element:
    marks = elements.templates("1.3.6.1.4.1.19376.1.3.3.2.2", "1.2.250.1.213.1.1.2.71")
    title = [code(leaf.code, display=leaf.title), el("title", leaf.title)]
    return el("section", marks, title, _leaf(leaf, header, images))


def _leaf(leaf: Leaf, header: Header, images: tuple[Media, ...]) -> list[Element]:
    pictures = [files.write_media(image) for image in images]
    return [write_text(leaf, images), write_entry(leaf, header, pictures)]


def _comments(comments: tuple[str, ...]) -> Element:
    """The biologist's words about the whole report."""
    return el(
        "section",
        elements.templates(
            "2.16.840.1.113883.10.12.201",
            "1.3.6.1.4.1.19376.1.4.1.2.16",
            "1.2.250.1.213.1.1.2.73",
        ),
        code("55112-7", display="Commentaire"),
        el("title", "Commentaire"),
        el("text", [el("paragraph", comment) for comment in comments]),
    )
