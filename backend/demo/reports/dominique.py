"""The official test patient: a very long report, a critical one, a curve, rapid tests."""

from collections.abc import Iterator
from datetime import date, time

from backend.demo.curve import electrophoresis_png
from backend.demo.people import DOMINIQUE, ESTUAIRE, TILLEULS
from backend.demo.reports import analytes as lab
from backend.demo.reports.build import (
    NEGATIVE,
    POSITIVE,
    Sitting,
    compose,
    finding,
    measure,
)
from backend.demo.reports.deposit import DemoDeposit, deposit
from backend.demo.reports.panels import ELECTROLYTES, FULL_BLOOD_COUNT, LIPIDS, LIVER, panel
from backend.domain.reports import Media, Result


def dominique_deposits(today: date) -> Iterator[DemoDeposit]:
    """Everything sent about her."""
    yield from _rapid_tests(today)
    yield from _anticoagulant(today)
    yield from _electrophoresis(today)
    yield from _very_long(today)
    yield from _critical(today)


def _rapid_tests(today: date) -> Iterator[DemoDeposit]:
    """Rapid tests travel as MDM."""
    sitting = Sitting(
        name="dominique-trod", today=today, days_ago=310, laboratory=ESTUAIRE, patient=DOMINIQUE,
        at=time(17, 10), validated=time(17, 40), type_code="96173-0",
        title="Tests rapides d'orientation diagnostique : COVID-19 et grippe",
    )  # fmt: skip
    results = (
        _rapid("COVID-19 (antigène)", POSITIVE, "94558-4", "SARS-CoV-2 Ag"),
        _rapid("Grippe A (antigène)", NEGATIVE, "80382-5", "Influenza A Ag"),
        _rapid("Grippe B (antigène)", NEGATIVE, "80383-3", "Influenza B Ag"),
    )
    yield deposit(sitting, compose(sitting, results), kind="MDM")


def _rapid(label: str, words: tuple[str, str], loinc: str, what: str) -> Result:
    display = f"{what} [Présence/Seuil] Nasopharynx ; Qualitatif ; Immunoanalyse rapide"
    return finding(label, words, lab.MICROBIOLOGY, loinc=loinc, display=display)


def _anticoagulant(today: date) -> Iterator[DemoDeposit]:
    """A number without a unit."""
    sitting = Sitting(
        name="dominique-inr", today=today, days_ago=200, laboratory=TILLEULS, patient=DOMINIQUE
    )
    results = (
        measure(
            lab.INR,
            "2.4",
            flags=(),
            before=(("2.1", sitting.ago(228)), ("1.8", sitting.ago(256))),
            comment="Zone visée sous antivitamine K : 2 à 3.",
        ),
        measure(lab.PROTHROMBIN, "34", comment="Attendu sous antivitamine K."),
        measure(lab.FIBRINOGEN, "3.12"),
    )
    yield deposit(sitting, compose(sitting, results))


def _electrophoresis(today: date) -> Iterator[DemoDeposit]:
    """A curve, and results in a sub-chapter."""
    sitting = Sitting(
        name="dominique-electrophorese", today=today, days_ago=75, laboratory=ESTUAIRE,
        patient=DOMINIQUE, days_of_work=2,
    )  # fmt: skip
    numbers = ("43.1", "2.7", "6.4", "7.2", "16.2")
    results = tuple(
        measure(fraction, number) for fraction, number in zip(lab.FRACTIONS, numbers, strict=True)
    )
    curve = Media("image/png", electrophoresis_png(spike=True), "courbe", "Courbe d’électrophorèse")
    comment = "Pic étroit en zone des gamma globulines : immunofixation conseillée."
    report = compose(sitting, results, comments=(comment,), figures=(curve,))
    yield deposit(sitting, report)


def _very_long(today: date) -> Iterator[DemoDeposit]:
    """More than forty results."""
    sitting = Sitting(
        name="dominique-bilan-complet", today=today, days_ago=33, laboratory=ESTUAIRE,
        patient=DOMINIQUE,
    )  # fmt: skip
    results = (
        *panel((lab.GLUCOSE, lab.HBA1C), "0.91 5.4"),
        *panel(LIPIDS, "2.08 0.52 1.38 0.91"),
        *panel(LIVER, "24 21 29 71 9"),
        *panel(ELECTROLYTES, "140 4.2 103 25 2.38 1.02 0.81"),
        *panel((lab.CREATININE, lab.EGFR, lab.UREA, lab.URIC_ACID), "71 88 5.1 268"),
        *panel((lab.ALBUMIN, lab.PROTEIN), "43 71"),
        *panel((lab.TSH, lab.FT4), "5.12 14.2"),
        *panel((lab.IRON_SERUM, lab.FERRITIN, lab.TRANSFERRIN, lab.SATURATION), "17 68 2.61 26"),
        *panel((lab.CRP,), "<5"),
        *panel((lab.VITAMIN_D, lab.B12, lab.FOLATE), "34 312 21.4"),
        *panel(FULL_BLOOD_COUNT, "7.2 4.61 13.6 40.8 88 29.5 33.3 288 4.1 0.16 0.04 2.3 0.6"),
    )
    yield deposit(sitting, compose(sitting, results))


def _critical(today: date) -> Iterator[DemoDeposit]:
    """Critical flags, and whom the laboratory reached."""
    sitting = Sitting(
        name="dominique-urgence", today=today, days_ago=9, laboratory=TILLEULS, patient=DOMINIQUE,
        validated=time(10, 5),
    )  # fmt: skip
    before = (("4.2", sitting.ago(33)),)
    results = (
        measure(lab.SODIUM, "131"),
        measure(lab.POTASSIUM, "6.7", flags=("HH",), before=before, comment="Contrôlé deux fois."),
        measure(lab.CREATININE, "212"),
        measure(lab.HAEMOGLOBIN, "6.8", flags=("LL",)),
        finding(
            "Frottis sanguin", "Schizocytes présents", lab.HAEMATOLOGY,
            loinc="5909-7", display="Frottis [Interprétation] Sang ; Microscopie", flags=("AA",),
        ),
    )  # fmt: skip
    comment = "Résultats transmis par téléphone au Dr Martin à 9 h 50, qui appelle la patiente."
    yield deposit(sitting, compose(sitting, results, comments=(comment,)))
