"""Make what checks, say so, then answer each document on stdin until it closes.

`argv[-1]` is the folder of the official files.
"""

import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
from lxml import etree

from backend.domain.errors import Refused
from backend.domain.formats.cda import document_of
from backend.domain.official import (
    MINIMAL,
    OF_EVERY_BODY,
    SCHEMA,
    VOLETS,
    Remark,
    Template,
    Verdict,
    profiles_for,
)
from backend.gateways.cda_process import schema, schematrons
from backend.gateways.cda_process.wire import LENGTH_BYTES, Answer, Checked, Ready, Unreadable
from backend.gateways.pdf_process.confinement import confine

MEMORY = 3 << 30
"""Of what it writes to: SaxonC reserves tens of gigabytes of addresses, and uses few."""
CPU_SECONDS = 20
OPEN_FILES = 64
MOST = 50
"""Remarks about one document: nobody reads more."""
BODY = "{urn:hl7-org:v3}component/{urn:hl7-org:v3}structuredBody"
TEMPLATE = "{urn:hl7-org:v3}templateId"


class Checks:
    """All that could be made of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.schema = _or_none(lambda: schema.load(folder))
        self.saxon = _or_none(schematrons.processor)
        self.made: dict[str, Any] = {}
        self.broken: list[str] = []
        maker = _or_none(lambda: schematrons.Maker(self.saxon, folder)) if self.saxon else None
        for name in self._names():
            stylesheet = maker and _or_none(lambda name=name: maker.make(name))
            if stylesheet is None:
                self.broken.append(name)
            else:
                self.made[name] = stylesheet

    def ready(self) -> Ready:
        there = self.schema is not None
        return Ready(there, tuple(self.made), tuple(self.broken), self.saxon is not None)

    def check(self, content: bytes) -> Answer:
        """Only what our own reader has parsed is given to the validators, written again."""
        try:
            document = document_of(content)
        except Refused:
            return Unreadable()
        text = etree.tostring(document, encoding="unicode", with_tail=False)
        templates = [
            Template(one.get("root") or "", one.get("extension") or "")
            for one in document.iterchildren(TEMPLATE)
        ]
        applied, missing, remarks = [], [], list[Remark]()
        if self.schema is None:
            missing.append(SCHEMA)
        else:
            applied.append(SCHEMA)
            remarks += schema.check(self.schema, text.encode())
        structured = document.find(BODY) is not None
        for name in profiles_for(templates, structured=structured, there=self._names()):
            said = self._said(name, text)
            (missing if said is None else applied).append(name)
            remarks += said or []
        return Checked(Verdict(tuple(applied), tuple(remarks[:MOST]), tuple(missing)))

    def _said(self, name: str, text: str) -> list[Remark] | None:
        """None when it cannot be run: on this document, or at all."""
        if name not in self.made:
            return None
        found: list[Remark] | None = _or_none(
            lambda: schematrons.check(self.saxon, self.made[name], name, text)
        )
        return found

    def _names(self) -> list[str]:
        """Every schematron of the folder that may apply to what is deposited here."""
        at = self._folder / schematrons.FOLDER
        volets = [p.stem for start in VOLETS.values() for p in sorted(at.glob(f"{start}*.sch"))]
        always = [name for name in (MINIMAL, *OF_EVERY_BODY) if (at / f"{name}.sch").is_file()]
        return [*always, *volets]


def _or_none(make: Any) -> Any:
    """What it gives; None for whatever a library raises at files that it cannot use."""
    try:
        return make()
    except Exception:  # noqa: BLE001 - official files may be incomplete, documents hostile
        return None


def main(folder: Path) -> None:
    """Serve until the parent closes stdin or dies."""
    checks = Checks(folder)
    os.nice(5)
    _limit()
    confine(threads=True, places=(folder,))
    _write(checks.ready())
    while head := sys.stdin.buffer.read(LENGTH_BYTES):
        content = sys.stdin.buffer.read(int.from_bytes(head))
        _allow_cpu()
        _write(checks.check(content))


def _write(answer: Answer | Ready) -> None:
    body = msgspec.msgpack.encode(answer)
    sys.stdout.buffer.write(len(body).to_bytes(LENGTH_BYTES) + body)
    sys.stdout.buffer.flush()


def _limit() -> None:
    for kind, limit in (
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_DATA, MEMORY),
    ):
        resource.setrlimit(kind, (limit, limit))


def _allow_cpu() -> None:
    """The kernel counts for the whole life of the process: move the limit before each job."""
    spent = int(time.process_time()) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (spent + CPU_SECONDS, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main(Path(sys.argv[-1]))
