"""Results that come together: panels filled from a row of numbers, cultures, antibiograms."""

from msgspec.structs import replace

from backend.demo.reports import analytes as lab
from backend.demo.reports.analytes import Analyte
from backend.demo.reports.build import finding, measure, quantity
from backend.domain.reports import Result

BLOOD_COUNT = (
    lab.WBC,
    lab.RBC,
    lab.HAEMOGLOBIN,
    lab.HAEMATOCRIT,
    lab.MCV,
    lab.PLATELETS,
    lab.NEUTROPHILS,
)
FULL_BLOOD_COUNT = (
    *BLOOD_COUNT[:5],
    lab.MCH,
    lab.MCHC,
    lab.PLATELETS,
    lab.NEUTROPHILS,
    lab.EOSINOPHILS,
    lab.BASOPHILS,
    lab.LYMPHOCYTES,
    lab.MONOCYTES,
)
LIPIDS = (lab.CHOLESTEROL, lab.HDL, lab.LDL, lab.TRIGLYCERIDES)
LIVER = (lab.ALT, lab.AST, lab.GGT, lab.ALP, lab.BILIRUBIN)
ELECTROLYTES = (
    lab.SODIUM,
    lab.POTASSIUM,
    lab.CHLORIDE,
    lab.BICARBONATE,
    lab.CALCIUM,
    lab.PHOSPHATE,
    lab.MAGNESIUM,
)


def panel(analytes: tuple[Analyte, ...], numbers: str) -> tuple[Result, ...]:
    """One number for each analysis, in order: `"6.1 4.55 13.2"`."""
    return tuple(
        measure(analyte, number) for analyte, number in zip(analytes, numbers.split(), strict=True)
    )


def urine_isolate(germ: str, count: str, sensitivity: dict[str, str]) -> tuple[Result, ...]:
    """A germ, how many, and its antibiogram: `{"Amoxicilline": ">=32 R"}`, in mg/L."""
    number = replace(measure(lab.GERM_COUNT, count), isolate=germ)
    return (number, *(_antibiotic(germ, name, said) for name, said in sensitivity.items()))


def _antibiotic(germ: str, name: str, said: str) -> Result:
    concentration, _, letter = said.partition(" ")
    return Result(
        label=name,
        value=quantity(concentration, "mg/L"),
        loinc=lab.ANTIBIOTICS[name],
        display=f"{name} [Sensibilité] Isolat ; CMI",
        flags=(letter,),
        chapter=lab.MICROBIOLOGY[0],
        chapter_title=lab.MICROBIOLOGY[1],
        battery="18769-0",
        battery_title="Antibiogramme",
        isolate=germ,
        antibiogram=True,
    )


def serology(label: str, loinc: str, display: str, words: tuple[str, str]) -> Result:
    """A search for antibodies or antigens, positive or not."""
    flags = ("A",) if words[1] == "Positif" else ("N",)
    return finding(
        label,
        words,
        lab.SEROLOGY,
        loinc=loinc,
        display=f"{display} [Présence] Sérum ; Qualitatif ; Immunoanalyse",
        flags=flags,
    )
