"""Laura’s two years: sugar slowly rising, two laboratories, and every way a report can turn."""

from collections.abc import Iterator
from datetime import date, time

from backend.demo.people import ESTUAIRE, LAURA, LEROUX, TILLEULS
from backend.demo.reports import analytes as lab
from backend.demo.reports.build import (
    NEGATIVE,
    NOT_DETECTED,
    Sitting,
    compose,
    finding,
    measure,
    quantity,
    unavailable,
)
from backend.demo.reports.deposit import DemoDeposit, deposit
from backend.demo.reports.panels import BLOOD_COUNT, panel, serology, urine_isolate
from backend.domain.formats.hl7v2_writer import Action
from backend.domain.reports import Result

OLD_SUGAR = "0.70..1.10"
"""The range that the laboratory printed before it changed its reagent."""
WOMAN = "Femme de 18 à 50 ans"


def laura_deposits(today: date) -> Iterator[DemoDeposit]:
    """Everything the two laboratories sent about her."""
    for story in (
        _first_check,
        _other_laboratory,
        _second_check,
        _urine_culture,
        _dual_units,
        _masked_serologies,
        _blood_group,
        _screening,
        _provisional_then_final,
        _corrected,
        _withdrawn,
        _paper_only,
        _withheld,
        _latest,
    ):
        yield from story(today)


def _first_check(today: date) -> Iterator[DemoDeposit]:
    sitting = Sitting(
        name="laura-premier-bilan", today=today, days_ago=731, laboratory=ESTUAIRE, patient=LAURA
    )
    results = (
        measure(lab.GLUCOSE, "0.94", limits=OLD_SUGAR),
        measure(lab.HBA1C, "5.5"),
        measure(lab.CHOLESTEROL, "1.98", limits=".."),
        measure(lab.HDL, "0.61"),
        measure(lab.LDL, "1.19"),
        measure(lab.TRIGLYCERIDES, "0.88"),
        measure(lab.CREATININE, "62"),
        measure(lab.EGFR, ">90"),
        measure(lab.TSH, "1.84"),
        *panel(BLOOD_COUNT, "6.4 4.41 12.9 38.6 87 262 3.7"),
    )
    yield deposit(sitting, compose(sitting, results))


def _other_laboratory(today: date) -> Iterator[DemoDeposit]:
    """The same analyses in mmol/L or by another method: never one line with the first."""
    sitting = Sitting(
        name="laura-tilleuls",
        today=today,
        days_ago=548,
        laboratory=TILLEULS,
        patient=LAURA,
        at=time(8, 15),
    )
    results = (
        measure(lab.GLUCOSE_MOLES, "5.4"),
        measure(lab.HBA1C_ELSEWHERE, "5.7"),
        measure(lab.CHOLESTEROL_MOLES, "5.5", comment="À interpréter avec le bilan complet."),
        measure(lab.TSH, "2.10"),
        measure(lab.FERRITIN, "22", limits="13..150", group=WOMAN),
    )
    yield deposit(sitting, compose(sitting, results))


def _second_check(today: date) -> Iterator[DemoDeposit]:
    sitting = Sitting(
        name="laura-deuxieme-bilan", today=today, days_ago=365, laboratory=ESTUAIRE, patient=LAURA
    )
    results = (
        measure(lab.GLUCOSE, "1.02", before=(("0.94", sitting.ago(731)),)),
        measure(lab.HBA1C, "5.8"),
        measure(lab.CHOLESTEROL, "2.31", limits=".."),
        measure(lab.HDL, "0.59"),
        measure(lab.LDL, "1.55", before=(("1.19", sitting.ago(731)),)),
        measure(lab.TRIGLYCERIDES, "0.94"),
        measure(lab.CREATININE, "64"),
        measure(lab.EGFR, ">90"),
        measure(lab.FERRITIN, "12", group=WOMAN),
        measure(lab.CRP, "<5"),
        *panel(BLOOD_COUNT, "5.9 4.38 12.4 37.9 86 251 3.2"),
    )
    comment = "Réserves en fer un peu basses. À revoir avec votre médecin."
    yield deposit(sitting, compose(sitting, results, comments=(comment,)))


def _urine_culture(today: date) -> Iterator[DemoDeposit]:
    sitting = Sitting(
        name="laura-ecbu", today=today, days_ago=240, laboratory=ESTUAIRE, patient=LAURA,
        at=time(9, 5), days_of_work=2, biologist=1,
    )  # fmt: skip
    direct = ("", "Examen direct")
    results = (
        finding(
            "Aspect des urines", "Trouble", lab.MICROBIOLOGY, battery=direct,
            loinc="5767-9", display="Aspect [Aspect] Urine ; Résultat nominal",
        ),
        measure(lab.URINE_LEUCOCYTES, "250000"),
        measure(lab.URINE_ERYTHROCYTES, "5000"),
        *urine_isolate(
            "Escherichia coli",
            ">=1000000",
            {
                "Amoxicilline": ">=32 R",
                "Amoxicilline + acide clavulanique": "8 S",
                "Céfotaxime": "<=0.25 S",
                "Gentamicine": "<=1 S",
                "Ciprofloxacine": "0.5 I",
                "Nitrofurantoïne": "<=16 S",
                "Fosfomycine": "<=4 S",
                "Triméthoprime + sulfaméthoxazole": ">=320 R",
            },
        ),
    )  # fmt: skip
    comment = "Infection urinaire à Escherichia coli, sensible à la fosfomycine."
    yield deposit(sitting, compose(sitting, results, comments=(comment,)))


def _dual_units(today: date) -> Iterator[DemoDeposit]:
    sitting = Sitting(
        name="laura-deux-unites", today=today, days_ago=182, laboratory=TILLEULS, patient=LAURA
    )
    results = (
        measure(lab.GLUCOSE_MOLES, "6.1", also=(quantity("1.10", "g/L"),)),
        measure(lab.UREA, "4.83", also=(quantity("0.29", "g/L"),)),
        measure(
            lab.VITAMIN_D,
            "18",
            group="Carence : < 12 – Insuffisance : 12 à 30 – Valeurs conseillées : 30 à 100",
        ),
        measure(lab.FERRITIN, "31", limits="13..150", group=WOMAN),
        _local_index(),
    )
    yield deposit(sitting, compose(sitting, results))


def _local_index() -> Result:
    """A code of the laboratory’s own: no LOINC, no range."""
    return Result(
        label="Indice d’hémolyse du sérum",
        value=quantity("12"),
        local_code="HEMOL",
        local_system="2.25.314159265358979323846264338327950288",
        chapter=lab.BIOCHEMISTRY[0],
        chapter_title=lab.BIOCHEMISTRY[1],
    )


def _masked_serologies(today: date) -> Iterator[DemoDeposit]:
    """She asked the laboratory to hide these from professionals."""
    sitting = Sitting(
        name="laura-serologies", today=today, days_ago=150, laboratory=ESTUAIRE, patient=LAURA,
        days_of_work=1, prescriber=LEROUX.person,
    )  # fmt: skip
    results = (
        serology("VIH 1 et 2, dépistage combiné", "56888-1", "VIH 1+2 Ac+Ag p24", NEGATIVE),
        serology("Hépatite B, antigène HBs", "5196-1", "Virus de l’hépatite B, Ag HBs", NEGATIVE),
        measure(lab.HBS_ANTIBODY, ">1000", comment="Immunité acquise par la vaccination."),
        serology("Hépatite C, anticorps", "16128-1", "Virus de l’hépatite C, Ac", NEGATIVE),
        measure(
            lab.TOXOPLASMA_IGG, ">200", comment="Immunité ancienne. Pas de surveillance à prévoir."
        ),
    )
    yield deposit(sitting, compose(sitting, results), raised="MASQUE_PS")


def _blood_group(today: date) -> Iterator[DemoDeposit]:
    sitting = Sitting(
        name="laura-groupe-sanguin", today=today, days_ago=120, laboratory=ESTUAIRE, patient=LAURA
    )
    results = (
        finding(
            "Groupe ABO", ("", "A"), lab.BLOOD_BANK,
            loinc="883-9", display="Groupe ABO [Type] Sang ; Résultat nominal",
        ),
        finding(
            "Rhésus (RH1)", ("", "Positif"), lab.BLOOD_BANK,
            loinc="10331-7", display="Rh [Type] Sang ; Résultat nominal",
        ),
        finding(
            "Recherche d’agglutinines irrégulières", NEGATIVE, lab.BLOOD_BANK,
            loinc="890-4", display="Anticorps anti-érythrocytaires [Présence] Sérum/Plasma",
            flags=("N",),
        ),
    )  # fmt: skip
    yield deposit(sitting, compose(sitting, results))


def _screening(today: date) -> Iterator[DemoDeposit]:
    sitting = Sitting(
        name="laura-hpv", today=today, days_ago=95, laboratory=TILLEULS, patient=LAURA,
        at=time(11, 20), days_of_work=6, prescriber=LEROUX.person,
    )  # fmt: skip
    results = (
        finding(
            "Papillomavirus humains à haut risque (HPV-HR)", NOT_DETECTED, lab.MICROBIOLOGY,
            loinc="77379-6",
            display="Papillomavirus humains à haut risque, ADN [Interprétation] Col de l’utérus",
            flags=("N",),
        ),
    )  # fmt: skip
    comment = "Prochain dépistage dans cinq ans, sauf avis contraire de votre médecin."
    yield deposit(sitting, compose(sitting, results, comments=(comment,)))


def _provisional_then_final(today: date) -> Iterator[DemoDeposit]:
    sitting = Sitting(
        name="laura-coproculture", today=today, days_ago=90, laboratory=ESTUAIRE, patient=LAURA,
        biologist=1,
    )  # fmt: skip
    crp = measure(lab.CRP, "18")
    first = compose(sitting, (crp, _stool("Culture en cours", done=False)), partial=True)
    yield deposit(sitting, first)
    words = "Absence de Salmonella, Shigella, Campylobacter et Yersinia"
    yield deposit(sitting, compose(sitting, (crp, _stool(words)), version=2))


def _stool(words: str, *, done: bool = True) -> Result:
    return finding(
        "Coproculture", words, lab.MICROBIOLOGY, loinc="625-4",
        display="Bactéries [Identification] Selles ; Culture", done=done,
    )  # fmt: skip


def _corrected(today: date) -> Iterator[DemoDeposit]:
    """A haemolysed tube, then the right value; another tube could not be analysed at all."""
    sitting = Sitting(
        name="laura-ionogramme", today=today, days_ago=60, laboratory=ESTUAIRE, patient=LAURA
    )
    sodium = measure(lab.SODIUM, "139")
    clot = unavailable(lab.PROTHROMBIN, "Tube insuffisamment rempli : à prélever de nouveau.")
    wrong = measure(lab.POTASSIUM, "5.9", comment="Sérum hémolysé.")
    yield deposit(sitting, compose(sitting, (sodium, wrong, clot)))
    right = measure(lab.POTASSIUM, "4.3", comment="Dosé sur un nouveau tube.")
    comment = "Le potassium du premier compte rendu était faussé par l’hémolyse du tube."
    yield deposit(sitting, compose(sitting, (sodium, right, clot), comments=(comment,), version=2))


def _withdrawn(today: date) -> Iterator[DemoDeposit]:
    """Another person’s tube: the laboratory takes its report back."""
    sitting = Sitting(
        name="laura-depot-errone", today=today, days_ago=45, laboratory=TILLEULS, patient=LAURA
    )
    report = compose(sitting, (measure(lab.URIC_ACID, "402"), measure(lab.CREATININE, "97")))
    yield deposit(sitting, report)
    yield deposit(sitting, report, action=Action.DELETE)


def _paper_only(today: date) -> Iterator[DemoDeposit]:
    """Level 1: the PDF and nothing else."""
    sitting = Sitting(
        name="laura-allergies", today=today, days_ago=30, laboratory=TILLEULS, patient=LAURA,
        days_of_work=4,
    )  # fmt: skip
    results = (
        measure(lab.TOTAL_IGE, "212"),
        finding("IgE spécifiques, pollen de bouleau", "Classe 3", lab.SEROLOGY),
        finding("IgE spécifiques, acariens", "Classe 0", lab.SEROLOGY),
    )
    comment = "Sensibilisation au pollen de bouleau."
    yield deposit(sitting, compose(sitting, results, comments=(comment,), level=1))


def _withheld(today: date) -> Iterator[DemoDeposit]:
    """Her doctor tells her first."""
    sitting = Sitting(
        name="laura-anti-gad", today=today, days_ago=5, laboratory=ESTUAIRE, patient=LAURA,
        days_of_work=3,
    )  # fmt: skip
    results = (measure(lab.ANTI_GAD, "48.6"), measure(lab.C_PEPTIDE, "1.1"))
    comment = "Résultat à annoncer en consultation. Dr Martin prévenu par téléphone."
    report = compose(sitting, results, comments=(comment,))
    yield deposit(sitting, report, raised="INVISIBLE_PATIENT")


def _latest(today: date) -> Iterator[DemoDeposit]:
    """Twenty-one results, three of them above the range: the report of the first screen."""
    sitting = Sitting(
        name="laura-bilan-sanguin", today=today, days_ago=2, laboratory=ESTUAIRE, patient=LAURA
    )
    year, two = sitting.ago(365), sitting.ago(731)
    results = (
        measure(lab.GLUCOSE, "1.18", before=(("1.02", year), ("0.94", two))),
        measure(lab.HBA1C, "6.2", before=(("5.8", year),)),
        measure(lab.CHOLESTEROL, "2.49", limits=".."),
        measure(lab.HDL, "0.58"),
        measure(lab.LDL, "1.72", before=(("1.55", year), ("1.19", two))),
        measure(lab.TRIGLYCERIDES, "0.96"),
        measure(lab.CREATININE, "63"),
        measure(lab.EGFR, ">90"),
        measure(lab.ALT, "22"),
        measure(lab.AST, "19"),
        measure(lab.GGT, "17"),
        measure(lab.TSH, "1.92"),
        measure(lab.CRP, "<5"),
        measure(lab.FERRITIN, "34", before=(("12", year),), group=WOMAN),
        *panel(BLOOD_COUNT, "6.1 4.52 13.1 39.4 87 254 3.4"),
    )
    comment = (
        "Glycémie à jeun et HbA1c un peu au-dessus des repères. "
        "Un second dosage permettra de conclure : à prévoir avec votre médecin. "
        "Le cholestérol LDL se discute selon vos autres facteurs."
    )
    yield deposit(sitting, compose(sitting, results, comments=(comment,)))
