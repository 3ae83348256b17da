"""The type face: Source Sans 3, cut to French and laboratory units, under a name of its own.

The OFL reserves the name « Source »: a subset must be called otherwise. A fallback face with the
same metrics keeps lines in place while the font loads.
"""

from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

FONT_PACKAGE = "fontpkg-source-sans-3"
NAME = "Reperes Sans"
TEXT = (
    "".join(map(chr, range(0x20, 0x7F)))
    + "ÀÂÄÆÇÈÉÊËÎÏÔÖŒÙÛÜŸàâäæçèéêëîïôöœùûüÿñÑ"
    + "«»‘’“”–—…·•×÷±≤≥→←↑↓µμ‰°²³¹€−◆"
    + "\u00a0\u202f\u2009\u2011"
)
FEATURES = ["kern", "ccmp", "mark", "lnum", "tnum", "locl"]
FALLBACKS = ("Arial", "Liberation Sans", "Roboto")
ARIAL_AVERAGE = 0.5216
"""Mean width of lower-case French text in Arial, in em, for the fallback's size."""
NAME_IDS = {1: NAME, 3: f"{NAME} subset", 4: NAME, 6: "ReperesSans", 16: NAME}
FRENCH = "esaitnrulodcpmévqfbghjàxèyêzâçîùôûïk" + "esaitnrulod" * 3


def make_font() -> tuple[bytes, str]:
    """(woff2, the two @font-face rules with FONT in place of the file's name)."""
    spec = find_spec("fontpkg_source_sans_3")
    assert spec is not None
    assert spec.origin is not None
    font = TTFont(Path(spec.origin).parent / "files" / "SourceSans3[wght].ttf")
    options = subset.Options()
    options.flavor = "woff2"
    options.layout_features = FEATURES
    options.hinting = False
    options.name_IDs = [1, 2, 3, 4, 6, 13, 14]
    options.notdef_outline = True
    cutter = subset.Subsetter(options)
    cutter.populate(text=TEXT)
    cutter.subset(font)
    font = instantiateVariableFont(font, {"wght": (400, 700)})  # a small font by now
    for record in font["name"].names:
        if record.nameID in NAME_IDS:
            record.string = NAME_IDS[record.nameID]
    faces = _faces(font)
    font.flavor = "woff2"
    out = BytesIO()
    font.save(out)
    return out.getvalue(), faces


def _faces(font: TTFont) -> str:
    em, hhea = font["head"].unitsPerEm, font["hhea"]
    widths, characters = font["hmtx"], font.getBestCmap()
    ours = sum(widths[characters[ord(c)]][0] for c in FRENCH) / len(FRENCH) / em
    size = ours / ARIAL_AVERAGE
    metrics = {
        "ascent-override": hhea.ascent / em / size,
        "descent-override": -hhea.descent / em / size,
        "line-gap-override": hhea.lineGap / em / size,
        "size-adjust": size,
    }
    local = ",".join(f'local("{name}")' for name in FALLBACKS)
    rules = ";".join(f"{name}:{value * 100:.2f}%" for name, value in metrics.items())
    return (
        f'@font-face{{font-family:"{NAME}";src:url("FONT") format("woff2");'
        f"font-weight:400 700;font-display:swap}}\n"
        f'@font-face{{font-family:"{NAME} Fallback";src:{local};{rules}}}\n'
    )
