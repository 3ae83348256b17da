"""The official checks of a CDA document: which of them apply to it, what they said, in words.

The files are those of ansforge/TestContenuCDA-3-0, which the operator copies; none is ours.
"""

from collections.abc import Collection, Sequence

from msgspec import Struct

SCHEMA = "CDA_extended.xsd"
MINIMAL = "profils/structurationMinimale/ASIP-STRUCT-MIN-StrucMin"
OF_EVERY_BODY = (
    "profils/CI-SIS_ModelesDeContenusCDA",
    "profils/CI-SIS_Modeles_ANS",
    "profils/IHE",
)
FRENCH = "1.2.250.1.213.1.1.1.1"
VOLETS = {
    "1.2.250.1.213.1.1.1.55": "CI-SIS_BIO-CR-BIO_",
    "1.2.250.1.213.1.1.1.59": "CI-SIS_BIO-TROD_",
}
"""By templateId, how the name of its schematron begins; its edition follows."""

UNAVAILABLE = "Contrôle officiel indisponible"
SAID = 5
"""Rules told to a machine, at most; the command tells them all."""
LONGEST = 250
"""Characters of one of them there (ERR-8 is no longer)."""


class Template(Struct, frozen=True):
    """What a document says that it conforms to."""

    root: str
    edition: str = ""


class Remark(Struct, frozen=True):
    """One rule that the document breaks, in the words of its authors."""

    profile: str
    words: str
    place: str = ""
    """Where in the document, as an XPath or a line."""
    light: bool = False
    """Its authors call it a warning."""


class Verdict(Struct, frozen=True):
    """What the official checks said of one document."""

    applied: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    missing: tuple[str, ...] = ()
    """Checks that apply to it and could not be made."""

    @property
    def errors(self) -> tuple[Remark, ...]:
        return tuple(one for one in self.remarks if not one.light)

    @property
    def clean(self) -> bool:
        """Everything that applies was checked, and nothing was said."""
        return not (self.remarks or self.missing)

    @property
    def code(self) -> str:
        """For the journal: how many rules, never which nor about what."""
        if self.errors:
            return f"official-{len(self.errors)}"
        return "official-unavailable" if self.missing else ""


NOT_CHECKED = Verdict(missing=("schéma et schématrons",))
"""The validator did not answer."""


def profiles_for(
    templates: Sequence[Template], *, structured: bool, there: Collection[str]
) -> list[str]:
    """The schematrons that apply, out of those that are `there`; names without their ending.

    Of a volet, the edition that the document names; the latest when it names none.
    """
    found = [MINIMAL] if any(one.root == FRENCH for one in templates) else []
    for one in templates:
        if (start := VOLETS.get(one.root)) and structured:
            found += _edition(start, one.edition, there)
    if structured:
        found += OF_EVERY_BODY
    return [name for name in found if name in there]


def _edition(start: str, edition: str, there: Collection[str]) -> list[str]:
    if edition and start + edition in there:
        return [start + edition]
    return sorted(name for name in there if name.startswith(start))[-1:]


def in_short(verdict: Verdict) -> str:
    """One sentence for whoever deposits."""
    if verdict.errors:
        count = len(verdict.errors)
        rules = (
            "règle officielle n’est pas respectée"
            if count == 1
            else ("règles officielles ne sont pas respectées")
        )
        return f"{count} {rules}."
    if verdict.missing:
        return f"{UNAVAILABLE} : {_listed(verdict.missing)}."
    if verdict.remarks:
        return "Conforme, avec des remarques."
    return f"Conforme : {_listed(verdict.applied)}."


def _listed(names: Sequence[str]) -> str:
    """The last part of each name; nothing more when the whole is missing."""
    return ", ".join(name.rpartition("/")[2] for name in names)


def in_full(verdict: Verdict) -> list[str]:
    """Each remark, then what could not be checked."""
    said = [f"{_listed([one.profile])} : {one.words}" for one in verdict.remarks]
    return said + [f"{_listed([name])} : non exécuté." for name in verdict.missing]


def for_machines(verdict: Verdict) -> list[str]:
    """The sentence, then the first rules; nothing of a document that is clean."""
    if verdict.clean:
        return []
    said = [in_short(verdict), *in_full(Verdict(remarks=verdict.remarks))[:SAID]]
    return [one if len(one) <= LONGEST else one[: LONGEST - 1] + "…" for one in said]
