"""What makes a PDF act, taken out of it: scripts, actions, joined files, forms that run.

The judge is `inspection`, before and after: what it still finds in the copy refuses the file.
"""

from collections.abc import Callable
from io import BytesIO

import pikepdf

from backend.gateways.pdf_process.inspection import (
    ACTIVE,
    DIRECT,
    acts,
    inspect,
    runs_on_opening,
)

HOLDERS = (pikepdf.Dictionary, pikepdf.Stream)
Goes = Callable[[str, object], bool]
"""Whether what is under this key is to go; no key in an array."""


def clean(pdf: bytes) -> bytes:
    """The same pages, inert; the file as it came when only a person could say what it would lose.

    A signature covers its bytes, and the pages of a form that is drawn when it opens are not here.
    """
    inspect(pdf)
    with pikepdf.open(BytesIO(pdf), attempt_recovery=False, suppress_warnings=True) as document:
        if _is_signed(document) or bool(document.Root.get("/NeedsRendering")):
            return pdf
        if runs_on_opening(document.Root.get("/OpenAction")):
            del document.Root.OpenAction
        for goes in (_whole, _part):  # what is emptied first could not be told from a sound thing
            for item in document.objects:
                _clean(item, goes)
        out = BytesIO()
        document.save(out, deterministic_id=True)  # the same file, the same copy: a duplicate
    return out.getvalue()


def _clean(item: pikepdf.Object, goes: Goes) -> None:
    """One object and what it holds directly, however deep."""
    stack = [item]
    while stack:
        here = stack.pop()
        if isinstance(here, HOLDERS):
            for key in [key for key, value in here.items() if goes(key, value)]:
                del here[key]
            held = [value for _, value in here.items()]
        elif isinstance(here, pikepdf.Array):
            for at in reversed([at for at, value in enumerate(here) if goes("", value)]):
                del here[at]
            held = list(here)
        else:
            continue
        stack += [one for one in held if isinstance(one, DIRECT) and not one.is_indirect]


def _whole(_key: str, value: object) -> bool:
    """An action, an annotation, a joined file: all of it goes, with its name and its words."""
    if not isinstance(value, HOLDERS):
        return False
    kinds = (value.get("/S"), value.get("/Subtype"), value.get("/Type"))
    return "/EF" in value or any(map(_is_active, kinds))


def _part(key: str, value: object) -> bool:
    """What is left, wherever it is."""
    return acts(key, value) or _is_active(value)


def _is_active(value: object) -> bool:
    return isinstance(value, pikepdf.Name) and str(value) in ACTIVE


def _is_signed(document: pikepdf.Pdf) -> bool:
    return any(isinstance(item, HOLDERS) and "/ByteRange" in item for item in document.objects)
