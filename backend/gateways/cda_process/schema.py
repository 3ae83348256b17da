"""The official XML schema, applied by lxml."""

from itertools import islice
from pathlib import Path

from lxml import etree

from backend.domain.official import SCHEMA, Remark

PLACE = "infrastructure/cda/" + SCHEMA
MOST = 50
"""Errors kept of one document."""


def load(folder: Path) -> etree.XMLSchema | None:
    """The schema with all that it includes, from the folder alone; None when it is not there."""
    path = folder / PLACE
    if not path.is_file():
        return None
    parser = etree.XMLParser(no_network=True, load_dtd=False, huge_tree=True)
    return etree.XMLSchema(etree.parse(path, parser))


def check(schema: etree.XMLSchema, document: bytes) -> list[Remark]:
    """What the schema refuses in a document that was parsed and written again by us."""
    tree = etree.fromstring(document, etree.XMLParser(resolve_entities=False, huge_tree=True))
    if schema.validate(tree):
        return []
    log = islice(iter(schema.error_log), MOST)  # type: ignore[call-overload]
    return [Remark(SCHEMA, error.message[:500], f"ligne {error.line}") for error in log]
