"""Karim’s family, Nadia and Julie: children, secrets, pregnancy, an old charset."""

from collections.abc import Iterator
from datetime import date, time

from backend.demo.people import ESTUAIRE, JULIE, KARIM, LEA, LEROUX, NADIA, NOE, TILLEULS
from backend.demo.reports import analytes as lab
from backend.demo.reports.build import (
    DETECTED,
    NEGATIVE,
    NOT_DETECTED,
    POSITIVE,
    Sitting,
    compose,
    finding,
    measure,
)
from backend.demo.reports.deposit import DemoDeposit, deposit
from backend.demo.reports.panels import BLOOD_COUNT, LIPIDS, panel, serology

CHILD = "Enfant de 6 à 12 ans"
PREGNANT = "Femme enceinte, premier trimestre"


def family_deposits(today: date) -> Iterator[DemoDeposit]:
    """Everything sent about them."""
    for story in (_karim, _karim_withheld, _lea, _lea_throat, _noe, _noe_secret, _nadia, _julie):
        yield from story(today)


def _karim(today: date) -> Iterator[DemoDeposit]:
    """A laboratory system of another age: ISO 8859-15."""
    sitting = Sitting(
        name="karim-bilan", today=today, days_ago=210, laboratory=TILLEULS, patient=KARIM
    )
    results = (
        measure(lab.GLUCOSE_MOLES, "5.1"),
        *panel(LIPIDS, "1.92 0.47 1.21 1.18"),
        measure(lab.CREATININE, "88", limits="59..104", group="Homme"),
    )
    yield deposit(sitting, compose(sitting, results), charset="8859/15")


def _karim_withheld(today: date) -> Iterator[DemoDeposit]:
    """Nobody has taken it in charge yet."""
    sitting = Sitting(
        name="karim-vih", today=today, days_ago=10, laboratory=ESTUAIRE, patient=KARIM,
        days_of_work=1,
    )  # fmt: skip
    results = (serology("VIH 1 et 2, dépistage combiné", "56888-1", "VIH 1+2 Ac+Ag p24", POSITIVE),)
    comment = "Résultat à confirmer sur un second prélèvement, et à annoncer en consultation."
    report = compose(sitting, results, comments=(comment,))
    yield deposit(sitting, report, raised="INVISIBLE_PATIENT")


def _lea(today: date) -> Iterator[DemoDeposit]:
    sitting = Sitting(
        name="lea-bilan", today=today, days_ago=130, laboratory=ESTUAIRE, patient=LEA,
        at=time(9, 30),
    )  # fmt: skip
    limits = ("4.5..13.5", "4.0..5.2", "11.5..15.5", "35.0..45.0", "77..95", "150..450", "1.5..8.0")
    numbers = ("8.1", "4.7", "12.3", "37.0", "79", "341", "4.4")
    results = (
        *(
            measure(analyte, number, limits=limit, group=CHILD)
            for analyte, number, limit in zip(BLOOD_COUNT, numbers, limits, strict=True)
        ),
        measure(lab.FERRITIN, "11", limits="14..80", group=CHILD),
        measure(lab.CRP, "<5"),
    )
    yield deposit(sitting, compose(sitting, results))


def _lea_throat(today: date) -> Iterator[DemoDeposit]:
    sitting = Sitting(
        name="lea-trod-angine", today=today, days_ago=18, laboratory=ESTUAIRE, patient=LEA,
        at=time(18, 5), validated=time(18, 20), type_code="96173-0",
        title="Test rapide d'orientation diagnostique : TROD Angine",
    )  # fmt: skip
    results = (
        finding(
            "Angine à streptocoque A (test rapide)", POSITIVE, lab.MICROBIOLOGY, loinc="78012-2",
            display="Streptococcus pyogenes Ag [Présence/Seuil] Gorge ; Immunoanalyse rapide",
        ),
    )  # fmt: skip
    yield deposit(sitting, compose(sitting, results), kind="MDM")


def _noe(today: date) -> Iterator[DemoDeposit]:
    sitting = Sitting(name="noe-sport", today=today, days_ago=160, laboratory=ESTUAIRE, patient=NOE)
    results = (*panel(BLOOD_COUNT, "6.8 5.02 14.6 43.5 86.7 244 3.5"), measure(lab.FERRITIN, "41"))
    yield deposit(sitting, compose(sitting, results))


def _noe_secret(today: date) -> Iterator[DemoDeposit]:
    """He asked that his parents do not see this one."""
    sitting = Sitting(
        name="noe-depistage", today=today, days_ago=12, laboratory=ESTUAIRE, patient=NOE,
        at=time(16, 45), days_of_work=2, prescriber=LEROUX.person,
    )  # fmt: skip
    results = (
        finding(
            "Chlamydia trachomatis (PCR)", DETECTED, lab.MICROBIOLOGY, loinc="6357-8",
            display="Chlamydia trachomatis ADN [Présence] Urine ; Biologie moléculaire",
            flags=("A",),
        ),
        finding(
            "Gonocoque (PCR)", NOT_DETECTED, lab.MICROBIOLOGY, loinc="21416-3",
            display="Neisseria gonorrhoeae ADN [Présence] Urine ; Biologie moléculaire",
            flags=("N",),
        ),
        serology("VIH 1 et 2, dépistage combiné", "56888-1", "VIH 1+2 Ac+Ag p24", NEGATIVE),
    )  # fmt: skip
    comment = (
        "Un traitement court suffit. Parlez-en à votre médecin ou au centre de santé sexuelle."
    )
    report = compose(sitting, results, comments=(comment,))
    yield deposit(sitting, report, raised="INVISIBLE_REP_LEGAUX")


def _nadia(today: date) -> Iterator[DemoDeposit]:
    """Ranges of a pregnancy."""
    sitting = Sitting(
        name="nadia-grossesse", today=today, days_ago=52, laboratory=TILLEULS, patient=NADIA,
        prescriber=LEROUX.person,
    )  # fmt: skip
    results = (
        measure(lab.GLUCOSE, "0.86", limits="..0.92", group=PREGNANT),
        measure(lab.TSH, "2.71", limits="0.10..2.50", group=PREGNANT),
        measure(lab.HAEMOGLOBIN, "11.2", limits="11.0..14.0", group=PREGNANT),
        serology("Toxoplasmose, IgG", "22580-5", "Toxoplasma gondii Ac IgG", NEGATIVE),
    )
    comment = "Pas d’immunité contre la toxoplasmose : surveillance chaque mois."
    yield deposit(sitting, compose(sitting, results, comments=(comment,)))


def _julie(today: date) -> Iterator[DemoDeposit]:
    """Her space is open, she has never come in: the report waits for her."""
    sitting = Sitting(
        name="julie-bilan", today=today, days_ago=24, laboratory=ESTUAIRE, patient=JULIE
    )
    results = (
        *panel((lab.GLUCOSE, lab.HBA1C), "0.88 5.2"),
        *panel(LIPIDS, "1.87 0.66 1.04 0.85"),
        measure(lab.TSH, "3.02"),
    )
    yield deposit(sitting, compose(sitting, results))
