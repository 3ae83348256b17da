"""« Comprendre ce résultat »: a fixed library of texts, one an analysis, the same for everybody.

`codes/explanations/<family>.toml` has a table an analysis, named by its key in `analytes.csv`:

    written = 2026-11-26            # of the whole file, in front

    [haemoglobin]
    what = "…"                      # what it is
    why = "…"                       # why it is measured
    range = "…"                     # what a result above or below the range may mean, in general
    ask = "…"                       # whom to ask, and what for

    [haemoglobin.simple]            # the same four, for « Lecture simple »
    what = "…"

    [haemoglobin.signed]            # absent until a biologist has read and signed the text
    by = "Dr Claire Morel"
    on = 2026-12-15

Sentences are plain and short (18 words, 12 in the simple version). A text explains the analysis,
never the person: no diagnosis, no risk, no order (`ux.md` §3.6; Regulation (EU) 2017/745, rule 11).
tests/domain/results/test_explanations.py holds these rules.
"""

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    """The four things that a text says."""

    what: str
    why: str
    range: str
    ask: str


class Signature(Struct, frozen=True, forbid_unknown_fields=True):
    """The biologist who answers for a text, and since when."""

    by: str
    on: date


class Explanation(Struct, frozen=True, forbid_unknown_fields=True):
    """What is said of one analysis."""

    what: str
    why: str
    range: str
    ask: str
    simple: Words
    written: date
    signed: Signature | None = None

    def words(self, *, simple: bool) -> Words:
        """In ordinary words, or in the plainest."""
        return self.simple if simple else Words(self.what, self.why, self.range, self.ask)


def explanation_of(key: str) -> Explanation | None:
    """The text about this analysis; None when nobody has written one."""
    return library().get(key)


@cache
def library() -> dict[str, Explanation]:
    """Every text, by the key of its analysis. Read once."""
    found: dict[str, Explanation] = {}
    for family in sorted((files("backend.domain.codes") / "explanations").iterdir(), key=str):
        texts = tomllib.loads(family.read_text(encoding="utf-8"))
        written = texts.pop("written")
        for key, text in texts.items():
            if key in found:
                raise ValueError(f"two texts about {key}")
            found[key] = msgspec.convert({**text, "written": written}, Explanation)
    return found
