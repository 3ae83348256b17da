"""Source Sans 3 in the weights and letters that our PDFs need, made from the installed package."""

from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from fontTools.subset import Options, Subsetter  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from fontTools.varLib.instancer import instantiateVariableFont  # type: ignore[import-untyped]

WEIGHTS = {"": 400, "B": 600}
SYMBOLS = "‘’“”–—…•€≤≥±→▲▼■●⁰⁴⁵⁶⁷⁸⁹\u202f"
LETTERS = (*range(0x20, 0x17F), *range(0x391, 0x3CA), *(ord(symbol) for symbol in SYMBOLS))


def faces() -> dict[str, Path]:
    """A font file for each style of fpdf (`""`, `"B"`), made once per process.

    They are made again when the system has swept its temporary files meanwhile.
    """
    folder = Path(_folder().name)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {style: _face(folder, weight) for style, weight in WEIGHTS.items()}


@cache
def _folder() -> TemporaryDirectory[str]:
    """Kept open until the process ends, then removed."""
    return TemporaryDirectory(prefix="reperes-fonts-")


def _face(folder: Path, weight: int) -> Path:
    """Cutting the variable font down to Latin before fixing its weight is ten times faster."""
    target = folder / f"source-sans-{weight}.ttf"
    if target.exists():
        return target
    source = files("fontpkg_source_sans_3") / "files" / "SourceSans3[wght].ttf"
    with source.open("rb") as file:
        font = TTFont(file, recalcTimestamp=False)
        subsetter = Subsetter(Options(layout_features=["kern", "liga", "mark"]))
        subsetter.populate(unicodes=LETTERS)
        subsetter.subset(font)
        instantiateVariableFont(font, {"wght": weight}, inplace=True)
        fresh = folder / f"{uuid4()}.ttf"
        font.save(fresh)
        fresh.replace(target)
    return target
