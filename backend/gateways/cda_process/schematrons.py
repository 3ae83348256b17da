"""The official schematrons: made into stylesheets once, applied to each document by SaxonC.

Theirs is XSLT 2, which libxslt does not know. A stylesheet reads its value sets by paths that
start from its schematron, so it is compiled as if it were beside it; nothing is written there.
"""

from pathlib import Path
from typing import Any

from lxml import etree

from backend.domain.official import Remark

FOLDER = "schematrons"
ENGINE = (
    "moteur/iso_dsdl_include.xsl",
    "moteur/iso_abstract_expand.xsl",
    "moteur/iso_svrl_for_xslt2.xsl",
)
SVRL = "{http://purl.oclc.org/dsdl/svrl}"
FAILED, REPORTED = SVRL + "failed-assert", SVRL + "successful-report"
SILENT = frozenset({"info", "information", "hint"})
LIGHT = frozenset({"warning", "warn"})
TOLD = LIGHT | {"error", "fatal"}
UTF8 = "UTF-8"
MOST = 50
LONGEST = 500


def processor() -> Any | None:
    """SaxonC, if it is installed; it may read files, and nothing else."""
    try:
        from saxonche import PySaxonProcessor
    except ImportError:
        return None
    made = PySaxonProcessor(license=False)
    made.set_configuration_property("http://saxon.sf.net/feature/allow-external-functions", "off")
    made.set_configuration_property("http://saxon.sf.net/feature/allowedProtocols", "file")
    return made


class Maker:
    """Compiles what the folder holds, with the engine that is in it."""

    def __init__(self, saxon: Any, folder: Path) -> None:
        self._saxon, self._folder = saxon, folder / FOLDER
        self._steps = [self._compiled(self._folder / step) for step in ENGINE]

    def make(self, name: str) -> Any:
        """The stylesheet of one schematron; whatever SaxonC raises when it cannot be made."""
        source = self._folder / f"{name}.sch"
        node = self._saxon.parse_xml(xml_file_name=str(source))
        for step in self._steps:
            text = step.transform_to_string(xdm_node=node)
            node = self._parsed(text, source.with_suffix(".xsl").as_uri())
        return self._saxon.new_xslt30_processor().compile_stylesheet(stylesheet_node=node)

    def _parsed(self, text: str, place: str) -> Any:
        builder = self._saxon.new_document_builder()
        builder.set_base_uri(place)
        return builder.parse_xml(xml_text=text, encoding=UTF8)

    def _compiled(self, path: Path) -> Any:
        return self._saxon.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(path))


def check(saxon: Any, stylesheet: Any, name: str, document: str) -> list[Remark]:
    """The rules of one schematron that the document breaks."""
    node = saxon.parse_xml(xml_text=document, encoding=UTF8)
    report = stylesheet.transform_to_string(xdm_node=node)
    root = etree.fromstring(report.encode(), etree.XMLParser(huge_tree=True))
    found = (_remark(name, one) for one in root.iter(FAILED, REPORTED))
    return [one for one in found if one is not None][:MOST]


def _remark(name: str, said: etree._Element) -> Remark | None:
    """A rule that failed; a report only when its authors say that it is an error or a warning."""
    role = (said.get("role") or said.get("flag") or "").lower()
    if role in SILENT or (said.tag == REPORTED and role not in TOLD):
        return None
    words = " ".join("".join(map(str, said.itertext())).split())[:LONGEST]
    return Remark(name, words, said.get("location") or "", role in LIGHT)
