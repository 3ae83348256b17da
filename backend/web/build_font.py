"""The type face: Source Sans 3, cut to French and laboratory units, under a name of its own.

The OFL reserves the name « Source »: a subset must be called otherwise. A fallback face with the
same metrics keeps lines in place while the font loads.
"""

from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from fontTools import subset  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from fontTools.varLib.instancer import instantiateVariableFont  # type: ignore[import-untyped]

FONT_PACKAGE = "fontpkg-source-sans-3"
NAME = "Reperes Sans"
TEXT = (
    "".join(map(chr, range(0x20, 0x7F)))
    + "ÀÂÄÆÇÈÉÊËÎÏÔÖŒÙÛÜŸàâäæçèéêëîïôöœùûüÿñÑ"
    + "«»‘’“”–—…·•×÷±≤≥→←↑↓µμ‰°€−◆"
    + "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"
    + "\u00a0\u202f\u2009\u2011"
)
FEATURES = ["kern", "ccmp", "mark", "lnum", "tnum", "locl"]
REGULAR, BOLD = "400", "600 700"
FALLBACKS = {
    "Fallback": {REGULAR: ("Arial,Liberation Sans", 0.4272), BOLD: ("Arial Bold", 0.4592)},
    "Fallback 2": {REGULAR: ("Roboto", 0.4226)},
    "Fallback 3": {REGULAR: ("DejaVu Sans", 0.4881), BOLD: ("DejaVu Sans Bold", 0.552)},
}
"""Faces that most machines have, and the mean width in em of a character of `SENTENCE` in each."""
SENTENCE = (
    "les résultats de votre prise de sang sont arrivés, votre laboratoire les compare à ses "
    "repères. un médecin peut être prévenu, s’il le juge utile, avant que vous ne les lisiez."
)
"""Ordinary French, for the mean width of a character."""
NAME_IDS = {1: NAME, 3: f"{NAME} subset", 4: NAME, 6: "ReperesSans", 16: NAME}


def make_font() -> tuple[bytes, str]:
    """(woff2, the two @font-face rules with FONT in place of the file's name)."""
    spec = find_spec("fontpkg_source_sans_3")
    assert spec is not None
    assert spec.origin is not None
    source = Path(spec.origin).parent / "files" / "SourceSans3[wght].ttf"
    font = TTFont(source, recalcTimestamp=False)  # the same bytes, so the same name, everywhere
    options = subset.Options()
    options.flavor = "woff2"
    options.layout_features = FEATURES
    options.hinting = False
    options.name_IDs = [0, 1, 2, 3, 4, 6, 13, 14]  # the OFL keeps the author’s notice
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
    """Our face, then each fallback stretched to its width and standing on its lines."""
    rules = [f'src:url("FONT") format("woff2");font-weight:{REGULAR} 700;font-display:swap']
    names = [NAME]
    for name, weights in FALLBACKS.items():
        for weight, (local, width) in weights.items():
            found = ",".join(f'local("{face}")' for face in local.split(","))
            metrics = _metrics(font, weight.split()[-1], width)
            rules.append(f"src:{found};font-weight:{weight};{metrics}")
            names.append(f"{NAME} {name}")
    return "".join(
        f'@font-face{{font-family:"{name}";{rule}}}\n'
        for name, rule in zip(names, rules, strict=True)
    )


def _metrics(font: TTFont, weight: str, width: float) -> str:
    """What makes a face of this mean width take the room that ours will take."""
    ours = instantiateVariableFont(font, {"wght": float(weight)}, inplace=False)
    em, hhea = ours["head"].unitsPerEm, ours["hhea"]
    widths, characters = ours["hmtx"], ours.getBestCmap()
    mean = sum(widths[characters[ord(letter)]][0] for letter in SENTENCE) / len(SENTENCE) / em
    size = mean / width
    metrics = {
        "ascent-override": hhea.ascent / em / size,
        "descent-override": -hhea.descent / em / size,
        "line-gap-override": hhea.lineGap / em / size,
        "size-adjust": size,
    }
    return ";".join(f"{name}:{value * 100:.2f}%" for name, value in metrics.items())
