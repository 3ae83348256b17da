"""`IHE_XDM.zip` opened as a receiver does, with nothing of ours: names, digests, sizes, patient.

METADATA.XML is held against a schema: ours (`schemas/`), written from the standard, or the official
`lcm.xsd` (ebRS 3.0, with the files that it includes) when `REPERES_XDS_SCHEMA` names it.
"""

import os
import shutil
import subprocess
import tempfile
from hashlib import sha1
from io import BytesIO
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET
from zipfile import ZipFile

from lxml import etree

RIM = "{urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0}"
LOT = "IHE_XDM/SUBSET01/"
PATIENT, UNIQUE = (
    "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427",
    "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab",
)
SCHEMA = os.environ.get("REPERES_XDS_SCHEMA", "") or Path(__file__).parent / "schemas" / "lcm.xsd"


class Received(NamedTuple):
    """One document, and what the metadata say of it."""

    name: str
    unique_id: str
    patient: str
    content: bytes


def receive(package: bytes) -> list[Received]:
    """Its documents; an assertion fails where the metadata do not describe what is there."""
    with ZipFile(BytesIO(package)) as archive:
        assert archive.testzip() is None
        files = {one.filename: archive.read(one) for one in archive.infolist()}
    by_another_program(package, len(files))
    described = files.pop(LOT + "METADATA.XML")
    etree.XMLSchema(etree.parse(SCHEMA)).assertValid(etree.fromstring(described))
    found = [
        _document(entry, files) for entry in ET.fromstring(described).iter(RIM + "ExtrinsicObject")
    ]
    assert {*files} == {"README.TXT", "INDEX.HTM", *(LOT + one.name for one in found)}
    assert len({one.patient for one in found}) == 1
    return found


def _document(entry: ET.Element, files: dict[str, bytes]) -> Received:
    said = {
        slot.get("name"): slot.findtext(f"{RIM}ValueList/{RIM}Value")
        for slot in entry.iter(RIM + "Slot")
    }
    ids = {
        one.get("identificationScheme"): one.get("value") or ""
        for one in entry.iter(RIM + "ExternalIdentifier")
    }
    name = said["URI"] or ""
    content = files[LOT + name]
    assert said["hash"] == sha1(content).hexdigest()
    assert said["size"] == str(len(content))
    assert entry.get("mimeType") == "text/xml"
    return Received(name, ids[UNIQUE], ids[PATIENT], content)


def by_another_program(package: bytes, count: int) -> None:
    """Info-ZIP, where it is installed, says that every file is sound."""
    if unzip := shutil.which("unzip"):
        with tempfile.TemporaryDirectory() as folder:
            (kept := Path(folder) / "IHE_XDM.zip").write_bytes(package)
            said = subprocess.run([unzip, "-t", kept], capture_output=True, text=True, check=True)
        assert said.stdout.count(" OK\n") == count
