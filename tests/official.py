"""A folder laid out as the official files are: a schema, schematrons and an engine, none theirs."""

import importlib.util
import shutil
from pathlib import Path

import lxml

HERE = Path(__file__).parent / "fixtures/official"
THEIRS = Path(lxml.__file__).parent / "isoschematron/resources/xsl/iso-schematron-xslt1"
"""The ISO engine that lxml carries; the official one is its next edition, and runs alike."""
WITHOUT_ENGINE = "saxonche n’est pas installé : les schématrons ne sont pas essayés"
HAS_ENGINE = importlib.util.find_spec("saxonche") is not None


def lay_out(folder: Path) -> Path:
    """Copy it there, with the engine under its official names."""
    shutil.copytree(HERE, folder)
    engine = folder / "schematrons/moteur"
    shutil.copytree(THEIRS, engine)
    (engine / "iso_svrl_for_xslt1.xsl").rename(engine / "iso_svrl_for_xslt2.xsl")
    return folder
