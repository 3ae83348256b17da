"""Page images of a report's PDF, made after the commit, kept sealed like the PDF itself."""

from uuid import UUID

from backend.access import Action, authorise
from backend.access.actors import Robot
from backend.access.scopes import version_for_work
from backend.domain.documents import FileFacts
from backend.domain.errors import Refused
from backend.domain.searching import with_text
from backend.gateways.files import Files
from backend.gateways.pdf import PdfWorkers
from backend.services.filing import Filing, NewFile, add_file
from backend.services.words import open_words, seal_words
from backend.storage.db import AsyncSession
from backend.storage.records import key_of

ROBOT = Robot("draw-pages")


async def draw_pages(db: AsyncSession, files: Files, pdfs: PdfWorkers, version_id: UUID) -> None:
    """Draw every page in two sizes with its text; a PDF that cannot be drawn is marked so."""
    found = await version_for_work(db, ROBOT, version_id, part="pdf")
    if found is None:
        return
    version, record, stored = found
    authorise(db, ROBOT, Action.DRAW_PAGES, version)
    key = key_of(db, record)
    sealed = await files.get(stored.file_key)
    try:
        pdf = key.for_file(version.id).open(sealed, stored.part, stored.number)
        pages = (await pdfs.render(pdf)).pages
    except Refused:
        version.pages_state = "failed"
        return
    filing = Filing()
    for page in pages:
        facts = FileFacts(width=page.width, height=page.height, text=page.text)
        for part, image in (("page-small", page.small), ("page-large", page.large)):
            made = NewFile(part, page.number, "image/webp", image, facts)
            add_file(filing, version, key, made)
    await filing.write(db, files)
    if version.sealed_words is not None:
        known = open_words(key, version.id, version.sealed_words)
        words = with_text(known, (page.text for page in pages))
        version.sealed_words = seal_words(key, version.id, words)
    version.pages_state, version.page_count = "ready", len(pages)
