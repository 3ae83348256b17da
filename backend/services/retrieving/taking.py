"""The bytes of one content: what is hidden and what never was are the same NotFound."""

import re
from uuid import UUID

from backend.access.actors import Professional
from backend.access.scopes import Moment, documents_for
from backend.domain.errors import NotFound
from backend.gateways.files import Files
from backend.services import consultation, documents
from backend.services.documents import Visit
from backend.services.retrieving.arriving import here
from backend.storage.db import AsyncSession
from backend.storage.documents import Document

NAME = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(xml|pdf)", re.ASCII)


async def take(
    db: AsyncSession, pro: Professional, at: Moment, files: Files, name: str
) -> tuple[str, bytes]:
    """(media type, bytes) of the CDA or of its PDF; its person reads that it was taken."""
    found = NAME.fullmatch(name)
    if not found:
        raise NotFound
    current = documents_for(pro, at).where(Document.version_id == UUID(found[1]))
    document = await db.scalar(current)
    if document is None:
        raise NotFound
    visit = await here(db, pro, at, document.record_id)
    if not isinstance(visit, Visit):
        raise NotFound
    if found[2] == "xml":
        content = await documents.take_original(db, pro, at, files, document.id, visit=visit)
        return "application/xml", content
    kind, content, _ = await consultation.take_file(
        db, pro, at, visit, document.id, files=files, part="pdf"
    )
    return kind, content
